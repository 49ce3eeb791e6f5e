"""`dowse train fit`: fine-tune an encoder on pairs of sentence and code."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dowse.server.cli.workspace import bars

if TYPE_CHECKING:
    from collections.abc import Callable

    from dowse.model.training.fit import Progress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `dowse train fit`."""
    parser.add_argument(
        "pairs", nargs="+", type=Path, help="JSON lines (.jsonl, .jsonl.gz) with query and code"
    )
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FOLDER",
        help="gets the model; a stopped run goes on from the checkpoint in it",
    )
    parser.add_argument(
        "--recipe",
        default="small",
        help="small, general, large, python-web, or a TOML file (default: small)",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        dest="changes",
        metavar="NAME=VALUE",
        help="change a setting of the recipe, such as base=model:shipped (repeatable)",
    )
    parser.add_argument(
        "--development",
        action="append",
        type=Path,
        metavar="PATH",
        help="pairs, or a BEIR folder, to watch the training and choose the average by, instead of "
        "some pairs held out (repeatable)",
    )
    parser.add_argument(
        "--restart", action="store_true", help="throw away what an earlier run left in FOLDER"
    )
    parser.add_argument("--json", action="store_true", help="print training.json at the end")


def run(arguments: argparse.Namespace) -> int:
    """Train and print how the ranking of the development pairs changed."""
    from dowse.model.training.fit import fit
    from dowse.model.training.recipe import parse_change, read_recipe
    from dowse.model.training.training_set import read_training_set

    recipe = read_recipe(arguments.recipe, dict(map(parse_change, arguments.changes)))
    data = read_training_set(arguments.pairs)
    development = read_training_set(arguments.development) if arguments.development else None
    with _shown() as report:
        fitted = fit(
            recipe,
            data,
            arguments.out,
            development=development,
            restart=arguments.restart,
            report=report,
        )
    record = fitted.record
    if arguments.json:
        print(json.dumps(record, ensure_ascii=False))
        return 0
    before, after = record["development_mrr"].values()
    if after is not None:
        shown = f"{100 * before:.1f} before, {100 * after:.1f} after"
        print(f"MRR of {record['data']['development_pairs']:,} development pairs: {shown}")
    minutes = record["seconds"] / 60
    print(f"{fitted.folder}  {record['data']['pairs']:,} pairs, {minutes:.1f} minutes")
    return 0


@contextmanager
def _shown() -> Iterator[Callable[[Progress], None]]:
    """A bar of what is done, and a line on stderr for each look at the development pairs."""
    with bars() as advance:
        last: list[float] = []

        def report(progress: Progress) -> None:
            advance(progress.doing, progress.step, progress.steps)
            if progress.loss is not None:
                last[:] = [progress.loss]
            if progress.mrr is not None:
                loss = f", loss {last[0]:.3f}" if last else ""
                place = f"step {progress.step:,} of {progress.steps:,}"
                print(f"{place}{loss}, MRR {100 * progress.mrr:.1f}", file=sys.stderr)

        yield report
