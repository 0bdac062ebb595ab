/** The question that is asked, and its answer: asks again whenever a part of the question changes. */

import { batch, computed, effect, signal } from "@preact/signals";

import type { Match, MatchAnswer } from "../api/answers.ts";
import type { Client } from "../api/client.ts";
import { asProblem, type ProblemError } from "../api/problem.ts";
import { filterParameters, NO_FILTERS, type Filters } from "../music/filters.ts";
import type { Span } from "../music/placement.ts";
import type { Mix } from "./mix.ts";

/** While someone clicks through types and filters, only the last question is asked. */
const PATIENCE_MS = 120;
const FIRST_LIMIT = 10;
export const SHORTEST_REGION_SECONDS = 2;

export type Progress =
  | { readonly is: "idle" }
  | { readonly is: "sending"; readonly share: number }
  | { readonly is: "listening" }
  | { readonly is: "failed"; readonly problem: ProblemError };

export class Search {
  readonly mix = signal<Mix | null>(null);
  /** Chosen types; none means any. */
  readonly types = signal<readonly string[]>([]);
  readonly filters = signal<Filters>(NO_FILTERS);
  readonly region = signal<Span | null>(null);
  readonly limit = signal(FIRST_LIMIT);
  readonly progress = signal<Progress>({ is: "idle" });
  readonly answer = signal<MatchAnswer | null>(null);
  readonly matches = computed<readonly Match[]>(() => this.answer.value?.matches ?? []);
  readonly #client: Client;
  #current = new AbortController();
  #timer = 0;

  constructor(client: Client) {
    this.#client = client;
    effect(() => this.#plan(this.mix.value, this.#parameters()));
  }

  /** Ask with another mix, all of it; null is none. */
  setMix(mix: Mix | null): void {
    batch(() => {
      this.region.value = null;
      this.answer.value = null;
      this.mix.value = mix;
    });
  }

  toggleType(type: string): void {
    const others = this.types.value.filter((each) => each !== type);
    const next = others.length === this.types.value.length ? [...others, type] : others;
    batch(() => {
      this.types.value = next;
      this.limit.value = FIRST_LIMIT;
    });
  }

  /** Ask the same again. */
  retry(): void {
    this.#plan(this.mix.value, this.#parameters());
  }

  #parameters(): URLSearchParams {
    const types = this.types.value.length > 0 ? this.types.value : ["any"];
    const region = this.region.value;
    const parts: [string, string][] = [
      ...types.map((type): [string, string] => ["type", type]),
      ["limit", String(this.limit.value)],
      ...filterParameters(this.filters.value),
    ];
    if (region !== null) {
      parts.push(["start", region.start.toFixed(3)], ["seconds", (region.end - region.start).toFixed(3)]);
    }
    return new URLSearchParams(parts);
  }

  #plan(mix: Mix | null, parameters: URLSearchParams): void {
    this.#current.abort();
    window.clearTimeout(this.#timer);
    if (mix === null) {
      this.progress.value = { is: "idle" };
      return;
    }
    this.progress.value = { is: "sending", share: 0 };
    this.#timer = window.setTimeout(() => void this.#ask(mix, parameters), PATIENCE_MS);
  }

  async #ask(mix: Mix, parameters: URLSearchParams): Promise<void> {
    const { signal: aborted } = (this.#current = new AbortController());
    const onProgress = (share: number): void => {
      if (!aborted.aborted) this.progress.value = share < 1 ? { is: "sending", share } : { is: "listening" };
    };
    try {
      const request = { mix: mix.file, filename: mix.name, parameters, onProgress, signal: aborted };
      const answer = await this.#client.match(request);
      batch(() => {
        this.answer.value = answer;
        this.progress.value = { is: "idle" };
      });
    } catch (error) {
      if (!aborted.aborted) this.progress.value = { is: "failed", problem: asProblem(error) };
    }
  }
}
