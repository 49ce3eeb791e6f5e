"""Installed Node packages: the `node_modules` folders of a workspace.

Resolution: "Loading from node_modules folders" of Node's documentation; fields: npm's package.json;
links: pnpm's "Symlinked node_modules structure".
"""

from __future__ import annotations

import hashlib
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from dowse.context.dependencies.package import Ecosystem, Package, is_version
from dowse.context.dependencies.projects import Project, folders_above
from dowse.context.dependencies.reading import (
    entries,
    is_folder,
    parse_json,
    read_head,
    read_json,
    real,
    table,
)
from dowse.context.dependencies.texts import license_of_folder
from dowse.context.licenses import spdx

_NESTED = 8
"""Levels of `node_modules` inside packages that are entered; npm nests where versions differ."""
_PACKAGES = 20_000
"""Packages of one workspace that are looked at."""
_MANIFEST = 1_000_000
"""Bytes of the largest package.json of a package."""
_NAME = re.compile(r"(?:@[A-Za-z0-9._~-]{1,99}/)?[A-Za-z0-9_~][A-Za-z0-9._~-]{0,199}")
"""Names as npm takes them, with the capital letters of old ones."""
_REQUIRED = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")


def node_packages(workspace: Path, projects: Sequence[Project]) -> Iterator[Package]:
    """Yield the packages in the `node_modules` of a workspace's projects and of those inside."""
    direct = _required(projects)
    tops = [*(project.folder for project in projects), *folders_above(workspace)[1:]]
    seen: set[Path] = set()
    for top in tops:
        for name, folder, is_top in _installed(top / "node_modules", seen):
            yield from _package(name, folder, is_top and name in direct)


def _required(projects: Iterable[Project]) -> set[str]:
    manifests = [read_json(each) for one in projects for each in one.having("package.json")]
    return {name for each in manifests for field in _REQUIRED for name in table(each, field)}


def _installed(modules: Path, seen: set[Path]) -> Iterator[tuple[str, Path, bool]]:
    """Yield the packages of a `node_modules`, of pnpm's store in it, and of those inside packages.

    Yields:
        the name in imports, the folder without links, and whether it lies at the top.
    """
    pending = deque([(modules, 0)])
    while pending and len(seen) < _PACKAGES:
        folder, depth = pending.popleft()
        if folder in seen or depth > _NESTED:
            continue
        seen.add(folder)
        for name, place in _listed(folder):
            package = real(place)
            if package not in seen and _is_installed(package):
                seen.add(package)
                yield name, package, depth == 0
                pending.append((package / "node_modules", depth + 1))
        pending += [(each, 1) for each in _stored(folder) if depth == 0]


def _is_installed(folder: Path) -> bool:
    """Whether a package was put here; links may lead to a project of the workspace instead."""
    holder = folder.parent.parent if folder.parent.name.startswith("@") else folder.parent
    return holder.name == "node_modules"


def _listed(modules: Path) -> Iterator[tuple[str, Path]]:
    for entry in entries(modules):
        if entry.name.startswith("@") and is_folder(entry):
            for inner in entries(entry.path):
                yield f"{entry.name}/{inner.name}", Path(inner.path)
        elif not entry.name.startswith("."):
            yield entry.name, Path(entry.path)


def _stored(modules: Path) -> Iterator[Path]:
    """The `node_modules` of each package in pnpm's store beside the links to them."""
    for entry in entries(modules / ".pnpm"):
        if is_folder(entry):
            yield Path(entry.path) / "node_modules"


def _package(imported: str, folder: Path, direct: bool) -> Iterator[Package]:
    source = read_head(folder / "package.json", _MANIFEST)
    manifest = parse_json(source.decode("utf-8", "replace"))
    name, version = manifest.get("name"), manifest.get("version")
    if not isinstance(name, str) or not is_version(version):
        return
    if not _NAME.fullmatch(name) or not _NAME.fullmatch(imported):
        return
    yield Package(
        Ecosystem.NODE,
        name,
        str(version),
        folder,
        None,
        _license(manifest) or license_of_folder(folder),
        _modules(imported),
        direct,
        hashlib.sha256(source).hexdigest(),
    )


def _modules(name: str) -> tuple[str, ...]:
    """The names in imports: types of `@scope/name` are published as `@types/scope__name`."""
    typed = name.removeprefix("@types/")
    if typed == name:
        return (name,)
    scope, separator, rest = typed.partition("__")
    return name, f"@{scope}/{rest}" if separator else typed


def _license(manifest: dict[str, Any]) -> str | None:
    """The licence that package.json states; of an old list any one may be chosen."""
    stated = manifest.get("license", manifest.get("licenses"))
    listed = stated if isinstance(stated, list) else [stated]
    types = [each.get("type") if isinstance(each, dict) else each for each in listed]
    known = [spdx(each) for each in types if isinstance(each, str)]
    if not known or None in known:
        return None
    return " OR ".join(dict.fromkeys(filter(None, known)))
