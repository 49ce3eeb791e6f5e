"""The sources beside the workspace: which packages its code uses, and when their shards are built.

A package is built when it is first needed: when a manifest of the workspace names it, or when a
file that asks imports it. What was built once is there for every workspace of the machine.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from dowse.context.dependencies import Package, find_packages, unpack
from dowse.context.errors import ShardError
from dowse.context.library import Library
from dowse.context.shard import Refresh, Shard
from dowse.context.shelf import beyond, remove, shelved
from dowse.context.units import cookbook_unit, package_unit

logger = logging.getLogger(__name__)

Progress = Callable[[int, int], None]


class Dependencies:
    """The installed packages of the open folders.

    One thread finds and opens; what is waiting may be asked from any.

    Args:
        library: gets the shards of packages as they are opened.
        cache: dowse's cache folder.
        python: an interpreter or an environment to look into; found when None.
        most: bytes that the shards of packages may take on disk.
    """

    def __init__(self, library: Library, cache: Path, python: Path | None, most: int) -> None:
        self._library, self._cache = library, cache
        self._python, self._most = python, most
        self._packages: dict[str, Package] = {}
        self._opened: dict[str, Shard | None] = {}

    def find(self, roots: Iterable[Path]) -> None:
        """Look up what is installed for some folders; nothing that is found is run."""
        for root in roots:
            for package in find_packages(root, self._python):
                if package.direct or package.key not in self._packages:
                    self._packages[package.key] = package

    def direct(self) -> list[Package]:
        """The packages that manifests name and that are not open yet."""
        return [package for package in self._waiting() if package.direct]

    def imported(self, imports: Sequence[str]) -> list[Package]:
        """The packages that imports name and that are not open yet.

        Args:
            imports: as `CursorContext.imports` has them: dotted names, paths, crates.
        """
        named = {prefix for name in imports for prefix in _prefixes(name)}
        return [package for package in self._waiting() if named.intersection(package.modules)]

    def _waiting(self) -> list[Package]:
        # a copy: the event loop asks what is waiting while a thread finds more
        return [p for key, p in list(self._packages.items()) if key not in self._opened]

    def open(
        self,
        package: Package,
        progress: Progress = lambda done, total: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Refresh | None:
        """Open the shard of a package, building it if nobody has yet.

        Returns:
            what was read; None where the package cannot be read or was stopped.
        """
        self._opened[package.key] = None
        try:
            folder = self._unpacked(package)
            shard = self._library.open(package_unit(package, folder))
            done = shard.refresh(progress=progress, cancelled=cancelled)
        except (ShardError, OSError) as error:
            logger.warning("%s %s is not searched: %s", package.name, package.version, error)
            return None
        if cancelled():
            del self._opened[package.key]  # it goes on where it stopped
            return None
        self._opened[package.key] = shard
        return done

    def _unpacked(self, package: Package) -> Path | None:
        if not package.location.is_file():
            return None
        folder = self._cache / "unpacked" / package.key
        if not folder.is_dir() and not unpack(package.location, folder):
            raise ShardError(f"{package.location} cannot be unpacked; fetch its sources again")
        return folder

    def make_room(self) -> int:
        """Remove the packages used longest ago until the others fit; returns bytes freed."""
        in_use = [shard.folder for shard in self._opened.values() if shard is not None]
        return remove(beyond(shelved(self._cache), self._most, in_use))


def open_cookbook(library: Library) -> Shard:
    """Open the bundled recipes, building their shard at the first time."""
    shard = library.open(cookbook_unit())
    shard.refresh()
    return shard


def _prefixes(name: str) -> Iterable[str]:
    """`os.path` is imported by `os`, `@scope/lib/part` by `@scope/lib`, `a::b` by `a`."""
    yield name
    for separator in (".", "/", "::"):
        parts = name.split(separator)
        for count in range(1, len(parts)):
            yield separator.join(parts[:count])
