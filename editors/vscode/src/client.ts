/** The connection to the server: what it is told, and what is made of its answers. */
import type * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  type Middleware,
  RevealOutputChannelOn,
  type StaticFeature,
} from "vscode-languageclient/node";
import { withCandidates, withCaret } from "./codeActions";
import { STATUS, type Status } from "./protocol";
import type { Command } from "./server/command";
import { chosenInterpreter } from "./server/pythonExtension";

/** Settings that the extension itself uses, and the server does not know. */
const OWN_SETTINGS = ["server"];

/** Asks the server to tell its status whenever it changes. */
const statusWanted: StaticFeature = {
  fillClientCapabilities(capabilities) {
    capabilities.experimental = { ...capabilities.experimental, dowseStatus: true };
  },
  initialize() {},
  getState: () => ({ kind: "static" }),
  clear() {},
};

const middleware: Middleware = {
  provideCodeActions: async (document, range, context, token, next) =>
    withCandidates(await next(document, range, context, token), document, range),
  resolveCodeAction: async (action, token, next) => withCaret(await next(action, token)),
  workspace: {
    configuration: async (params, token, next) => {
      const sent = await next(params, token);
      return Array.isArray(sent) ? Promise.all(sent.map(forServer)) : sent;
    },
  },
};

/** The settings as the server wants them, with the interpreter that is chosen in this window. */
async function forServer(settings: unknown): Promise<unknown> {
  if (typeof settings !== "object" || settings === null) return settings;
  const entries = Object.entries(settings).filter(([name]) => !OWN_SETTINGS.includes(name));
  const sent: Record<string, unknown> = Object.fromEntries(entries);
  return { ...sent, python: sent.python || (await chosenInterpreter()) || "" };
}

/** A client for one run of the server. */
export function connect(
  command: Command,
  folder: string,
  log: vscode.LogOutputChannel,
  crashed: () => void,
  told: (status: Status) => void,
): LanguageClient {
  const options: LanguageClientOptions = {
    documentSelector: [{ scheme: "file" }, { scheme: "untitled" }, { notebook: "*" }],
    outputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    middleware,
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        crashed();
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    },
  };
  const server = { command: command.program, args: [...command.args], options: { cwd: folder } };
  const client = new LanguageClient("dowse", "dowse", server, options);
  client.registerFeature(statusWanted);
  client.onNotification(STATUS, told);
  return client;
}
