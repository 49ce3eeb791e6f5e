"""Where pairs are mined: repositories and installed packages, with the licence of each."""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dowse.context.dependencies import find_packages
from dowse.context.errors import DatasetError
from dowse.context.files import LeftOut, listed, read, walk
from dowse.context.licenses import license_of_project
from dowse.context.types import Limits
from dowse.model.evaluation.descriptions import has_definitions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dowse.context.dependencies import Package
    from dowse.context.languages import Language

PERMISSIVE = frozenset(
    (
        *("MIT", "MIT-0", "MIT-CMU", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "ISC"),
        *("Zlib", "PSF-2.0", "Python-2.0", "CNRI-Python", "Unlicense", "CC0-1.0", "BSL-1.0"),
        *("BSD-3-Clause-Clear", "HPND", "NCSA", "PostgreSQL", "BlueOak-1.0.0", "X11"),
    )
)
"""SPDX identifiers of licences that ask for no more than a notice."""
_PROSE = (".md", ".rst", ".markdown")
_MAX_PROSE = 1_000_000
"""Bytes of a documentation file; larger ones are generated."""
_MAX_PROSE_FILES = 5_000
_PASSED = frozenset({"node_modules", "__pycache__", "venv", "site-packages", "_build"})


@dataclass(frozen=True, slots=True)
class Place:
    """One repository or package."""

    name: str
    root: Path
    license: str
    """SPDX expression; empty where it is unknown."""
    files: tuple[str, ...] | None = None
    """As `Package.files`; None: everything below `root`."""
    is_repository: bool = True

    def sources(self, limits: Limits) -> Iterator[tuple[str, bytes, Language]]:
        """Path, text and language of each file in a language that has definitions."""
        left_out: Counter[LeftOut] = Counter()
        if self.files is None:
            files = walk(self.root, limits, left_out, apart=not self.is_repository)
        else:
            files = listed(self.root, self.files, limits, left_out)
        for file in files:
            content = read(self.root, file.path, limits)
            if not isinstance(content, LeftOut) and has_definitions(content[1]):
                yield file.path, *content

    def prose(self) -> Iterator[tuple[str, str]]:
        """Path and text of README and documentation files; a package has its metadata's text."""
        for path in self._prose_files():
            try:
                if path.is_file() and not path.is_symlink() and path.stat().st_size <= _MAX_PROSE:
                    text = path.read_text("utf-8", "replace")
                    yield path.relative_to(self.root).as_posix(), text
            except OSError:
                continue

    def _prose_files(self) -> Iterator[Path]:
        if self.files is not None:
            stem = re.compile(re.sub(r"[-_.]+", "[-_.]+", self.name.partition("==")[0]) + "-", re.I)
            for info in sorted(self.root.glob("*.dist-info")):
                if stem.match(info.name):
                    yield info / "METADATA"
            return
        count = 0
        for folder, names, files in os.walk(self.root):
            names[:] = sorted(n for n in names if n[0] != "." and n not in _PASSED)
            for name in sorted(files):
                if name.casefold().endswith(_PROSE) and (count := count + 1) <= _MAX_PROSE_FILES:
                    yield Path(folder, name)


def repository(root: Path) -> Place:
    """A folder with the licence that its metadata or its licence text states.

    Raises:
        DatasetError: there is no such folder.
    """
    if not root.is_dir():
        raise DatasetError(f"there is no folder {str(root)!r}; name a repository or a file")
    root = root.resolve()
    return Place(root.name, root, license_of_project(root) or "")


def packages(python: Path, names: frozenset[str]) -> list[Place]:
    """Packages that are installed in a Python environment.

    Args:
        python: an interpreter or the folder of an environment.
        names: normalized (PEP 503) names of those that are wanted.

    Raises:
        DatasetError: one of them is not installed there.
    """
    found = {each.name: each for each in find_packages(python, python)}
    if missing := sorted(names - found.keys()):
        raise DatasetError(f"{', '.join(missing)} is not installed in {python}; install it")
    return [_place(found[name]) for name in sorted(names)]


def _place(package: Package) -> Place:
    name = f"{package.name}=={package.version}"
    return Place(name, package.location, package.license or "", package.files, False)


def is_allowed(license: str, allowed: frozenset[str]) -> bool:
    """Whether an SPDX expression can be met by licences of a set alone; an unknown one cannot.

    Of `OR` one side is enough, of `AND` all sides are needed; an exception (`WITH`) only permits
    more. Brackets are as the SPDX specification, annex D, has them.
    """
    tokens = re.findall(r"[()]|[^\s()]+", license)
    met, rest = _either(tokens, allowed)
    return met and not rest


def _either(tokens: list[str], allowed: frozenset[str]) -> tuple[bool, list[str]]:
    met, rest = _all(tokens, allowed)
    while rest[:1] == ["OR"]:
        other, rest = _all(rest[1:], allowed)
        met = met or other
    return met, rest


def _all(tokens: list[str], allowed: frozenset[str]) -> tuple[bool, list[str]]:
    met, rest = _one(tokens, allowed)
    while rest[:1] == ["AND"]:
        other, rest = _one(rest[1:], allowed)
        met = met and other
    return met, rest


def _one(tokens: list[str], allowed: frozenset[str]) -> tuple[bool, list[str]]:
    if not tokens:
        return False, []
    if tokens[0] == "(":
        met, rest = _either(tokens[1:], allowed)
        return met, rest[1:]
    rest = tokens[3:] if tokens[1:2] == ["WITH"] else tokens[1:]
    return tokens[0].removesuffix("+") in allowed, rest
