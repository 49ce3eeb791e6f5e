"""`dowse train tune`: search the settings of a recipe that rank best."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dowse.server.cli.workspace import bars, whole_number

if TYPE_CHECKING:
    from dowse.model.training.search_space import Dimension
    from dowse.model.training.study import Trial
    from dowse.model.training.tuning_results import Tuned


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `dowse train tune`."""
    parser.add_argument(
        "pairs", nargs="+", type=Path, help="JSON lines (.jsonl, .jsonl.gz) with query and code"
    )
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FOLDER",
        help="gets the best recipe and its model; a search that was stopped goes on in it",
    )
    parser.add_argument(
        "--recipe", default="small", help="what is searched from, as for fit (default: small)"
    )
    _add_search(parser)
    parser.add_argument(
        "--development",
        action="append",
        type=Path,
        metavar="PATH",
        help="pairs, or a BEIR folder, that trials are compared by, instead of some pairs held out "
        "(repeatable)",
    )
    parser.add_argument("--json", action="store_true", help="print trials.json at the end")


def _add_search(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--search",
        action="append",
        default=[],
        metavar="NAME=VALUES",
        help="search a setting: NAME=LOW..HIGH or NAME=ONE,OTHER (repeatable; default: "
        "learning_rate, temperature, hard_negatives and batch_size)",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        dest="changes",
        metavar="NAME=VALUE",
        help="change a setting of the recipe for all trials (repeatable)",
    )
    parser.add_argument(
        "--budget",
        type=_minutes,
        default=60,
        metavar="MINUTES",
        help="time for all trials, earlier runs included (default: 60)",
    )
    parser.add_argument(
        "--trials", type=whole_number(1), metavar="N", help="make no more trials than N"
    )


def _minutes(text: str) -> float:
    minutes = float(text)
    if not 0 < minutes < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is no time; give minutes above 0")
    return minutes


def run(arguments: argparse.Namespace) -> int:
    """Search and print all trials."""
    from dowse.model.training.recipe import parse_change, read_recipe
    from dowse.model.training.search_space import read_space
    from dowse.model.training.training_set import read_training_set
    from dowse.model.training.tuning import tune
    from dowse.model.training.tuning_results import as_json

    changes = dict(map(parse_change, arguments.changes))
    space = _without(read_space(arguments.search), changes, named=bool(arguments.search))
    recipe = read_recipe(arguments.recipe, changes)
    data = read_training_set(arguments.pairs)
    development = read_training_set(arguments.development) if arguments.development else None
    with bars() as advance:
        tuned = tune(
            recipe,
            data,
            arguments.out,
            space,
            minutes=arguments.budget,
            most=arguments.trials,
            development=development,
            report=lambda progress: advance(progress.doing, progress.step, progress.steps),
            told=_tell,
        )
    shown = [json.dumps(as_json(tuned, space))] if arguments.json else _lines(tuned, list(space))
    print("\n".join(shown))
    return 0


def _without(
    space: dict[str, Dimension], changes: dict[str, Any], *, named: bool
) -> dict[str, Dimension]:
    """Settings that are searched; of the default ones, those that are not fixed."""
    from dowse.context.errors import SettingsError

    both = [name for name in space if name in changes]
    if both and named:
        raise SettingsError(f"{both[0]} is both searched and set; keep one of --search and --set")
    left = {name: dimension for name, dimension in space.items() if name not in changes}
    if not left:
        raise SettingsError("all that is searched by default is set; name others by --search")
    return left


def _tell(trial: Trial) -> None:
    values = ", ".join(f"{name} {_cell(value)}" for name, value in trial.settings.items())
    shown = f"trial {trial.number}: MRR {100 * trial.score:.1f}, {values}  {_note(trial)}"
    print(shown.rstrip(), file=sys.stderr)


def _note(trial: Trial) -> str:
    if trial.state == "failed":
        return f"(failed: {trial.failure})"
    return "(stopped halfway)" if trial.state == "stopped" else ""


def _cell(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _lines(tuned: Tuned, names: list[str]) -> Iterator[str]:
    """A table of the trials, best first, and where things are."""
    widths = [max(len(name), 8) + 2 for name in names]
    head = "".join(f"{name:>{width}}" for name, width in zip(names, widths, strict=True))
    yield f"trial    MRR{head}  minutes"
    for trial in sorted(tuned.trials, key=lambda each: (each.state != "done", -each.score)):
        cells = "".join(
            f"{_cell(trial.settings[name]):>{width}}"
            for name, width in zip(names, widths, strict=True)
        )
        line = f"{trial.number:>5}{100 * trial.score:>7.1f}{cells}{trial.seconds / 60:>9.1f}"
        yield f"{line}  {_note(trial)}".rstrip()
    yield f"{len(tuned.trials):,} trials in {tuned.seconds / 60:.1f} minutes; {tuned.end}"
    yield f"{tuned.folder / 'best.toml'}  the best recipe, for `dowse train fit --recipe`"
    yield f"{tuned.model}  its model"
