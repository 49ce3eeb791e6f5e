// Tests that run inside the extension host, with the programming interface of VS Code.
export function options(given) {
  return {
    prepare: async (workbench) => {
      workbench.lines = [];
      workbench.ended = new Promise((resolve) => {
        workbench.page.exposeFunction("codeAutomationExit", resolve);
      });
      await workbench.page.exposeFunction("codeAutomationLog", (type, args) => {
        workbench.lines.push(`[${type}] ${args.join(" ")}`);
      });
    },
    payload: (workbench) => [
      ...given.developed.map((folder) => ["extensionDevelopmentPath", workbench.remote(folder)]),
      ["extensionTestsPath", workbench.remote(given.tests)],
      ["skipWelcome", "true"],
    ],
  };
}

export async function play(workbench) {
  const code = await workbench.ended;
  if (code !== 0) throw new Error(`the tests ended with ${code}:\n${workbench.lines.join("\n")}`);
  return { lines: workbench.lines };
}
