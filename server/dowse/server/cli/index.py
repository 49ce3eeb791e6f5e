"""`dowse index`: build or refresh the index of a folder."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from dowse.context.library import Library
from dowse.context.shard import Refresh
from dowse.context.shelf import outdated, remove, shelved
from dowse.server.cli.workspace import (
    ALONE,
    add_model_argument,
    attach_model,
    bar,
    existing_folder,
    open_library,
    sources,
    whole_number,
)
from dowse.server.settings import Settings

_DAYS = 30
"""Packages that nobody opened for so long are pruned."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `dowse index`."""
    parser.add_argument(
        "path", nargs="?", type=existing_folder, default=Path.cwd(), help="a folder"
    )
    parser.add_argument(
        "--tier",
        choices=("lexical", "full"),
        default="full",
        help="words alone, or words and vectors (default)",
    )
    parser.add_argument(
        "--source",
        type=sources,
        default=ALONE,
        metavar="S",
        help="workspace (default), cookbook, dependency, several with commas between, or all",
    )
    parser.add_argument(
        "--prune",
        nargs="?",
        type=whole_number(0),
        const=_DAYS,
        metavar="DAYS",
        help="index nothing; remove indexes of folders that are gone and of packages that were"
        f" not opened for DAYS (default {_DAYS}; 0 removes those of all packages)",
    )
    add_model_argument(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Index and print what is in the index and what was left out."""
    if arguments.prune is not None:
        return _prune(arguments.prune, arguments.json)
    started = time.monotonic()
    library, refresh = open_library(arguments.path, arguments.source)
    vectors = None
    if arguments.tier == "full":
        attach_model(library, arguments.model)
        vectors = _fill(library)
    summary = _summary(refresh, arguments.tier, vectors, time.monotonic() - started)
    print(json.dumps(summary) if arguments.json else _table(summary))
    return 0


def _prune(days: int, as_json: bool) -> int:
    """Remove what is outdated and say what was."""
    removed = outdated(shelved(Settings().cache), days)
    freed = remove(removed)
    if as_json:
        print(json.dumps({"removed": [shard.title for shard in removed], "bytes": freed}))
    else:
        lines = [f"{shard.size / 1e6:>8.1f} MB  {shard.title}" for shard in removed]
        print("\n".join([*lines, f"{freed / 1e6:>8.1f} MB freed"]))
    return 0


def _fill(library: Library) -> int:
    """Embed what has no vector yet; returns the number of passages that have one."""
    with bar("embedding passages") as report:
        library.fill(progress=lambda filling: report(filling.done, filling.total))
    return library.load_vectors().done


def _summary(refresh: Refresh, tier: str, vectors: int | None, seconds: float) -> dict[str, Any]:
    return {
        "files": refresh.files,
        "snippets": refresh.snippets,
        "seconds": round(seconds, 3),
        "tier": tier,
        "changed": refresh.changed,
        "removed": refresh.removed,
        "vectors": vectors,
        "left_out": {reason.value: count for reason, count in refresh.left_out.most_common()},
    }


def _table(summary: dict[str, Any]) -> str:
    rows = [(name, f"{summary[name]:,}") for name in ("files", "snippets", "changed", "removed")]
    if summary["vectors"] is not None:
        rows.append(("vectors", f"{summary['vectors']:,}"))
    rows.append(("seconds", f"{summary['seconds']:.2f}"))
    rows += [(f"left out: {reason}", f"{n:,}") for reason, n in summary["left_out"].items()]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {value:>8}" for name, value in rows)
