"""`dowse train average`: one model out of several that were trained from the same base."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from dowse.server.cli.workspace import share


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `dowse train average`."""
    parser.add_argument(
        "models",
        nargs="+",
        type=_part,
        metavar="MODEL=SHARE",
        help="a folder, package:NAME of an installed package, model:NAME or a .gguf file, and its "
        "share of the weights, from 0 to 1; the shares add up to 1",
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FOLDER", help="gets the averaged model"
    )
    parser.add_argument("--json", action="store_true", help="print the parts as one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Average, and print what of."""
    from dowse.model.training.mixture import average

    parts = average(arguments.models, arguments.out)
    if arguments.json:
        print(json.dumps({"parts": [asdict(part) for part in parts]}))
        return 0
    for part in parts:
        print(f"{part.share:6.1%}  {part.name}")
    print(arguments.out)
    return 0


def _part(text: str) -> tuple[str, float]:
    model, equals, number = text.rpartition("=")
    if not (model and equals):
        raise argparse.ArgumentTypeError(f"{text!r} is not MODEL=SHARE; write tuned=0.7, say")
    return model, share(number)
