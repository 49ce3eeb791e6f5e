/** What the server answers beside the standard requests; see requests/ in the server. */
import type { CancellationToken } from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import type { WorkspaceEdit } from "vscode-languageserver-protocol";

/** A snippet that answers a question. Lines count from 0. */
export interface Hit {
  readonly symbol: string;
  readonly kind: "function" | "method" | "class" | "block";
  readonly language: string;
  readonly uri: string;
  readonly path: string;
  readonly startLine: number;
  readonly endLine: number;
  /** Package or cookbook, file and line, for a person. */
  readonly location: string;
  readonly source: string;
  readonly license: string | null;
  /** Reasons, one sentence each. */
  readonly why: readonly string[];
  readonly text: string;
  readonly indentation: string;
}

export interface Answer {
  /** What the answer rests on, as a sentence. */
  readonly state: string;
  readonly hits: readonly Hit[];
}

export interface Candidates extends Answer {
  readonly words: string;
}

export interface Place {
  readonly uri: string;
  readonly line: number;
}

/** What is looked for: words, or code like a piece of code. */
export type Question = { readonly words: string } | { readonly like: string; readonly at: Place };

export interface Model {
  readonly name: string;
  readonly bytes: number;
  readonly license: string | null;
  readonly chosen?: boolean;
}

export interface Status {
  readonly tier: "lexical" | "partial" | "full";
  /** Name of the model, or `loading`, `off` or `failed`; empty until the settings are there. */
  readonly model: string;
  readonly backend: { readonly name: string; readonly format: string } | null;
  /** Whether files of the folders are being read. */
  readonly indexing: boolean;
  /** Whether the cookbook is wanted and not open yet. */
  readonly cookbookWaits: boolean;
  readonly work: {
    readonly title: string;
    readonly done: number;
    readonly total: number;
    readonly unit: string;
  } | null;
  readonly files: number;
  readonly snippets: number;
  readonly packages: number;
}

/** The notification that carries a `Status`. */
export const STATUS = "dowse/status";

/** The server's own requests, each of them cancellable. */
export class Requests {
  constructor(private readonly client: LanguageClient) {}

  /** @param language the editor's name for the one that is wanted; all of them without it */
  search(
    question: Question,
    limit: number,
    language: string | undefined,
    token: CancellationToken,
  ): Promise<Answer> {
    return this.execute("dowse.search", { ...question, limit, language }, token);
  }

  candidates(place: Place, token?: CancellationToken): Promise<Candidates | null> {
    return this.execute("dowse.candidates", place, token);
  }

  insertion(place: Place, hit: Hit): Promise<WorkspaceEdit> {
    return this.execute("dowse.insertion", { ...place, hit });
  }

  models(): Promise<Model[]> {
    return this.execute("dowse.models");
  }

  pullModel(repository: string, file: string): Promise<Model> {
    return this.execute("dowse.pullModel", { repository, file });
  }

  status(): Promise<Status> {
    return this.execute("dowse.status");
  }

  private execute<T>(command: string, argument?: object, token?: CancellationToken): Promise<T> {
    const params = { command, arguments: argument ? [argument] : [] };
    // a token that is undefined would be sent as one more parameter
    const more = token ? [token] : [];
    return this.client.sendRequest<T>("workspace/executeCommand", params, ...more);
  }
}
