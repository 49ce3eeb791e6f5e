"""Code action round trips on a workspace of 5,000 snippets, as the editor sees them.

Once while the model fills in vectors behind the new index, and once when all work is done; and on a
workspace of 30,000 while its files are indexed. Every request follows an edit, as it does while a
person types.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.corpus import copy_snippets, fresh_cache
from dowse.server.client import Editor

SNIPPETS = 5_000
LARGE = 30_000
"""Enough to index for some seconds; 5,000 are done before a person has asked twice."""
REQUESTS = 100
WORDS = (
    "parse a uri into a path",
    "show a progress bar",
    "download a file again after an error",
    "color of the terminal",
    "split text into lines",
)


def percentiles(milliseconds: list[float]) -> dict[str, float]:
    """Median and 95th percentile."""
    return {
        "p50_ms": round(float(np.percentile(milliseconds, 50)), 1),
        "p95_ms": round(float(np.percentile(milliseconds, 95)), 1),
    }


async def round_trips(editor: Editor, path: Path) -> list[float]:
    """Milliseconds of code actions, each for a trigger that has just been changed."""
    times = []
    words = itertools.cycle(WORDS)
    for turn in range(REQUESTS):
        editor.write(path, f"# find: {next(words)} {turn}\n")
        actions, milliseconds = await editor.actions(path, 0)
        assert actions
        times.append(milliseconds)
        await asyncio.sleep(0.02)
    return times


async def cpu_share(pid: int, seconds: float) -> float:
    """Per cent of one core that a process uses while nothing is asked of it."""
    ticks = os.sysconf("SC_CLK_TCK")

    def used() -> float:
        user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / ticks

    before = used()
    await asyncio.sleep(seconds)
    return 100 * (used() - before) / seconds


async def session(workspace: Path) -> dict[str, Any]:
    """Round trips while vectors are filled in, and again with idle CPU when all are there."""
    path = workspace / "scratch.py"
    async with Editor.on(workspace) as editor:
        editor.write(path, "\n")
        await editor.until_indexed()
        while (await editor.status())["vectors"] is None:
            await asyncio.sleep(0.05)
        filling = percentiles(await round_trips(editor, path))
        assert (await editor.status())["tier"] != "full"
        while (await editor.status())["tier"] != "full":
            await asyncio.sleep(0.5)
        await asyncio.sleep(1)
        idle = await cpu_share(editor.process_id, 10)
        done = percentiles(await round_trips(editor, path))
    return {"while_filling": filling, "when_idle": done, "idle_cpu_percent": round(idle, 2)}


async def while_indexing(workspace: Path) -> dict[str, float]:
    """Round trips from the start until every file is indexed, the model being loaded meanwhile."""
    path, words, times = workspace / "scratch.py", itertools.cycle(WORDS), []
    async with Editor.on(workspace) as editor:
        editor.write(path, "\n")
        while not (await editor.status())["indexing"]:
            await asyncio.sleep(0.01)
        while (await editor.status())["indexing"]:
            editor.write(path, f"# find: {next(words)} {len(times)}\n")
            times.append((await editor.actions(path, 0))[1])
            await asyncio.sleep(0.05)
    return percentiles(times)


def measure() -> dict[str, Any]:
    """All of it, in one server for each of two workspaces."""
    with tempfile.TemporaryDirectory() as folder, fresh_cache():
        large, workspace = Path(folder, "large"), Path(folder, "workspace")
        in_large = copy_snippets(large, LARGE)
        indexing = asyncio.run(while_indexing(large))
        snippets = copy_snippets(workspace, SNIPPETS)
        figures = asyncio.run(session(workspace))
    return {
        "snippets": snippets,
        **figures,
        "snippets_while_indexing": in_large,
        "while_indexing": indexing,
    }


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
