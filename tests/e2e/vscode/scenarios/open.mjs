// A folder is opened and the comment is answered; for what is about folders and trust.
import { until } from "../workbench.mjs";
import { actionsByMeaning, caret, typeComment } from "./steps.mjs";

export async function play(workbench, given) {
  await typeComment(workbench, given);
  const asked = given.byMeaning ? actionsByMeaning(workbench) : workbench.actions();
  const titles = await asked;
  await workbench.press("Enter");
  await until(async () => (await caret(workbench))[0] > given.line, "the code");
  await workbench.save();
  const toasts = await workbench.page.locator(".notification-toast").allInnerTexts();
  return { titles, toasts };
}
