/** The state of the server as words for the status bar; knows nothing of VS Code. */
import type { Status } from "./protocol";

export type Life =
  | { readonly state: "starting" | "running" | "missing" | "stopped" }
  | { readonly state: "waiting"; readonly seconds: number };

export interface View {
  readonly text: string;
  readonly tooltip: readonly string[];
  readonly severity: "none" | "warning" | "error";
}

const TIERS = {
  lexical: "Answers rest on words alone.",
  partial: "Answers rest on words and in part on meaning; the rest is being read.",
  full: "Answers rest on words and meaning.",
};

/** What the status bar shows. */
export function view(life: Life, status: Status | undefined): View {
  switch (life.state) {
    case "starting":
      return {
        text: "$(loading~spin) dowse",
        tooltip: ["The server is starting."],
        severity: "none",
      };
    case "waiting":
      return {
        text: "$(sync~spin) dowse",
        tooltip: [`The server has crashed; it is started again in ${life.seconds} s.`],
        severity: "warning",
      };
    case "missing":
      return {
        text: "$(warning) dowse: no server",
        tooltip: ["The server was not found. Click to set it up."],
        severity: "warning",
      };
    case "stopped":
      return {
        text: "$(error) dowse",
        tooltip: ["The server has stopped. Click to start it again or to see its log."],
        severity: "error",
      };
    case "running":
      return status?.model ? running(status) : view({ state: "starting" }, undefined);
  }
}

function running(status: Status): View {
  return {
    text: `${icon(status)} dowse${addition(status)}`,
    tooltip: [...work(status), TIERS[status.tier], model(status), ...index(status)],
    severity: status.model === "failed" ? "warning" : "none",
  };
}

function icon(status: Status): string {
  if (status.model === "failed") return "$(warning)";
  return underWay(status) ? "$(sync~spin)" : "$(search)";
}

function addition(status: Status): string {
  const { work } = status;
  if (work && underWay(status)) return ` ${percentage(work.done, work.total)} %`;
  const warmingUp = status.tier === "lexical" && status.model !== "off" && !status.indexing;
  return warmingUp ? ": words only" : "";
}

/** Whether answers still get better soon; packages may be read for an hour after that. */
function underWay(status: Status): boolean {
  const meaning = status.tier !== "full" && status.model !== "off";
  return status.indexing || status.cookbookWaits || meaning;
}

function percentage(done: number, total: number): number {
  return total > 0 ? Math.min(99, Math.floor((100 * done) / total)) : 0;
}

function work(status: Status): string[] {
  if (!status.work) return [];
  const { title, done, total, unit } = status.work;
  const what = title.replace(/^dowse: /, "");
  return [`${capital(what)}: ${number(done)} of ${number(total)} ${unit}.`];
}

function model(status: Status): string {
  switch (status.model) {
    case "off":
      return "The model is turned off.";
    case "loading":
      return "The model is being loaded.";
    case "failed":
      return "The model does not run; the log says why.";
    default:
      return `Model: ${status.model}${backend(status)}.`;
  }
}

function backend(status: Status): string {
  return status.backend ? ` on ${status.backend.name} (${status.backend.format})` : "";
}

function index(status: Status): string[] {
  const parts = [
    count(status.snippets, "snippet"),
    count(status.files, "file"),
    count(status.packages, "package"),
  ];
  const counted = `Index: ${parts[0]} in ${parts[1]}, and ${parts[2]}.`;
  return status.cookbookWaits ? [counted, "The cookbook is still to come."] : [counted];
}

function count(value: number, unit: string): string {
  return `${number(value)} ${unit}${value === 1 ? "" : "s"}`;
}

function number(value: number): string {
  return value.toLocaleString("en");
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
