/** The server in this window: found, set up once a person agrees, kept running, asked. */
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { connect } from "./client";
import { messageOf } from "./picker";
import { Requests, type Status } from "./protocol";
import { ManagedEnvironment } from "./server/environment";
import { locate } from "./server/locate";
import { Supervisor } from "./server/supervisor";
import { StatusBar } from "./statusBar";
import type { Life } from "./statusView";

const SET_UP = "Set Up the Server";
const CHOOSE = "Choose a Program…";
const SETTINGS = "Open the Setting";
const LOG = "Show Log";
const AGAIN = "Start Again";

export class Service implements vscode.Disposable {
  private readonly bar = new StatusBar();
  private readonly environment: ManagedEnvironment;
  private readonly supervisor: Supervisor;

  constructor(
    context: vscode.ExtensionContext,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.environment = new ManagedEnvironment(context, log);
    this.supervisor = new Supervisor(
      {
        connect: (command, crashed) =>
          connect(command, this.environment.folder, log, crashed, (status) => this.tells(status)),
        lives: (life) => this.lives(life),
        gaveUp: () => void this.sayStopped(),
      },
      log,
    );
  }

  get running(): boolean {
    return this.supervisor.client !== undefined;
  }

  /** Find the server and start it; where there is none, offer to set it up. */
  async start(): Promise<void> {
    this.lives({ state: "starting" });
    const where = await locate(this.environment);
    if ("missing" in where) {
      await this.supervisor.stop();
      this.lives({ state: "missing" });
      void this.sayMissing(where.missing);
      return;
    }
    this.log.info(`The server is ${where.found.program}: ${where.because}.`);
    await this.supervisor.run(where.found);
  }

  /** The client of a server that runs; otherwise the person is told and undefined comes back. */
  async connected(): Promise<LanguageClient | undefined> {
    const { client } = this.supervisor;
    if (client) return client;
    const told = "dowse's server is not running.";
    const answer = await vscode.window.showWarningMessage(told, AGAIN, LOG);
    if (answer === AGAIN) await this.start();
    if (answer === LOG) this.log.show();
    return this.supervisor.client;
  }

  /** Make the environment and start the server in it. */
  async setUp(): Promise<void> {
    try {
      if (await this.environment.create()) await this.start();
    } catch (error) {
      this.log.error(messageOf(error));
      const again = "Try Again";
      const answer = await vscode.window.showErrorMessage(messageOf(error), again, SETTINGS, LOG);
      if (answer === again) await this.setUp();
      else await this.react(answer);
    }
  }

  async dispose(): Promise<void> {
    this.bar.dispose();
    await this.supervisor.stop();
  }

  private lives(life: Life): void {
    this.bar.lives(life);
    void vscode.commands.executeCommand("setContext", "dowse.running", life.state === "running");
    const { client } = this.supervisor;
    if (life.state === "running" && client) {
      void new Requests(client).status().then(
        (status) => this.tells(status),
        () => {},
      );
    }
  }

  private tells(status: Status): void {
    this.bar.tells(status);
  }

  private async sayMissing(reason: string): Promise<void> {
    const named = vscode.workspace.getConfiguration("dowse").get("server.path", "") !== "";
    const actions = named ? [SETTINGS, CHOOSE] : [SET_UP, CHOOSE];
    await this.react(await vscode.window.showWarningMessage(reason, ...actions));
  }

  private async sayStopped(): Promise<void> {
    const told = "dowse's server has crashed several times in a row and is not started again.";
    await this.react(await vscode.window.showErrorMessage(told, AGAIN, LOG));
  }

  private async react(answer: string | undefined): Promise<void> {
    if (answer === SET_UP) await this.setUp();
    if (answer === AGAIN) await this.start();
    if (answer === LOG) this.log.show();
    if (answer === SETTINGS) await openSetting("dowse.server.path");
    if (answer === CHOOSE) await chooseProgram();
  }
}

async function openSetting(name: string): Promise<void> {
  await vscode.commands.executeCommand("workbench.action.openSettings", name);
}

async function chooseProgram(): Promise<void> {
  const title = "The dowse program, or a Python that has dowse installed";
  const [chosen] = (await vscode.window.showOpenDialog({ title })) ?? [];
  if (!chosen) return;
  const target = vscode.ConfigurationTarget.Global;
  await vscode.workspace.getConfiguration("dowse").update("server.path", chosen.fsPath, target);
}
