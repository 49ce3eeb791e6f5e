"""What one shard indexes: a folder of the workspace, a package at its exact version, the cookbook.

A folder of the workspace changes all the time. The other units never do, so their shards are built
once on a machine, are shared by every workspace, and are known by what they hold, not by where.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dowse.context.types import Source

if TYPE_CHECKING:
    from dowse.context.dependencies import Package

COOKBOOK = Path(__file__).parent / "cookbook"
"""The bundled recipes."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One set of files that is indexed together."""

    source: Source
    root: Path
    """Folder that the paths of its files are relative to."""
    name: str
    """Name of its shard's folder; equal names, equal contents."""
    files: tuple[str, ...] | None = None
    """POSIX paths of its files; None for everything below the root that is not ignored."""
    package: str | None = None
    version: str | None = None
    license: str | None = None
    """SPDX identifier from the package's metadata; None leaves it to the files themselves."""

    @property
    def immutable(self) -> bool:
        """Whether it holds the same for ever, so that it is read once."""
        return self.source is not Source.WORKSPACE


def workspace_unit(root: Path) -> Unit:
    """A folder that somebody works in; its shard is known by the folder's path."""
    digest = hashlib.blake2b(str(root).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return Unit(Source.WORKSPACE, root, f"{readable(root.name)}-{digest}")


def package_unit(package: Package, folder: Path | None = None) -> Unit:
    """A package at its exact version; its shard is known by name, version and content.

    Args:
        package: as it is installed.
        folder: where its files are, if not where it is installed: an unpacked archive.
    """
    return Unit(
        Source.DEPENDENCY,
        folder or package.location,
        package.key,
        package.files,
        package.name,
        package.version,
        package.license,
    )


def cookbook_unit(folder: Path = COOKBOOK) -> Unit:
    """The bundled recipes; another release of them is another unit."""
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(folder.rglob("*.*")):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
            digest.update(path.read_bytes())
    return Unit(Source.COOKBOOK, folder, f"cookbook-{digest.hexdigest()}")


def readable(name: str) -> str:
    """A name as part of a folder's name on every file system."""
    return "".join(c if c.isalnum() and c.isascii() else "-" for c in name)[:40]
