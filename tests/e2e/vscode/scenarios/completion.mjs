// Completion at the end of the comment: the list, the card beside it, Enter.
import { PATIENCE, appears, until } from "../workbench.mjs";
import { caret, typeComment } from "./steps.mjs";

export async function play(workbench, given) {
  await typeComment(workbench, given);
  const titles = await workbench.actions();
  await workbench.press("Escape");
  const rows = workbench.page.locator(".suggest-widget .monaco-list-row");
  await until(async () => {
    await workbench.press("Control+Space"); // the menu that closes may still take a key
    return appears(rows.first(), 10_000);
  }, "the completions");
  const labels = (await rows.allInnerTexts()).map((row) => row.trim());
  await workbench.press("Control+Space"); // shows the documentation
  const card = workbench.page.locator(".suggest-details");
  await card.filter({ hasText: "Words:" }).waitFor({ timeout: PATIENCE });
  const details = await card.innerText();
  await workbench.press("Enter");
  await until(async () => (await caret(workbench))[0] > given.line, "the code");
  await workbench.save();
  return { titles, labels, details };
}
