// Stands in for Microsoft's Python extension, which cannot be fetched without its marketplace: the
// part of its interface that others use, with one interpreter.
const vscode = require("vscode");

exports.activate = () => {
  const interpreter = process.env.DOWSE_TEST_PYTHON;
  const changed = new vscode.EventEmitter();
  return {
    environments: {
      getActiveEnvironmentPath: () => ({ id: interpreter, path: interpreter }),
      resolveEnvironment: async () => ({ executable: { uri: vscode.Uri.file(interpreter) } }),
      onDidChangeActiveEnvironmentPath: changed.event,
    },
  };
};
