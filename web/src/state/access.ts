/** The API key, for services that ask for one; kept until the tab is closed. */

import { signal, type Signal } from "@preact/signals";

const STORED_AS = "counterpart.key";

export class Access {
  readonly key: Signal<string | null>;
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
    this.key = signal(storage.getItem(STORED_AS));
  }

  /** Send `key` with every question from now on. */
  use(key: string): void {
    this.key.value = key.trim();
    this.#storage.setItem(STORED_AS, this.key.value);
  }
}
