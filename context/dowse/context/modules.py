"""Which files a file's imports mean, told from names and paths alone, in any language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import PurePosixPath

_SEPARATORS = re.compile(r"[./\\]|::|->")
_ENDINGS = re.compile(r"\.(?:[cm]?[jt]sx?|py|h|hpp|rb|php|lua)$")
"""Endings that an import may write out."""
_FOLDER_FILES = frozenset({"__init__", "index", "mod", "lib", "main"})
"""Files that are imported by the name of their folder."""


class Modules:
    """The modules that a file imports.

    Args:
        imports: as `CursorContext.imports` has them: `os.path`, `./dates.js`, `crate::dates`.
    """

    def __init__(self, imports: Iterable[str]) -> None:
        split = (_parts(_ENDINGS.sub("", name)) for name in imports)
        self._imports: dict[str, list[tuple[str, ...]]] = {}
        for parts in filter(None, split):
            self._imports.setdefault(parts[-1], []).append(parts)

    def __contains__(self, path: str) -> bool:
        """Whether a file, by its POSIX path, is one of them: as far as both say, they agree."""
        return any(self._agrees(module) for module in _modules_of(path))

    def _agrees(self, module: tuple[str, ...]) -> bool:
        lengths = (
            (parts, min(len(parts), len(module))) for parts in self._imports.get(module[-1], ())
        )
        return any(parts[-length:] == module[-length:] for parts, length in lengths)


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part for part in _SEPARATORS.split(name) if part)


@lru_cache(maxsize=65_536)
def _modules_of(path: str) -> tuple[tuple[str, ...], ...]:
    """The names by which a file can be imported; Go's packages and Java's are folders."""
    file = PurePosixPath(path)
    folder = file.parent.parts
    if file.suffix == ".go" or file.stem in _FOLDER_FILES:
        return (folder,) if folder else ()
    return ((*folder, file.stem),)
