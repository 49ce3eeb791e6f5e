// Steps that several scenarios share.
import { PATIENCE, until } from "../workbench.mjs";

/** What the model may take to read everything, on two cores that are busy with other things. */
export const READING_MS = 400_000;

/** Type the comment into the sample's file, on a line of its own, and stay at its end. */
export async function typeComment(workbench, given) {
  await workbench.sees("import");
  await workbench.ready(given.byMeaning ? READING_MS : PATIENCE);
  await workbench.page.locator(".view-line").first().click();
  await workbench.goToLine(given.line);
  await workbench.insert(`${given.comment}\n`);
  await workbench.press("ArrowUp", "End");
  // the status bar may lag behind, and what is waited for next is that the caret leaves this line
  await until(async () => (await caret(workbench))[0] === given.line, "the caret on the comment");
}

/** Line and column of the caret, as the status bar tells. */
export async function caret(workbench) {
  const shown = await workbench.page.locator("#status\\.editor\\.selection").innerText();
  return shown.match(/\d+/g).map(Number);
}

/** Open the menu of the light bulb once the model has a part in the answers; its titles. */
export function actionsByMeaning(workbench) {
  return until(async () => {
    if (!(await workbench.shines())) {
      await workbench.press("Home", "End"); // an editor asks anew when the caret moves
      return undefined;
    }
    const titles = await workbench.actions();
    if (!titles[0].endsWith("(words only)")) return titles;
    await workbench.press("Escape", "Home", "End");
    return undefined;
  }, "answers by meaning");
}
