// A window in which scenarios are played: node run.mjs PLAN, where PLAN is a JSON file that says what is
// opened (see ../window.py). Each line of standard input is a scenario with its own plan; what was seen,
// or the error, goes out as a line. The window is closed when the input ends.
import { readFileSync } from "node:fs";
import readline from "node:readline";
import { Workbench } from "./workbench.mjs";

const opened = JSON.parse(readFileSync(process.argv[2], "utf8"));
const lines = readline.createInterface({ input: process.stdin });
let workbench;

async function play({ scenario, ...plan }) {
  const { options, play } = await import(`./scenarios/${scenario}.mjs`);
  const given = { ...opened, ...plan };
  if (workbench) await workbench.clear();
  else workbench = await Workbench.open({ ...given, ...options?.(given) });
  for (const file of given.files) await workbench.openFile(file);
  return (await play(workbench, given)) ?? {};
}

async function failure(error) {
  await workbench?.shot("failure").catch(() => {});
  const text = await workbench?.text().catch(() => "");
  return `${error.stack}\n${text ?? ""}`;
}

lines.on("line", async (line) => {
  const answer = await play(JSON.parse(line)).then(
    (seen) => ({ seen }),
    async (error) => ({ failure: await failure(error) }),
  );
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});
lines.on("close", async () => {
  await workbench?.close();
  process.exit();
});
