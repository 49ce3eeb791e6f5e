/** What is added to the server's code actions: the list of candidates, and where the caret goes. */
import * as vscode from "vscode";
import { endOfText } from "./text";

type Actions = (vscode.Command | vscode.CodeAction)[] | null | undefined;

/** The actions with one more that shows the candidates, before the one that opens the source. */
export function withCandidates(
  actions: Actions,
  document: vscode.TextDocument,
  range: vscode.Range,
): Actions {
  if (!actions?.some((action) => action instanceof vscode.CodeAction && action.isPreferred)) {
    return actions;
  }
  const look = new vscode.CodeAction("Look at the candidates…", vscode.CodeActionKind.QuickFix);
  look.command = {
    title: look.title,
    command: "dowse.lookAtCandidates",
    arguments: [document.uri, range.start.line],
  };
  return [...actions.slice(0, -1), look, ...actions.slice(-1)];
}

/** The action with a command after its edit that puts the caret behind the code. */
export function withCaret(
  action: vscode.CodeAction | null | undefined,
): vscode.CodeAction | null | undefined {
  if (action?.edit && !action.command) {
    const caret = caretAfter(action.edit);
    action.command = { title: "Go on typing", command: "dowse.goOn", arguments: [caret] };
  }
  return action;
}

export interface Caret {
  readonly uri: vscode.Uri;
  readonly position: vscode.Position;
}

/** The place behind the code that an edit puts in. */
export function caretAfter(edit: vscode.WorkspaceEdit): Caret | undefined {
  const [uri, edits] = edit.entries()[0] ?? [];
  const [first] = edits ?? [];
  if (!uri || !first) return undefined;
  const { line, character } = first.range.start;
  const end = endOfText(line, character, first.newText);
  return { uri, position: new vscode.Position(end.line, end.character) };
}

/** Put the caret there, if the document is still the one in front. */
export function goOn(caret: Caret | undefined): void {
  const editor = vscode.window.activeTextEditor;
  if (!editor || editor.document.uri.toString() !== caret?.uri.toString()) return;
  editor.selection = new vscode.Selection(caret.position, caret.position);
  editor.revealRange(editor.selection);
}
