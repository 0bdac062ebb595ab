import assert from "node:assert/strict";
import { test } from "node:test";

import { chipsOf, filterParameters, isSameQuestion, nearTempo, NO_FILTERS } from "../src/music/filters.ts";

test("no filters are no parameters and no chips", () => {
  assert.deepEqual(filterParameters(NO_FILTERS), []);
  assert.deepEqual(chipsOf(NO_FILTERS), []);
});

test("each filter is a parameter", () => {
  const filters = { ...NO_FILTERS, minBpm: 90, maxBpm: 110.5, anyOctave: true, key: "F# minor", keyCompatible: true, licence: "CC0-1.0", tag: "dry", kind: "loop" };
  assert.deepEqual(filterParameters(filters), [
    ["min_bpm", "90"], ["max_bpm", "110.5"], ["any_octave", "true"], ["key", "F# minor"],
    ["key_compatible", "true"], ["licence", "CC0-1.0"], ["tag", "dry"], ["kind", "loop"],
  ]);
});

test("what only belongs to a tempo or a key is not sent without it", () => {
  assert.deepEqual(filterParameters({ ...NO_FILTERS, anyOctave: true, keyCompatible: true }), []);
});

test("filters that leave the same stems are the same question", () => {
  assert.equal(isSameQuestion({ ...NO_FILTERS, anyOctave: true }, NO_FILTERS), true);
  assert.equal(isSameQuestion({ ...NO_FILTERS, tag: "dry" }, { ...NO_FILTERS, tag: "dry" }), true);
  assert.equal(isSameQuestion({ ...NO_FILTERS, tag: "dry" }, NO_FILTERS), false);
});

test("a chip says what it does and takes only its own filter away", () => {
  const filters = { ...NO_FILTERS, minBpm: 90, maxBpm: 110, key: "F# minor", keyCompatible: true, licence: "MIT" };
  const chips = chipsOf(filters);
  assert.deepEqual(chips.map((chip) => chip.label), ["90–110 bpm", "Goes with F♯ minor", "MIT"]);
  assert.deepEqual(chips[0]?.without, { ...filters, minBpm: null, maxBpm: null });
  assert.deepEqual(chips[1]?.without, { ...filters, key: null, keyCompatible: false });
});

test("an open range says which end it has", () => {
  assert.equal(chipsOf({ ...NO_FILTERS, minBpm: 90 })[0]?.label, "From 90 bpm");
  assert.equal(chipsOf({ ...NO_FILTERS, maxBpm: 90, anyOctave: true })[0]?.label, "Up to 90 bpm, any octave");
});

test("near a tempo is six per cent each way, in any octave", () => {
  const { minBpm, maxBpm, anyOctave } = nearTempo(NO_FILTERS, 100);
  assert.deepEqual([minBpm, maxBpm, anyOctave], [94, 106, true]);
});
