// What the suites share. A suite exports `tests`: names and functions that throw when they fail.
const vscode = require("vscode");

const PATIENCE = 60_000;

/** Run the tests of a suite one after the other; VS Code calls what this returns. */
exports.suite = (tests) => async () => {
  for (const [name, test] of Object.entries(tests)) {
    try {
      await test();
    } catch (error) {
      throw new Error(`“${name}” failed: ${error.stack}`);
    }
  }
};

exports.until = async (look, what) => {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (Date.now() > end) throw new Error(`${what} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

/** A file of the opened folder; the window is a remote one, so it is no file: URI. */
exports.file = (path) => vscode.Uri.joinPath(vscode.workspace.workspaceFolders[0].uri, path);

/** Wait until the server has read the folder. */
exports.indexed = async () => {
  await vscode.extensions.getExtension("dowse.dowse").activate();
  const status = () => vscode.commands.executeCommand("dowse.status").then(null, () => undefined);
  return exports.until(async () => {
    const seen = await status();
    return seen?.files > 0 && !seen.indexing && seen;
  }, "the index");
};

/** The titles that the light bulb offers at a line. */
exports.actions = async (uri, line) => {
  const range = new vscode.Range(line, 0, line, 0);
  const kind = vscode.CodeActionKind.QuickFix.value;
  const command = ["vscode.executeCodeActionProvider", uri, range, kind, 20];
  // VS Code takes its question back when providers change meanwhile, and asks anew
  const again = (error) => {
    if (error.name !== "Canceled") throw error;
  };
  return exports.until(() => vscode.commands.executeCommand(...command).then(null, again), "actions");
};

exports.insertions = async (uri, line) =>
  (await exports.actions(uri, line)).filter((action) => action.title.startsWith("Insert: "));
