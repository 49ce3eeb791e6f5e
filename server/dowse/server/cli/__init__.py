"""The command line: one command, `dowse`, with one module for each subcommand.

Every subcommand exits 0 when done, 2 on bad usage and 1 on failure with one clear line.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from dowse.context.errors import DowseError
from dowse.server import __version__

COMMANDS = {
    "serve": "run the language server",
    "find": "search for code from the terminal",
    "index": "build or refresh the index of a folder",
    "evaluate": "measure search quality on your own repository or on a BEIR folder",
    "export": "convert a sentence-transformers encoder to GGUF and quantize it",
    "train": "collect pairs of sentences and code, and fine-tune on them",
    "models": "list, pull, choose and verify models",
    "doctor": "show what is installed and what the model really runs on",
    "demo": "answer a find comment through the real server, step by step",
}

_INTERRUPTED = 130
"""Exit status of a program that SIGINT ended (128 + 2), as shells report it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    parser = _parser()
    given = sys.argv[1:] if arguments is None else list(arguments)
    named = next((word for word in given if word in COMMANDS), None)
    parsed = _parser(named).parse_args(given) if named else parser.parse_args(given)
    try:
        return int(parsed.run(parsed))
    except DowseError as error:
        print(f"dowse: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("dowse: stopped; what was done until now is kept.", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:
        # the reader of our output has gone; keep Python from failing once more at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parser(named: str | None = None) -> argparse.ArgumentParser:
    """The parser; only the subcommand that runs is imported, so that `serve` starts fast."""
    parser = argparse.ArgumentParser(
        "dowse", description="Finds code from a sentence, on your own machine."
    )
    parser.add_argument("--version", action="version", version=f"dowse {__version__}")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, purpose in COMMANDS.items():
        sentence = f"{purpose[0].upper()}{purpose[1:]}."
        subparser = subparsers.add_parser(name, help=purpose, description=sentence)
        if name == named:
            module = import_module(f"dowse.server.cli.{name}")
            module.add_arguments(subparser)
            subparser.set_defaults(run=module.run)
    return parser
