import assert from "node:assert/strict";
import { test } from "node:test";

import { levelsOf } from "../src/music/balance.ts";
import { describeFit } from "../src/music/fit.ts";
import { outlineOf } from "../src/music/peaks.ts";
import { formatSeconds } from "../src/music/time.ts";
import { encodeWav } from "../src/music/wav.ts";

test("a WAV file says what is in it", () => {
  const view = new DataView(encodeWav([new Float32Array([0, 1]), new Float32Array([-1, 0.5])], 44_100));
  const text = (at: number): string => String.fromCharCode(...[0, 1, 2, 3].map((index) => view.getUint8(at + index)));
  assert.deepEqual([text(0), text(8), text(12), text(36)], ["RIFF", "WAVE", "fmt ", "data"]);
  assert.deepEqual([view.getUint32(4, true), view.getUint32(40, true)], [36 + 8, 8]);
  assert.deepEqual([view.getUint16(22, true), view.getUint32(24, true), view.getUint16(34, true)], [2, 44_100, 16]);
});

test("samples are interleaved, and clipped beyond full scale", () => {
  const view = new DataView(encodeWav([new Float32Array([2, -2]), new Float32Array([0.5, 0])], 8000));
  assert.deepEqual([44, 46, 48, 50].map((at) => view.getInt16(at, true)), [32767, 16384, -32767, 0]);
});

test("an outline has the lowest and the highest sample of each stretch, over all channels", () => {
  const left = new Float32Array([0.5, -0.25, 0, 0]);
  const right = new Float32Array([0, 0, -1, 0.75]);
  assert.deepEqual(outlineOf([left, right], 2), [[-0.25, 0.5], [-1, 0.75]]);
});

test("an outline may have more points than there are samples", () => {
  assert.equal(outlineOf([new Float32Array([1, 1])], 5).length, 5);
});

test("in the middle mix and stem are whole, at the ends one is alone", () => {
  assert.deepEqual(levelsOf("both", 0), { mix: 1, stem: 1 });
  assert.deepEqual(levelsOf("both", -1), { mix: 1, stem: 0 });
  assert.deepEqual(levelsOf("both", 0.25), { mix: 0.75, stem: 1 });
});

test("solo does not ask the balance", () => {
  assert.deepEqual(levelsOf("stem", -1), { mix: 0, stem: 1 });
  assert.deepEqual(levelsOf("mix", 1), { mix: 1, stem: 0 });
});

test("a fit has a word and a share", () => {
  assert.deepEqual(describeFit(0.9944), { percent: 99, words: "Fits closely" });
  assert.deepEqual(describeFit(0.07), { percent: 7, words: "Unlikely fit" });
  assert.equal(describeFit(1.2).percent, 100);
});

test("seconds are shown as minutes, rounded as a whole", () => {
  assert.equal(formatSeconds(64), "1:04");
  assert.equal(formatSeconds(59.96, true), "1:00.0");
  assert.equal(formatSeconds(4.25, true), "0:04.3");
  assert.equal(formatSeconds(-1), "0:00");
});
