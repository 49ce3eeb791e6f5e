"""Crates in Cargo's registry cache, at the versions that Cargo.lock names.

Formats: "The Manifest Format" and "Cargo Home" of the Cargo book; Cargo.lock as Cargo writes it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dowse.context.dependencies.package import Ecosystem, Package, is_version
from dowse.context.dependencies.projects import Project
from dowse.context.dependencies.reading import (
    absolute,
    entries,
    home,
    is_folder,
    read_text,
    read_toml,
    strings,
    table,
)
from dowse.context.dependencies.texts import license_of_folder
from dowse.context.licenses import spdx

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_SECTION = re.compile(r"^\[\[?([^\]\n]+)\]\]?[ \t]*$", re.MULTILINE)
_VALUE = re.compile(r'^(name|license)[ \t]*=[ \t]*"([^"\\\n]*)"', re.MULTILINE)
"""Two lines of a published Cargo.toml, which Cargo itself has written: parsing all of one of 2 kB
takes 0.65 ms, this 0.1 ms, and a lock file names hundreds."""


def cargo_packages(projects: Sequence[Project]) -> Iterator[Package]:
    """Yield the crates that the workspace's lock files name, where the registry cache has them."""
    locks = [path for project in projects for path in project.having("Cargo.lock")]
    registries = _registries() if locks else []
    imported = _imported(projects) if locks else {}
    for lock in locks:
        locked = read_toml(lock).get("package")
        crates = (
            [each for each in locked if isinstance(each, dict)] if isinstance(locked, list) else []
        )
        wanted = _wanted(crates)
        for crate in crates:
            yield from _cached(crate, registries, wanted, imported)


def _registries() -> list[Path]:
    person = home()
    top = absolute(os.environ.get("CARGO_HOME")) or (person / ".cargo" if person else None)
    if top is None:
        return []
    return [Path(each.path) for each in entries(top / "registry" / "src") if is_folder(each)]


def _wanted(crates: Iterable[Mapping[str, Any]]) -> set[tuple[str, ...]]:
    """What the workspace's own crates, those without a source, depend on: `name` or `name version`.

    Cargo writes the version only where the lock file has several of one name.
    """
    own = (each for each in crates if "source" not in each)
    return {tuple(text.split()[:2]) for each in own for text in strings(each.get("dependencies"))}


def _imported(projects: Iterable[Project]) -> dict[str, set[str]]:
    """The names that manifests give to each crate: its own, and others by `package = `."""
    names: dict[str, set[str]] = {}
    for manifest in (read_toml(path) for each in projects for path in each.having("Cargo.toml")):
        for name, wanted in _dependencies(manifest):
            package = wanted.get("package") if isinstance(wanted, dict) else None
            crate = package if isinstance(package, str) else name
            names.setdefault(crate, set()).add(name)
    return names


def _dependencies(manifest: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    targets = table(manifest, "target").values()
    for place in (manifest, table(manifest, "workspace"), *targets):
        for kind in ("dependencies", "dev-dependencies", "build-dependencies"):
            yield from table(place, kind).items()


def _cached(
    crate: Mapping[str, Any],
    registries: Iterable[Path],
    wanted: set[tuple[str, ...]],
    imported: Mapping[str, set[str]],
) -> Iterator[Package]:
    name, version, source = (crate.get(key) for key in ("name", "version", "source"))
    if not isinstance(name, str) or not _NAME.fullmatch(name) or not is_version(version):
        return
    if not isinstance(source, str) or not source.startswith(("registry+", "sparse+")):
        return
    folders = (registry / f"{name}-{version}" for registry in registries)
    folder = next(filter(os.path.isdir, folders), None)
    if folder is None:
        return
    manifest = _published(folder)
    aliases = imported.get(name, set()) - {name}
    modules = dict.fromkeys([manifest.get("lib.name", name), *sorted(aliases)])
    yield Package(
        Ecosystem.CARGO,
        name,
        str(version),
        folder,
        None,
        spdx(manifest.get("package.license", "")) or license_of_folder(folder),
        tuple(module.replace("-", "_") for module in modules),
        name in imported and bool({(name,), (name, str(version))} & wanted),
        str(crate.get("checksum", "")),
    )


def _published(folder: Path) -> dict[str, str]:
    """Name and licence in a crate's manifest by `section.key`."""
    parts = _SECTION.split(read_text(folder / "Cargo.toml"))
    sections = zip(parts[1::2], parts[2::2], strict=True)
    return {f"{section}.{k}": v for section, text in sections for k, v in _VALUE.findall(text)}
