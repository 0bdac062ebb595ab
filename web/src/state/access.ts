/** The API key, for services that ask for one; kept until the tab is closed. */

import { signal, type Signal } from "@preact/signals";
import type { Store } from "./store.ts";

const STORED_AS = "counterpart.key";
/** What may stand in a header; a key that a word processor gave other quotes cannot even be sent. */
const SENDABLE = /^[!-~]+$/;

export class Access {
  readonly key: Signal<string | null>;
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    this.key = signal(store.getItem(STORED_AS));
  }

  /** Send `key` with every question from now on. False if it cannot be one. */
  use(key: string): boolean {
    const trimmed = key.trim();
    if (!SENDABLE.test(trimmed)) return false;
    this.key.value = trimmed;
    this.#store.setItem(STORED_AS, trimmed);
    return true;
  }
}
