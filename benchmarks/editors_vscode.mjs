// Times in a real VS Code: node editors_vscode.mjs PLAN (see editors_vscode.py).
import { readFileSync, writeFileSync } from "node:fs";
import { install, Workbench } from "../tests/e2e/vscode/workbench.mjs";

const plan = JSON.parse(readFileSync(process.argv[2], "utf8"));
const PAUSE_MS = 1_000; // what a person needs to read
const PATIENCE_MS = 30_000;
const PRODUCT = "../tests/e2e/vscode/node_modules/code-server/lib/vscode/product.json";
const GHOST = "[class*=ghost-text]";
const BULB = "[class*='codicon-gutter-lightbulb'], .lightBulbWidget";

await install(plan.vsix, plan.extensions);
const workbench = await Workbench.open(plan);
try {
  const activations = [];
  for (let start = 0; start < plan.starts; start += 1) activations.push(await activation());
  await workbench.openFile(plan.file);
  await workbench.sees("import");
  await workbench.ready();
  await watchKeys();
  const ghost = [];
  const bulb = [];
  await workbench.page.locator(".view-line").first().click();
  for (let turn = 0; turn < plan.turns; turn += 1) {
    await write(`# find: ${plan.words[turn % plan.words.length]} ${turn}`);
    ghost.push(await timed("s", GHOST));
    await workbench.press("Escape", "ArrowUp", "ArrowUp"); // no trigger stands there
    await pause();
    await gone(BULB);
    await workbench.press("ArrowDown"); // nor there
    await pause();
    await gone(BULB);
    bulb.push(await timed("ArrowDown", BULB));
  }
  const { version } = JSON.parse(readFileSync(new URL(PRODUCT, import.meta.url), "utf8"));
  writeFileSync(plan.report, JSON.stringify({ version, activations, ghost, bulb }));
} finally {
  await workbench.close();
}
process.exit();

function pause() {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}

/** Start the window anew; what VS Code itself says of the extension's activation, in milliseconds. */
async function activation() {
  await workbench.page.reload();
  await workbench.ready();
  await workbench.command("Developer: Show Running Extensions");
  const row = workbench.page.locator(".runtime-extensions-editor .extension", { hasText: "dowse" });
  const text = await row.first().innerText();
  return Number(text.match(/(\d+)\s*ms/)[1]);
}

/** Put a comment in place of the last line and dismiss what appears. */
async function write(comment) {
  await workbench.press("Control+End", "Shift+Home", "Delete");
  await workbench.type(comment);
  await pause();
  await workbench.press("Escape");
  await gone(GHOST);
}

/** Note in the page when a key goes down. */
function watchKeys() {
  return workbench.page.evaluate(() => {
    const note = () => {
      window.keyDown = performance.now();
    };
    document.addEventListener("keydown", note, { capture: true });
  });
}

function gone(selector) {
  return workbench.page.waitForFunction(
    (what) => ![...document.querySelectorAll(what)].some((each) => each.checkVisibility()),
    selector,
  );
}

/** Milliseconds from a key to the first frame in which something is on the screen. */
async function timed(key, selector) {
  await workbench.page.evaluate(lookFor, [selector, PATIENCE_MS]); // before the key goes down
  await workbench.press(key);
  return workbench.page.evaluate(() => window.appearance);
}

/** Runs in the page. */
function lookFor([selector, patience]) {
  window.keyDown = undefined;
  const end = performance.now() + patience;
  window.appearance = new Promise((resolve, reject) => {
    const look = () => {
      const now = performance.now();
      const all = [...document.querySelectorAll(selector)];
      if (window.keyDown && all.some((each) => each.checkVisibility())) resolve(now - window.keyDown);
      else if (now > end) reject(new Error(`${selector} did not come`));
      else requestAnimationFrame(look);
    };
    look();
  });
}
