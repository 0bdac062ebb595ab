/** Stems accepted into the mix, one on another; each is searched on with, and the last can be taken off. */

import { batch, computed, signal } from "@preact/signals";

import type { Match } from "../api/answers.ts";
import { asProblem } from "../api/problem.ts";
import { levelsOf } from "../music/balance.ts";
import { mixTracks, searchFile, wavOf } from "../sound/render.ts";
import type { Listening } from "./listening.ts";
import { describeMix, type Mix } from "./mix.ts";
import type { Search } from "./search.ts";

interface Layer {
  readonly match: Match;
  /** The mix as it was before. */
  readonly below: Mix;
}

interface Stacked {
  readonly mix: Mix;
  readonly layers: readonly Layer[];
}

export class Stack {
  readonly layers = signal<readonly Layer[]>([]);
  /** The last stack that made way for another mix: minutes of work, which one drop should not cost. */
  readonly aside = signal<Stacked | null>(null);
  readonly busy = signal(false);
  readonly isStacked = computed(() => this.layers.value.length > 0);
  readonly #search: Search;
  readonly #listening: Listening;
  #exported: Mix | null = null;

  constructor(search: Search, listening: Listening) {
    this.#search = search;
    this.#listening = listening;
  }

  /** Take the stem into the mix as it is heard, and search on with both. */
  async accept(match: Match): Promise<void> {
    const below = this.#search.mix.value;
    if (this.busy.value || !below?.sound) return;
    this.busy.value = true;
    try {
      const laid = await this.#listening.laid(match);
      if (laid === null) return;
      const levels = levelsOf("both", this.#listening.balance.value);
      const sound = await mixTracks([
        { sound: below.sound, gain: levels.mix },
        { sound: laid.sound, gain: levels.stem * laid.gain },
      ]);
      const name = `${below.name.replace(/\.[^.]+$/, "")} + ${match.stem.type}.wav`;
      const mixed = describeMix(name, await searchFile(sound), sound);
      // All that takes seconds: someone may have opened another mix by now.
      if (this.#search.mix.value !== below) return;
      batch(() => {
        this.layers.value = [...this.layers.value, { match, below }];
        this.#search.setMix(mixed);
      });
    } catch (error) {
      if (this.#search.mix.value === below) this.#listening.problem.value = asProblem(error).message;
    } finally {
      this.busy.value = false;
    }
  }

  /** Take the last accepted stem off again, unless another one is on its way in. */
  undo(): void {
    const last = this.layers.value.at(-1);
    if (last === undefined || this.busy.value) return;
    batch(() => {
      this.layers.value = this.layers.value.slice(0, -1);
      this.#search.setMix(last.below);
    });
  }

  /** Make way for another mix. */
  putAside(): void {
    const mix = this.#search.mix.value;
    this.aside.value = mix !== null && this.isStacked.value ? { mix, layers: this.layers.value } : null;
    this.layers.value = [];
  }

  /** Go on with the stack that was put aside. */
  bringBack(): void {
    const stacked = this.aside.value;
    if (stacked === null) return;
    batch(() => {
      this.aside.value = null;
      this.layers.value = stacked.layers;
      this.#search.setMix(stacked.mix);
    });
  }

  /** The mix with all that was accepted, as a WAV file. */
  exported(): { readonly name: string; readonly file: Blob } | null {
    const mix = this.#search.mix.value;
    if (!mix?.sound) return null;
    this.#exported = mix;
    return { name: mix.name, file: wavOf(mix.sound) };
  }

  /** Whether what was put together would be lost with the page. */
  isAtRisk(): boolean {
    const isNew = this.isStacked.value && this.#search.mix.value !== this.#exported;
    return isNew || this.aside.value !== null;
  }
}
