// SPDX-License-Identifier: CC0-1.0
import { execFile, spawn } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { createGzip } from "node:zlib";

/** Read a large text file line by line without loading it into memory (async generator). */
export async function* readLines(path) {
  const input = createReadStream(path, { encoding: "utf8" });
  try {
    yield* createInterface({ input, crlfDelay: Infinity });
  } finally {
    input.destroy();
  }
}

/** Read and parse a JSON file; the error for a broken one names the file. */
export async function readJsonFile(path) {
  const text = await readFile(path, "utf8");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${path} is no valid JSON: ${error.message}`, { cause: error });
  }
}

/** Write a file atomically: readers see the old content or the new one, never a half. */
export async function writeFileAtomically(path, content) {
  const temporary = join(dirname(path), `.${randomUUID()}.tmp`);
  try {
    await writeFile(temporary, content, { flush: true });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Find all files below a folder, recursively, whose name passes a test. */
export async function findFiles(folder, test = () => true) {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile() && test(entry.name));
  return files.map((entry) => join(entry.parentPath ?? entry.path, entry.name)).sort();
}

/** Check whether a file or folder exists. */
export async function exists(path) {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return false;
    throw error;
  }
}

/** Run a function with a temporary folder that is deleted afterwards, also after an error. */
export async function withTemporaryFolder(action) {
  const folder = await mkdtemp(join(tmpdir(), "work-"));
  try {
    return await action(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Join a path given by a user to a folder safely, so that `../` cannot leave the folder. */
export function resolveInside(folder, name) {
  const path = resolve(folder, name);
  const inside = relative(folder, path);
  if (inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
    throw new RangeError(`${name} lies outside of ${folder}`);
  }
  return path;
}

/** Calculate the SHA-256 checksum of a file without loading it into memory. */
export async function sha256OfFile(path) {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** Compress a file with gzip in a stream. */
export async function gzipFile(source, target) {
  await pipeline(createReadStream(source), createGzip(), createWriteStream(target));
}

/** Read the last bytes of a file as text, such as the end of a log. */
export async function readTail(path, bytes = 4096) {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const length = Math.min(bytes, size);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString("utf8");
  } finally {
    await file.close();
  }
}

/** Run a program and return its output; a failure rejects with its exit code and stderr. */
export async function runCommand(program, args = [], options = {}) {
  const { stdout } = await promisify(execFile)(program, args, { timeout: 60_000, ...options });
  return stdout;
}

/** Run a program, send a text to its standard input and collect its output. */
export function runWithInput(program, args, input) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
    const chunks = [];
    child.stdout.on("data", (chunk) => chunks.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(Buffer.concat(chunks).toString("utf8"));
      else reject(new Error(`${program} failed with exit code ${code}`));
    });
    child.stdin.on("error", () => {}); // The program may end without reading its input.
    child.stdin.end(input);
  });
}

/** Read an environment variable that must be set. */
export function requiredEnvironment(name) {
  const value = process.env[name];
  if (!value) throw new Error(`the environment variable ${name} is not set`);
  return value;
}

/** Call a function once when the program is asked to stop (Ctrl-C or SIGTERM), then exit. */
export function onShutdown(cleanUp) {
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    await cleanUp();
    process.exit(0);
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
}
