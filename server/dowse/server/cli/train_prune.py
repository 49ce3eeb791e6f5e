"""`dowse train prune`: take the pieces out of a vocabulary that code and prose do not use."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from dowse.server.cli.workspace import whole_number

if TYPE_CHECKING:
    from dowse.model.training.pruning import Pruned

_KEEP = 12_000
"""Entries by default: three sets of Python questions were ranked as well as with all 30,522."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `dowse train prune`."""
    parser.add_argument("base", help="a folder, package:NAME of an installed package, or a hub id")
    parser.add_argument(
        "--pairs",
        nargs="+",
        type=Path,
        default=[],
        metavar="FILE",
        help="JSON lines (.jsonl, .jsonl.gz) with query and code, whose pieces are counted",
    )
    parser.add_argument(
        "--prose", nargs="+", type=Path, default=[], metavar="FILE", help="texts beside them"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FOLDER", help="gets the smaller model"
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument(
        "--keep",
        type=whole_number(1),
        metavar="N",
        help=f"keep so many entries, the most used ones (default: {_KEEP:,})",
    )
    size.add_argument(
        "--least", type=whole_number(1), metavar="N", help="keep entries used so many times"
    )
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Prune and print what became smaller, and how much of the texts still has its entries."""
    from dowse.model.training.base import base_name, find_folder
    from dowse.model.training.pruning import corpus, prune_vocabulary

    folder = find_folder(arguments.base)
    pruned = prune_vocabulary(
        folder,
        arguments.out,
        corpus(arguments.pairs, arguments.prose),
        keep=arguments.keep or (None if arguments.least else _KEEP),
        least=arguments.least or 1,
        name=base_name(arguments.base, folder),
    )
    print(json.dumps(asdict(pruned)) if arguments.json else _line(pruned, arguments.out))
    return 0


def _line(pruned: Pruned, out: Path) -> str:
    share = 100 * pruned.tokens_kept / pruned.tokens
    return (
        f"{pruned.entries_before:,} entries before, {pruned.entries_after:,} after\n"
        f"{share:.2f} % of {pruned.tokens:,} tokens are kept whole\n"
        f"{out}  {pruned.bytes_before / 1e6:.1f} MB before, {pruned.bytes_after / 1e6:.1f} MB after"
    )
