/** What the Python extension says, where it is installed. */
import * as vscode from "vscode";

/** The part of its interface that is used here; see microsoft/vscode-python. */
interface PythonApi {
  readonly environments: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string };
    resolveEnvironment(environment: {
      readonly path: string;
    }): Promise<{ readonly executable: { readonly uri?: vscode.Uri } } | undefined>;
    readonly onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

/** Milliseconds to wait for it; nobody waits for a search because another extension is slow. */
const PATIENCE_MS = 5_000;

async function api(): Promise<PythonApi | undefined> {
  const extension = vscode.extensions.getExtension<Partial<PythonApi>>("ms-python.python");
  const exported = await extension?.activate();
  return exported?.environments ? (exported as PythonApi) : undefined;
}

/** The interpreter that is chosen for the first folder; it must not be run in Restricted Mode. */
export function chosenInterpreter(): Promise<string | undefined> {
  const late = new Promise<undefined>((resolve) => {
    setTimeout(() => resolve(undefined), PATIENCE_MS).unref();
  });
  return Promise.race([askedInterpreter().catch(() => undefined), late]);
}

async function askedInterpreter(): Promise<string | undefined> {
  const environments = (await api())?.environments;
  const chosen = environments?.getActiveEnvironmentPath(
    vscode.workspace.workspaceFolders?.[0]?.uri,
  );
  const resolved = chosen && (await environments?.resolveEnvironment(chosen));
  return resolved?.executable.uri?.fsPath;
}

/** Call back whenever another interpreter is chosen; the event itself also comes without need. */
export async function onInterpreterChange(changed: () => void): Promise<vscode.Disposable> {
  let before = await askedInterpreter();
  const event = (await api())?.environments.onDidChangeActiveEnvironmentPath;
  const disposable = event?.(async () => {
    const now = await askedInterpreter();
    if (now !== before) changed();
    before = now;
  });
  return disposable ?? new vscode.Disposable(() => {});
}
