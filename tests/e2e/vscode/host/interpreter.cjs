// The interpreter that the Python extension has chosen runs the server, without any setting.
const assert = require("node:assert");
const vscode = require("vscode");
const { indexed, suite } = require("./support.cjs");

exports.run = suite({
  "the chosen interpreter runs the server": async () => {
    const settings = vscode.workspace.getConfiguration("dowse");
    assert.strictEqual(settings.get("server.path"), "");
    const status = await indexed();
    assert.ok(status.snippets > 0);
  },
});
