// Microsoft's own protocol library against the server: every answer must satisfy its guards, and its
// own text document applies the edit. Usage: node check.mjs PYTHON FOLDER FILE COMMENT
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import protocol from "vscode-languageserver-protocol/node";

const [python, folder, file, comment] = process.argv.slice(2);
const PATIENCE = 120_000;
const uri = pathToFileURL(file).href;
const p = protocol;

const server = spawn(python, ["-m", "dowse.server", "serve"], { stdio: ["pipe", "pipe", "inherit"] });
const ended = new Promise((resolve) => server.on("exit", resolve));
const connection = p.createProtocolConnection(
  new p.StreamMessageReader(server.stdout),
  new p.StreamMessageWriter(server.stdin),
);
connection.onRequest(p.RegistrationRequest.type, () => {});
connection.listen();

function checked(guard, value) {
  assert(guard(value), `not of its type: ${JSON.stringify(value)}`);
  return value;
}

// The library has no guards of its own for these three.
const isCompletionList = (value) => typeof value.isIncomplete === "boolean" && Array.isArray(value.items);
const isCompletionItem = (value) =>
  typeof value.label === "string" &&
  Object.values(p.CompletionItemKind).includes(value.kind) &&
  Object.values(p.InsertTextFormat).includes(value.insertTextFormat) &&
  p.TextEdit.is(value.textEdit);
const isInlineCompletionItem = (value) => typeof value.insertText === "string" && p.Range.is(value.range);

const capabilities = {
  general: { positionEncodings: ["utf-16"] },
  workspace: { workspaceEdit: { documentChanges: true }, workspaceFolders: true },
  textDocument: {
    codeAction: {
      dataSupport: true,
      resolveSupport: { properties: ["edit"] },
      codeActionLiteralSupport: { codeActionKind: { valueSet: ["quickfix"] } },
    },
    completion: { completionItem: { documentationFormat: ["markdown"] } },
    hover: { contentFormat: ["markdown"] },
    inlineCompletion: {},
  },
};

async function initialize() {
  const result = await connection.sendRequest(p.InitializeRequest.type, {
    processId: process.pid,
    rootUri: null,
    capabilities,
    workspaceFolders: [{ uri: pathToFileURL(folder).href, name: "sample" }],
    initializationOptions: { vectors: false },
  });
  const offered = result.capabilities;
  assert.equal(offered.positionEncoding, "utf-16");
  assert.equal(offered.textDocumentSync.change, p.TextDocumentSyncKind.Incremental);
  for (const name of ["codeActionProvider", "completionProvider", "hoverProvider"]) assert(offered[name]);
  assert(offered.inlineCompletionProvider);
  await connection.sendNotification(p.InitializedNotification.type, {});
}

async function indexed() {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const status = await connection.sendRequest(p.ExecuteCommandRequest.type, { command: "dowse.status" });
    if (status.files > 0 && !status.indexing) return;
    assert(Date.now() < end, "the index did not come");
    await pause(20);
  }
}

/** Types the comment before the first `return`, one change a key, and returns its line. */
async function type(document) {
  let offset = document.text.indexOf("\n    return ") + 1;
  for (const key of `${comment}\n`) {
    const before = p.TextDocument.create(uri, "python", document.version, document.text);
    const place = before.positionAt(offset);
    document.text = document.text.slice(0, offset) + key + document.text.slice(offset);
    document.version += 1;
    offset += key.length;
    await connection.sendNotification(p.DidChangeTextDocumentNotification.type, {
      textDocument: { uri, version: document.version },
      contentChanges: [{ range: { start: place, end: place }, text: key }],
    });
  }
  return p.TextDocument.create(uri, "python", 0, document.text).positionAt(offset - 1);
}

async function act(document, caret) {
  const asked = { textDocument: { uri }, range: { start: caret, end: caret }, context: { diagnostics: [] } };
  const actions = await connection.sendRequest(p.CodeActionRequest.type, asked);
  const opening = checked(p.CodeAction.is, actions.at(-1));
  assert(p.Command.is(opening.command));
  const action = checked(p.CodeAction.is, await connection.sendRequest(p.CodeActionResolveRequest.type, actions[0]));
  checked(p.WorkspaceEdit.is, action.edit);
  const [change] = action.edit.documentChanges;
  checked(p.TextDocumentEdit.is, change);
  assert.deepEqual(change.textDocument, { uri, version: document.version });
  change.edits.forEach((edit) => checked(p.TextEdit.is, edit));
  const shown = p.TextDocument.create(uri, "python", document.version, document.text);
  writeFileSync(file, p.TextDocument.applyEdits(shown, change.edits));
  return actions.map((each) => each.title);
}

async function complete(caret) {
  const asked = { textDocument: { uri }, position: caret };
  const list = checked(isCompletionList, await connection.sendRequest(p.CompletionRequest.type, asked));
  assert(list.items.length > 0);
  list.items.forEach((item) => checked(isCompletionItem, item));
  const item = await connection.sendRequest(p.CompletionResolveRequest.type, list.items[0]);
  checked(p.MarkupContent.is, checked(isCompletionItem, item).documentation);
  const context = { triggerKind: p.InlineCompletionTriggerKind.Automatic };
  const ghosts = await connection.sendRequest(p.InlineCompletionRequest.type, { ...asked, context });
  assert(ghosts.length > 0);
  ghosts.forEach((ghost) => checked(isInlineCompletionItem, ghost));
  const hover = checked(p.Hover.is, await connection.sendRequest(p.HoverRequest.type, asked));
  checked(p.MarkupContent.is, hover.contents);
  checked(p.Range.is, hover.range);
}

async function isSilent(position) {
  const asked = { textDocument: { uri }, position };
  const range = { start: position, end: position };
  const silent = { textDocument: { uri }, range, context: { diagnostics: [] } };
  assert.equal(await connection.sendRequest(p.CodeActionRequest.type, silent), null);
  assert.equal(await connection.sendRequest(p.CompletionRequest.type, asked), null);
  assert.equal(await connection.sendRequest(p.HoverRequest.type, asked), null);
}

await initialize();
const document = { text: readFileSync(file, "utf8"), version: 1 };
await connection.sendNotification(p.DidOpenTextDocumentNotification.type, {
  textDocument: { uri, languageId: "python", version: 1, text: document.text },
});
await indexed();
const caret = await type(document);
await complete(caret);
await isSilent({ line: 0, character: 0 });
const titles = await act(document, caret);
await connection.sendRequest(p.ShutdownRequest.type);
await connection.sendNotification(p.ExitNotification.type);
assert.equal(await ended, 0);
console.log(JSON.stringify({ titles }));
