// Code like the selection: the definition at hand is selected, others like it are offered.
import { until } from "../workbench.mjs";

export async function play(workbench, given) {
  await workbench.sees("import");
  await workbench.ready();
  await workbench.page.locator(".view-line").first().click();
  await workbench.goToLine(given.from);
  for (let line = given.from; line < given.to; line += 1) await workbench.press("Shift+ArrowDown");
  await workbench.command("dowse: Find Code Like the Selection");
  await workbench.answer("Code like the selection");
  const rows = workbench.page.locator(".quick-input-widget .monaco-list-row");
  const found = await until(async () => {
    const texts = await rows.allInnerTexts();
    return texts.some((text) => text.includes(":")) && texts;
  }, "the hits");
  await workbench.shot("like");
  await workbench.press("Escape");
  await until(async () => (await workbench.page.locator(".tab").count()) === 1, "the end of the preview");
  return { found };
}
