import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Prefetch } from "../src/state/prefetch.ts";

/** What is fetched, each until `finish` is called. */
function createPrefetch(): { ahead: Prefetch<string>; begun: string[]; finish: (failed?: boolean) => Promise<void> } {
  const begun: string[] = [];
  let end: (failed: boolean) => void = () => undefined;
  const ahead = new Prefetch<string>((thing) => {
    begun.push(thing);
    return new Promise<void>((resolve, reject) => {
      end = (failed) => (failed ? reject(new Error("gone")) : resolve());
    });
  });
  const finish = async (failed = false): Promise<void> => {
    end(failed);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { ahead, begun, finish };
}

test("what the pointer only passes is not fetched, what it rests on is", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { ahead, begun } = createPrefetch();
  for (const name of ["a", "b"]) {
    ahead.enter(name);
    mock.timers.tick(100);
    ahead.leave();
  }
  mock.timers.tick(1000);
  assert.deepEqual(begun, []);
  ahead.enter("c");
  mock.timers.tick(200);
  assert.deepEqual(begun, ["c"]);
  mock.timers.reset();
});

for (const failed of [false, true]) {
  test(`one is fetched at a time, then what the pointer rests on by then${failed ? ", though the first failed" : ""}`, async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    const { ahead, begun, finish } = createPrefetch();
    for (const name of ["a", "b", "c"]) {
      ahead.enter(name);
      mock.timers.tick(200);
    }
    assert.deepEqual(begun, ["a"]);
    await finish(failed);
    assert.deepEqual(begun, ["a", "c"]);
    mock.timers.reset();
  });
}

test("what the pointer has left is not fetched later", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { ahead, begun, finish } = createPrefetch();
  ahead.enter("a");
  mock.timers.tick(200);
  ahead.enter("b");
  mock.timers.tick(200);
  ahead.leave();
  await finish();
  assert.deepEqual(begun, ["a"]);
  mock.timers.reset();
});
