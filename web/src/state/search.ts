/** The question that is asked, and its answer: asks again whenever a part of the question changes. */

import { batch, computed, effect, signal } from "@preact/signals";

import type { Match, MatchAnswer, Stem } from "../api/answers.ts";
import type { Client } from "../api/client.ts";
import { asProblem, ProblemError } from "../api/problem.ts";
import { filterParameters, NO_FILTERS, type Filters } from "../music/filters.ts";
import type { Span } from "../music/placement.ts";
import { HeardMixes } from "./heard.ts";
import type { Mix } from "./mix.ts";

/** While someone clicks through types and filters, only the last question is asked. */
const PATIENCE_MS = 120;
const FIRST_LIMIT = 10;
/** Stems of a song and type, as many as the service gives: a song may be a folder of loops. */
const PLACED_LIMIT = 1000;

type Parameters = readonly (readonly [string, string])[];

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
  readonly #heard = new HeardMixes();
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

  /** Where these stems fit the mix, in their order; those that the service leaves out are missing. */
  async place(stems: readonly Pick<Stem, "id" | "type" | "song">[]): Promise<readonly Match[]> {
    const mix = this.mix.value;
    if (mix === null || stems.length === 0) return [];
    const unique = (name: string, values: string[]): Parameters => [...new Set(values)].map((value) => [name, value]);
    const parameters: Parameters = [
      ...unique("type", stems.map((stem) => stem.type)),
      ...unique("song", stems.map((stem) => stem.song)),
      ["limit", String(PLACED_LIMIT)],
      ...this.#regionParameters(),
    ];
    const { matches } = await this.#find(mix, parameters, () => undefined, new AbortController().signal);
    const byId = new Map(matches.map((match) => [match.stem.id, match]));
    return stems.map((stem) => byId.get(stem.id)).filter((match) => match !== undefined);
  }

  #parameters(): Parameters {
    const types = this.types.value.length > 0 ? this.types.value : ["any"];
    return [
      ...types.map((type) => ["type", type] as const),
      ["limit", String(this.limit.value)],
      ...filterParameters(this.filters.value),
      ...this.#regionParameters(),
    ];
  }

  #regionParameters(): Parameters {
    const region = this.region.value;
    if (region === null) return [];
    return [["start", region.start.toFixed(3)], ["seconds", (region.end - region.start).toFixed(3)]];
  }

  #plan(mix: Mix | null, parameters: Parameters): void {
    this.#current.abort();
    window.clearTimeout(this.#timer);
    if (mix === null) {
      this.progress.value = { is: "idle" };
      return;
    }
    this.progress.value = { is: "listening" };
    this.#timer = window.setTimeout(() => void this.#ask(mix, parameters), PATIENCE_MS);
  }

  async #ask(mix: Mix, parameters: Parameters): Promise<void> {
    const { signal: aborted } = (this.#current = new AbortController());
    const onProgress = (share: number): void => {
      if (!aborted.aborted) this.progress.value = share < 1 ? { is: "sending", share } : { is: "listening" };
    };
    try {
      const answer = await this.#find(mix, parameters, onProgress, aborted);
      batch(() => {
        this.answer.value = answer;
        this.progress.value = { is: "idle" };
      });
    } catch (error) {
      if (!aborted.aborted) this.progress.value = { is: "failed", problem: asProblem(error) };
    }
  }

  /** The answer about a mix, which is only sent where the service does not remember it. */
  async #find(
    mix: Mix, parameters: Parameters, onProgress: (share: number) => void, aborted: AbortSignal,
  ): Promise<MatchAnswer> {
    const region = String(query(parameters.filter(([name]) => name === "start" || name === "seconds")));
    const sha256 = this.#heard.hashOf(mix, region);
    if (sha256 !== null) {
      try {
        return await this.#client.matchAgain(query([...parameters, ["sha256", sha256]]), aborted);
      } catch (error) {
        if (!(error instanceof ProblemError && error.slug === "mix-not-remembered")) throw error;
        this.#heard.forget(mix);
      }
    }
    onProgress(0);
    const upload = { mix: mix.file, filename: mix.name, parameters: query(parameters), onProgress, signal: aborted };
    const answer = await this.#client.match(upload);
    this.#heard.note(mix, region, answer.query.sha256);
    return answer;
  }
}

function query(parameters: Parameters): URLSearchParams {
  return new URLSearchParams(parameters.map(([...pair]) => pair));
}
