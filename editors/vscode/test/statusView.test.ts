import assert from "node:assert";
import { test } from "node:test";
import type { Status } from "../src/protocol";
import { view } from "../src/statusView";

const READY: Status = {
  tier: "full",
  model: "all-MiniLM-L6-v2-Q8_0",
  backend: { name: "CPU", format: "BF16" },
  indexing: false,
  cookbookWaits: false,
  work: null,
  files: 312,
  snippets: 5_025,
  packages: 1,
};
const INDEXING = { title: "dowse: indexing project", done: 417, total: 1_000, unit: "files" };

function text(status: Partial<Status>): string {
  return view({ state: "running" }, { ...READY, ...status }).text;
}

test("says how the process is", () => {
  assert.strictEqual(view({ state: "starting" }, undefined).text, "$(loading~spin) dowse");
  assert.strictEqual(view({ state: "running" }, undefined).text, "$(loading~spin) dowse");
  const early = { ...READY, model: "" };
  assert.strictEqual(view({ state: "running" }, early).text, "$(loading~spin) dowse");
  assert.strictEqual(view({ state: "missing" }, undefined).text, "$(warning) dowse: no server");
  const waiting = view({ state: "waiting", seconds: 4 }, undefined);
  assert.deepStrictEqual(
    [waiting.severity, waiting.tooltip],
    ["warning", ["The server has crashed; it is started again in 4 s."]],
  );
  assert.strictEqual(view({ state: "stopped" }, undefined).severity, "error");
});

test("says how far the index is", () => {
  assert.strictEqual(
    text({ tier: "lexical", indexing: true, work: INDEXING }),
    "$(sync~spin) dowse 41 %",
  );
  assert.strictEqual(text({ tier: "partial", work: INDEXING }), "$(sync~spin) dowse 41 %");
  assert.strictEqual(text({ indexing: true }), "$(sync~spin) dowse");
  const none = { ...INDEXING, done: 0, total: 0 };
  assert.strictEqual(text({ indexing: true, work: none }), "$(sync~spin) dowse 0 %");
  const all = { ...INDEXING, done: 1_000 };
  assert.strictEqual(text({ indexing: true, work: all }), "$(sync~spin) dowse 99 %");
});

test("is calm once answers are full, though packages are still being read", () => {
  assert.strictEqual(text({}), "$(search) dowse");
  assert.strictEqual(text({ work: INDEXING }), "$(search) dowse");
  assert.strictEqual(text({ tier: "lexical", model: "off", work: INDEXING }), "$(search) dowse");
});

test("is under way until the cookbook is open, whatever the answers rest on", () => {
  assert.strictEqual(text({ cookbookWaits: true }), "$(sync~spin) dowse");
  assert.strictEqual(
    text({ cookbookWaits: true, tier: "lexical", model: "off" }),
    "$(sync~spin) dowse",
  );
  const { tooltip } = view({ state: "running" }, { ...READY, cookbookWaits: true });
  assert.strictEqual(tooltip.at(-1), "The cookbook is still to come.");
});

test("says that words alone are searched while the model warms up", () => {
  assert.strictEqual(text({ tier: "lexical", model: "loading" }), "$(sync~spin) dowse: words only");
  assert.strictEqual(text({ tier: "lexical", model: "off" }), "$(search) dowse");
  assert.strictEqual(text({ tier: "lexical", model: "failed" }), "$(warning) dowse: words only");
});

test("tells model, backend and index on request", () => {
  const { tooltip } = view({ state: "running" }, { ...READY, work: INDEXING });
  assert.deepStrictEqual(tooltip, [
    "Indexing project: 417 of 1,000 files.",
    "Answers rest on words and meaning.",
    "Model: all-MiniLM-L6-v2-Q8_0 on CPU (BF16).",
    "Index: 5,025 snippets in 312 files, and 1 package.",
  ]);
});
