// The light bulb: its menu, the first action, where the caret goes, and one undo.
import { until } from "../workbench.mjs";
import { caret, typeComment } from "./steps.mjs";

export async function play(workbench, given) {
  await typeComment(workbench, given);
  const titles = await workbench.actions();
  await workbench.shot("light-bulb");
  await workbench.press("Enter");
  await until(async () => (await caret(workbench))[0] > given.line, "the caret behind the code");
  const at = await caret(workbench);
  await workbench.save();
  return { titles, caret: at };
}
