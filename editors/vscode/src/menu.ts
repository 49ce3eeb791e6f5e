/** The menu behind the status bar item. */
import * as vscode from "vscode";
import { isOff } from "./languages";

interface Entry extends vscode.QuickPickItem {
  readonly command?: string;
}

export async function showMenu(running: boolean): Promise<void> {
  const chosen = await vscode.window.showQuickPick(entries(running), { title: "dowse" });
  if (chosen?.command) await vscode.commands.executeCommand(chosen.command);
}

function entries(running: boolean): Entry[] {
  const language = vscode.window.activeTextEditor?.document.languageId;
  const switched = `${isOff() ? "Turn on" : "Turn off"} for ${language}`;
  const finding: Entry[] = [
    { label: "$(search) Find code…", command: "dowse.findCode" },
    { label: "$(chip) Use model…", command: "dowse.useModel" },
    { label: "$(cloud-download) Pull model…", command: "dowse.addModel" },
    { label: "$(layers) Use adapter…", command: "dowse.useAdapter" },
    ...(language ? [{ label: `$(symbol-misc) ${switched}`, command: "dowse.toggleLanguage" }] : []),
    { label: "", kind: vscode.QuickPickItemKind.Separator },
    { label: "$(debug-restart) Restart the server", command: "dowse.restartServer" },
  ];
  return [
    ...(running
      ? finding
      : [{ label: "$(tools) Set up the server…", command: "dowse.setUpServer" }]),
    { label: "$(output) Show log", command: "dowse.showLog" },
    { label: "$(gear) Settings", command: "dowse.openSettings" },
  ];
}
