/** Stems that someone wants to keep, stored in the browser. */

import { signal, type Signal } from "@preact/signals";

import type { Stem } from "../api/answers.ts";

const STORED_AS = "counterpart.favourites";

export type Favourite = Pick<Stem, "id" | "type" | "song" | "path" | "licence" | "audio_url">;

export class Favourites {
  readonly stems: Signal<readonly Favourite[]>;
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
    this.stems = signal(readStored(storage.getItem(STORED_AS)));
  }

  has(id: string): boolean {
    return this.stems.value.some((stem) => stem.id === id);
  }

  /** Keep the stem, or no longer. */
  toggle(stem: Favourite): void {
    const { id, type, song, path, licence, audio_url } = stem;
    const others = this.stems.value.filter((each) => each.id !== id);
    this.stems.value = this.has(id) ? others : [...others, { id, type, song, path, licence, audio_url }];
    this.#storage.setItem(STORED_AS, JSON.stringify(this.stems.value));
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
