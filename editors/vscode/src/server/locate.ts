/** Finds the server: by the setting, the chosen interpreter, the search path, our environment. */
import * as vscode from "vscode";
import { type Command, isProgram, serverCommand, which } from "./command";
import type { ManagedEnvironment } from "./environment";
import { run } from "./processes";
import { chosenInterpreter } from "./pythonExtension";

const PATIENCE_MS = 30_000;

export type Location =
  | { readonly found: Command; readonly because: string }
  | { readonly missing: string };

/** Where the server is, or a sentence that says why it is nowhere. */
export async function locate(environment: ManagedEnvironment): Promise<Location> {
  const named = vscode.workspace.getConfiguration("dowse").get("server.path", "");
  if (named) return byName(named);
  const trusted = vscode.workspace.isTrusted;
  const interpreter = trusted ? await chosenInterpreter() : undefined;
  if (interpreter && (await hasServer(interpreter, environment.folder))) {
    return { found: serverCommand(interpreter), because: "the chosen interpreter has it" };
  }
  const folders = vscode.workspace.workspaceFolders?.map((folder) => folder.uri.fsPath) ?? [];
  const program = which("dowse", process.env.PATH, trusted ? [] : folders);
  if (program) return { found: serverCommand(program), because: "it is on the PATH" };
  const own = environment.interpreter;
  if (own) return { found: serverCommand(own), because: "this extension installed it" };
  return {
    missing: "dowse needs its language server, which is not installed on this machine yet.",
  };
}

function byName(named: string): Location {
  if (isProgram(named)) return { found: serverCommand(named), because: "the settings name it" };
  return { missing: `There is no program ${named}, which the setting dowse.server.path names.` };
}

async function hasServer(interpreter: string, cwd: string): Promise<boolean> {
  const { program, args } = serverCommand(interpreter);
  const asked = [...args.slice(0, -1), "--version"];
  return (await run(program, asked, { cwd, milliseconds: PATIENCE_MS })).code === 0;
}
