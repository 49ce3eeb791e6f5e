"""Workspaces of real code: files of installed packages, copied until there are enough snippets."""

from __future__ import annotations

import os
import shutil
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dowse.context.files import LeftOut, read
from dowse.context.snippets import extract
from dowse.context.types import Limits

PACKAGES = ("huggingface_hub", "pygls", "rich", "hypothesis", "sympy", "transformers", "torch")
"""In this order, so that every size starts with the same files."""


def files() -> Iterator[tuple[Path, str]]:
    """Every Python file of the packages with its path below site-packages."""
    top = Path(sysconfig.get_path("purelib"))
    for package in PACKAGES:
        for path in sorted((top / package).rglob("*.py")):
            yield path, path.relative_to(top).as_posix()


def copy_snippets(folder: Path, count: int) -> int:
    """Copy files into a folder until they hold that many snippets; returns how many they do."""
    found = 0
    for path, name in files():
        content = read(path.parent, path.name, Limits())
        if isinstance(content, LeftOut):
            continue
        found += len(extract(*content))
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        if found >= count:
            break
    return found


@contextmanager
def fresh_cache() -> Iterator[Path]:
    """A cache folder of its own for everything that runs inside."""
    with tempfile.TemporaryDirectory() as folder:
        before = os.environ.get("DOWSE_CACHE")
        os.environ["DOWSE_CACHE"] = folder
        try:
            yield Path(folder)
        finally:
            os.environ.pop("DOWSE_CACHE")
            if before is not None:
                os.environ["DOWSE_CACHE"] = before
