// A real VS Code: its own server (from the npm package code-server) and its workbench in Chromium,
// with somebody at the keyboard who looks at the screen and waits for what has to come.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const VSCODE = path.join(HERE, "node_modules/code-server/lib/vscode");
export const PATIENCE = 150_000; // the machine may be busy with other things
const VIEWPORT = { width: 1200, height: 720 };

const QUIET = {
  "telemetry.telemetryLevel": "off",
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.enableExperiments": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "window.commandCenter": false,
  "workbench.layoutControl.enabled": false,
  "update.mode": "none",
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "security.workspace.trust.enabled": false,
  "files.autoSave": "off",
  "git.enabled": false,
  "editor.minimap.enabled": false,
  "editor.wordBasedSuggestions": "off",
  "chat.commandCenter.enabled": false,
  "chat.disableAIFeatures": true,
};

/** Options that every start of VS Code's server takes. */
function options(data, extensions) {
  return [
    "out/server-main.js",
    ...["--server-data-dir", data, "--extensions-dir", extensions],
    ...["--accept-server-license-terms", "--telemetry-level", "off"],
  ];
}

/** Install an extension into a folder. */
export async function install(vsix, extensions) {
  const data = mkdtempSync(path.join(os.tmpdir(), "dowse-vscode-"));
  const args = [...options(data, extensions), "--install-extension", vsix];
  const child = spawn(process.execPath, args, { cwd: VSCODE, stdio: ["ignore", "inherit", "inherit"] });
  const code = await new Promise((resolve) => child.on("close", resolve));
  if (code !== 0) throw new Error(`${vsix} was not installed`);
}

async function freePort() {
  const probe = net.createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.on("listening", resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

export async function until(look, what, patience = PATIENCE) {
  const end = Date.now() + patience;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (Date.now() > end) {
      throw new Error(`${typeof what === "string" ? what : await what()} did not come`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Whether something becomes visible while one looks at its place. */
export function appears(locator, timeout) {
  return locator.waitFor({ timeout }).then(
    () => true,
    () => false,
  );
}

export class Workbench {
  /**
   * Start VS Code.
   * @param given.folder what is opened: a folder or a .code-workspace file
   * @param given.settings of the person and of the machine
   * @param given.extensions the folder with what is installed
   * @param given.environment variables of the process
   * @param given.shots where pictures go, if any are wanted
   * @param given.payload more for VS Code's start
   */
  static async open(given) {
    const workbench = new Workbench(given);
    try {
      await workbench.start();
      return workbench;
    } catch (error) {
      await workbench.close();
      throw error;
    }
  }

  constructor(given) {
    this.given = given;
    this.data = mkdtempSync(path.join(os.tmpdir(), "dowse-vscode-"));
    this.output = "";
  }

  async start() {
    const settings = { ...QUIET, ...this.given.settings };
    for (const folder of ["data/User", "data/Machine"]) {
      mkdirSync(path.join(this.data, folder), { recursive: true });
      writeFileSync(path.join(this.data, folder, "settings.json"), JSON.stringify(settings));
    }
    this.port = await freePort();
    const args = [
      ...options(this.data, this.given.extensions),
      ...["--host", "127.0.0.1", "--port", `${this.port}`, "--without-connection-token"],
      "--enable-smoke-test-driver",
    ];
    const env = { ...process.env, ...this.given.environment };
    // the terminal that runs the tests may itself be one of VS Code's
    for (const name of Object.keys(env)) if (name.startsWith("VSCODE_")) delete env[name];
    this.server = spawn(process.execPath, args, { cwd: VSCODE, env, detached: true });
    for (const stream of [this.server.stdout, this.server.stderr]) {
      stream.on("data", (chunk) => (this.output += chunk));
    }
    await until(() => fetch(`${this.origin}/version`).then(() => true, () => false), "the server");
    await this.browse();
  }

  get origin() {
    return `http://127.0.0.1:${this.port}`;
  }

  remote(file) {
    return `vscode-remote://127.0.0.1:${this.port}${encodeURI(file)}`;
  }

  async browse() {
    this.browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        ...["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"],
        ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
      ],
    });
    this.page = await this.browser.newPage({ viewport: this.given.viewport ?? VIEWPORT });
    this.refused = new Set();
    await this.page.route(
      (url) => url.hostname !== "127.0.0.1",
      (route) => {
        this.refused.add(new URL(route.request().url()).hostname);
        return route.abort();
      },
    );
    await this.given.prepare?.(this);
    const payload = encodeURIComponent(JSON.stringify(this.given.payload?.(this) ?? []));
    const kind = this.given.folder.endsWith(".code-workspace") ? "workspace" : "folder";
    await this.page.goto(`${this.origin}/?${kind}=${encodeURIComponent(this.given.folder)}&payload=${payload}`);
    await this.page.waitForSelector(".monaco-workbench", { timeout: PATIENCE });
  }

  async close() {
    await this.browser?.close();
    if (this.server?.pid) {
      try {
        process.kill(-this.server.pid, "SIGTERM");
      } catch {
        // it has ended already
      }
    }
  }

  // --- what a person does --------------------------------------------------------------------

  press(...keys) {
    return keys.reduce((before, key) => before.then(() => this.page.keyboard.press(key)), Promise.resolve());
  }

  async type(text) {
    await this.page.keyboard.type(text, { delay: 15 });
  }

  /** Put in a text at once, as from the clipboard. */
  async insert(text) {
    await this.page.keyboard.insertText(text);
  }

  command(title) {
    return this.quickly("F1", `>${title}`, title);
  }

  async openFile(file) {
    const name = path.basename(file);
    await this.quickly("Control+p", file, name);
    await this.page.locator(".tab.active", { hasText: name }).waitFor({ timeout: PATIENCE });
  }

  /** Open a list by a key, type into it, and take the row that is wanted. */
  async quickly(key, text, wanted) {
    const input = this.page.locator(".quick-input-widget .quick-input-box input");
    await until(async () => {
      await this.press(key); // a window that has just come does not hear it yet
      return appears(input, 2_000);
    }, "a list");
    await this.page.keyboard.insertText(text);
    const row = this.row(wanted).first();
    await row.waitFor({ timeout: PATIENCE });
    await this.press("Enter");
    await row.waitFor({ state: "hidden", timeout: PATIENCE });
  }

  /** Close every file, saved or not, for the next one who sits down. */
  async clear() {
    const tabs = this.page.locator(".tab");
    await this.press("Escape");
    while ((await tabs.count()) > 0) {
      const before = await tabs.count();
      await this.command("View: Revert and Close Editor");
      await until(async () => (await tabs.count()) < before, "the end of a file");
    }
  }

  /** Wait for the list of a command, and type into it. */
  async answer(title, text = "") {
    const widget = this.page.locator(".quick-input-widget", { hasText: title });
    await widget.waitFor({ timeout: PATIENCE });
    await this.page.keyboard.type(text, { delay: 15 });
  }

  async goToLine(line, column = 1) {
    await this.press("Control+g");
    await this.page.waitForSelector(".quick-input-widget input", { timeout: PATIENCE });
    await this.page.keyboard.insertText(`:${line},${column}`);
    await this.press("Enter");
    await this.page.waitForSelector(".quick-input-widget", { state: "hidden", timeout: PATIENCE });
  }

  async save() {
    await this.press("Control+s");
    await until(async () => (await this.page.locator(".tab.dirty").count()) === 0, "the file on disk");
  }

  // --- what a person sees --------------------------------------------------------------------

  row(text) {
    return this.page.locator(".quick-input-widget .monaco-list-row", { hasText: text });
  }

  /** What stands in the editor in front. */
  async text(editor = ".editor-instance .view-lines") {
    const rows = await this.page
      .locator(editor)
      .first()
      .evaluate((lines) =>
        [...lines.querySelectorAll(".view-line")]
          .sort((a, b) => parseFloat(a.style.top) - parseFloat(b.style.top))
          .map((line) => line.textContent),
      )
      .catch(() => []);
    return rows.map((row) => row.replace(/\u00a0/g, " ")).join("\n");
  }

  sees(part) {
    return until(async () => (await this.text()).includes(part), `“${part}” in the editor`);
  }

  /** The icon and the text of our item in the status bar. */
  status() {
    return this.page.evaluate(() => {
      const item = document.querySelector('.statusbar-item[id$="dowse.status"]');
      const icon = item?.querySelector(".codicon")?.className.match(/codicon-(\S+)/)?.[1];
      return item ? `${icon ?? ""} ${item.innerText.trim()}` : "";
    });
  }

  /** Wait until everything is indexed and the model, if one is wanted, has read it. */
  async ready(patience = PATIENCE) {
    const whole = async () => (await this.status()) === "search dowse";
    const told = async () => `the whole index (the status bar says “${await this.status()}”)`;
    await until(whole, told, patience);
  }

  get lightBulb() {
    const either = "[class*='codicon-gutter-lightbulb'], .lightBulbWidget";
    return this.page.locator(either).filter({ visible: true }).first();
  }

  /** Wait for the light bulb at the caret. */
  async bulb() {
    await this.lightBulb.waitFor({ timeout: PATIENCE });
  }

  /** Whether the light bulb comes while one looks for a moment. */
  shines() {
    return appears(this.lightBulb, 2_000);
  }

  /** Open the menu of the light bulb; its titles. */
  async actions() {
    await this.bulb();
    const rows = this.page.locator(".action-widget .monaco-list-row:not(.group-header)");
    await until(async () => {
      await this.press("Control+.");
      // the bulb of the answer before may still shine, and then VS Code says that there is nothing
      return appears(rows.first(), 10_000);
    }, "the menu");
    return (await rows.allInnerTexts()).map((title) => title.trim());
  }

  async notification(part) {
    const shown = this.page.locator(".notification-toast", { hasText: part }).first();
    await shown.waitFor({ timeout: PATIENCE });
    return (await shown.innerText()).replace(/\s+/g, " ");
  }

  /** Take a picture, if pictures are wanted. */
  async shot(name, clip) {
    if (!this.given.shots) return;
    mkdirSync(this.given.shots, { recursive: true });
    await this.page.screenshot({ path: path.join(this.given.shots, `${name}.png`), ...(clip ? { clip } : {}) });
  }
}
