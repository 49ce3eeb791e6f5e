/** Turns dowse off, or on again, for the language of the document in front. */
import * as vscode from "vscode";

export async function toggleLanguage(): Promise<void> {
  const language = vscode.window.activeTextEditor?.document.languageId;
  if (!language) return;
  const settings = vscode.workspace.getConfiguration("dowse");
  const off = settings.get<string[]>("disabledLanguages", []);
  const others = off.filter((name) => name !== language);
  const turnsOn = others.length < off.length;
  const next = turnsOn ? others : [...off, language];
  const target = vscode.ConfigurationTarget.Global;
  await settings.update("disabledLanguages", next.length > 0 ? next : undefined, target);
  void vscode.window.setStatusBarMessage(
    `dowse is ${turnsOn ? "on" : "off"} for ${language}.`,
    5_000,
  );
}

/** Whether dowse is off for the document in front. */
export function isOff(): boolean {
  const language = vscode.window.activeTextEditor?.document.languageId ?? "";
  const settings = vscode.workspace.getConfiguration("dowse");
  return settings.get<string[]>("disabledLanguages", []).includes(language);
}
