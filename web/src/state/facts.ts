/** Length, tempo and key of the mix: the last two as the service estimates them, unless someone knows better. */

import { computed, signal } from "@preact/signals";

import { formatKey, parseKey } from "../music/key.ts";
import { parseBpm } from "../music/tempo.ts";
import type { Search } from "./search.ts";

const SURE = 0.5;

function isUnsure(confidence: number | null | undefined): boolean {
  return confidence != null && confidence < SURE;
}

export class MixFacts {
  readonly #typedBpm = signal<number | null>(null);
  readonly #typedKey = signal<string | null>(null);
  /** The last estimate: a new answer is on its way while types and filters change. */
  readonly #search: Search;
  readonly bpm = computed(() => this.#typedBpm.value ?? this.#search.answer.value?.query.bpm ?? null);
  readonly key = computed(() => this.#typedKey.value ?? this.#search.answer.value?.query.key ?? null);
  /** Whether what is shown is an estimate that is more likely wrong than right. */
  readonly isBpmUnsure = computed(() => this.#typedBpm.value === null && isUnsure(this.#search.answer.value?.query.bpm_confidence));
  readonly isKeyUnsure = computed(() => this.#typedKey.value === null && isUnsure(this.#search.answer.value?.query.key_confidence));
  /** How long it is: by its sound, or, where the browser cannot play it, as the service says; 0 until it does. */
  readonly seconds = computed(() => this.#search.mix.value?.sound?.duration ?? this.#search.answer.value?.query.seconds ?? 0);
  /** A tempo that someone vouches for. */
  readonly typedBpm = computed(() => this.#typedBpm.value);
  readonly corrected = computed(() => this.#typedBpm.value !== null || this.#typedKey.value !== null);

  constructor(search: Search) {
    this.#search = search;
  }

  /** Half or double the tempo. */
  scaleBpm(factor: number): void {
    const scaled = (this.bpm.value ?? 0) * factor;
    if (scaled >= 20 && scaled <= 400) this.#typedBpm.value = scaled;
  }

  /** What someone typed; empty goes back to the estimate. False if it is no tempo. */
  typeBpm(text: string): boolean {
    const bpm = parseBpm(text);
    if (bpm === null && text.trim() !== "") return false;
    this.#typedBpm.value = bpm;
    return true;
  }

  /** As `typeBpm`, for a key. */
  typeKey(text: string): boolean {
    const key = parseKey(text);
    if (key === null && text.trim() !== "") return false;
    this.#typedKey.value = key === null ? null : formatKey(key);
    return true;
  }

  forget(): void {
    this.#typedBpm.value = null;
    this.#typedKey.value = null;
  }
}
