/** The commands that choose what runs: a model that is at hand, a new one, or an adapter. */
import * as path from "node:path";
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { messageOf } from "./picker";
import { type Model, Requests } from "./protocol";

const SHOWN_MS = 5_000;

interface ModelItem extends vscode.QuickPickItem {
  readonly model?: Model;
}

type Connected = () => Promise<LanguageClient | undefined>;

/** Choose among the models at hand. */
export async function useModel(connected: Connected): Promise<void> {
  const client = await connected();
  if (!client) return;
  const models = await new Requests(client).models();
  const now = vscode.workspace.getConfiguration("dowse").get("model", "");
  const items: ModelItem[] = models.map((model) => ({ ...described(model, now), model }));
  items.push({ label: "$(cloud-download) Pull another model…" });
  const placeHolder = "Another model reads all of the code anew";
  const chosen = await vscode.window.showQuickPick(items, { title: "Use model", placeHolder });
  if (!chosen) return;
  if (chosen.model) await set("model", chosen.model.chosen ? "" : chosen.model.name);
  else await addModel(connected);
}

/** Download a model and offer to use it. */
export async function addModel(connected: Connected): Promise<void> {
  const client = await connected();
  const repository = client && (await askRepository());
  const file = repository && (await askFile(repository));
  if (!client || !repository || !file) return;
  try {
    const model = await new Requests(client).pullModel(repository, file);
    const use = "Use It Now";
    const question = `${model.name} (${megabytes(model)}) is on this machine.`;
    if ((await vscode.window.showInformationMessage(question, use)) === use) {
      await set("model", model.name);
    }
  } catch (error) {
    await sayNotPulled(messageOf(error), () => addModel(connected));
  }
}

async function sayNotPulled(problem: string, pullAgain: () => Promise<void>): Promise<void> {
  const [again, log] = ["Try Again", "Show Log"];
  const told = `The model was not pulled: ${problem}.`;
  // with buttons VS Code shows the whole message; without, its first line
  const answer = await vscode.window.showErrorMessage(told, again, log);
  if (answer === again) await pullAgain();
  if (answer === log) await vscode.commands.executeCommand("dowse.showLog");
}

/** Choose an adapter's file, or none. */
export async function useAdapter(): Promise<void> {
  const now = vscode.workspace.getConfiguration("dowse").get("adapter", "");
  const file = { label: "$(folder-opened) Choose a file…", description: "a LoRA adapter in GGUF" };
  const none = { label: "$(circle-slash) No adapter", description: now ? "" : "in use" };
  const present = { label: `$(check) ${now}`, description: "in use" };
  const items = now ? [present, file, none] : [file, none];
  const chosen = await vscode.window.showQuickPick(items, { title: "Use adapter" });
  if (chosen === none) await set("adapter", "");
  if (chosen !== file) return;
  const [picked] =
    (await vscode.window.showOpenDialog({ title: "Use adapter", filters: { GGUF: ["gguf"] } })) ??
    [];
  if (picked) await set("adapter", picked.fsPath);
}

async function askRepository(): Promise<string | undefined> {
  return vscode.window.showInputBox({
    title: "Pull model (1 of 2)",
    prompt: "The repository on the hub, as OWNER/NAME. This is a download from the internet.",
    placeHolder: "owner/name",
    validateInput: (value) => (/^[\w.-]+\/[\w.-]+$/.test(value) ? undefined : "Write OWNER/NAME."),
  });
}

async function askFile(repository: string): Promise<string | undefined> {
  return vscode.window.showInputBox({
    title: "Pull model (2 of 2)",
    prompt: `The .gguf file in ${repository}`,
    placeHolder: "model-Q8_0.gguf",
    validateInput: (value) => (value.endsWith(".gguf") ? undefined : "Name a .gguf file."),
  });
}

function described(model: Model, now: string): vscode.QuickPickItem {
  const used = now ? model.name === now : model.chosen;
  const license = model.license ?? "no licence stated";
  return {
    label: `${used ? "$(check)" : "$(blank)"} ${model.name}`,
    description: `${megabytes(model)} · ${license}`,
  };
}

function megabytes(model: Model): string {
  return `${Math.round(model.bytes / 1_000_000)} MB`;
}

/** Change a setting, and say so in the status bar: otherwise nothing is seen to happen. */
async function set(name: "model" | "adapter", value: string): Promise<void> {
  const target = vscode.ConfigurationTarget.Global;
  await vscode.workspace.getConfiguration("dowse").update(name, value || undefined, target);
  const shown = name === "model" ? value || "by default" : path.basename(value) || "none";
  void vscode.window.setStatusBarMessage(`dowse: ${name} ${shown}`, SHOWN_MS);
}
