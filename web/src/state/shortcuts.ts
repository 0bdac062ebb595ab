/** Whether keys of one character do something; remembered in the browser.
 *
 * Whoever speaks to the computer, or hits a key by mistake, would set them off: WCAG 2.1.4 asks for a way to turn them off.
 */

import { signal } from "@preact/signals";
import type { Store } from "./store.ts";

const STORED_AS = "counterpart.characterKeys";
const OFF = "off";

export class Shortcuts {
  readonly characters = signal(true);
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    this.characters.value = store.getItem(STORED_AS) !== OFF;
  }

  /** Turn keys of one character on or off. */
  turn(on: boolean): void {
    this.characters.value = on;
    this.#store.setItem(STORED_AS, on ? "on" : OFF);
  }
}
