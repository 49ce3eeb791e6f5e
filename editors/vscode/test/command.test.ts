import assert from "node:assert";
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { interpreterOf, serverCommand, which } from "../src/server/command";

test("a Python runs the module, in no folder that could stand in for one of ours", () => {
  for (const name of ["python", "python3", "python3.12", "python.exe", "pypy3"]) {
    assert.deepStrictEqual(serverCommand(path.join("bin", name)).args, [
      "-P",
      "-m",
      "dowse.server",
      "serve",
    ]);
  }
});

test("any other program is dowse itself", () => {
  for (const program of ["/opt/dowse/bin/dowse", "dowse.exe", "/home/me/python-tools/dowse"]) {
    assert.deepStrictEqual(serverCommand(program), { program, args: ["serve"] });
  }
});

test("an environment keeps its interpreter where its platform has it", () => {
  assert.strictEqual(interpreterOf("env", "linux"), path.join("env", "bin", "python"));
  assert.strictEqual(interpreterOf("env", "win32"), path.join("env", "Scripts", "python.exe"));
});

test("programs are looked up in order, and neither in relative nor in shunned folders", () => {
  const root = mkdtempSync(path.join(tmpdir(), "dowse-which-"));
  const [workspace, bin] = [path.join(root, "workspace"), path.join(root, "bin")];
  for (const folder of [path.join(workspace, "bin"), bin]) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, "dowse"), "");
    chmodSync(path.join(folder, "dowse"), 0o755);
  }
  writeFileSync(path.join(bin, "notes"), "");
  const searchPath = [".", "bin", path.join(workspace, "bin"), bin].join(path.delimiter);
  const find = (name: string, shunned: string[] = []) => which(name, searchPath, shunned, "linux");
  assert.strictEqual(find("dowse"), path.join(workspace, "bin", "dowse"));
  assert.strictEqual(find("dowse", [workspace]), path.join(bin, "dowse"));
  assert.strictEqual(find("dowse", [root]), undefined);
  assert.strictEqual(find("notes"), undefined); // no program
  assert.strictEqual(which("dowse", undefined), undefined);
});
