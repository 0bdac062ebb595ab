import assert from "node:assert/strict";
import { test } from "node:test";

import { Access } from "../src/state/access.ts";
import { Favourites } from "../src/state/favourites.ts";
import { HeardMixes } from "../src/state/heard.ts";
import type { Mix } from "../src/state/mix.ts";
import { Shortcuts } from "../src/state/shortcuts.ts";
import { BrowserStore } from "../src/state/store.ts";
import { fileNameOf } from "../src/view/offer.ts";

const MIX: Mix = { name: "mix.wav", file: new Blob(), sound: null, outline: [], loudness: null };
const STEM = { id: "1", type: "drums", song: "a", path: "a/drums.wav", licence: null, audio_url: "/stems/1/audio" };

class FakeStorage {
  readonly stored = new Map<string, string>();
  readonly length = 0;
  clear(): void {}
  key(): null { return null; }
  removeItem(): void {}
  getItem(name: string): string | null { return this.stored.get(name) ?? null; }
  setItem(name: string, value: string): void { this.stored.set(name, value); }
}

test("a region that was heard need not be sent again, another must", () => {
  const heard = new HeardMixes();
  heard.note(MIX, "", "abc");
  assert.equal(heard.hashOf(MIX, ""), "abc");
  assert.equal(heard.hashOf(MIX, "start=2"), null);
  heard.note(MIX, "start=2", "abc");
  assert.equal(heard.hashOf(MIX, ""), "abc");
  assert.equal(heard.hashOf({ ...MIX }, ""), null);
});

test("what the service forgot is sent again", () => {
  const heard = new HeardMixes();
  heard.note(MIX, "", "abc");
  heard.forget(MIX);
  assert.equal(heard.hashOf(MIX, ""), null);
});

test("a key is used trimmed and is there when the page is loaded again", () => {
  const storage = new FakeStorage();
  const access = new Access(storage);
  assert.equal(access.key.value, null);
  access.use(" secret\n");
  assert.equal(access.key.value, "secret");
  assert.equal(new Access(storage).key.value, "secret");
});

test("what cannot be sent as a key is none", () => {
  const storage = new FakeStorage();
  const access = new Access(storage);
  for (const text of ["", "  ", "“secret”", "two words", "gehört"]) assert.equal(access.use(text), false);
  assert.equal(access.key.value, null);
  assert.equal(storage.stored.size, 0);
  assert.equal(access.use("cp_aZ-09"), true);
});

test("a browser that forbids storage is remembered for, until the page is closed", () => {
  const store = new BrowserStore(() => { throw new DOMException("denied", "SecurityError"); });
  assert.equal(store.getItem("a"), null);
  assert.equal(store.isLasting.value, true);
  store.setItem("a", "1");
  assert.equal(store.getItem("a"), "1");
  assert.equal(store.isLasting.value, false);
});

test("what has no room is remembered until there is some", () => {
  const storage = new FakeStorage();
  let isFull = true;
  const store = new BrowserStore(() => ({
    getItem: (name) => storage.getItem(name),
    setItem: (name, value) => {
      if (isFull) throw new DOMException("full", "QuotaExceededError");
      storage.setItem(name, value);
    },
  }));
  store.setItem("a", "1");
  assert.equal(store.getItem("a"), "1");
  isFull = false;
  store.setItem("a", "2");
  assert.equal(store.isLasting.value, true);
  storage.setItem("a", "of another tab");
  assert.equal(store.getItem("a"), "of another tab");
});

test("what another tab kept stays", () => {
  const storage = new FakeStorage();
  const [one, other] = [new Favourites(storage), new Favourites(storage)];
  one.toggle(STEM);
  other.toggle({ ...STEM, id: "2" });
  assert.deepEqual(new Favourites(storage).stems.value.map(({ id }) => id), ["1", "2"]);
  one.read();
  assert.equal(one.has("2"), true);
});

test("what is kept keeps the name of its file", () => {
  const storage = new FakeStorage();
  new Favourites(storage).toggle({ ...STEM, audio_name: "drums.m4a" });
  assert.equal(fileNameOf(new Favourites(storage).stems.value[0] ?? STEM), "drums.m4a");
  assert.equal(fileNameOf(STEM), "drums.wav");
});

test("favourites are stored, and dropped again", () => {
  const storage = new FakeStorage();
  new Favourites(storage).toggle(STEM);
  const again = new Favourites(storage);
  assert.deepEqual(again.stems.value, [STEM]);
  again.toggle(STEM);
  assert.deepEqual(new Favourites(storage).stems.value, []);
});

test("keys of one character are on, until they are turned off for good", () => {
  const storage = new FakeStorage();
  const shortcuts = new Shortcuts(storage);
  assert.equal(shortcuts.characters.value, true);
  shortcuts.turn(false);
  assert.equal(shortcuts.characters.value, false);
  assert.equal(new Shortcuts(storage).characters.value, false);
  shortcuts.turn(true);
  assert.equal(new Shortcuts(storage).characters.value, true);
});

test("what is stored and is no list of stems is no favourite", () => {
  for (const text of ["", "{", "null", '{"id": "1"}', '[{"id": 1}, null, "x"]']) {
    const storage = new FakeStorage();
    storage.setItem("counterpart.favourites", text);
    assert.deepEqual(new Favourites(storage).stems.value, []);
  }
});
