/** Stems that someone wants to keep, stored in the browser. */

import { signal, type Signal } from "@preact/signals";

import type { Stem } from "../api/answers.ts";
import type { Store } from "./store.ts";

const STORED_AS = "counterpart.favourites";

export type Favourite = Pick<Stem, "id" | "type" | "song" | "path" | "licence" | "audio_url"> & { readonly audio_name?: string };

export class Favourites {
  readonly stems: Signal<readonly Favourite[]>;
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    this.stems = signal(readStored(store.getItem(STORED_AS)));
  }

  /** Read again what is stored: another tab may have kept or dropped stems. */
  read(): void {
    this.stems.value = readStored(this.#store.getItem(STORED_AS));
  }

  has(id: string): boolean {
    return this.stems.value.some((stem) => stem.id === id);
  }

  /** Keep the stem, or no longer. */
  toggle(stem: Favourite): void {
    this.read();
    const { id, type, song, path, licence, audio_url, audio_name } = stem;
    const others = this.stems.value.filter((each) => each.id !== id);
    const name = audio_name === undefined ? {} : { audio_name };
    this.stems.value = this.has(id) ? others : [...others, { id, type, song, path, licence, audio_url, ...name }];
    this.#store.setItem(STORED_AS, JSON.stringify(this.stems.value));
  }
}

/** What was stored; nothing if it is not a list of stems. */
function readStored(text: string | null): readonly Favourite[] {
  try {
    const value: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(value) ? value.filter(isFavourite) : [];
  } catch {
    return [];
  }
}

function isFavourite(value: unknown): value is Favourite {
  if (typeof value !== "object" || value === null) return false;
  return ["id", "type", "song", "path", "audio_url"].every((name) => typeof Reflect.get(value, name) === "string");
}
