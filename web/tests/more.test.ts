import assert from "node:assert/strict";
import { test } from "node:test";

import type { Match } from "../src/api/answers.ts";
import { mayHaveMore, moreThan } from "../src/state/more.ts";

const DRUMS = {
  id: "1", type: "drums", type_source: "name", type_confidence: 1, song: "a", path: "a/drums.wav", seconds: 8, bpm: null,
  bpm_confidence: null, key: null, key_confidence: null, kind: null, loudness: null, licence: null, tags: [],
  audio_url: "/stems/1/audio", audio_name: "x.wav", peaks_url: "/stems/1/peaks",
};

function matches(counts: Readonly<Record<string, number>>): Pick<Match, "stem">[] {
  return Object.entries(counts).flatMap(([type, count]) => Array.from({ length: count }, () => ({ stem: { ...DRUMS, type } })));
}

test("there may be more as soon as one type has as many as were asked for", () => {
  assert.equal(mayHaveMore(matches({ drums: 10, vocals: 3 }), 10), true);
  assert.equal(mayHaveMore(matches({ drums: 9, vocals: 9 }), 10), false);
  assert.equal(mayHaveMore([], 10), false);
});

test("no more is asked for than the service gives", () => {
  assert.deepEqual([10, 640, 1000].map(moreThan), [20, 1000, 1000]);
  assert.equal(mayHaveMore(matches({ drums: 1000 }), 1000), false);
});
