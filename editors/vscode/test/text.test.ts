import assert from "node:assert";
import { test } from "node:test";
import { dedented, endOfText } from "../src/text";

test("the caret goes behind the last line of code", () => {
  assert.deepStrictEqual(endOfText(7, 0, "def f():\n    return 1\n"), { line: 8, character: 12 });
  assert.deepStrictEqual(endOfText(7, 0, "x = 1\r\ny = 22\r\n"), { line: 8, character: 6 });
  assert.deepStrictEqual(endOfText(7, 9, "\nx = '𝄞'"), { line: 8, character: 8 });
  assert.deepStrictEqual(endOfText(7, 4, "x = 1"), { line: 7, character: 9 });
});

test("code moves to the margin, its blank lines stay", () => {
  const method = "@property\n    def size(self):\n\n        return 1";
  assert.strictEqual(dedented(method, "    "), "@property\ndef size(self):\n\n    return 1");
  assert.strictEqual(dedented("a\n  b", ""), "a\n  b");
});
