"""Time from opening a workspace of 5,000 snippets, nothing cached, to its first lexical answers.

The clock starts before the server's process does, and stops at the first code action that offers a
snippet, and again at the first one for which every file of the workspace was indexed.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.corpus import copy_snippets, fresh_cache
from dowse.server.client import Editor

SNIPPETS = 5_000
ROUNDS = 5
TRIGGER = "# find: download a file and show progress\n"


async def seconds_to_answers(workspace: Path) -> tuple[float, float]:
    """Seconds to the first answer with a hit, and to the first over the whole workspace."""
    path, first = workspace / "scratch.py", 0.0
    started = time.perf_counter()
    async with Editor.on(workspace, {"vectors": False}) as editor:
        editor.write(path, TRIGGER)
        while True:
            status = await editor.status()
            actions, _ = await editor.actions(path, 0)
            now = time.perf_counter() - started
            first = first or (now if actions else 0.0)
            if actions and status["folders"] and not status["indexing"]:
                return first, now
            await asyncio.sleep(0.05)  # asking more often would slow down what is measured


def measure() -> dict[str, Any]:
    """Median seconds of both."""
    times = []
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder, "workspace")
        snippets = copy_snippets(workspace, SNIPPETS)
        for _ in range(ROUNDS):
            with fresh_cache():
                times.append(asyncio.run(seconds_to_answers(workspace)))
    first, whole = (statistics.median(column) for column in zip(*times, strict=True))
    return {
        "snippets": snippets,
        "first_answer_s": round(first, 2),
        "answer_over_everything_s": round(whole, 2),
    }


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
