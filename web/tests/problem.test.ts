import assert from "node:assert/strict";
import { test } from "node:test";

import { asksForKey, asProblem, readProblem } from "../src/api/problem.ts";

test("a problem is told in the service's words", () => {
  const body = JSON.stringify({ type: "urn:counterpart:problem:no-index", detail: "There is no index yet.", request_id: "5b0c" });
  const problem = readProblem(503, body);
  assert.deepEqual([problem.message, problem.slug, problem.requestId], ["There is no index yet.", "no-index", "5b0c"]);
});

test("an answer that is no problem is told by its status", () => {
  for (const body of ["", "<html>", "[1]", "null", '{"detail": 3}']) {
    assert.match(readProblem(502, body).message, /status 502/);
  }
});

test("no answer at all says what to do", () => {
  assert.match(readProblem(0, "").message, /does not answer.*try again/);
});

test("any other error keeps its words", () => {
  assert.equal(asProblem(new TypeError("This browser cannot play it.")).message, "This browser cannot play it.");
  assert.equal(asProblem("odd").message, "odd");
});

test("a problem stays what it is", () => {
  const problem = readProblem(404, "");
  assert.equal(asProblem(problem), problem);
});

test("a refusal for want of a key asks for one, and no other problem does", () => {
  const slugs = ["no-key", "not-allowed", "no-index", "unreachable"];
  const asking = slugs.filter((slug) => asksForKey(readProblem(401, JSON.stringify({ type: `urn:counterpart:problem:${slug}` }))));
  assert.deepEqual(asking, ["no-key", "not-allowed"]);
});
