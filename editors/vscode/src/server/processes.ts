/** Runs programs to their end. */
import { spawn } from "node:child_process";
import type { CancellationToken } from "vscode";

export interface Result {
  readonly code: number;
  /** Standard output and standard error as they came. */
  readonly output: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly milliseconds?: number;
  readonly token?: CancellationToken;
  /** Called with every line as it comes. */
  readonly onLine?: (line: string) => void;
}

/** Run a program without a shell; a program that cannot be started has the code -1. */
export function run(
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<Result> {
  return new Promise((resolve) => {
    let output = "";
    let rest = "";
    const child = spawn(command, args, {
      cwd: options.cwd,
      timeout: options.milliseconds,
      windowsHide: true,
      // a group of its own, so that what it has started ends with it
      detached: process.platform !== "win32",
    });
    const stopping = options.token?.onCancellationRequested(() => stop(child.pid));
    const read = (chunk: Buffer): void => {
      output += chunk;
      const lines = (rest + chunk).split(/\r?\n/);
      rest = lines.pop() ?? "";
      for (const line of lines) options.onLine?.(line);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    const end = (code: number, more = ""): void => {
      stopping?.dispose();
      resolve({ code, output: output + more });
    };
    child.on("error", (error) => end(-1, error.message));
    child.on("close", (code) => end(code ?? -1));
  });
}

function stop(pid: number | undefined): void {
  if (pid === undefined) return;
  if (process.platform === "win32") spawn("taskkill", ["/pid", `${pid}`, "/T", "/F"]);
  else process.kill(-pid, "SIGTERM");
}
