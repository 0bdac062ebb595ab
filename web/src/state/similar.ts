/** "More like this": stems that sound like one, each with its own place under the mix. */

import { batch, signal } from "@preact/signals";

import type { Match, Stem } from "../api/answers.ts";
import type { Client } from "../api/client.ts";
import { asProblem, type ProblemError } from "../api/problem.ts";
import type { Search } from "./search.ts";

const MOST = 20;

export class Similar {
  /** What the others are like; null where nobody asked. */
  readonly to = signal<Stem | null>(null);
  readonly matches = signal<readonly Match[]>([]);
  readonly isAsking = signal(false);
  readonly problem = signal<ProblemError | null>(null);
  readonly #client: Client;
  readonly #search: Search;

  constructor(client: Client, search: Search) {
    this.#client = client;
    this.#search = search;
  }

  async ask(stem: Stem): Promise<void> {
    this.#show(stem, [], null, true);
    try {
      const { stems } = await this.#client.similar(stem.id, MOST);
      const matches = await this.#search.place(stems.map((each) => each.stem));
      if (this.to.value === stem) this.#show(stem, matches, null, false);
    } catch (error) {
      if (this.to.value === stem) this.#show(stem, [], asProblem(error), false);
    }
  }

  /** Back to what fits the mix. */
  leave(): void {
    this.#show(null, [], null, false);
  }

  #show(to: Stem | null, matches: readonly Match[], problem: ProblemError | null, isAsking: boolean): void {
    batch(() => {
      this.to.value = to;
      this.matches.value = matches;
      this.problem.value = problem;
      this.isAsking.value = isAsking;
    });
  }
}
