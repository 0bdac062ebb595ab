import assert from "node:assert/strict";
import { test } from "node:test";

import { Shelf } from "../src/state/shelf.ts";

/** Sizes on a shelf for 10, and which of them were made so far. */
function createShelf(): { shelf: Shelf<number>; made: string[]; make: (name: string, size: number) => () => Promise<number> } {
  const made: string[] = [];
  const make = (name: string, size: number) => (): Promise<number> => {
    made.push(name);
    return Promise.resolve(size);
  };
  return { shelf: new Shelf<number>(10, (size) => size), made, make };
}

test("what is there is not made again", async () => {
  const { shelf, made, make } = createShelf();
  assert.equal(await shelf.use("a", make("a", 4)), 4);
  assert.equal(await shelf.have("a", make("a", 4)), 4);
  assert.deepEqual(made, ["a"]);
});

test("what was asked for longest ago makes room, by its size", async () => {
  const { shelf, made, make } = createShelf();
  for (const name of ["a", "b", "a", "c"]) await shelf.use(name, make(name, 4));
  assert.deepEqual(made, ["a", "b", "c"]);
  await shelf.use("a", make("a", 4));
  assert.deepEqual(made, ["a", "b", "c"]);
  await shelf.use("b", make("b", 4));
  assert.deepEqual(made, ["a", "b", "c", "b"]);
});

test("what is used stays, whatever its size and whatever comes after it", async () => {
  const { shelf, made, make } = createShelf();
  await shelf.use("large", make("large", 20));
  await shelf.have("next", make("next", 1));
  await shelf.have("large", make("large", 20));
  assert.deepEqual(made, ["large", "next"]);
});

test("what was used and is too large goes when something else is used", async () => {
  const { shelf, made, make } = createShelf();
  await shelf.use("a", make("a", 4));
  await shelf.use("large", make("large", 20));
  await shelf.use("b", make("b", 4));
  await shelf.have("large", make("large", 20));
  assert.deepEqual(made, ["a", "large", "b", "large"]);
});

test("what could not be made is tried again", async () => {
  const { shelf, made, make } = createShelf();
  await assert.rejects(shelf.use("a", () => Promise.reject(new Error("gone"))));
  assert.equal(await shelf.use("a", make("a", 4)), 4);
  assert.deepEqual(made, ["a"]);
});
