// A notebook: its cells are asked in, and what other cells import counts.
const assert = require("node:assert");
const vscode = require("vscode");
const { file, indexed, insertions, until } = require("./support.cjs");

const ASK = "value = '𝄞é'  # find: retry a request";

const code = (text) =>
  new vscode.NotebookCellData(vscode.NotebookCellKind.Code, text, "python");
const prose = (text) =>
  new vscode.NotebookCellData(vscode.NotebookCellKind.Markup, text, "markdown");

async function notebook(...cells) {
  const data = new vscode.NotebookData(cells);
  const document = await vscode.workspace.openNotebookDocument("jupyter-notebook", data);
  await vscode.window.showNotebookDocument(document);
  return document;
}

/** Write a file into the folder and wait until it is indexed. */
async function written(path, text) {
  await vscode.workspace.fs.writeFile(file(path), Buffer.from(text));
  const count = async () => (await vscode.commands.executeCommand("dowse.status")).files;
  const before = await count();
  await vscode.commands.executeCommand("dowse.index");
  await until(async () => (await count()) >= before, "the index");
}

const AGAIN = `def retry_request(call, times):
    """Retry a request: ask the other side anew while it refuses."""
    while times and not call():
        times -= 1
    return times
`;

exports.tests = {
  "code goes into the cell that asks": async () => {
    await indexed();
    const document = await notebook(prose("# find: retry a request"), code(`${ASK}\n`));
    const asking = document.cellAt(1).document;
    const [first] = await until(async () => {
      const found = await insertions(asking.uri, 0);
      return found.length > 0 && found;
    }, "the actions");
    assert.ok(await vscode.workspace.applyEdit(first.edit));
    assert.ok(asking.getText().startsWith(`${ASK}\ndef retry_request(url, attempts):\n`));
  },

  "the imports of another cell count": async () => {
    await written("again/calls.py", AGAIN);
    const best = async (imports) => {
      const document = await notebook(code(imports), code(ASK));
      const asking = document.cellAt(1).document;
      const [first] = await until(async () => {
        const found = await insertions(asking.uri, 0);
        return found.length > 1 && found;
      }, "both hits");
      return first.title;
    };
    assert.match(await best("from again import calls"), /again\/calls/);
    assert.match(await best("from network import requests"), /network\/requests/);
  },

  "a cell that changes and one that is added are seen": async () => {
    const document = await notebook(code("x = 1"));
    const edit = new vscode.WorkspaceEdit();
    const added = vscode.NotebookEdit.insertCells(1, [code("y = 2\n")]);
    edit.set(document.uri, [added]);
    assert.ok(await vscode.workspace.applyEdit(edit));
    const cell = document.cellAt(1).document;
    const typed = new vscode.WorkspaceEdit();
    typed.insert(cell.uri, new vscode.Position(1, 0), ASK);
    assert.ok(await vscode.workspace.applyEdit(typed));
    await until(async () => (await insertions(cell.uri, 1)).length > 0, "the actions");
  },
};
