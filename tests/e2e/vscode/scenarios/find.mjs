// `Find Code…` with live results.
import { PATIENCE, until } from "../workbench.mjs";
import { caret } from "./steps.mjs";

export async function play(workbench, given) {
  await workbench.sees("import");
  await workbench.ready();
  await workbench.page.locator(".view-line").first().click();
  await workbench.goToLine(given.line);
  await workbench.insert("\n");
  await workbench.press("ArrowUp");
  await workbench.command("dowse: Find Code…");
  await workbench.answer("Find code", given.words);
  const rows = workbench.page.locator(".quick-input-widget .monaco-list-row");
  const best = workbench.row(given.best).first();
  await best.waitFor({ timeout: PATIENCE });
  const title = await workbench.page.locator(".quick-input-title").innerText();
  const found = await rows.allInnerTexts();
  await workbench.shot("find-code");
  await workbench.press("Enter");
  await until(async () => (await caret(workbench))[0] > given.line, "the code");
  await workbench.save();
  return { title, found };
}
