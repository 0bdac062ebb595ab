/** Light, dark, or as the system has it; remembered in the browser. */

import { effect, signal } from "@preact/signals";
import type { Store } from "./store.ts";

export type Theme = "auto" | "light" | "dark";

const STORED_AS = "counterpart.theme";
const ORDER: readonly Theme[] = ["auto", "light", "dark"];

export class Appearance {
  readonly theme = signal<Theme>("auto");
  /** Changes whenever colours change, for what is painted on a canvas. */
  readonly colours = signal(0);
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    this.theme.value = ORDER.find((each) => each === store.getItem(STORED_AS)) ?? "auto";
  }

  /** Let `page` follow from now on. */
  dress(page: HTMLElement): void {
    effect(() => {
      page.dataset["theme"] = this.theme.value;
      this.colours.value = this.colours.peek() + 1;
    });
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.colours.value++);
  }

  next(): void {
    this.theme.value = ORDER[(ORDER.indexOf(this.theme.value) + 1) % ORDER.length] ?? "auto";
    this.#store.setItem(STORED_AS, this.theme.value);
  }
}
