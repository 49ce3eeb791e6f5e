"""`dowse train`: from pairs of sentences and code to a model of one's own."""

from __future__ import annotations

import argparse

from dowse.server.cli import train_collect, train_fit


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the steps of `dowse train`."""
    steps = parser.add_subparsers(metavar="STEP", required=True)
    purpose = "mine, read, clean and split pairs of sentences and code"
    collect = steps.add_parser("collect", help=purpose, description=f"{purpose.capitalize()}.")
    train_collect.add_arguments(collect)
    collect.set_defaults(run_step=train_collect.run)
    purpose = "fine-tune an encoder on pairs of sentences and code"
    fit = steps.add_parser("fit", help=purpose, description=f"{purpose.capitalize()}.")
    train_fit.add_arguments(fit)
    fit.set_defaults(run_step=train_fit.run)


def run(arguments: argparse.Namespace) -> int:
    """Run the step that was named."""
    return int(arguments.run_step(arguments))
