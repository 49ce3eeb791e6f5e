"""`dowse train collect`: pairs of sentences and code to train on."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dowse.server.cli.workspace import (
    add_model_argument,
    bars,
    existing_folder,
    share,
    whole_number,
)

if TYPE_CHECKING:
    from dowse.model.training.data.card import Card
    from dowse.model.training.data.consistency import Consistency


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `dowse train collect`."""
    parser.add_argument(
        "sources",
        nargs="+",
        metavar="SOURCE",
        help="a repository, a file or a folder of pairs, or package:NAME of an installed package",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where to")
    parser.add_argument(
        "--language", action="append", default=[], help="keep only this one (repeatable)"
    )
    parser.add_argument(
        "--license",
        action="append",
        metavar="SPDX",
        help="licence that is allowed, `permissive` for those that ask for no more than a notice, "
        "or `any` (repeatable; default: permissive)",
    )
    parser.add_argument(
        "--exclude",
        action="append",
        type=existing_folder,
        default=[],
        metavar="FOLDER",
        help="evaluation set in BEIR format whose queries and code are left out (repeatable)",
    )
    parser.add_argument(
        "--python",
        type=Path,
        default=Path(sys.prefix),
        help="interpreter or environment of the packages (default: the one that runs dowse)",
    )
    parser.add_argument(
        "--most",
        type=whole_number(0),
        default=0,
        metavar="N",
        help="pairs of one repository, drawn by chance, so that large ones do not rule "
        "(default: all)",
    )
    for name, default, purpose in (
        ("development", 0.02, "share of repositories held out to watch a training by"),
        ("test", 0.0, "share of repositories held out as an evaluation set, under FOLDER/test"),
    ):
        parser.add_argument(
            f"--{name}",
            type=share,
            default=default,
            metavar="SHARE",
            help=f"{purpose}, 0 to 1 (default: {default:g})",
        )
    parser.add_argument(
        "--consistent",
        type=whole_number(0),
        default=20,
        metavar="K",
        help="drop a training pair if a model does not rank its code among the first K of up to "
        "10,000 for its query; pairs that people judged stay; 0 keeps all and loads no model "
        "(default: 20)",
    )
    add_model_argument(parser)
    parser.add_argument("--seed", type=whole_number(0), default=0, help="divides differently")
    parser.add_argument("--json", action="store_true", help="print all counts as one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Collect and print what was kept and dropped."""
    from dowse.model.training.data.cleaning import Rules
    from dowse.model.training.data.collecting import Settings, collect

    settings = Settings(
        rules=Rules(_licenses(arguments.license), _languages(arguments.language)),
        exclude=tuple(arguments.exclude),
        python=arguments.python,
        most=arguments.most,
        seed=arguments.seed,
        development=arguments.development,
        test=arguments.test,
    )
    with _consistency(arguments) as consistency, bars() as progress:
        card = collect(arguments.sources, arguments.out, settings, progress, consistency)
    print(json.dumps(card.as_json()) if arguments.json else "\n".join(_lines(card, arguments.out)))
    return 0


@contextmanager
def _consistency(arguments: argparse.Namespace) -> Iterator[Consistency | None]:
    """The model that pairs are checked with, closed at the end; None where none is asked for."""
    if not arguments.consistent:
        yield None
        return
    from dowse.model.training.data.consistency import Consistency
    from dowse.server.model import load_model
    from dowse.server.settings import Settings

    settings = Settings(model=arguments.model)
    embedder, _ = load_model(settings)
    try:
        yield Consistency(embedder, arguments.consistent, settings.cache, arguments.seed)
    finally:
        embedder.close()


def _licenses(names: list[str] | None) -> frozenset[str] | None:
    from dowse.model.training.data.places import PERMISSIVE

    allowed = frozenset(names or ["permissive"])
    if "any" in allowed:
        return None
    return allowed | PERMISSIVE if "permissive" in allowed else allowed


def _languages(names: list[str]) -> frozenset[str]:
    from dowse.context.errors import SettingsError
    from dowse.context.languages import language_named

    for name in names:
        if language_named(name) is None:
            raise SettingsError(f"there is no language {name!r}; take a name such as python")
    return frozenset(names)


def _lines(card: Card, out: Path) -> Iterator[str]:
    found = card.as_json()
    held = f"{found['development']:,} for development, {found['test']:,} for testing"
    yield f"{found['train']:,} pairs to train on, {held}"
    for title in ("source", "dropped", "changed"):
        rows = ", ".join(f"{name} {number:,}" for name, number in found[title].items())
        yield f"{title}: {rows or 'nothing'}"
    yield f"The data card is {out / 'CARD.md'}."
