/** Entry point: wires the server, the commands and what may change while they run. */
import * as vscode from "vscode";
import { goOn } from "./codeActions";
import { Finding } from "./finding";
import { toggleLanguage } from "./languages";
import { showMenu } from "./menu";
import { addModel, useAdapter, useModel } from "./models";
import { Preview } from "./preview";
import { onInterpreterChange } from "./server/pythonExtension";
import { Service } from "./service";

const EXAMPLE = `import requests

# find: retry a request with backoff
`;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel("dowse", { log: true });
  const service = new Service(context, log);
  const preview = new Preview();
  const restart = (): Promise<void> => service.start();
  context.subscriptions.push(log, service, preview, ...commands(service, preview, log));
  context.subscriptions.push(
    vscode.workspace.onDidGrantWorkspaceTrust(restart),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("dowse.server")) void restart();
    }),
  );
  // not awaited: the window must not wait for a server, nor for the Python extension
  void service.start();
  void onInterpreterChange(restart).then(
    (listening) => context.subscriptions.push(listening),
    (error) => log.warn(`The Python extension did not answer: ${error}`),
  );
}

function commands(
  service: Service,
  preview: Preview,
  log: vscode.LogOutputChannel,
): vscode.Disposable[] {
  const connected = () => service.connected();
  const finding = new Finding(connected, preview);
  const handlers: Record<string, (...args: never[]) => unknown> = {
    findCode: () => finding.findCode(),
    findCodeLikeSelection: () => finding.findCodeLikeSelection(),
    lookAtCandidates: (uri?: vscode.Uri, line?: number) => finding.lookAtCandidates(uri, line),
    explainHit: () => finding.explainHit(),
    goOn,
    useAdapter,
    useModel: () => useModel(connected),
    addModel: () => addModel(connected),
    toggleLanguage,
    setUpServer: () => service.setUp(),
    restartServer: () => service.start(),
    showLog: () => log.show(),
    showMenu: () => showMenu(service.running),
    openSettings: () =>
      vscode.commands.executeCommand("workbench.action.openSettings", "@ext:dowse.dowse"),
    openExample,
  };
  return Object.entries(handlers).map(([name, handler]) =>
    vscode.commands.registerCommand(`dowse.${name}`, handler),
  );
}

async function openExample(): Promise<void> {
  const document = await vscode.workspace.openTextDocument({
    language: "python",
    content: EXAMPLE,
  });
  const editor = await vscode.window.showTextDocument(document);
  const caret = document.lineAt(2).range.end;
  editor.selection = new vscode.Selection(caret, caret);
}
