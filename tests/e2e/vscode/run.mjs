// Plays one scenario: node run.mjs NAME PLAN, where PLAN is a JSON file (see test_vscode.py).
// What was seen goes to the file that the plan names as `report`; a failure exits with 1.
import { readFileSync, writeFileSync } from "node:fs";
import { Workbench } from "./workbench.mjs";

const [name, plan] = process.argv.slice(2);
const given = JSON.parse(readFileSync(plan, "utf8"));
const scenario = await import(`./scenarios/${name}.mjs`);
let workbench;
try {
  workbench = await Workbench.open({ ...given, ...scenario.options?.(given) });
  const seen = await scenario.play(workbench, given);
  writeFileSync(given.report, JSON.stringify(seen ?? {}));
} catch (error) {
  process.exitCode = 1;
  console.error(error);
  console.error(await workbench?.text().catch(() => ""));
} finally {
  await workbench?.close();
}
process.exit();
