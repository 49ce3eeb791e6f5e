// The server is killed while it owes an answer; the client starts another and goes on.
import { readdirSync, readFileSync } from "node:fs";
import { PATIENCE, until } from "../workbench.mjs";
import { caret, typeComment } from "./steps.mjs";

export async function play(workbench, given) {
  await typeComment(workbench, given);
  await workbench.bulb();
  const [first] = servers(given.mark);
  process.kill(first, "SIGSTOP"); // it has the request below and cannot answer
  await workbench.command("dowse: Find Code…");
  await workbench.answer("Find code", given.words);
  await workbench.page.locator(".quick-input-progress.active").waitFor({ timeout: PATIENCE });
  process.kill(first, "SIGKILL");
  await until(async () => (await workbench.status()).startsWith("sync"), "the news of the crash");
  await workbench.press("Escape");
  await workbench.ready();
  const [second] = servers(given.mark);
  await workbench.press("Home", "End");
  const titles = await workbench.actions();
  await workbench.press("Enter");
  await until(async () => (await caret(workbench))[0] > given.line, "the code");
  await workbench.save();
  return { titles, another: second !== first };
}

/** Processes whose environment has the mark and whose command line is the server's. */
function servers(mark) {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => read(pid, "cmdline").includes("serve") && read(pid, "environ").includes(mark))
    .filter((pid) => /python/.test(read(pid, "cmdline")));
}

function read(pid, what) {
  try {
    return readFileSync(`/proc/${pid}/${what}`, "utf8");
  } catch {
    return "";
  }
}
