"""`dowse train`: from pairs of sentences and code to a model of one's own."""

from __future__ import annotations

import argparse

from dowse.server.cli import (
    train_average,
    train_collect,
    train_evaluate,
    train_fit,
    train_prune,
    train_select,
    train_tune,
)

_STEPS = {
    "collect": (train_collect, "mine, read, clean and split pairs of sentences and code"),
    "select": (train_select, "choose the pairs that are like what people ask"),
    "prune": (train_prune, "take unused pieces out of an encoder's vocabulary"),
    "fit": (train_fit, "fine-tune an encoder on pairs of sentences and code"),
    "tune": (train_tune, "search the settings of a recipe that rank best"),
    "average": (train_average, "make one model of several that come from the same base"),
    "evaluate": (train_evaluate, "tell what a fine-tuned model does better, worse and faster"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the steps of `dowse train`."""
    steps = parser.add_subparsers(metavar="STEP", required=True)
    for name, (module, purpose) in _STEPS.items():
        step = steps.add_parser(name, help=purpose, description=f"{purpose.capitalize()}.")
        module.add_arguments(step)
        step.set_defaults(run_step=module.run)


def run(arguments: argparse.Namespace) -> int:
    """Run the step that was named."""
    return int(arguments.run_step(arguments))
