/** The code of one hit in an editor beside, with its source, licence and reasons above it. */
import * as vscode from "vscode";
import type { Hit } from "./protocol";
import { dedented } from "./text";

const SCHEME = "dowse";
/** Pixels of the list's title and box less those of the tabs: what hangs over the editor beside rows. */
const LIST_HEAD = 46;

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
  private hidden = 0;

  /**
   * Show a hit below the list of hits; the person's editor keeps the keyboard.
   * @param rows height of the list's rows in pixels
   */
  async show(hit: Hit, rows: number): Promise<void> {
    this.hidden = Math.ceil((rows + LIST_HEAD) / lineHeight());
    const uri = uriOf(hit, this.hidden);
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
    if (!hit || this.shown?.uri.toString() !== uri.toString()) return "";
    const above = this.hidden + header(hit).length + 1;
    return "\n".repeat(above) + dedented(hit.text, hit.indentation);
  }

  dispose(): void {
    for (const each of [this.provider, this.title, this.reason]) each.dispose();
  }

  private decorate(editor: vscode.TextEditor, hit: Hit): void {
    editor.options = { lineNumbers: vscode.TextEditorLineNumbersStyle.Off };
    const [title, ...reasons] = header(hit).map((contentText, line) => ({
      range: new vscode.Range(this.hidden + line, 0, this.hidden + line, 0),
      renderOptions: { before: { contentText } },
    }));
    editor.setDecorations(this.title, title ? [title] : []);
    editor.setDecorations(this.reason, reasons);
  }
}

/** A path that names the tab, and a query that makes every text a document of its own. */
function uriOf(hit: Hit, hidden: number): vscode.Uri {
  const name = hit.path.split("/").pop() ?? hit.path;
  const query = `${hit.uri}#${hit.startLine}#${hidden}`;
  return vscode.Uri.from({ scheme: SCHEME, path: `/${name}`, query });
}

/** Pixels of a line, as VS Code reckons them: a small number counts in sizes of the font. */
function lineHeight(): number {
  const settings = vscode.workspace.getConfiguration("editor");
  const size = settings.get("fontSize", 14);
  const height = settings.get("lineHeight", 0) || 1.35;
  return Math.round(height < 8 ? height * size : height);
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
