// `Explain This Hit` shows the reasons at the comment; elsewhere a person is told where to go.
import { PATIENCE } from "../workbench.mjs";
import { typeComment } from "./steps.mjs";

export async function play(workbench, given) {
  await typeComment(workbench, given);
  await workbench.command("dowse: Explain This Hit");
  const card = workbench.page.locator(".monaco-hover:visible", { hasText: "Words:" }).first();
  await card.waitFor({ timeout: PATIENCE });
  const text = await card.innerText();
  await workbench.shot("explain");
  await workbench.press("Escape", "Escape");
  await workbench.goToLine(1);
  await workbench.command("dowse: Explain This Hit");
  const told = await workbench.notification("Put the caret on a comment");
  return { text, told };
}
