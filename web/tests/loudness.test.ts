import assert from "node:assert/strict";
import { test } from "node:test";

import { integratedLoudness, LARGEST_PEAK, matchingGain, peakOf } from "../src/music/loudness.ts";

function tone(hertz: number, amplitude: number, seconds: number, rate: number): Float32Array {
  return Float32Array.from({ length: seconds * rate }, (_, index) => amplitude * Math.sin((2 * Math.PI * hertz * index) / rate));
}

function close(value: number | null, expected: number, tolerance: number): void {
  assert.ok(value !== null && Math.abs(value - expected) <= tolerance, `${value} is not ${expected} ± ${tolerance}`);
}

// EBU Tech 3341, case 1 and 2: 1 kHz in both channels at -23 and -33 dBFS reads as much.
for (const [level, rate] of [[-23, 48_000], [-33, 48_000], [-23, 44_100]] as const) {
  test(`a stereo tone of ${level} dBFS at ${rate} Hz has ${level} LUFS`, () => {
    const channel = tone(1000, 10 ** (level / 20), 5, rate);
    close(integratedLoudness([channel, channel], rate), level, 0.1);
  });
}

test("one channel of two is 3 LU less", () => {
  const channel = tone(1000, 0.1, 3, 48_000);
  const both = integratedLoudness([channel, channel], 48_000);
  close(integratedLoudness([channel], 48_000), (both ?? 0) - 3.01, 0.02);
});

test("pauses do not count", () => {
  const sound = tone(1000, 0.1, 4, 48_000);
  const paused = new Float32Array(sound.length * 3);
  paused.set(sound);
  close(integratedLoudness([paused], 48_000), integratedLoudness([sound], 48_000) ?? 0, 0.5);
});

test("deep tones count less", () => {
  const deep = integratedLoudness([tone(30, 0.1, 3, 48_000)], 48_000) ?? 0;
  const middle = integratedLoudness([tone(1000, 0.1, 3, 48_000)], 48_000) ?? 0;
  assert.ok(middle - deep > 4);
});

test("silence, and what is shorter than a block, has no loudness", () => {
  assert.equal(integratedLoudness([new Float32Array(48_000)], 48_000), null);
  assert.equal(integratedLoudness([tone(1000, 0.5, 0.3, 48_000)], 48_000), null);
  assert.equal(integratedLoudness([], 48_000), null);
});

test("a gain makes up the difference", () => {
  close(matchingGain(-20, -14, 0.1), 10 ** (6 / 20), 1e-9);
  close(matchingGain(-14, -20, 1), 10 ** (-6 / 20), 1e-9);
});

test("a gain leaves the peak below the largest, and is never extreme", () => {
  close(matchingGain(-20, -14, 0.8), 10 ** (6 / 20), 1e-9);
  assert.equal(matchingGain(-20, -10, 0.8), LARGEST_PEAK / 0.8);
  close(matchingGain(-60, -10, 0.001), 10 ** (12 / 20), 1e-9);
});

test("where a loudness is unknown nothing is changed", () => {
  assert.equal(matchingGain(null, -14, 0.5), 1);
  assert.equal(matchingGain(-14, null, 0.5), 1);
});

test("a peak has no sign", () => {
  assert.equal(peakOf([new Float32Array([0.25, -0.75]), new Float32Array([0.5])]), 0.75);
});
