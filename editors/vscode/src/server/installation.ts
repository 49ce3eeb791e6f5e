/** What pip says, in words for a person; knows nothing of VS Code. */

const UNREACHABLE =
  /NewConnectionError|ConnectTimeoutError|Failed to establish a new connection|getaddrinfo|Name or service not known|Temporary failure in name resolution|Network is unreachable|Connection refused|ProxyError|from versions: none/i;
const NO_COMPILER =
  /CMAKE_C(XX)?_COMPILER|No CMAKE_CXX_COMPILER|Microsoft Visual C\+\+|command '.*(gcc|cc|g\+\+|cl)(\.exe)?' failed: No such file/i;
const NO_VENV = /ensurepip is not available|No module named venv/i;
const DISK_FULL = /No space left on device/i;

/** Why an installation failed and what to do next. */
export function explained(output: string): string {
  if (UNREACHABLE.test(output)) {
    return "The Python package index is out of reach. Go online and try again, or install dowse yourself and name it in dowse.server.path.";
  }
  if (NO_VENV.test(output)) {
    return "This Python cannot make environments. On Debian and Ubuntu, install the package python3-venv, then try again.";
  }
  if (NO_COMPILER.test(output)) {
    return "A C++ compiler is needed to build llama.cpp, and none was found. Install one (build-essential, Xcode's command line tools, or Visual Studio Build Tools), then try again.";
  }
  if (DISK_FULL.test(output)) return "The disk is full. Free some space and try again.";
  const last = output.trim().split(/\r?\n/).pop() ?? "";
  return `The server could not be installed: ${last.slice(0, 200)} The log has the whole story.`;
}

/** What pip is at, if a line of its output tells. */
export function stepOf(line: string): string | undefined {
  const [, verb, what] = /^\s*(Collecting|Downloading|Building wheel for) (\S+)/.exec(line) ?? [];
  if (!verb || !what) {
    return line.startsWith("Installing collected packages") ? "installing…" : undefined;
  }
  if (verb === "Building wheel for" && /llama/.test(what)) {
    return "compiling llama.cpp for this machine, which takes about ten minutes once…";
  }
  const name = what.split("/").pop() ?? what;
  return `${verb === "Building wheel for" ? "building" : "fetching"} ${name}…`;
}
