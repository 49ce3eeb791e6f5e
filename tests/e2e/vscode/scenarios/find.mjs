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
  const gap = await until(() => workbench.page.evaluate(gapBelowList), "the preview");
  await workbench.shot("find-code");
  await workbench.press("Control+a");
  await workbench.type("xylophone");
  await workbench.row("Nothing found").waitFor({ timeout: PATIENCE });
  const none = await rows.first().innerText();
  await until(async () => (await workbench.page.locator(".tab").count()) === 1, "the end of the preview");
  await workbench.press("Control+a");
  await workbench.type(given.words);
  await best.waitFor({ timeout: PATIENCE });
  await workbench.press("Enter");
  await until(async () => (await caret(workbench))[0] > given.line, "the code");
  await workbench.save();
  return { title, found, gap, none };
}

/** Runs in the page: pixels between the list and the head of the preview, once it is drawn. */
function gapBelowList() {
  const drawn = (span) => getComputedStyle(span, "::before").content !== "none";
  const head = [...document.querySelectorAll(".view-lines span[class*=ced-]")].find(drawn);
  const list = document.querySelector(".quick-input-widget").getBoundingClientRect();
  return head && head.getBoundingClientRect().top - list.bottom;
}
