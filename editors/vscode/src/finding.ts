/** The commands that find code: by words, by a selection, and for the comment at the caret. */
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { caretAfter, goOn } from "./codeActions";
import { type Choice, pickHit } from "./picker";
import type { Preview } from "./preview";
import { type Hit, type Place, Requests } from "./protocol";

/** As many rows as leave the preview below them in sight. */
const LIMIT = 12;

export class Finding {
  constructor(
    private readonly connected: () => Promise<LanguageClient | undefined>,
    private readonly preview: Preview,
  ) {}

  /** Search for what is typed, live. */
  async findCode(): Promise<void> {
    const client = await this.connected();
    if (!client) return;
    const requests = new Requests(client);
    const place = placeOfCaret();
    const language = place?.document.languageId;
    const choice = await pickHit({
      title: "Find code",
      placeholder: "Say what the code should do, for example: retry a request with backoff",
      ask: (words, token) => requests.search({ words }, LIMIT, language, token),
      live: true,
      preview: this.preview,
    });
    await this.carryOut(client, choice, place);
  }

  /** Search for code like what is selected. */
  async findCodeLikeSelection(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    const client = await this.connected();
    if (!client || !editor) return;
    const like = editor.document.getText(editor.selection);
    if (!like.trim()) {
      void vscode.window.showInformationMessage("Select the code that others should be like.");
      return;
    }
    const language = editor.document.languageId;
    const at = { uri: uriFor(client, editor.document), line: editor.selection.start.line };
    const choice = await pickHit({
      title: "Code like the selection",
      placeholder: "Type to narrow the list",
      ask: (_, token) => new Requests(client).search({ like, at }, LIMIT, language, token),
      live: false,
      preview: this.preview,
    });
    await this.carryOut(client, choice, {
      document: editor.document,
      line: editor.selection.end.line,
    });
  }

  /** Show the hits of a trigger before anything is inserted. */
  async lookAtCandidates(uri?: vscode.Uri, line?: number): Promise<void> {
    const client = await this.connected();
    const place = uri && line !== undefined ? placeIn(uri, line) : placeOfCaret();
    if (!client || !place) return;
    const requests = new Requests(client);
    const found = await requests.candidates(asPlace(client, place));
    if (!found) {
      sayNoTrigger();
      return;
    }
    const choice = await pickHit({
      title: `Candidates for “${found.words}”`,
      placeholder: "Enter inserts the code; type to narrow the list",
      ask: async () => found,
      live: false,
      preview: this.preview,
    });
    await this.carryOut(client, choice, place);
  }

  /** Show why the hits of the trigger at the caret were found. */
  async explainHit(): Promise<void> {
    const client = await this.connected();
    const place = placeOfCaret();
    if (!client || !place) return;
    if (!(await new Requests(client).candidates(asPlace(client, place)))) return sayNoTrigger();
    await vscode.commands.executeCommand("editor.action.showHover", {
      focus: "autoFocusImmediately",
    });
  }

  private async carryOut(
    client: LanguageClient,
    choice: Choice | undefined,
    place: DocumentLine | undefined,
  ): Promise<void> {
    if (!choice) return;
    if (choice.how === "open" || !place) await openSource(client, choice.hit);
    else await this.insert(client, choice.hit, place);
  }

  private async insert(client: LanguageClient, hit: Hit, place: DocumentLine): Promise<void> {
    const sent = await new Requests(client).insertion(asPlace(client, place), hit);
    const edit = await client.protocol2CodeConverter.asWorkspaceEdit(sent);
    await vscode.window.showTextDocument(place.document);
    if (await vscode.workspace.applyEdit(edit)) goOn(caretAfter(edit));
  }
}

interface DocumentLine {
  readonly document: vscode.TextDocument;
  readonly line: number;
}

function placeOfCaret(): DocumentLine | undefined {
  const editor = vscode.window.activeTextEditor;
  return editor && { document: editor.document, line: editor.selection.active.line };
}

function placeIn(uri: vscode.Uri, line: number): DocumentLine | undefined {
  const open = vscode.workspace.textDocuments.find(
    (each) => each.uri.toString() === uri.toString(),
  );
  return open && { document: open, line };
}

function asPlace(client: LanguageClient, { document, line }: DocumentLine): Place {
  return { uri: uriFor(client, document), line };
}

function uriFor(client: LanguageClient, document: vscode.TextDocument): string {
  return client.code2ProtocolConverter.asUri(document.uri);
}

async function openSource(client: LanguageClient, hit: Hit): Promise<void> {
  const uri = client.protocol2CodeConverter.asUri(hit.uri);
  const selection = new vscode.Range(hit.startLine, 0, hit.endLine + 1, 0);
  await vscode.window.showTextDocument(uri, { selection });
}

function sayNoTrigger(): void {
  const word = vscode.workspace.getConfiguration("dowse").get("word", "find");
  void vscode.window.showInformationMessage(
    `Put the caret on a comment that asks for code, such as “# ${word}: parse an ISO date”.`,
  );
}
