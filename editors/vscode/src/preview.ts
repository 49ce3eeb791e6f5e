/** The code of one hit in an editor beside, with its source, licence and reasons above it. */
import * as vscode from "vscode";
import type { Hit } from "./protocol";
import { dedented } from "./text";

const SCHEME = "dowse";
/** Blank lines at the top, where the list of hits hangs over the editor. */
const HIDDEN_LINES = 17;

/** Language identifiers of VS Code where a grammar has another name. */
const IDENTIFIERS: Readonly<Record<string, string>> = {
  bash: "shellscript",
  tsx: "typescriptreact",
};

export class Preview implements vscode.Disposable, vscode.TextDocumentContentProvider {
  private readonly title = vscode.window.createTextEditorDecorationType({
    before: { color: new vscode.ThemeColor("editor.foreground"), fontWeight: "bold" },
  });
  private readonly reason = vscode.window.createTextEditorDecorationType({
    before: { color: new vscode.ThemeColor("descriptionForeground") },
  });
  private readonly provider = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  private shown: { readonly uri: vscode.Uri; readonly hit: Hit } | undefined;

  /** Show a hit; the person's editor keeps the keyboard. */
  async show(hit: Hit): Promise<void> {
    const uri = uriOf(hit);
    this.shown = { uri, hit };
    const document = await vscode.workspace.openTextDocument(uri);
    const id = IDENTIFIERS[hit.language] ?? hit.language;
    await vscode.languages.setTextDocumentLanguage(document, id).then(undefined, () => {});
    if (this.shown?.uri !== uri) return;
    const editor = await vscode.window.showTextDocument(document, {
      viewColumn: vscode.ViewColumn.Beside,
      preserveFocus: true,
      preview: true,
    });
    if (this.shown?.uri === uri) this.decorate(editor, hit);
    else await this.hide();
  }

  /** Take it away again. */
  async hide(): Promise<void> {
    this.shown = undefined;
    const tabs = vscode.window.tabGroups.all
      .flatMap((group) => group.tabs)
      .filter((tab) => tab.input instanceof vscode.TabInputText)
      .filter((tab) => (tab.input as vscode.TabInputText).uri.scheme === SCHEME);
    if (tabs.length > 0) await vscode.window.tabGroups.close(tabs, true);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const hit = this.shown?.hit;
    if (!hit || uriOf(hit).toString() !== uri.toString()) return "";
    const above = HIDDEN_LINES + header(hit).length + 1;
    return "\n".repeat(above) + dedented(hit.text, hit.indentation);
  }

  dispose(): void {
    for (const each of [this.provider, this.title, this.reason]) each.dispose();
  }

  private decorate(editor: vscode.TextEditor, hit: Hit): void {
    editor.options = { lineNumbers: vscode.TextEditorLineNumbersStyle.Off };
    const [title, ...reasons] = header(hit).map((contentText, line) => ({
      range: new vscode.Range(HIDDEN_LINES + line, 0, HIDDEN_LINES + line, 0),
      renderOptions: { before: { contentText } },
    }));
    editor.setDecorations(this.title, title ? [title] : []);
    editor.setDecorations(this.reason, reasons);
  }
}

/** A path that names the tab, and a query that makes every snippet a document of its own. */
function uriOf(hit: Hit): vscode.Uri {
  const name = hit.path.split("/").pop() ?? hit.path;
  const query = `${hit.uri}#${hit.startLine}`;
  return vscode.Uri.from({ scheme: SCHEME, path: `/${name}`, query });
}

/** What stands above the code; the first line is the name. */
function header(hit: Hit): string[] {
  return [hit.symbol, hit.location, `${sourceOf(hit)} · ${licenseOf(hit)}`, ...hit.why];
}

function sourceOf(hit: Hit): string {
  return hit.source === "dependency" ? "installed package" : hit.source;
}

export function licenseOf(hit: Hit): string {
  return hit.license ?? "no licence stated";
}
