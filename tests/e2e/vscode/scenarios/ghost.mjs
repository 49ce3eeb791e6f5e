// Ghost text: it comes by itself while one types, and Tab takes it.
import { PATIENCE, until } from "../workbench.mjs";
import { caret, typeComment } from "./steps.mjs";

export async function play(workbench, given) {
  await typeComment(workbench, given);
  const titles = await workbench.actions();
  await workbench.press("Escape");
  await workbench.press("Backspace");
  await workbench.type(given.comment.slice(-1));
  await workbench.page.waitForSelector("[class*=ghost-text]", { timeout: PATIENCE });
  await workbench.shot("ghost-text");
  await workbench.press("Tab");
  await until(async () => (await caret(workbench))[0] > given.line, "the code");
  await workbench.save();
  return { titles, caret: await caret(workbench) };
}
