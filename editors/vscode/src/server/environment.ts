/** The environment that this extension makes for its server, from the package that it carries. */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import * as vscode from "vscode";
import { interpreterOf, which } from "./command";
import { explained, stepOf } from "./installation";
import { run } from "./processes";
import { chosenInterpreter } from "./pythonExtension";

const PREFIX = "server-";
/** Exits with 1 where Python is too old. */
const IS_NEW_ENOUGH = "import sys; sys.exit(sys.version_info < (3, 11))";

export class InstallationError extends Error {}

export class ManagedEnvironment {
  /** Holds the environments; programs run here, where nobody else's modules lie. */
  readonly folder: string;
  private readonly root: string;
  private readonly packages: string;

  constructor(
    context: vscode.ExtensionContext,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.folder = context.globalStorageUri.fsPath;
    this.root = path.join(this.folder, `${PREFIX}${context.extension.packageJSON.version}`);
    this.packages = path.join(context.extensionPath, "dist", "server");
    mkdirSync(this.folder, { recursive: true });
  }

  /** Its interpreter, once it is complete. */
  get interpreter(): string | undefined {
    return existsSync(this.mark) ? interpreterOf(this.root) : undefined;
  }

  /** Written last: without it an environment is half made. */
  private get mark(): string {
    return path.join(this.root, "complete");
  }

  /** Make it, with progress; false if it was cancelled. Throws an InstallationError. */
  async create(): Promise<boolean> {
    const python = await this.basePython();
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: "dowse: setting up the server",
      cancellable: true,
    };
    return vscode.window.withProgress(options, async (progress, token) => {
      const tell = (message: string): void => progress.report({ message });
      rmSync(this.root, { recursive: true, force: true });
      tell("making an environment…");
      await this.step(python, ["-m", "venv", this.root], token, () => {});
      tell("fetching packages…");
      await this.install(token, tell);
      if (token.isCancellationRequested) {
        rmSync(this.root, { recursive: true, force: true });
        return false;
      }
      this.finish();
      return true;
    });
  }

  private finish(): void {
    writeFileSync(this.mark, "");
    for (const name of readdirSync(this.folder)) {
      const older = path.join(this.folder, name);
      if (name.startsWith(PREFIX) && older !== this.root) {
        rmSync(older, { recursive: true, force: true });
      }
    }
  }

  private async install(
    token: vscode.CancellationToken,
    tell: (message: string) => void,
  ): Promise<void> {
    const install = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input"];
    const args = [...install, "--progress-bar", "off", this.wheel()];
    await this.step(interpreterOf(this.root), args, token, (line) => {
      const step = stepOf(line);
      if (step) tell(step);
    });
  }

  private wheel(): string {
    const names = existsSync(this.packages) ? readdirSync(this.packages) : [];
    const wheel = names.find((name) => name.endsWith(".whl"));
    if (wheel) return path.join(this.packages, wheel);
    throw new InstallationError(
      "This build of the extension carries no server. Install dowse yourself, and name it in dowse.server.path.",
    );
  }

  private async step(
    program: string,
    args: readonly string[],
    token: vscode.CancellationToken,
    onLine: (line: string) => void,
  ): Promise<void> {
    if (token.isCancellationRequested) return;
    this.log.info(`${program} ${args.join(" ")}`);
    const told = (line: string): void => {
      this.log.info(line);
      onLine(line);
    };
    const done = await run(program, args, { cwd: this.folder, token, onLine: told });
    if (done.code !== 0 && !token.isCancellationRequested) {
      rmSync(this.root, { recursive: true, force: true });
      throw new InstallationError(explained(done.output));
    }
  }

  private async basePython(): Promise<string> {
    const chosen = vscode.workspace.isTrusted ? await chosenInterpreter() : undefined;
    const names = process.platform === "win32" ? ["py", "python"] : ["python3", "python"];
    const shunned = vscode.workspace.isTrusted
      ? []
      : (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath);
    const known = [chosen, ...names.map((name) => which(name, process.env.PATH, shunned))];
    for (const python of known) {
      const asked = { cwd: this.folder, milliseconds: 30_000 };
      if (python && (await run(python, ["-c", IS_NEW_ENOUGH], asked)).code === 0) return python;
    }
    throw new InstallationError(
      "dowse needs Python 3.11 or later, and none was found. Install it from python.org or with your package manager, then set the server up again.",
    );
  }
}
