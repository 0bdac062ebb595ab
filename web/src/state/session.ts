/** Everything that the page shows and does, put together; made once, by `main.tsx`. */

import { computed, effect, signal, untracked } from "@preact/signals";

import type { Match, Stem } from "../api/answers.ts";
import type { Client } from "../api/client.ts";
import { asProblem, type ProblemError } from "../api/problem.ts";
import { Player } from "../sound/player.ts";
import type { Access } from "./access.ts";
import { Appearance } from "./appearance.ts";
import { MixFacts } from "./facts.ts";
import { Favourites, type Favourite } from "./favourites.ts";
import { Library } from "./library.ts";
import { Listening } from "./listening.ts";
import { openMix, type Mix } from "./mix.ts";
import { Search } from "./search.ts";
import { Shortcuts } from "./shortcuts.ts";
import { Similar } from "./similar.ts";
import { Stack } from "./stack.ts";
import { StemSounds } from "./stems.ts";
import type { BrowserStore } from "./store.ts";

export class Session {
  readonly access: Access;
  readonly store: BrowserStore;
  readonly library: Library;
  readonly search: Search;
  readonly facts: MixFacts;
  readonly sounds: StemSounds;
  readonly listening: Listening;
  readonly stack: Stack;
  readonly similar: Similar;
  readonly favourites: Favourites;
  readonly appearance: Appearance;
  readonly shortcuts: Shortcuts;
  readonly opening = signal(false);
  readonly openProblem = signal<ProblemError | null>(null);
  readonly helpIsOpen = signal(false);
  readonly keptIsOpen = signal(false);
  readonly #client: Client;
  /** Counts what was opened and closed: a file that is decoded late is not wanted any more. */
  #turn = 0;
  /** Counts the kept stems that were asked for: only the last is heard. */
  #kept = 0;
  /** The results that are listed. */
  readonly shown = computed(() => this.#listMatches());

  constructor(client: Client, access: Access, store: BrowserStore) {
    this.#client = client;
    this.access = access;
    this.store = store;
    this.library = new Library(client);
    this.search = new Search(client);
    this.facts = new MixFacts(this.search);
    this.sounds = new StemSounds(client);
    this.listening = new Listening(this.search, this.facts, new Player(), this.sounds);
    this.stack = new Stack(this.search, this.listening);
    this.similar = new Similar(client, this.search);
    this.favourites = new Favourites(store);
    this.appearance = new Appearance(store);
    this.shortcuts = new Shortcuts(store);
    effect(() => {
      const answer = this.search.answer.value;
      if (answer !== null) void this.library.lookIfNew(answer.build);
    });
    effect(() => this.#leaveSimilar(this.search.mix.value, this.search.answer.value));
  }

  /** Ask with a key from now on, beginning with what was refused without it. False if it cannot be one. */
  useKey(key: string): boolean {
    if (!this.access.use(key)) return false;
    void this.library.look().then(() => this.search.retry());
    return true;
  }

  /** Ask with the mix in a file that was dropped or chosen. */
  async open(file: File): Promise<void> {
    const turn = ++this.#turn;
    this.opening.value = true;
    this.openProblem.value = null;
    try {
      const mix = await openMix(file);
      if (turn === this.#turn) this.#change(mix);
    } catch (error) {
      if (turn === this.#turn) this.openProblem.value = asProblem(error);
    } finally {
      if (turn === this.#turn) this.opening.value = false;
    }
  }

  /** Back to the beginning. */
  close(): void {
    this.#turn++;
    this.opening.value = false;
    this.openProblem.value = null;
    this.#change(null);
  }

  /** Hear a stem that was kept, at its place under this mix. */
  async hearKept(stem: Favourite): Promise<void> {
    const mix = this.search.mix.value;
    const chosen = this.listening.selected.value?.stem.id;
    const turn = ++this.#kept;
    // Finding its place takes a while, in which someone may have opened another mix or listened to something else.
    const isWanted = (): boolean =>
      turn === this.#kept && this.search.mix.value === mix && this.listening.selected.value?.stem.id === chosen;
    try {
      const [match] = await this.search.place([stem]);
      if (!isWanted()) return;
      if (match) await this.listening.hear(match);
      else this.listening.problem.value = `${stem.song}, ${stem.type} has no place under this mix, or is no longer in the library.`;
    } catch (error) {
      if (isWanted()) this.listening.problem.value = asProblem(error).message;
    }
  }

  /** A stem's file; null where it cannot be had, which the player, or without a mix the drawer, then says. */
  async fetchFile(stem: Pick<Stem, "audio_url">): Promise<Blob | null> {
    this.listening.problem.value = null;
    try {
      return new Blob([await this.#client.sound(stem.audio_url)]);
    } catch (error) {
      this.listening.problem.value = asProblem(error).message;
      return null;
    }
  }

  /** Another mix, or none: what was known and done about the last one goes with it. */
  #change(mix: Mix | null): void {
    this.stack.putAside();
    this.facts.forget();
    this.search.setMix(mix);
  }

  /** Go on with the mix and the stems that another mix has taken the place of. */
  bringBack(): void {
    this.#turn++;
    this.opening.value = false;
    this.facts.forget();
    this.stack.bringBack();
  }

  /** What was accepted already need not be offered again. */
  #listMatches(): readonly Match[] {
    const accepted = new Set(this.stack.layers.value.map(({ match }) => match.stem.id));
    const matches = this.similar.to.value === null ? this.search.matches.value : this.similar.matches.value;
    return matches.filter(({ stem }) => !accepted.has(stem.id)).map((match, index) => ({ ...match, rank: index + 1 }));
  }

  /** Another answer is about something else. */
  #leaveSimilar(..._changed: unknown[]): void {
    untracked(() => this.similar.leave());
  }
}
