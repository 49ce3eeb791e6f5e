// With the real model. The pictures of the README come from here.
import { PATIENCE, until } from "../workbench.mjs";
import { READING_MS, actionsByMeaning, caret } from "./steps.mjs";

const STILL_MS = 400; // until what slides or fades has come to rest

const rest = () => new Promise((resolve) => setTimeout(resolve, STILL_MS));

export async function play(workbench, given) {
  const { page } = workbench;
  await workbench.sees("import");
  await workbench.ready(READING_MS);
  await workbench.press("Control+b"); // no side bar
  await page.locator(".view-line").first().click();
  await workbench.press("Control+End");
  await workbench.type(given.comment);
  await workbench.press(...Array(given.scrolled).fill("Control+ArrowDown"));
  await actionsByMeaning(workbench);
  await workbench.press("Escape", "Backspace");
  await workbench.type(given.comment.slice(-1));
  await page.waitForSelector("[class*=ghost-text]", { timeout: PATIENCE });
  await page.mouse.move(300, given.viewport.height - 8); // on nothing that reacts
  await workbench.bulb();
  await rest();
  await workbench.shot("vscode-ghost-text");
  const titles = await workbench.actions();
  await rest();
  await workbench.shot("vscode-light-bulb");
  await workbench.press("Escape"); // a window that changes its size closes the menu
  await page.setViewportSize({ width: given.viewport.width, height: 660 });
  await workbench.press(...Array(given.scrolled).fill("Control+ArrowUp")); // the list hangs over the top
  await workbench.actions();
  const look = titles.indexOf("Look at the candidates…");
  await workbench.press(...Array(look).fill("ArrowDown"), "Enter");
  await workbench.answer("Candidates for");
  await page.locator(".editor-instance .view-lines").nth(1).waitFor({ timeout: PATIENCE });
  await rest();
  await workbench.shot("vscode-why");
  const list = page.locator(".quick-input-widget .monaco-list-row");
  const rows = await list.allInnerTexts();
  const best = (await list.locator(".label-name").first().innerText()).trim();
  const { 0: line } = await caret(workbench);
  await workbench.press("Enter");
  await until(async () => (await caret(workbench))[0] > line, "the code");
  await workbench.save();
  return { titles, rows, best };
}
