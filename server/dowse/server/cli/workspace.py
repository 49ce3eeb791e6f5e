"""What `find`, `index` and `doctor` share: a folder's library with words, vectors and progress."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from dowse.context.errors import DowseError
from dowse.context.library import Library
from dowse.context.shard import Refresh
from dowse.context.sources import Dependencies, open_cookbook
from dowse.context.types import Source
from dowse.server.settings import Settings

Report = Callable[[int, int], None]
Progress = Callable[[str, int, int], None]

_LOGGED_EVERY = 30.0
"""Seconds between two lines about a step where stderr is no terminal."""


def add_model_argument(parser: argparse.ArgumentParser) -> None:
    """Declare `--model`."""
    parser.add_argument("--model", default="", help="name or path of a GGUF model")


def existing_folder(text: str) -> Path:
    """Parse a folder that is there."""
    path = Path(text).expanduser().absolute()
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {text!r}")
    return path


def whole_number(least: int) -> Callable[[str], int]:
    """A parser of whole numbers from `least`."""

    def parse(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least}")
        return int(text)

    return parse


def share(text: str) -> float:
    """A parser of numbers from 0 to 1."""
    found = float(text)
    if not 0 <= found <= 1:
        raise argparse.ArgumentTypeError(f"{text} is no share; give a number from 0 to 1")
    return found


@contextmanager
def bar(title: str) -> Iterator[Report]:
    """A progress bar on stderr; where that is no terminal, a line now and then for the log."""
    if not sys.stderr.isatty():
        yield _log(title)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task(title, total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total or None)


def _log(title: str) -> Report:
    told = time.monotonic()

    def report(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told >= _LOGGED_EVERY:
            told = time.monotonic()
            place = f", {done:,} of {total:,}" if total else ""
            print(f"{title}{place}", file=sys.stderr, flush=True)

    return report


@contextmanager
def bars() -> Iterator[Progress]:
    """A progress bar for each step, the one before gone."""
    with ExitStack() as stack:
        shown: dict[str, Report] = {}

        def report(step: str, done: int, total: int) -> None:
            if step not in shown:
                stack.pop_all().close()
                shown.clear()
                shown[step] = stack.enter_context(bar(step))
            shown[step](done, total)

        yield report


ALONE = (Source.WORKSPACE,)
"""Only the folder itself."""


def sources(text: str) -> tuple[Source, ...]:
    """Parse the names of sources, with commas between them, or `all`."""
    known = Settings().sources
    named = [*known] if text == "all" else text.split(",")
    if unknown := [name for name in named if name not in list(known)]:
        raise argparse.ArgumentTypeError(
            f"there is no source {unknown[0]!r}; choose from {', '.join(known)} or all"
        )
    return tuple(source for source in known if source in named)


def open_library(
    root: Path, wanted: Collection[Source] = ALONE, python: Path | None = None
) -> tuple[Library, Refresh]:
    """Open a folder's library and bring its words up to date.

    Args:
        root: the folder.
        wanted: sources beside it that are opened, and built where they are new.
        python: an interpreter or environment whose packages are meant; found when None.
    """
    settings = Settings()
    library = Library(settings.cache, settings.limits)
    shard = library.open(root)
    with bar("reading files") as report:
        refresh = shard.refresh(progress=report)
    if Source.COOKBOOK in wanted:
        open_cookbook(library)
    if Source.DEPENDENCY in wanted:
        _open_packages(library, root, python)
    return library, refresh


def _open_packages(library: Library, root: Path, python: Path | None) -> None:
    settings = Settings()
    most = settings.max_package_megabytes * 1_000_000
    dependencies = Dependencies(library, settings.cache, python, most)
    dependencies.find([root])
    for package in dependencies.direct():
        with bar(f"reading {package.name} {package.version}") as report:
            dependencies.open(package, report)
    dependencies.make_room()


def attach_model(library: Library, model: str, *, required: bool = True) -> None:
    """Load a model for the library; without `required`, words alone will do."""
    from dowse.server.model import load_model

    try:
        embedder, _ = load_model(Settings(model=model))
    except DowseError as error:
        if required:
            raise
        print(f"dowse: {error}; until then, words alone are searched", file=sys.stderr)
        return
    library.attach(embedder)
