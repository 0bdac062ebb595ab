import assert from "node:assert/strict";
import { test } from "node:test";

import type { TypesAnswer } from "../src/api/answers.ts";
import type { Client } from "../src/api/client.ts";
import { Library } from "../src/state/library.ts";

const TYPES = [{ type: "drums", stems: 3 }];

/** A library whose looks are answered by these, one after another. */
function libraryThatSays(...answers: (TypesAnswer | Error)[]): Library {
  const types = (): Promise<TypesAnswer> => {
    const answer = answers.shift() ?? new Error("nobody asks so often");
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return new Library({ types } as Client);
}

test("a look that fails is told", async () => {
  const library = libraryThatSays(new Error("gone"));
  await library.look();
  const state = library.state.value;
  assert.equal(state.is === "failed" && state.problem.message, "gone");
});

test("what is known stays when a later look fails, until one succeeds", async () => {
  const library = libraryThatSays(
    { build: "1", types: TYPES }, new Error("busy"), { build: "2", types: [{ type: "drums", stems: 4 }] },
  );
  await library.look();
  await library.lookIfNew("2");
  assert.deepEqual(library.state.value, { is: "there", build: "1", types: TYPES });
  await library.lookIfNew("2");
  assert.deepEqual(library.state.value, { is: "there", build: "2", types: [{ type: "drums", stems: 4 }] });
});
