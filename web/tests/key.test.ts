import assert from "node:assert/strict";
import { test } from "node:test";

import { formatKey, parseKey, prettyKey, shiftBetween } from "../src/music/key.ts";

const READINGS: readonly (readonly [string, string])[] = [
  ["A minor", "A minor"], ["Am", "A minor"], ["a min", "A minor"], ["8A", "A minor"], ["8b", "C major"],
  ["F#m", "F# minor"], ["Gb minor", "F# minor"], ["C", "C major"], ["D♭ maj", "C# major"], ["Cb", "B major"],
  ["12B", "E major"], ["1A", "G# minor"], ["F♯ minor", "F# minor"],
];

for (const [typed, key] of READINGS) {
  test(`${typed} is ${key}`, () => {
    const parsed = parseKey(typed);
    assert.ok(parsed);
    assert.equal(formatKey(parsed), key);
  });
}

test("what is no key is refused", () => {
  for (const text of ["", "H minor", "13A", "0B", "A dorian", "minor"]) assert.equal(parseKey(text), null);
});

test("sharps are shown as such", () => {
  assert.equal(prettyKey("F# minor"), "F♯ minor");
});

test("a stem in the mix's key or its relative is not shifted", () => {
  assert.equal(shiftBetween("A minor", "A minor"), 0);
  assert.equal(shiftBetween("C major", "A minor"), 0);
});

test("the shorter way is taken", () => {
  assert.equal(shiftBetween("C major", "D major"), 2);
  assert.equal(shiftBetween("C major", "B major"), -1);
  assert.equal(shiftBetween("C major", "F# major"), 6);
});

test("minor and major meet in their notes", () => {
  assert.equal(shiftBetween("A minor", "A major"), -3);
});

test("an unknown key is not shifted", () => {
  assert.equal(shiftBetween(null, "A minor"), 0);
  assert.equal(shiftBetween("A minor", null), 0);
});
