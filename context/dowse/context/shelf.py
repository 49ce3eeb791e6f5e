"""The shards on disk: what each one holds, when it was last used, and how they make room.

Shards are derived: what is removed here comes back when it is needed again.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dowse.context.catalog import LAYOUT
from dowse.context.types import Source

if TYPE_CHECKING:
    from dowse.context.units import Unit

_NOTE = "unit.json"
"""What a shard is of; its modification time is when the shard was opened last."""
_DAY = 86_400
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Shelved:
    """A shard on disk that may or may not be in use."""

    folder: Path
    source: Source | None
    """None for a folder of another layout, or one without a note."""
    root: Path
    title: str
    size: int
    """Bytes."""
    used: float
    """When it was opened last, in seconds since 1970."""


def shards_folder(cache: Path) -> Path:
    """Where the shards of this layout are kept."""
    return cache / f"shards-{LAYOUT}"


def note(folder: Path, unit: Unit) -> None:
    """Write into a shard's folder what it is of, and that it was opened just now."""
    title = f"{unit.package} {unit.version}" if unit.package else str(unit.root)
    written = {"source": unit.source.value, "root": str(unit.root), "title": title}
    temporary = folder / f"{_NOTE}.{os.getpid()}.partial"
    temporary.write_text(json.dumps(written), "utf-8")
    temporary.replace(folder / _NOTE)


def shelved(cache: Path) -> list[Shelved]:
    """Every shard in the cache folder, the one used last first."""
    folders = [
        folder for source in Source for folder in _below(shards_folder(cache) / source.value)
    ]
    old = [f for f in _below(cache) if f.name.startswith("shards-") and f != shards_folder(cache)]
    return sorted(map(_read, [*folders, *old]), key=lambda shard: -shard.used)


def _below(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError:
        return []


def _read(folder: Path) -> Shelved:
    size, used = sum(_sizes(folder)), 0.0
    try:
        noted = json.loads((folder / _NOTE).read_text("utf-8"))
        used = (folder / _NOTE).stat().st_mtime
        source, root = Source(noted["source"]), Path(noted["root"])
        return Shelved(folder, source, root, str(noted["title"]), size, used)
    except (OSError, ValueError, KeyError, TypeError):
        return Shelved(folder, None, folder, folder.name, size, used)


def _sizes(folder: Path) -> Iterator[int]:
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                yield os.lstat(os.path.join(parent, name)).st_size


def outdated(shards: Iterable[Shelved], days: float) -> list[Shelved]:
    """What nobody will miss: folders that are gone, packages that nobody opened, old layouts.

    Args:
        shards: what is there.
        days: packages and recipes not opened for so long are outdated.
    """
    before = time.time() - days * _DAY
    return [
        shard
        for shard in shards
        if shard.source is None
        or (shard.source is Source.WORKSPACE and not shard.root.is_dir())
        or (shard.source is not Source.WORKSPACE and shard.used <= before)
    ]


def beyond(shards: Iterable[Shelved], most: int, keep: Iterable[Path] = ()) -> list[Shelved]:
    """The packages' shards that do not fit into a number of bytes, those used last fit first.

    Args:
        shards: what is there, the one used last first.
        most: bytes that all packages together may take.
        keep: folders of shards that are open: they count, but stay.
    """
    open_folders, total, excess = set(keep), 0, []
    for shard in shards:
        if shard.source is Source.DEPENDENCY:
            total += shard.size
            if total > most and shard.folder not in open_folders:
                excess.append(shard)
    return excess


def remove(shards: Iterable[Shelved]) -> int:
    """Delete shards; returns the bytes that were freed. One that is in use elsewhere may stay."""
    freed = 0
    for shard in shards:
        shutil.rmtree(shard.folder, ignore_errors=True)
        freed += 0 if shard.folder.exists() else shard.size
    return freed
