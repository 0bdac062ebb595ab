/** What the library holds: stem types and how many stems of each. */

import { signal } from "@preact/signals";

import type { TypesAnswer } from "../api/answers.ts";
import type { Client } from "../api/client.ts";
import { asProblem, type ProblemError } from "../api/problem.ts";

export type LibraryState =
  | { readonly is: "unknown" }
  | { readonly is: "empty" }
  | { readonly is: "there"; readonly types: TypesAnswer["types"] }
  | { readonly is: "failed"; readonly problem: ProblemError };

export class Library {
  readonly state = signal<LibraryState>({ is: "unknown" });
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async look(): Promise<void> {
    try {
      const { build, types } = await this.#client.types();
      this.state.value = build === null ? { is: "empty" } : { is: "there", types };
    } catch (error) {
      this.state.value = { is: "failed", problem: asProblem(error) };
    }
  }
}
