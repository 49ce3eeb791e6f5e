/** The status bar item: how the server is, and a menu behind it. */
import * as vscode from "vscode";
import type { Status } from "./protocol";
import { type Life, view } from "./statusView";

export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem(
    "dowse.status",
    vscode.StatusBarAlignment.Right,
    90,
  );
  private life: Life = { state: "starting" };
  private status: Status | undefined;

  constructor() {
    this.item.name = "dowse";
    this.item.command = "dowse.showMenu";
    this.render();
    this.item.show();
  }

  /** Show how the server's process is. */
  lives(life: Life): void {
    this.life = life;
    if (life.state !== "running") this.status = undefined;
    this.render();
  }

  /** Show what the server says of itself. */
  tells(status: Status): void {
    this.status = status;
    this.render();
  }

  dispose(): void {
    this.item.dispose();
  }

  private render(): void {
    const shown = view(this.life, this.status);
    this.item.text = shown.text;
    this.item.tooltip = ["dowse", ...shown.tooltip].join("\n");
    this.item.backgroundColor =
      shown.severity === "none"
        ? undefined
        : new vscode.ThemeColor(`statusBarItem.${shown.severity}Background`);
  }
}
