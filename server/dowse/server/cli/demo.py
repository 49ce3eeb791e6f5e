"""`dowse demo`: a find comment in a real file, answered by the real server, step by step."""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dowse.context.errors import DowseError
from dowse.server.cli.workspace import bar
from dowse.server.settings import Settings

if TYPE_CHECKING:
    from lsprotocol import types as lsp

    from dowse.server.client import Editor

PACKAGES = ("filelock", "pathspec", "platformdirs", "pygls")
"""Installed anyway, of several authors, and small enough to embed in a minute."""
FILE = "pygls/uris.py"
"""The file in which the comment is typed."""
WORDS = "has the owner of a lock died"
"""The question that is asked unless the person gives another one; its answer shares one word."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `dowse demo`."""
    parser.add_argument("words", nargs="?", default=WORDS, help="what to find")
    parser.add_argument("--json", action="store_true", help="print the answers as one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Show the main job on copies of installed packages."""
    cache = Settings().cache / "demo"
    with tempfile.TemporaryDirectory(prefix="dowse-demo-") as folder:
        workspace = _sample(Path(folder, "sample"))
        shown = asyncio.run(_demo(workspace, cache, arguments.words, quiet=arguments.json))
    for index in cache.glob("shards-*"):
        shutil.rmtree(index)  # of a folder that is gone; the vectors stay for the next time
    if arguments.json:
        print(json.dumps(shown, ensure_ascii=False))
    return 0 if shown["full"] else 1


def _sample(workspace: Path) -> Path:
    for name in PACKAGES:
        spec = find_spec(name)
        if spec is None or not spec.submodule_search_locations:
            raise DowseError(f"the package {name} is missing; install dowse again")
        source = spec.submodule_search_locations[0]
        shutil.copytree(source, workspace / name, ignore=shutil.ignore_patterns("__pycache__"))
    return workspace


async def _demo(workspace: Path, cache: Path, words: str, *, quiet: bool) -> dict[str, Any]:
    from lsprotocol.types import Position

    from dowse.server.client import Editor

    say = _silent if quiet else print
    path = workspace / FILE
    before = path.read_text("utf-8")
    line, comment = before.count("\n") + 1, f"# find: {words}"
    text = f"{before}\n{comment}\n"
    say(f"workspace  copies of {', '.join(PACKAGES)}")
    async with Editor.on(
        workspace, {"cacheFolder": str(cache), "sources": ["workspace"]}
    ) as editor:
        editor.write(path, text)
        say(f"typed      {FILE}:{line + 1}: {comment}\n")
        await editor.until_indexed()
        lexical, ms = await editor.actions(path, line)
        say(f"At first, {ms:.0f} ms, while the model still reads the code:")
        say(_titles(lexical))
        await _filled(editor)
        full, ms = await editor.actions(path, line)
        say(f"\nBy words and meaning, {ms:.0f} ms:")
        say(_titles(full))
        completions = await editor.completions(path, Position(line, len(comment)))
        say(f"\nCompletions at the end of the comment: {', '.join(completions)}")
        after = await editor.accept(full[0], text) if full else text
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


async def _filled(editor: Editor) -> None:
    """Wait until every passage has a vector."""
    with bar("the model reads the code") as report:
        while (status := await editor.status())["tier"] != "full":
            if status["model"] == "failed":
                raise DowseError("the model does not run here; `dowse doctor` tells why")
            if vectors := status["vectors"]:
                report(vectors["done"], vectors["total"])
            await asyncio.sleep(0.1)


def _titles(actions: Sequence[lsp.CodeAction]) -> str:
    return "\n".join(f"  {action.title}" for action in actions)
