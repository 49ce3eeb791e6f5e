"""`dowse demo`: a find comment in a real file, answered by the real server, step by step."""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dowse.context.errors import DowseError
from dowse.server.cli.workspace import bar

if TYPE_CHECKING:
    from lsprotocol import types as lsp
    from pygls.lsp.client import LanguageClient

PACKAGES = ("filelock", "pathspec", "platformdirs", "pygls")
"""Installed anyway, of several authors, and small enough to embed in a minute."""
FILE = "pygls/uris.py"
"""The file in which the comment is typed."""
WORDS = "folder for a user's cached files on any operating system"
"""The question that is asked unless the person gives another one."""

_ENCODING = "utf-8"
_PATIENCE_SECONDS = 600


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `dowse demo`."""
    parser.add_argument("words", nargs="?", default=WORDS, help="what to find")
    parser.add_argument("--json", action="store_true", help="print the answers as one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Show the main job on copies of installed packages."""
    with tempfile.TemporaryDirectory(prefix="dowse-demo-") as folder:
        workspace = _sample(Path(folder, "sample"))
        shown = asyncio.run(_demo(workspace, arguments.words, quiet=arguments.json))
    if arguments.json:
        print(json.dumps(shown, ensure_ascii=False))
    return 0 if shown["full"] else 1


def _sample(workspace: Path) -> Path:
    for name in PACKAGES:
        spec = find_spec(name)
        if spec is None or not spec.submodule_search_locations:
            raise DowseError(f"The package {name} is missing: install dowse again.")
        source = spec.submodule_search_locations[0]
        shutil.copytree(source, workspace / name, ignore=shutil.ignore_patterns("__pycache__"))
    return workspace


async def _demo(workspace: Path, words: str, *, quiet: bool) -> dict[str, Any]:
    say = _silent if quiet else print
    path = workspace / FILE
    before = path.read_text(_ENCODING)
    line = before.count("\n") + 1
    text = f"{before}\n# find: {words}\n"
    say(f"workspace  copies of {', '.join(PACKAGES)}")
    async with _client(workspace) as client:
        await _open(client, path, text)
        say(f"typed      {FILE}:{line + 1}: # find: {words}\n")
        lexical, ms = await _actions(client, path, line)
        say(f"By words, {ms:.0f} ms, while the model still reads the code:")
        say(_titles(lexical))
        await _filled(client, quiet=quiet)
        full, ms = await _actions(client, path, line)
        say(f"\nBy words and meaning, {ms:.0f} ms:")
        say(_titles(full))
        completions = await _completions(client, path, line, text)
        say(f"\nCompletions at the end of the comment: {', '.join(completions)}")
        after = await _accept(client, full, text)
    say(f"\nThe first action taken, {FILE} reads from line {line + 1} on:\n")
    say("\n".join(after.splitlines()[line:]))
    return {
        "query": words,
        "lexical": [action.title for action in lexical],
        "full": [action.title for action in full],
        "completions": completions,
        "inserted": after[len(text) :],
    }


def _silent(*values: object) -> None:
    """Print nothing."""


@asynccontextmanager
async def _client(workspace: Path) -> AsyncIterator[LanguageClient]:
    """A connection to `dowse serve` in a process of its own, as an editor has it."""
    from lsprotocol import types as lsp
    from pygls.lsp.client import LanguageClient

    from dowse.server.uris import uri_of

    client = LanguageClient("dowse-demo", "1")
    await client.start_io(sys.executable, "-m", "dowse.server", "serve")
    lazy = lsp.ClientCodeActionResolveOptions(["edit"])
    actions = lsp.CodeActionClientCapabilities(data_support=True, resolve_support=lazy)
    document = lsp.TextDocumentClientCapabilities(code_action=actions)
    folder = lsp.WorkspaceFolder(uri_of(workspace), workspace.name)
    capabilities = lsp.ClientCapabilities(text_document=document)
    await client.initialize_async(
        lsp.InitializeParams(capabilities, workspace_folders=[folder], process_id=None)
    )
    client.initialized(lsp.InitializedParams())
    try:
        yield client
    finally:
        await client.shutdown_async(None)
        client.exit(None)
        await client.stop()  # type: ignore[no-untyped-call]


async def _open(client: LanguageClient, path: Path, text: str) -> None:
    from lsprotocol import types as lsp

    from dowse.server.uris import uri_of

    document = lsp.TextDocumentItem(uri_of(path), lsp.LanguageKind.Python, 1, text)
    client.text_document_did_open(lsp.DidOpenTextDocumentParams(document))
    while (await _status(client))["files"] == 0 or (await _status(client))["indexing"]:
        await asyncio.sleep(0.05)


async def _status(client: LanguageClient) -> dict[str, Any]:
    from lsprotocol import types as lsp

    status = await client.workspace_execute_command_async(lsp.ExecuteCommandParams("dowse.status"))
    return dict(status or {})


async def _filled(client: LanguageClient, *, quiet: bool) -> None:
    """Wait until every passage has a vector."""
    started = time.monotonic()
    with bar("the model reads the code") as report:
        while (status := await _status(client))["tier"] != "full":
            if status["model"] == "failed" or time.monotonic() - started > _PATIENCE_SECONDS:
                raise DowseError("The model does not run here: `dowse doctor` tells why.")
            if (vectors := status["vectors"]) and not quiet:
                report(vectors["done"], vectors["total"])
            await asyncio.sleep(0.1)


async def _actions(
    client: LanguageClient, path: Path, line: int
) -> tuple[list[lsp.CodeAction], float]:
    from lsprotocol import types as lsp

    from dowse.server.uris import uri_of

    place = lsp.Range(lsp.Position(line, 0), lsp.Position(line, 0))
    params = lsp.CodeActionParams(
        lsp.TextDocumentIdentifier(uri_of(path)), place, lsp.CodeActionContext([])
    )
    started = time.perf_counter()
    found = await client.text_document_code_action_async(params) or []
    milliseconds = 1_000 * (time.perf_counter() - started)
    return [action for action in found if isinstance(action, lsp.CodeAction)], milliseconds


def _titles(actions: Sequence[lsp.CodeAction]) -> str:
    return "\n".join(f"  {action.title}" for action in actions)


async def _completions(client: LanguageClient, path: Path, line: int, text: str) -> list[str]:
    from lsprotocol import types as lsp

    from dowse.server.uris import uri_of

    end = lsp.Position(line, len(text.splitlines()[line]))
    params = lsp.CompletionParams(lsp.TextDocumentIdentifier(uri_of(path)), end)
    found = await client.text_document_completion_async(params)
    items = found.items if isinstance(found, lsp.CompletionList) else found or []
    return [item.label for item in items]


async def _accept(client: LanguageClient, actions: Sequence[lsp.CodeAction], text: str) -> str:
    """Take the first action as an editor does: resolve it, then apply its edit."""
    if not actions:
        return text
    resolved = await client.code_action_resolve_async(actions[0])
    changes = resolved.edit.changes if resolved.edit else None
    edit = next(iter(changes.values()))[0] if changes else None
    if edit is None:
        raise DowseError("The server sent an action without an edit; please report this.")
    lines = text.splitlines(keepends=True)
    return "".join([*lines[: edit.range.start.line], edit.new_text, *lines[edit.range.end.line :]])
