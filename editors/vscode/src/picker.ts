/** The list of hits with a preview: live while words are typed, or of an answer that is there. */
import * as vscode from "vscode";
import { licenseOf, type Preview } from "./preview";
import type { Answer, Hit } from "./protocol";
import { dedented } from "./text";

/** Milliseconds without a key before a search: people type a letter every 100 to 200. */
const PAUSE_MS = 150;

/** With more hits than these, each takes one line: the list must leave room for the preview. */
const MOST_DETAILED = 6;
/** Pixels of a row of VS Code's list, without and with details. */
const ROW = 22;
const DETAILED_ROW = 44;

const ICONS = {
  function: "symbol-function",
  method: "symbol-method",
  class: "symbol-class",
  block: "symbol-snippet",
};

const OPEN: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon("go-to-file"),
  tooltip: "Open the Source",
};
const COPY: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon("copy"),
  tooltip: "Copy the Code",
};

interface Item extends vscode.QuickPickItem {
  readonly hit?: Hit;
}

export interface Picking {
  readonly title: string;
  readonly placeholder: string;
  /** Answers what was typed; undefined where nothing is asked yet. */
  readonly ask: (typed: string, token: vscode.CancellationToken) => Promise<Answer | undefined>;
  /** Whether what is typed is a question; otherwise it narrows the list. */
  readonly live: boolean;
  readonly preview: Preview;
}

export type Choice = { readonly hit: Hit; readonly how: "take" | "open" };

/** Let a person look at hits and choose one. */
export function pickHit(picking: Picking): Promise<Choice | undefined> {
  return new Promise((resolve) => new Picker(picking, resolve).open());
}

class Picker {
  private readonly pick = vscode.window.createQuickPick<Item>();
  private search = new vscode.CancellationTokenSource();
  private timer: NodeJS.Timeout | undefined;
  private done = false;

  constructor(
    private readonly picking: Picking,
    private readonly resolve: (choice: Choice | undefined) => void,
  ) {
    this.pick.title = picking.title;
    this.pick.placeholder = picking.placeholder;
    this.pick.ignoreFocusOut = true; // the preview must not close the list
    this.pick.matchOnDescription = !picking.live;
    // not in the typings yet: hits stay in their order
    Object.assign(this.pick, { sortByLabel: false });
    this.pick.onDidChangeValue((value) => picking.live && this.typed(value));
    this.pick.onDidChangeActive(([item]) => void this.look(item));
    this.pick.onDidAccept(() => this.choose(this.pick.activeItems[0]?.hit, "take"));
    this.pick.onDidTriggerItemButton(({ button, item }) => this.press(button, item.hit));
    this.pick.onDidHide(() => this.choose(undefined, "take"));
  }

  open(): void {
    this.pick.show();
    if (!this.picking.live) void this.ask("");
  }

  private typed(value: string): void {
    clearTimeout(this.timer);
    this.search.cancel();
    this.pick.busy = value.trim() !== "";
    if (this.pick.busy) this.timer = setTimeout(() => void this.ask(value), PAUSE_MS);
    else this.pick.items = [];
  }

  private async ask(value: string): Promise<void> {
    const search = new vscode.CancellationTokenSource();
    this.search = search;
    this.pick.busy = true;
    try {
      const answer = await this.picking.ask(value, search.token);
      if (!search.token.isCancellationRequested) this.show(answer);
    } catch (error) {
      if (!search.token.isCancellationRequested) this.pick.items = [note(messageOf(error))];
    } finally {
      if (!search.token.isCancellationRequested) this.pick.busy = false;
    }
  }

  private show(answer: Answer | undefined): void {
    const hits = answer?.hits ?? [];
    const detailed = hits.length <= MOST_DETAILED;
    this.pick.items =
      hits.length > 0
        ? hits.map((hit) => item(hit, detailed, this.picking.live))
        : [note("Nothing found", "Try other words.")];
    if (hits.length === 0) void this.picking.preview.hide();
    if (answer) this.pick.title = `${this.picking.title} — ${lowered(answer.state)}`;
  }

  private async look(item: Item | undefined): Promise<void> {
    const row = item?.detail === undefined ? ROW : DETAILED_ROW;
    if (item?.hit) await this.picking.preview.show(item.hit, row * this.pick.items.length);
  }

  private press(button: vscode.QuickInputButton, hit: Hit | undefined): void {
    if (button === OPEN) this.choose(hit, "open");
    else if (hit) void vscode.env.clipboard.writeText(dedented(hit.text, hit.indentation));
  }

  private choose(hit: Hit | undefined, how: Choice["how"]): void {
    if (this.done) return;
    this.done = true;
    clearTimeout(this.timer);
    this.search.cancel();
    this.pick.dispose();
    void this.picking.preview.hide().then(() => this.resolve(hit && { hit, how }));
  }
}

function item(hit: Hit, detailed: boolean, alwaysShow: boolean): Item {
  const detail = `${licenseOf(hit)} · ${hit.why.slice(0, 2).join(" ")}`;
  const license = hit.license ? ` · ${hit.license}` : "";
  return {
    hit,
    label: `$(${ICONS[hit.kind]}) ${hit.symbol}`,
    description: detailed ? hit.location : `${hit.location}${license}`,
    ...(detailed ? { detail } : {}),
    buttons: [OPEN, COPY],
    alwaysShow,
  };
}

function note(label: string, detail?: string): Item {
  return { label, alwaysShow: true, ...(detail === undefined ? {} : { detail }) };
}

function lowered(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, "");
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
