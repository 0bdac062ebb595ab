import assert from "node:assert/strict";
import { test } from "node:test";

import { formatBpm, parseBpm, stretchRate } from "../src/music/tempo.ts";

test("a stem is played faster where the mix is faster", () => {
  assert.equal(stretchRate(100, 120), 1.2);
  assert.equal(stretchRate(120, 100), 100 / 120);
});

test("half and double time need no stretch", () => {
  assert.equal(stretchRate(60, 120), 1);
  assert.equal(stretchRate(174, 87), 1);
});

test("the nearest octave is stretched to", () => {
  assert.ok(Math.abs(stretchRate(70, 150) - 75 / 70) < 1e-9);
});

test("estimates of one tempo are taken as one", () => {
  assert.equal(stretchRate(125, 124.6), 1);
});

test("tempi that are known are stretched however little they differ", () => {
  assert.equal(stretchRate(127, 128, true), 128 / 127);
  assert.equal(stretchRate(127, 128), 1);
  assert.equal(stretchRate(64, 128, true), 1);
});

test("an unknown tempo is not stretched", () => {
  assert.equal(stretchRate(null, 120), 1);
  assert.equal(stretchRate(120, null), 1);
});

test("a tempo is shown with a tenth only where there is one", () => {
  assert.equal(formatBpm(125), "125");
  assert.equal(formatBpm(124.96), "125");
  assert.equal(formatBpm(96.12), "96.1");
});

test("a tempo may be typed with a comma; what is none is refused", () => {
  assert.equal(parseBpm(" 96,5 "), 96.5);
  for (const text of ["", "fast", "5", "900", "NaN"]) assert.equal(parseBpm(text), null);
});
