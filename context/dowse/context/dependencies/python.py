"""Installed Python distributions, from what pip and its kin wrote beside them.

Formats: "Recording installed projects" of the Python packaging user guide; egg-info as setuptools
wrote it, and as Linux distributions still do.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from dowse.context.dependencies.package import (
    TEST_FOLDERS,
    Ecosystem,
    Package,
    is_below,
    is_version,
)
from dowse.context.dependencies.projects import Project
from dowse.context.dependencies.python_environments import Environment, environments_of
from dowse.context.dependencies.python_manifests import (
    is_python_project,
    named_distributions,
    normalized,
)
from dowse.context.dependencies.python_metadata import (
    is_editable,
    license_of_distribution,
    read_metadata,
)
from dowse.context.dependencies.reading import below, entries, read_text

_ENDINGS = (".py", ".pyi")
_ROW = re.compile(r'^(?:"((?:[^"\r\n]|"")+)"|([^",\r\n]+\.pyi?)),([^,\r\n]*),\d*\r?$', re.MULTILINE)
"""A row of RECORD, which is CSV: path, digest, size. Those of other files do not match, unless
they are quoted."""
_TOP_LEVEL = 100_000
"""Bytes of the largest top_level.txt, a list of a few names."""

_LIBRARY_WITHOUT = TEST_FOLDERS | {
    *("test", "idlelib", "lib2to3", "ensurepip", "pydoc_data", "turtledemo"),
    *("site-packages", "dist-packages", "__pycache__", "lib-dynload"),
}
"""Folders of the standard library that hold no code to reuse."""


def python_packages(
    workspace: Path, projects: Sequence[Project], python: Path | None
) -> Iterator[Package]:
    """Yield the distributions of the environments that a workspace uses, and their libraries."""
    direct = named_distributions(workspace, projects)
    is_python = is_python_project(projects)
    for environment in environments_of(workspace, projects, python):
        yield from _standard_library(environment, is_python)
        for site in environment.sites:
            yield from _distributions(site, direct)


def _standard_library(environment: Environment, direct: bool) -> Iterator[Package]:
    library = environment.library
    if library is None or not is_version(environment.version):
        return
    found = sorted(filter(is_below, below(library, (".py",), _LIBRARY_WITHOUT)))
    files = tuple(path for path in found if not path.startswith("_sysconfigdata"))
    yield Package(
        Ecosystem.PYTHON,
        "python",
        environment.version,
        library,
        files,
        "PSF-2.0",
        _top_modules(files),
        direct,
        _digest(files),
    )


def _digest(rows: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(rows).encode("utf-8", "replace")).hexdigest()


def _distributions(site: Path, direct: Container[str]) -> Iterator[Package]:
    names = [entry.name for entry in entries(site)]
    importable = _importable(names)
    for name in names:
        # pip renames what it is about to remove to a name with a tilde
        if name.endswith((".dist-info", ".egg-info")) and not name.startswith("~"):
            yield from _distribution(site / name, importable, direct)


def _importable(names: Iterable[str]) -> dict[str, str]:
    """The modules in a folder of packages: what a name in lower case is spelled like there."""
    folders = (name for name in names if not name.endswith("-info"))
    modules = (name.partition(".")[0].removesuffix("-stubs") for name in folders)
    return {module.lower(): module for module in modules if module.isidentifier()}


def _distribution(
    info: Path, importable: Mapping[str, str], direct: Container[str]
) -> Iterator[Package]:
    metadata = read_metadata(info)
    if metadata is None or is_editable(info):
        return
    name = normalized(metadata.name)
    stated = read_text(info / "top_level.txt", _TOP_LEVEL).lower().split()
    candidates = [importable[each] for each in stated if each in importable]
    rows = _recorded(info)
    if rows is None:
        candidates = candidates or _spelled(name, importable)
        rows = [(path, "") for path in sorted(_files_of(info.parent, candidates))]
    files = tuple(path for path, _ in rows)
    yield Package(
        Ecosystem.PYTHON,
        name,
        metadata.version,
        info.parent,
        files,
        license_of_distribution(metadata, info),
        tuple(candidates) or _top_modules(files) or tuple(_spelled(name, importable)),
        name in direct,
        _digest(f"{path},{digest}" for path, digest in rows),
    )


def _spelled(name: str, importable: Mapping[str, str]) -> list[str]:
    module = importable.get(name.replace("-", "_"))
    return [module] if module else []


def _recorded(info: Path) -> list[tuple[str, str]] | None:
    """The source files that RECORD lists, with their digests; None where there is no RECORD."""
    text = read_text(info / "RECORD")
    if not text:
        return None
    rows = {path or quoted.replace('""', '"'): hash_ for quoted, path, hash_ in _ROW.findall(text)}
    return sorted((path, hash_) for path, hash_ in rows.items() if _is_source(path, rows))


def _is_source(path: str, paths: Container[str]) -> bool:
    """Whether a listed file is one to index; a stub only where there is no module to read."""
    if not path.endswith(_ENDINGS) or (path[-1] == "i" and path[:-1] in paths):
        return False
    return TEST_FOLDERS.isdisjoint(path.split("/")[:-1]) and is_below(path)


def _top_modules(paths: Iterable[str]) -> tuple[str, ...]:
    tops = {path.partition("/")[0].partition(".")[0].removesuffix("-stubs") for path in paths}
    return tuple(sorted(filter(str.isidentifier, tops)))


def _files_of(site: Path, modules: Iterable[str]) -> Iterator[str]:
    """The source files of modules that nobody has listed."""
    for module in modules:
        if os.path.isfile(site / f"{module}.py"):
            yield f"{module}.py"
        if not os.path.islink(site / module):
            found = {*below(site / module, _ENDINGS, TEST_FOLDERS | {"__pycache__"})}
            yield from (f"{module}/{path}" for path in found if _is_source(path, found))
