/** Keeps one server running: starts it, and starts it again after a crash, ever more slowly. */
import type * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { Backoff } from "../backoff";
import type { Life } from "../statusView";
import type { Command } from "./command";

export interface Hooks {
  /** Make a client; `crashed` is to be called once its connection is lost unasked. */
  readonly connect: (command: Command, crashed: () => void) => LanguageClient;
  readonly lives: (life: Life) => void;
  /** It has crashed too often in a row. */
  readonly gaveUp: () => void;
}

export class Supervisor implements vscode.Disposable {
  private readonly backoff = new Backoff();
  private current: LanguageClient | undefined;
  private command: Command | undefined;
  private waiting: NodeJS.Timeout | undefined;
  /** Ends when all that was asked for so far is done. */
  private turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly hooks: Hooks,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  /** The client while its server runs. */
  get client(): LanguageClient | undefined {
    return this.current?.isRunning() ? this.current : undefined;
  }

  /** Run this server from now on, in place of the one before. */
  run(command: Command): Promise<void> {
    return this.inTurn(async () => {
      await this.end();
      this.backoff.reset();
      this.command = command;
      await this.start();
    });
  }

  /** Stop for good. */
  stop(): Promise<void> {
    return this.inTurn(() => this.end());
  }

  dispose(): Thenable<void> {
    return this.stop();
  }

  /** Two servers must never start side by side, however fast settings change. */
  private inTurn(work: () => Promise<void>): Promise<void> {
    this.turn = this.turn.then(work);
    return this.turn;
  }

  private async end(): Promise<void> {
    clearTimeout(this.waiting);
    this.command = undefined;
    const client = this.current;
    this.current = undefined;
    if (client?.needsStop()) await client.stop().catch((error) => this.log.warn(`${error}`));
    await client?.dispose().catch(() => {});
  }

  private async start(): Promise<void> {
    if (!this.command) return;
    this.hooks.lives({ state: "starting" });
    const client = this.hooks.connect(this.command, () => this.crashed(client));
    this.current = client;
    try {
      await client.start();
      if (this.current !== client) return;
      this.backoff.started(Date.now());
      this.hooks.lives({ state: "running" });
    } catch (error) {
      this.log.error(`The server did not start: ${error}`);
      this.crashed(client);
    }
  }

  private crashed(client: LanguageClient): void {
    if (client !== this.current) return;
    this.current = undefined;
    const delay = this.backoff.crashed(Date.now());
    if (delay === undefined) {
      this.hooks.lives({ state: "stopped" });
      this.hooks.gaveUp();
      return;
    }
    this.log.warn(`The server has ended; it is started again in ${delay / 1_000} s.`);
    this.hooks.lives({ state: "waiting", seconds: delay / 1_000 });
    this.waiting = setTimeout(() => void this.inTurn(() => this.start()), delay);
  }
}
