// The environment is made once a person agrees, and the server in it answers.
import { caret, typeComment } from "./steps.mjs";
import { until } from "../workbench.mjs";

export async function play(workbench, given) {
  await workbench.notification("not installed on this machine");
  await workbench.page.locator(".notification-toast a", { hasText: "Set Up the Server" }).click();
  const progress = await workbench.notification("setting up the server");
  await typeComment(workbench, given);
  const titles = await workbench.actions();
  await workbench.press("Enter");
  await until(async () => (await caret(workbench))[0] > given.line, "the code");
  await workbench.save();
  return { progress, titles };
}
