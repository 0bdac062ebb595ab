/** Everything that the page shows and does, put together; made once, by `main.tsx`. */

import { signal } from "@preact/signals";

import type { Stem } from "../api/answers.ts";
import type { Client } from "../api/client.ts";
import { asProblem, type ProblemError } from "../api/problem.ts";
import { Player } from "../sound/player.ts";
import { Appearance } from "./appearance.ts";
import { MixFacts } from "./facts.ts";
import { Favourites } from "./favourites.ts";
import { Library } from "./library.ts";
import { Listening } from "./listening.ts";
import { openMix } from "./mix.ts";
import { Search } from "./search.ts";
import { Stack } from "./stack.ts";
import { StemSounds } from "./stems.ts";

export class Session {
  readonly library: Library;
  readonly search: Search;
  readonly facts: MixFacts;
  readonly sounds: StemSounds;
  readonly listening: Listening;
  readonly stack: Stack;
  readonly favourites: Favourites;
  readonly appearance: Appearance;
  readonly opening = signal(false);
  readonly openProblem = signal<ProblemError | null>(null);
  readonly helpIsOpen = signal(false);
  readonly keptIsOpen = signal(false);
  /** Whether "more like this" can be asked for; the service says so in its OpenAPI document. */
  readonly canAskSimilar = signal(false);
  readonly similar = signal<{ readonly to: Stem; readonly stems: readonly Stem[] } | null>(null);
  readonly #client: Client;

  constructor(client: Client, storage: Storage) {
    this.#client = client;
    this.library = new Library(client);
    this.search = new Search(client);
    this.facts = new MixFacts(this.search);
    this.sounds = new StemSounds(client);
    this.listening = new Listening(this.search, this.facts, new Player(), this.sounds);
    this.stack = new Stack(this.search, this.listening);
    this.favourites = new Favourites(storage);
    this.appearance = new Appearance(storage);
  }

  async start(): Promise<void> {
    await this.library.look();
    this.canAskSimilar.value = await this.#client.knowsSimilar().catch(() => false);
  }

  /** Ask with the mix in a file that was dropped or chosen. */
  async open(file: File): Promise<void> {
    this.opening.value = true;
    this.openProblem.value = null;
    try {
      const mix = await openMix(file);
      this.stack.clear();
      this.facts.forget();
      this.search.setMix(mix);
    } catch (error) {
      this.openProblem.value = asProblem(error);
    } finally {
      this.opening.value = false;
    }
  }

  /** Back to the beginning. */
  close(): void {
    this.stack.clear();
    this.facts.forget();
    this.search.setMix(null);
  }

  async askSimilar(stem: Stem): Promise<void> {
    const answer = await this.#client.similar(stem.id);
    this.similar.value = { to: stem, stems: answer.stems ?? answer.matches?.map((each) => each.stem) ?? [] };
  }
}
