// One undo takes back all that an action has put in.
import { until } from "../workbench.mjs";
import { caret, typeComment } from "./steps.mjs";

export async function play(workbench, given) {
  await typeComment(workbench, given);
  const titles = await workbench.actions();
  await workbench.press("Enter");
  await until(async () => (await caret(workbench))[0] > given.line, "the caret behind the code");
  await workbench.sees(`def ${/(\w+) — /.exec(titles[0])[1]}`);
  await workbench.press("Control+z");
  await until(async () => (await caret(workbench))[0] === given.line, "the caret on the comment");
  await workbench.save();
  return { titles };
}
