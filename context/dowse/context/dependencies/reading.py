"""Reading what others wrote: regular files of a bounded size, and nothing where that fails.

Manifests, lock files and metadata of a workspace that nobody trusts may be pipes, links to
devices, gigabytes long or nested without end. Each function here answers with something empty then.
"""

from __future__ import annotations

import json
import os
import stat
import tomllib
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

MAX_BYTES = 16_000_000
"""Larger files are not read; the RECORD of PyTorch 2.13, with 14,600 files, has 1.5 MB."""
MAX_MANIFEST = 1_000_000
"""Bytes of the largest manifest or lock file in TOML; 700 crates take about 180,000."""
_MAX_LINE = 2_000
"""Characters of the longest line in TOML."""
MAX_ENTRIES = 50_000
"""Entries of one folder that are looked at."""

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""Without O_NONBLOCK, opening a pipe waits for its writer."""


def read_head(path: Path | str, size: int) -> bytes:
    """The first bytes of a regular file; none of what is no such file or cannot be read."""
    try:
        descriptor = os.open(path, _FLAGS)
    except (OSError, ValueError):
        return b""
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return b""
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(min(size, status.st_size))
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def read_text(path: Path | str, limit: int = MAX_BYTES) -> str:
    """A file's text; empty when it is larger than `limit` bytes. A byte order mark is dropped."""
    source = read_head(path, limit + 1)
    return "" if len(source) > limit else source.decode("utf-8-sig", "replace")


def read_json(path: Path | str) -> dict[str, Any]:
    """The object that a JSON file holds."""
    return parse_json(read_text(path))


def parse_json(text: str) -> dict[str, Any]:
    """The object that a JSON text holds."""
    return _parse(json.loads, text)


def read_toml(path: Path | str) -> dict[str, Any]:
    """The tables of a TOML file without very long lines."""
    text = read_text(path, MAX_MANIFEST)
    # tomllib needs time in the square of the number of parts of a dotted key
    too_long = any(len(line) > _MAX_LINE for line in text.splitlines())
    return {} if too_long else _parse(tomllib.loads, text)


def _parse(loads: Callable[[str], Any], text: str) -> dict[str, Any]:
    try:
        value = loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def table(value: object, *keys: str) -> dict[str, Any]:
    """The table below these keys; empty where there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def strings(value: object) -> list[str]:
    """The strings of a list; empty where there is none."""
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def entries(folder: Path | str) -> list[os.DirEntry[str]]:
    """What a folder holds, by name, without names that are no text."""
    try:
        with os.scandir(folder) as found:
            listed = [entry for entry in islice(found, MAX_ENTRIES) if entry.name.isprintable()]
    except (OSError, ValueError):
        return []
    return sorted(listed, key=lambda entry: entry.name)


def is_folder(entry: os.DirEntry[str], *, follow: bool = False) -> bool:
    """Whether an entry is a folder; links count if they are followed."""
    try:
        return entry.is_dir(follow_symlinks=follow)
    except OSError:
        return False


def below(
    folder: Path | str, endings: tuple[str, ...], without: Iterable[str] = ()
) -> Iterator[str]:
    """Yield the POSIX paths of the regular files below a folder; no link is followed.

    Args:
        folder: where to look.
        endings: of the names of the files wanted.
        without: names of folders that are not entered.
    """
    pending, without = [""], frozenset(without)
    visited = 0
    while pending and visited < MAX_ENTRIES:
        prefix, visited = pending.pop(), visited + 1
        for entry in entries(os.path.join(folder, prefix)):
            if is_folder(entry):
                if entry.name not in without:
                    pending.append(f"{prefix}{entry.name}/")
            elif entry.name.endswith(endings) and _is_file(entry):
                yield prefix + entry.name


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file(follow_symlinks=False)
    except OSError:
        return False


def absolute(text: str | None) -> Path | None:
    """The folder that a variable of the environment or a setting names, if it is absolute."""
    if not text or "\0" in text or not os.path.isabs(text):
        return None
    return Path(text)


def home() -> Path | None:
    """The person's home folder, where there is one."""
    return absolute(os.path.expanduser("~"))


def real(path: Path) -> Path:
    """The path without links, as far as they can be followed."""
    try:
        return Path(os.path.realpath(path))
    except (OSError, ValueError):
        return path
