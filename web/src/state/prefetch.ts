/** What the pointer rests on is fetched before it is asked for, one thing at a time. */

/** A pointer on its way to somewhere else is gone by then. */
const REST_MS = 150;

export class Prefetch<Thing> {
  readonly #fetch: (thing: Thing) => Promise<unknown>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isBusy = false;
  /** What the pointer rests on while something else is still fetched. */
  #next: Thing | null = null;

  constructor(fetch: (thing: Thing) => Promise<unknown>) {
    this.#fetch = fetch;
  }

  /** The pointer is on it. */
  enter(thing: Thing): void {
    this.leave();
    this.#timer = setTimeout(() => void this.#rest(thing), REST_MS);
  }

  /** The pointer has gone: what has begun goes on, nothing else does. */
  leave(): void {
    clearTimeout(this.#timer);
    this.#next = null;
  }

  async #rest(thing: Thing): Promise<void> {
    this.#next = thing;
    if (this.#isBusy) return;
    this.#isBusy = true;
    while (this.#next !== null) {
      const wanted: Thing = this.#next;
      this.#next = null;
      // Whoever asks for it is told what is wrong.
      await this.#fetch(wanted).catch(() => undefined);
    }
    this.#isBusy = false;
  }
}
