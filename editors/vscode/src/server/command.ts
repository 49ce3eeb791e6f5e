/** The command line that runs the server, and where programs lie; knows nothing of VS Code. */
import { accessSync, constants, statSync } from "node:fs";
import * as path from "node:path";

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

const PYTHON = /^(python|pypy)[\d.]*(\.exe)?$/i;

/** How a program serves: `dowse` itself, or a Python that has it. */
export function serverCommand(program: string): Command {
  // -P: a folder named like one of our modules must not stand in for it
  const start = PYTHON.test(path.basename(program)) ? ["-P", "-m", "dowse.server"] : [];
  return { program, args: [...start, "serve"] };
}

/** The interpreter of a virtual environment. */
export function interpreterOf(environment: string, platform = process.platform): string {
  return platform === "win32"
    ? path.join(environment, "Scripts", "python.exe")
    : path.join(environment, "bin", "python");
}

/** Look a program up on the search path; folders in one of `shunned` and relative ones are skipped. */
export function which(
  name: string,
  searchPath: string | undefined,
  shunned: readonly string[] = [],
  platform = process.platform,
): string | undefined {
  const endings = platform === "win32" ? [".exe"] : [""];
  return (searchPath ?? "")
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder))
    .filter((folder) => !shunned.some((other) => isWithin(folder, other)))
    .flatMap((folder) => endings.map((ending) => path.join(folder, name + ending)))
    .find(isProgram);
}

export function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function isWithin(folder: string, other: string): boolean {
  const below = path.relative(other, folder);
  return below === "" || !(below.startsWith("..") || path.isAbsolute(below));
}
