"""Resident memory of the server at 5,000 to 100,000 snippets, with the model and every vector.

Embedding 100,000 snippets takes half an hour here and changes nothing about what stays in memory,
so the cache is filled with random unit vectors beforehand; the server loads them as its own.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.corpus import copy_snippets, fresh_cache
from dowse.context.library import Library
from dowse.context.meaning import open_cache
from dowse.context.vectors import quantize
from dowse.server.client import Editor
from dowse.server.model import load_model
from dowse.server.settings import Settings

SIZES = (5_000, 50_000, 100_000)


def fill_cache(workspace: Path, cache: Path) -> None:
    """Index a workspace and give each of its passages a vector."""
    library = Library(cache)
    shard = library.open(workspace)
    shard.refresh()
    embedder, _ = load_model(Settings())
    keys = {key for keys in shard.keys_of_files().values() for key in keys}
    random = np.random.default_rng(0).normal(size=(len(keys), embedder.dimensions))
    units = (random / np.linalg.norm(random, axis=1, keepdims=True)).astype(np.float32)
    vectors = open_cache(cache, embedder)
    assert vectors is not None
    vectors.put(dict(zip(keys, quantize(units), strict=True)))
    embedder.close()


def resident_megabytes(pid: int) -> float:
    """Resident set of a process, files mapped into it included."""
    status = Path(f"/proc/{pid}/status").read_text()
    fields = dict(line.split(":", 1) for line in status.splitlines())
    return int(fields["VmRSS"].split()[0]) / 1_024


async def megabytes(workspace: Path) -> dict[str, float]:
    """Resident memory after start, and after a hundred answers with everything loaded."""
    path = workspace / "scratch.py"
    async with Editor.on(workspace) as editor:
        started = resident_megabytes(editor.process_id)
        while (await editor.status())["tier"] != "full":
            await asyncio.sleep(0.2)
        for turn in range(100):
            editor.write(path, f"# find: read a file in chunks {turn}\n")
            await editor.actions(path, 0)
        full = resident_megabytes(editor.process_id)
    return {"at_start_mb": round(started), "in_use_mb": round(full)}


def measure() -> dict[str, Any]:
    """Megabytes for every size."""
    results: dict[str, Any] = {}
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder, fresh_cache() as cache:
            workspace = Path(folder, "workspace")
            snippets = copy_snippets(workspace, size)
            fill_cache(workspace, cache)
            results[str(size)] = {"snippets": snippets, **asyncio.run(megabytes(workspace))}
    return results


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
