import assert from "node:assert";
import { test } from "node:test";
import { explained, stepOf } from "../src/server/installation";

const OFFLINE = `WARNING: Retrying (Retry(total=0)) after connection broken by
'NewConnectionError('<HTTPSConnection>: Failed to establish a new connection: [Errno -3]
Temporary failure in name resolution')': /simple/pygls/
ERROR: No matching distribution found for pygls<3,>=2.1`;

test("a person is told what to do next", () => {
  assert.match(explained(OFFLINE), /out of reach. Go online and try again/);
  assert.match(
    explained("The virtual environment was not created … ensurepip is not available"),
    /python3-venv/,
  );
  assert.match(explained("CMake Error: CMAKE_CXX_COMPILER not set"), /C\+\+ compiler is needed/);
  assert.match(explained("OSError: [Errno 28] No space left on device"), /Free some space/);
});

test("what is unknown is quoted", () => {
  const told = explained("first\nERROR: something else\n");
  assert.strictEqual(
    told,
    "The server could not be installed: ERROR: something else The log has the whole story.",
  );
});

test("pip's lines become steps", () => {
  assert.strictEqual(stepOf("Collecting pygls<3,>=2.1 (from dowse)"), "fetching pygls<3,>=2.1…");
  assert.match(
    stepOf("  Building wheel for llama-cpp-python (pyproject.toml)") ?? "",
    /ten minutes/,
  );
  assert.strictEqual(stepOf("Installing collected packages: a, b"), "installing…");
  assert.strictEqual(stepOf("  Using cached x.whl"), undefined);
});
