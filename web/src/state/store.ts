/** What the browser remembers of the page. Some forbid it, or have no room: then the page remembers until it is closed. */

import { signal } from "@preact/signals";

export type Store = Pick<Storage, "getItem" | "setItem">;

export class BrowserStore implements Store {
  /** Whether all that was to be remembered will be there when the page is opened again. */
  readonly isLasting = signal(true);
  readonly #storage: Store | null;
  /** What the browser did not take. */
  readonly #refused = new Map<string, string>();

  /** `open` gives the browser's storage; where it is forbidden, already asking for it throws. */
  constructor(open: () => Store) {
    this.#storage = this.#attempt(open);
  }

  getItem(name: string): string | null {
    return this.#refused.get(name) ?? this.#attempt(() => this.#storage?.getItem(name) ?? null);
  }

  setItem(name: string, value: string): void {
    const isTaken = this.#attempt(() => {
      this.#storage?.setItem(name, value);
      return this.#storage !== null;
    });
    if (isTaken === true) this.#refused.delete(name);
    else this.#refused.set(name, value);
    this.isLasting.value = this.#refused.size === 0;
  }

  #attempt<T>(action: () => T): T | null {
    try {
      return action();
    } catch {
      return null;
    }
  }
}
