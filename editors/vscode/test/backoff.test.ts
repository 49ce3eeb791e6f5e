import assert from "node:assert";
import { test } from "node:test";
import { Backoff } from "../src/backoff";

test("waits longer after every crash and then gives up", () => {
  const backoff = new Backoff();
  const delays = [0, 1, 2, 3, 4, 5].map((n) => {
    backoff.started(n * 100);
    return backoff.crashed(n * 100 + 50);
  });
  assert.deepStrictEqual(delays, [1_000, 2_000, 4_000, 8_000, 16_000, undefined]);
});

test("a minute of good work makes up for the crashes before", () => {
  const backoff = new Backoff();
  backoff.started(0);
  backoff.crashed(10);
  backoff.started(1_000);
  assert.strictEqual(backoff.crashed(61_000), 1_000);
});

test("a server that never came up counts as a crash", () => {
  const backoff = new Backoff();
  assert.deepStrictEqual([backoff.crashed(0), backoff.crashed(1)], [1_000, 2_000]);
});

test("a start that was asked for forgets them", () => {
  const backoff = new Backoff();
  for (let n = 0; n < 6; n += 1) backoff.crashed(n);
  backoff.reset();
  assert.strictEqual(backoff.crashed(10), 1_000);
});
