import assert from "node:assert/strict";
import { test } from "node:test";

import { addTurn, goesRound, turnSeconds, turnStarts } from "../src/music/turns.ts";

/** One bar of 120 bpm, cut by hand. */
const LOOP = { kind: "loop", seconds: 2.03, bpm: 120, bpm_confidence: 1 };
const MIX_SECONDS = 240;

test("a loop of whole bars goes round", () => {
  assert.equal(goesRound({ ...LOOP, seconds: 8 }), true);
  assert.equal(goesRound({ ...LOOP, seconds: 7.99 }), true);
});

test("what is no loop, or would come in off the beat, does not go round", () => {
  assert.equal(goesRound({ ...LOOP, kind: "song", seconds: 8 }), false);
  assert.equal(goesRound({ ...LOOP, seconds: 16, bpm: 125 }), false);
  assert.equal(goesRound({ ...LOOP, seconds: 8, bpm: null }), false);
  assert.equal(goesRound({ ...LOOP, seconds: 0.01 }), false);
  assert.equal(turnSeconds({ ...LOOP, kind: "song" }, 1, MIX_SECONDS), null);
});

test("a file that is longer or shorter than its bars turns on the bar", () => {
  assert.equal(turnSeconds(LOOP, 1, MIX_SECONDS), 2);
  assert.equal(turnSeconds({ ...LOOP, seconds: 1.97 }, 1, MIX_SECONDS), 2);
  assert.equal(turnSeconds({ ...LOOP, seconds: 8.03 }, 1.1, MIX_SECONDS), 8);
  assert.equal(turnSeconds({ ...LOOP, bpm_confidence: null }, 1, MIX_SECONDS), 2);
});

test("a file that is cut to its bars turns at its own length, without a seam", () => {
  const seconds = 88_201 / 44_100;
  assert.equal(turnSeconds({ ...LOOP, seconds: 2 }, 1, MIX_SECONDS, seconds), seconds);
});

test("an error that is small a turn, but not in all of the mix, is kept from growing", () => {
  const loop = { ...LOOP, seconds: 2.001 };
  assert.equal(turnSeconds(loop, 1, 4), 2.001);
  assert.equal(turnSeconds(loop, 1, MIX_SECONDS), 2);
});

test("a loop whose tempo is only estimated turns at its own length, until that tempo has stretched it", () => {
  const loop = { ...LOOP, bpm_confidence: 0.8 };
  assert.equal(turnSeconds(loop, 1, MIX_SECONDS), 2.03);
  assert.equal(turnSeconds(loop, 1.1, MIX_SECONDS), 2);
});

test("turns begin before the mix, so that it is covered from its start, and go on to its end", () => {
  assert.deepEqual(turnStarts(3, 10, 25), [-7, 3, 13, 23]);
  assert.deepEqual(turnStarts(-12, 10, 9), [-2, 8]);
  assert.deepEqual(turnStarts(0, 10, 20), [0, 10]);
});

test("turns of a broken number of samples do not add up what is rounded", () => {
  assert.deepEqual(turnStarts(0, 2.4, 12), [0, 2, 5, 7, 10]);
});

test("what lasts longer than its turn fades out under the next", () => {
  const laid = new Float32Array(12);
  for (const start of [-2, 4, 10]) addTurn(laid, new Float32Array(9).fill(0.5), start, 6, 1);
  assert.deepEqual([...laid], [0.5, 0.5, 0.5, 0.5, 0.75, 0.5, 0.5, 0.5, 0.5, 0.5, 0.75, 0.5]);
});

test("what ends before its turn fades out before its end", () => {
  const laid = new Float32Array(8);
  addTurn(laid, new Float32Array(5).fill(1), 1, 6, 3);
  assert.deepEqual([...laid], [0, 1, 1, 0.75, 0.5, 0.25, 0, 0]);
});

test("turns that are as long as the sound touch without a seam", () => {
  const laid = new Float32Array(6);
  for (const start of [-1, 2, 5]) addTurn(laid, new Float32Array([1, 2, 3]), start, 3, 0);
  assert.deepEqual([...laid], [2, 3, 1, 2, 3, 1]);
});
