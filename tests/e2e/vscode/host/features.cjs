// Actions, completion, hover, the switch for a language and notebooks, asked as VS Code itself asks.
const assert = require("node:assert");
const vscode = require("vscode");
const notebooks = require("./notebook.cjs");
const { actions, file, indexed, insertions, suite, until } = require("./support.cjs");

const ASK = "label = '𝄞é'  # find: retry a request";

async function opened(content, language = "python") {
  const document = await vscode.workspace.openTextDocument({ content, language });
  await vscode.window.showTextDocument(document);
  return document;
}

exports.run = suite({
  "every command of the manifest is there": async () => {
    await indexed();
    const there = await vscode.commands.getCommands(true);
    const { contributes } = vscode.extensions.getExtension("dowse.dowse").packageJSON;
    const missing = contributes.commands.filter(({ command }) => !there.includes(command));
    assert.deepStrictEqual(missing, []);
  },

  "actions come with an edit, a place for the caret, and the candidates": async () => {
    const document = await opened(`${ASK}\n`);
    const offered = await actions(document.uri, 0);
    const titles = offered.map((action) => action.title);
    assert.strictEqual(titles[0], "Insert: retry_request — network/requests.py:4 (words only)");
    assert.strictEqual(titles.at(-2), "Look at the candidates…");
    assert.ok(offered[0].isPreferred);
    assert.strictEqual(offered[0].command.command, "dowse.goOn");
    assert.ok(await vscode.workspace.applyEdit(offered[0].edit));
    assert.ok(document.getText().startsWith(`${ASK}\ndef retry_request(url, attempts):\n`));
  },

  "an unsaved document is answered where nothing else is asked": async () => {
    const document = await opened("x = 1\n# just a comment\n");
    assert.deepStrictEqual(await actions(document.uri, 1), []);
  },

  "completion offers the hits with their cards": async () => {
    const document = await opened(ASK);
    const end = new vscode.Position(0, ASK.length);
    const ask = ["vscode.executeCompletionItemProvider", document.uri, end, undefined, 5];
    const { items } = await vscode.commands.executeCommand(...ask);
    const [first] = items.filter((item) => item.label === "retry_request");
    assert.strictEqual(first.detail, "network/requests.py:4");
    assert.match(first.documentation.value, /def retry_request/);
  },

  "hover explains": async () => {
    const document = await opened(ASK);
    const place = new vscode.Position(0, ASK.length - 3);
    const ask = ["vscode.executeHoverProvider", document.uri, place];
    const [hover] = await vscode.commands.executeCommand(...ask);
    assert.match(hover.contents[0].value, /\*\*`retry_request`\*\* — network\/requests/);
  },

  "an action opens the source": async () => {
    const document = await opened(ASK);
    const last = (await actions(document.uri, 0)).at(-1);
    await vscode.commands.executeCommand(last.command.command, ...last.command.arguments);
    const shown = () => vscode.window.activeTextEditor?.document.uri.path;
    await until(() => shown() === file("network/requests.py").path, "the source");
    assert.strictEqual(vscode.window.activeTextEditor.selection.start.line, 3);
  },

  "a language is turned off and on again": async () => {
    const document = await opened(ASK);
    await vscode.commands.executeCommand("dowse.toggleLanguage");
    const offers = () => insertions(document.uri, 0).then((found) => found.length > 0);
    await until(async () => !(await offers()), "silence");
    await vscode.commands.executeCommand("dowse.toggleLanguage");
    await until(offers, "the actions again");
    const kept = vscode.workspace.getConfiguration("dowse").inspect("disabledLanguages");
    assert.strictEqual(kept.globalValue, undefined);
  },

  "a setting that has no meaning is refused and the rest goes on": async () => {
    const settings = vscode.workspace.getConfiguration("dowse");
    const document = await opened(ASK);
    await settings.update("maxResults", 1, vscode.ConfigurationTarget.Global);
    const count = async () => (await insertions(document.uri, 0)).length;
    await until(async () => (await count()) === 1, "one insertion");
    await settings.update("maxResults", undefined, vscode.ConfigurationTarget.Global);
  },

  ...notebooks.tests,
});
