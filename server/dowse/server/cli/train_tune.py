"""`dowse train tune`: search the settings of a recipe that rank best."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `dowse train tune`."""


def run(arguments: argparse.Namespace) -> int:
    """Tune."""
    return 0
