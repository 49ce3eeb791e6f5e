# SPDX-License-Identifier: CC0-1.0
"""Command-line programs: arguments, questions, tables, progress and exit codes."""

import argparse
import getpass
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse command-line arguments with argparse: a file, an option with default and a flag."""
    parser = argparse.ArgumentParser(description="Count the words of a file.")
    parser.add_argument("file", type=Path, help="the file to read")
    parser.add_argument("-n", "--top", type=int, default=10, metavar="N", help="words to show")
    parser.add_argument("-v", "--verbose", action="store_true", help="say what is done")
    return parser.parse_args(argv)


def parse_subcommands(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse a command line with subcommands, like `git add` and `git commit`."""
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    add = commands.add_parser("add", help="add a task")
    add.add_argument("title")
    listing = commands.add_parser("list", help="list the tasks")
    listing.add_argument("--done", action="store_true")
    return parser.parse_args(argv)


def positive_int(text: str) -> int:
    """Validate a command-line argument as a positive integer; use it as `type=` of argparse."""
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no positive integer")
    return value


def input_lines(paths: Sequence[Path]) -> Iterator[str]:
    """Read lines from the files given on the command line, or from standard input without any."""
    if not paths:
        yield from (line.rstrip("\n") for line in sys.stdin)
    for path in paths:
        with path.open(encoding="utf-8") as file:
            yield from (line.rstrip("\n") for line in file)


def confirm(question: str, default: bool = False) -> bool:
    """Ask a yes/no question on the terminal until the answer is clear; Enter takes the default."""
    hint = "[Y/n]" if default else "[y/N]"
    while True:
        answer = input(f"{question} {hint} ").strip().lower()
        if not answer:
            return default
        if answer in ("y", "yes", "n", "no"):
            return answer.startswith("y")
        print("Please answer yes or no.")


def choose(question: str, options: Sequence[str]) -> str:
    """Let the user choose one of several options by number."""
    for number, option in enumerate(options, start=1):
        print(f"{number}) {option}")
    while True:
        answer = input(f"{question} (1-{len(options)}) ").strip()
        if answer.isdecimal() and 1 <= int(answer) <= len(options):
            return options[int(answer) - 1]


def ask_new_password() -> str:
    """Ask for a password twice without showing it, until both entries agree."""
    while True:
        password = getpass.getpass("New password: ")
        if password and password == getpass.getpass("Repeat it: "):
            return password
        print("The passwords differ or are empty. Try again.", file=sys.stderr)


def progress_bar(items: Sequence[T], width: int = 30) -> Iterator[T]:
    """Show a progress bar on the terminal while iterating over a list."""
    for done, item in enumerate(items):
        bar = "#" * (width * done // len(items))
        print(f"\r[{bar:<{width}}] {done}/{len(items)}", end="", file=sys.stderr, flush=True)
        yield item
    print(f"\r[{'#' * width}] {len(items)}/{len(items)}", file=sys.stderr)


def format_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Format rows as a table of aligned columns for the terminal; numbers are right-aligned."""
    columns = list(zip(header, *rows, strict=True))
    widths = [max(len(str(cell)) for cell in column) for column in columns]

    def line(cells: Sequence[object]) -> str:
        pairs = zip(cells, widths, strict=True)
        numbers = (int, float)
        parts = [f"{c!s:>{w}}" if isinstance(c, numbers) else f"{c!s:<{w}}" for c, w in pairs]
        return "  ".join(parts).rstrip()

    return "\n".join([line(header), line(["-" * width for width in widths]), *map(line, rows)])


def colored(text: str, color: str) -> str:
    """Color a text by ANSI codes if the output is a terminal and `NO_COLOR` is not set."""
    codes = {"red": 31, "green": 32, "yellow": 33, "blue": 34}
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return text
    return f"\x1b[{codes[color]}m{text}\x1b[0m"


def fit_to_terminal(line: str) -> str:
    """Cut a line to the width of the terminal."""
    width = shutil.get_terminal_size().columns
    return line if len(line) <= width else line[: width - 1] + "…"


def run_main(main: Callable[[], int | None]) -> int:
    """Run a program's main function and turn errors and Ctrl-C into exit codes and one line.

    Use it as `sys.exit(run_main(main))`; a shell expects 130 after Ctrl-C.
    """
    try:
        return main() or 0
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader (such as `head`) is gone; what is still buffered must not be written at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
