"""What is known of one installed package, and which names of files can belong to one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

MAX_PATH = 1_000
"""Characters of the longest path that is taken from a list of files."""

TEST_FOLDERS = frozenset(("tests", "__tests__", "testdata"))
"""Folders with a package's own tests, which nobody looks for. `test` is none of them: Django's
`django.test` is for its users."""

_NAME, _VERSION, _DIGEST = 48, 24, 16
"""Characters of name, version and digest in a key: with the ecosystem at most 97, where file
systems allow 255; 64 bits of digest tell packages apart whose shortened names agree."""


_PLAIN = re.compile(r"(?:[\w.+-]*[\w+-]/)*[\w.+-]*[\w+-]", re.ASCII)
"""What nearly every path is like, told in a third of the time."""


class Ecosystem(StrEnum):
    """Whose packages they are: the first part of a key."""

    PYTHON = "python"
    NODE = "node"
    GO = "go"
    CARGO = "cargo"
    MAVEN = "maven"


@dataclass(frozen=True, slots=True)
class Package:
    """One installed package at its exact version."""

    ecosystem: Ecosystem
    name: str
    """Normalized (PEP 503) for Python, `@scope/name` for Node, the module path for Go, the
    crate's name for Cargo, `group:artifact` for Maven. Standard libraries: `python`, `std`."""
    version: str
    location: Path
    """Folder that paths are relative to, or a sources jar (see `jars.unpack`)."""
    files: tuple[str, ...] | None
    """POSIX paths below `location` of the package's source files, as its installer listed them;
    they may be gone by now. None: everything below `location`."""
    license: str | None
    """SPDX expression from the package's metadata, else recognized from its licence text."""
    modules: tuple[str, ...]
    """Names under which code imports it; empty for Maven."""
    direct: bool
    """Whether the workspace's own manifests name it."""
    identity: str = ""
    """What tells this content from another one of the same name and version: digests of files
    in RECORD, a checksum of a lock file, the size of a jar."""

    @property
    def key(self) -> str:
        """Name of a folder for what is derived from the package, on every file system.

        Equal for equal ecosystem, name, version and identity, wherever the package is installed.
        The identity is what the package's metadata claims: nobody has hashed the files.
        """
        parts = (self.ecosystem, self.name, self.version, self.identity)
        digest = hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()
        name, version = _slug(self.name)[:_NAME], _slug(self.version)[:_VERSION]
        return f"{self.ecosystem}-{name}-{version}-{digest[:_DIGEST]}"


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9._]+", "-", text.lower())


def unique(packages: Iterable[Package]) -> list[Package]:
    """Each package once: the first one found stays, direct if one of them is."""
    found: dict[tuple[Ecosystem, str, str], Package] = {}
    for package in packages:
        key = package.ecosystem, package.name, package.version
        first = found.setdefault(key, package)
        if package.direct and not first.direct:
            found[key] = replace(first, direct=True)
    return list(found.values())


def is_version(text: object) -> bool:
    """Whether this can be a version: one printable word that is safe as a part of a path."""
    return isinstance(text, str) and bool(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+!~-]{0,99}", text))


def is_below(path: str) -> bool:
    r"""Whether a listed POSIX path stays below its folder on every operating system.

    Absolute paths, drives, `..`, backslashes, control characters and trailing dots and spaces
    (which Windows drops, so that `.. ` is `..`) do not.
    """
    if len(path) > MAX_PATH:
        return False
    if _PLAIN.fullmatch(path):
        return True
    if not path.isprintable() or set(path) & set('\\:*?"<>|'):
        return False
    return all(part and part == part.rstrip(". ") for part in path.split("/"))
