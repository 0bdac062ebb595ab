/** The question that is asked, and its answer: asks again whenever a part of the question changes. */

import { batch, computed, effect, signal } from "@preact/signals";

import type { Match, MatchAnswer, Stem } from "../api/answers.ts";
import type { Client } from "../api/client.ts";
import { asProblem, ProblemError } from "../api/problem.ts";
import { filterParameters, NO_FILTERS, type Filters } from "../music/filters.ts";
import type { Span } from "../music/placement.ts";
import { HeardMixes } from "./heard.ts";
import { fileToSend, type Mix } from "./mix.ts";

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

/** A mix on its way to the service. */
interface Sending {
  readonly mix: Mix;
  readonly region: string;
  readonly answer: Promise<MatchAnswer>;
  readonly end: AbortController;
}

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
  #sending: Sending | null = null;
  #timer = 0;

  constructor(client: Client) {
    this.#client = client;
    effect(() => this.#beginAnew(this.mix.value, this.types.value, this.filters.value));
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
    this.types.value = others.length === this.types.value.length ? [...others, type] : others;
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
    const { signal } = new AbortController();
    const { matches } = await this.#find(mix, parameters, signal, () => this.#send(mix, parameters, signal));
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

  /** How many more were asked for is about another list. */
  #beginAnew(..._changed: unknown[]): void {
    this.limit.value = FIRST_LIMIT;
  }

  #plan(mix: Mix | null, parameters: Parameters): void {
    this.#current.abort();
    window.clearTimeout(this.#timer);
    // What is sent for another question of the same mix serves this one, too.
    const isOnItsWay = mix !== null && this.#onItsWay(mix, regionOf(parameters)) !== null;
    if (!isOnItsWay) this.#sending?.end.abort();
    if (mix === null) {
      this.progress.value = { is: "idle" };
      return;
    }
    if (!isOnItsWay) this.progress.value = { is: "listening" };
    this.#timer = window.setTimeout(() => void this.#ask(mix, parameters), PATIENCE_MS);
  }

  async #ask(mix: Mix, parameters: Parameters): Promise<void> {
    const { signal: aborted } = (this.#current = new AbortController());
    try {
      const answer = await this.#find(mix, parameters, aborted, () => this.#sendOnce(mix, parameters));
      if (aborted.aborted) return;
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
    mix: Mix, parameters: Parameters, aborted: AbortSignal, send: () => Promise<MatchAnswer>,
  ): Promise<MatchAnswer> {
    const region = regionOf(parameters);
    await this.#onItsWay(mix, region)?.answer;
    const sha256 = this.#heard.hashOf(mix, region);
    if (sha256 !== null) {
      try {
        return await this.#client.matchAgain(query([...parameters, ["sha256", sha256]]), aborted);
      } catch (error) {
        if (!(error instanceof ProblemError && error.slug === "mix-not-remembered")) throw error;
        this.#heard.forget(mix);
      }
    }
    return send();
  }

  #onItsWay(mix: Mix, region: string): Sending | null {
    return this.#sending?.mix === mix && this.#sending.region === region ? this.#sending : null;
  }

  /** Send the mix, and say how far it is; it is sent to its end unless another mix, or region, is wanted. */
  #sendOnce(mix: Mix, parameters: Parameters): Promise<MatchAnswer> {
    const end = new AbortController();
    const tell = (share: number): void => {
      if (!end.signal.aborted) this.progress.value = share < 1 ? { is: "sending", share } : { is: "listening" };
    };
    tell(0);
    const answer = this.#send(mix, parameters, end.signal, tell).finally(() => {
      if (this.#sending?.end === end) this.#sending = null;
    });
    this.#sending = { mix, region: regionOf(parameters), answer, end };
    return answer;
  }

  async #send(
    mix: Mix, parameters: Parameters, signal: AbortSignal, onProgress: (share: number) => void = () => undefined,
  ): Promise<MatchAnswer> {
    const file = await fileToSend(mix);
    const answer = await this.#client.match({ mix: file, filename: mix.name, parameters: query(parameters), onProgress, signal });
    this.#heard.note(mix, regionOf(parameters), answer.query.sha256);
    return answer;
  }
}

/** The part of the mix that is asked about, as a key. */
function regionOf(parameters: Parameters): string {
  return String(query(parameters.filter(([name]) => name === "start" || name === "seconds")));
}

function query(parameters: Parameters): URLSearchParams {
  return new URLSearchParams(parameters.map(([...pair]) => pair));
}
