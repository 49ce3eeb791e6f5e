// A model is pulled from a hub and used, an adapter is put on top of it and taken away; the log is shown.
import path from "node:path";
import { PATIENCE, until } from "../workbench.mjs";

export async function play(workbench, given) {
  await workbench.sees("import");
  await workbench.ready();
  const before = await listed(workbench, "Use Model…", "Use model", given.bundled);
  await workbench.shot("models");
  await workbench.press("Escape");
  await workbench.command("dowse: Pull Model…");
  await name(workbench, "nobody/nothing", given.file);
  const refused = await workbench.notification("The model was not pulled");
  await workbench.shot("not-pulled");
  await button(workbench, "Try Again").click();
  await name(workbench, given.repository, given.file);
  const pulled = await workbench.notification("is on this machine");
  await button(workbench, "Use It Now").click();
  const model = `${given.repository}/${given.file.replace(".gguf", "")}`;
  await told(workbench, `dowse: model ${model}`);
  const used = await listed(workbench, "Use Model…", "Use model", model);
  await workbench.press("Escape");
  return { before, refused, pulled, used, ...(await adapter(workbench, given)), log: await log(workbench) };
}

async function adapter(workbench, given) {
  await listed(workbench, "Use Adapter…", "Use adapter", "No adapter");
  await workbench.row("Choose a file…").click();
  await workbench.row("network").waitFor({ timeout: PATIENCE }); // it shows the folder first
  await workbench.page.locator(".quick-input-widget .quick-input-box input").fill(given.adapter);
  await workbench.row(path.basename(given.adapter)).waitFor({ timeout: PATIENCE });
  await workbench.press("Enter");
  await told(workbench, `dowse: adapter ${path.basename(given.adapter)}`);
  const on = await listed(workbench, "Use Adapter…", "Use adapter", "No adapter");
  await workbench.shot("adapter");
  await workbench.row("No adapter").click();
  await told(workbench, "dowse: adapter none");
  const off = await listed(workbench, "Use Adapter…", "Use adapter", "No adapter");
  await workbench.press("Escape");
  return { on, off };
}

/** The rows of a command's list, once one of them is there. */
async function listed(workbench, command, title, row) {
  await workbench.command(`dowse: ${command}`);
  await workbench.answer(title);
  await workbench.row(row).first().waitFor({ timeout: PATIENCE });
  return workbench.page.locator(".quick-input-widget .monaco-list-row").evaluateAll((rows) =>
    rows.map((each) => ({
      text: each.innerText.replace(/\s+/g, " ").trim(),
      inUse: each.querySelector(".codicon-check") !== null,
    })),
  );
}

/** Answer both questions of `Pull Model…`. */
async function name(workbench, repository, file) {
  await workbench.answer("Pull model (1 of 2)", repository);
  await workbench.press("Enter");
  await workbench.answer("Pull model (2 of 2)", file);
  await workbench.press("Enter");
}

/** Wait for a message in the status bar. */
function told(workbench, text) {
  return workbench.page.locator(".statusbar-item", { hasText: text }).waitFor({ timeout: PATIENCE });
}

function button(workbench, text) {
  return workbench.page.locator(".notification-toast a", { hasText: text });
}

/** The channel that `Show Log` opens. */
async function log(workbench) {
  await workbench.command("dowse: Show Log");
  const channel = workbench.page.locator(".part.panel select");
  return until(async () => {
    const shown = await channel.evaluateAll((all) => all[0]?.selectedOptions[0]?.text);
    return shown === "dowse" && shown;
  }, "the log");
}
