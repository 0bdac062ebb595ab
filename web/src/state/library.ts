/** What the library holds: stem types and how many stems of each. */

import { signal } from "@preact/signals";

import type { TypesAnswer } from "../api/answers.ts";
import type { Client } from "../api/client.ts";
import { asProblem, type ProblemError } from "../api/problem.ts";

export type LibraryState =
  | { readonly is: "unknown" }
  | { readonly is: "empty" }
  | { readonly is: "there"; readonly build: string; readonly types: TypesAnswer["types"] }
  | { readonly is: "failed"; readonly problem: ProblemError };

export class Library {
  readonly state = signal<LibraryState>({ is: "unknown" });
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Look again if an answer comes from another build than what is known, or nothing is. */
  async lookIfNew(build: string): Promise<void> {
    const state = this.state.peek();
    if (state.is !== "there" || state.build !== build) await this.look();
  }

  async look(): Promise<void> {
    try {
      const { build, types } = await this.#client.types();
      this.state.value = build === null ? { is: "empty" } : { is: "there", build, types };
    } catch (error) {
      // What is known still helps; the next answer of another build looks again.
      if (this.state.peek().is !== "there") this.state.value = { is: "failed", problem: asProblem(error) };
    }
  }
}
