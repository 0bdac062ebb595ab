import assert from "node:assert/strict";
import { test } from "node:test";

import { enterLoop, jumpOnBeat, playedSecond, regionBetween, spanOnMix, stemOrigin, wholeBeats } from "../src/music/placement.ts";

const PLACED = { mixStart: 8, stemStart: 2, rate: 1 };

test("a stem begins as much before its placement as the placement lies in the stem", () => {
  assert.equal(stemOrigin(PLACED), 6);
});

test("of a stem that is played faster, less time passes before its placement", () => {
  assert.equal(stemOrigin({ ...PLACED, rate: 2 }), 7);
});

test("a stem that begins before the mix is heard from the mix's start on", () => {
  assert.deepEqual(spanOnMix({ mixStart: 1, stemStart: 5, rate: 1 }, 10, 30), { start: 0, end: 6 });
});

test("a stem that is longer than what is left of the mix is heard up to its end", () => {
  assert.deepEqual(spanOnMix(PLACED, 60, 20), { start: 6, end: 20 });
});

test("a stretched stem ends earlier when it is played faster", () => {
  assert.deepEqual(spanOnMix({ ...PLACED, rate: 2 }, 10, 30), { start: 7, end: 12 });
});

test("a stem that ends before the mix begins has no span", () => {
  assert.equal(spanOnMix({ mixStart: 0, stemStart: 9, rate: 1 }, 8, 30), null);
});

test("without a loop the second goes on with time", () => {
  assert.equal(playedSecond(3, 4.5, null), 7.5);
});

test("before it is heard playing is where it starts", () => {
  assert.equal(playedSecond(3, -0.02, null), 3);
});

test("in a loop the second goes back to its start at its end", () => {
  const loop = { start: 2, end: 6 };
  assert.equal(playedSecond(5, 0.5, loop), 5.5);
  assert.equal(playedSecond(5, 1, loop), 2);
  assert.equal(playedSecond(5, 9, loop), 2);
  assert.equal(playedSecond(5, 10.5, loop), 3.5);
});

test("a jump goes whole bars, to the bar nearest to where it should go", () => {
  // 120 bpm: a bar is 2 s.
  assert.equal(jumpOnBeat(1.5, 20, 120, { start: 18, end: 30 }), 19.5);
});

test("a jump back goes whole bars as well", () => {
  assert.equal(jumpOnBeat(21.5, 4, 120, { start: 3, end: 10 }), 3.5);
});

test("a jump stays inside, even if the nearest bar lies outside", () => {
  assert.equal(jumpOnBeat(1.5, 20, 120, { start: 19.8, end: 30 }), 21.5);
});

test("where no bar lies inside, and where there is no tempo, a jump goes straight", () => {
  assert.equal(jumpOnBeat(1.5, 20.2, 120, { start: 20, end: 20.5 }), 20.2);
  assert.equal(jumpOnBeat(1.5, 20.2, null, { start: 20, end: 30 }), 20.2);
});

test("a loop of four beats or more is cut to whole bars", () => {
  assert.deepEqual(wholeBeats({ start: 1, end: 10.3 }, 120), { start: 1, end: 9 });
});

test("a shorter loop is cut to whole beats, one shorter than a beat is left as it is", () => {
  assert.deepEqual(wholeBeats({ start: 1, end: 2.6 }, 120), { start: 1, end: 2.5 });
  assert.deepEqual(wholeBeats({ start: 1, end: 1.3 }, 120), { start: 1, end: 1.3 });
});

test("a loop that is a hair shorter than a bar counts as one", () => {
  assert.deepEqual(wholeBeats({ start: 0, end: 1.995 }, 120), { start: 0, end: 1.995 });
});

test("a region lies between two seconds, whichever comes first", () => {
  assert.deepEqual(regionBetween(3, 8, 20), { start: 3, end: 8 });
  assert.deepEqual(regionBetween(8, 3, 20), { start: 3, end: 8 });
});

test("a short region is made as long as a search needs, inside the mix", () => {
  assert.deepEqual(regionBetween(3, 3.5, 20), { start: 3, end: 5 });
  assert.deepEqual(regionBetween(3.5, 3, 20), { start: 1.5, end: 3.5 });
  assert.deepEqual(regionBetween(0.5, 0, 20), { start: 0, end: 2 });
  assert.deepEqual(regionBetween(19.5, 20, 20), { start: 18, end: 20 });
});

test("a region does not leave the mix", () => {
  assert.deepEqual(regionBetween(-3, 30, 20), { start: 0, end: 20 });
});

test("inside a loop one goes on where one is", () => {
  assert.equal(enterLoop(5, { start: 4, end: 8 }, 120), 5);
});

test("a loop is entered by whole bars, from before and from behind", () => {
  assert.equal(enterLoop(1.5, { start: 4, end: 8 }, 120), 5.5);
  assert.equal(enterLoop(12.5, { start: 4, end: 8 }, 120), 4.5);
  assert.equal(enterLoop(2, { start: 4, end: 8 }, 120), 4);
});

test("a loop shorter than a bar, or without a tempo, is entered at its start", () => {
  assert.equal(enterLoop(1.5, { start: 4, end: 5 }, 120), 4);
  assert.equal(enterLoop(1.5, { start: 4, end: 8 }, null), 4);
});
