"""`dowse train evaluate`: a fine-tuned model beside the one it came from, and its model card."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from dowse.context.errors import DowseError
from dowse.server.cli.workspace import bars, whole_number

if TYPE_CHECKING:
    from dowse.model.evaluation.findings import Findings, Quality, Robustness
    from dowse.model.evaluation.metrics import Dataset
    from dowse.model.manifest import Model

_SAMPLE = 2_000
"""Documents that are changed by default: with two models, some minutes for each set."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `dowse train evaluate`."""
    parser.add_argument("model", help="the fine-tuned model: a GGUF file, or a name")
    parser.add_argument(
        "datasets",
        nargs="+",
        type=Path,
        metavar="dataset",
        help="folder with corpus, queries and qrels (BEIR format)",
    )
    parser.add_argument(
        "--before",
        metavar="MODEL",
        help="what it is compared with (default: the model that dowse ships)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FOLDER",
        help="gets card.md, results.json and the plots",
    )
    parser.add_argument(
        "--training",
        type=Path,
        metavar="FOLDER",
        help="what `dowse train fit` wrote; its training.json tells the card of the data",
    )
    parser.add_argument(
        "--sample",
        type=whole_number(2),
        default=_SAMPLE,
        metavar="N",
        help="documents of each set that robustness is tested with, answers first "
        f"(default: {_SAMPLE:,})",
    )
    parser.add_argument(
        "--seed", type=whole_number(0), default=0, help="other numbers change texts otherwise"
    )
    parser.add_argument("--json", action="store_true", help="print results.json")


def run(arguments: argparse.Namespace) -> int:
    """Measure both models, print what changed, and write the card."""
    from dowse.model.evaluation.before_after import measure
    from dowse.model.evaluation.model_card import as_json, read_training, write_card
    from dowse.model.evaluation.plots import require_matplotlib
    from dowse.server.settings import Settings

    # What cannot end well is told before many minutes of work.
    require_matplotlib()
    training = read_training(arguments.training) if arguments.training else None
    models = _models(arguments)
    datasets = _datasets(arguments.datasets)
    _make(arguments.out)
    with bars() as progress:
        found = measure(
            *models,
            datasets,
            Settings().cache,
            progress,
            most=arguments.sample,
            seed=arguments.seed,
            command=shlex.join(["dowse", *sys.argv[1:]]),
        )
    # What took so long is shown first: the disk may turn out to be full.
    print(json.dumps(as_json(found)) if arguments.json else "\n".join(_lines(found)))
    card = write_card(found, training, arguments.out)
    print(f"The model card is {card}.", file=sys.stderr)
    return 0


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DowseError(f"cannot write {folder}: {error.strerror}; name another folder") from None


def _models(arguments: argparse.Namespace) -> tuple[Model, Model]:
    """The model before fine-tuning, and after it."""
    from dowse.model.registry import bundled_model, find_model

    before = find_model(arguments.before) if arguments.before else bundled_model()
    return before, find_model(arguments.model)


def _datasets(folders: list[Path]) -> list[Dataset]:
    """The sets; those of one name, as collecting calls each `test`, are named by their paths."""
    from dataclasses import replace

    from dowse.model.evaluation.beir import load_dataset

    found = {folder: load_dataset(folder) for folder in map(Path.resolve, folders)}
    names = [dataset.name for dataset in found.values()]
    shared = os.path.commonpath(found)
    return [
        dataset
        if names.count(dataset.name) == 1
        else replace(dataset, name=folder.relative_to(shared).as_posix())
        for folder, dataset in found.items()
    ]


def _lines(found: Findings) -> Iterator[str]:
    """What a person reads in the terminal."""
    from dowse.model.evaluation.verdict import verdict

    for title, model in (("before", found.before), ("after ", found.after)):
        yield f"{title}  {model.manifest.name}, {model.manifest.bytes / 1e6:.1f} MB"
    for quality in found.quality:
        yield ""
        yield from _quality_lines(quality)
    for name in dict.fromkeys(each.dataset for each in found.robustness):
        yield ""
        yield from _robustness_lines([e for e in found.robustness if e.dataset == name])
    yield ""
    for sentence, points in verdict(found):
        yield f"{sentence}:" if points else sentence
        yield from (f"  {point}" for point in points)
    yield ""
    yield f"{'speed':<9}{'documents a second':>20}{'ms a query':>12}{'MB':>8}"
    models = ("before", found.before), ("after", found.after)
    for (title, model), speed in zip(models, found.speeds, strict=True):
        cells = f"{speed.documents_per_second:>20.1f}{speed.milliseconds_per_query:>12.2f}"
        yield f"{title:<9}{cells}{model.manifest.bytes / 1e6:>8.1f}"


def _quality_lines(quality: Quality) -> Iterator[str]:
    from dowse.model.evaluation.card_text import difference, interval

    yield f"{quality.title}: {quality.queries:,} queries"
    for way, figures in quality.ways.items():
        yield f"{way:<11}{'before':>20}{'after':>20}   difference"
        for metric, pair in figures.items():
            cells = f"{interval(pair.before):>20}{interval(pair.after):>20}"
            yield f"  {metric:<9}{cells}   {difference(pair.difference)}"


def _robustness_lines(rows: list[Robustness]) -> Iterator[str]:
    from dowse.model.evaluation.card_text import difference, step

    yield f"{rows[0].dataset}: MRR as it is to MRR changed"
    for way in rows[0].ways:
        yield f"{way:<11}{'before':>20}{'after':>20}   difference, changed"
        for row in rows:
            effect = row.ways[way]
            cells = "".join(f"{step(effect, side):>20}" for side in ("before", "after"))
            yield f"  {row.change:<9}{cells}   {difference(effect.changed.difference)}"
