"""The distributions that a workspace's Python manifests name, without running any of them."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from dowse.context.dependencies.projects import Project
from dowse.context.dependencies.reading import (
    MAX_MANIFEST,
    read_text,
    read_toml,
    real,
    strings,
    table,
)

_MANIFESTS = ("pyproject.toml", "setup.cfg", "setup.py", "Pipfile")
_REQUIREMENTS = re.compile(r"(?:.*[-_.])?requirements(?:[-_.].*)?\.(?:txt|in)", re.IGNORECASE)
_INCLUDES = 64
"""Requirement files of one workspace that are read, with those that they include."""
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_INCLUDE = re.compile(r"(?:-r|-c|--requirement|--constraint)[ =]?\s*(\S+)")
_EGG = re.compile(r"[#&]egg=([A-Za-z0-9._-]+)")


def normalized(name: str) -> str:
    """A distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def is_python_project(projects: Sequence[Project]) -> bool:
    """Whether a workspace has a Python manifest, or a Python file at its top."""
    top = any(name.endswith(".py") for project in projects[:1] for name in project.files)
    return top or any(_has_manifest(project) for project in projects)


def _has_manifest(project: Project) -> bool:
    return bool(project.having(*_MANIFESTS)) or any(map(_REQUIREMENTS.fullmatch, project.files))


def named_distributions(workspace: Path, projects: Iterable[Project]) -> set[str]:
    """The normalized names of the distributions that the manifests of a workspace ask for."""
    listed: list[Path] = []
    requirements: list[str] = []
    for project in projects:
        requirements += _pyproject(project)
        requirements += _setup(project)
        requirements += _pipfile(project)
        listed += [project.folder / name for name in sorted(project.files) if _lists(project, name)]
    requirements += _listed(workspace, listed)
    names = (_NAME.match(requirement.strip()) for requirement in requirements)
    return {normalized(name[0]) for name in names if name} - {"python"}


def _lists(project: Project, name: str) -> bool:
    inside = project.folder.name == "requirements" and name.endswith((".txt", ".in"))
    return inside or bool(_REQUIREMENTS.fullmatch(name))


def _pyproject(project: Project) -> Iterator[str]:
    for manifest in map(read_toml, project.having("pyproject.toml")):
        yield from strings(table(manifest, "project").get("dependencies"))
        yield from _grouped(table(manifest, "project", "optional-dependencies"))
        yield from _grouped(table(manifest, "dependency-groups"))
        yield from strings(table(manifest, "tool", "uv").get("dev-dependencies"))
        yield from _poetry(table(manifest, "tool", "poetry"))


def _grouped(groups: dict[str, object]) -> Iterator[str]:
    for group in groups.values():
        yield from strings(group)


def _poetry(poetry: dict[str, object]) -> Iterator[str]:
    yield from table(poetry, "dependencies")
    yield from table(poetry, "dev-dependencies")
    for group in table(poetry, "group").values():
        yield from table(group, "dependencies")


def _pipfile(project: Project) -> Iterator[str]:
    for manifest in map(read_toml, project.having("Pipfile")):
        yield from table(manifest, "packages")
        yield from table(manifest, "dev-packages")


def _setup(project: Project) -> Iterator[str]:
    """The requirements in setup.cfg: lines indented below a key, or behind its sign."""
    for path in project.having("setup.cfg"):
        section = key = ""
        for line in read_text(path, MAX_MANIFEST).splitlines():
            value = line
            if line.startswith("["):
                section, key, value = line.strip("[] \t"), "", ""
            elif not line[:1].isspace():
                key, _, value = line.partition("=")
            if (section, key.strip()) == ("options", "install_requires") or (
                section == "options.extras_require" and key
            ):
                yield value


def _listed(workspace: Path, files: Iterable[Path]) -> Iterator[str]:
    """The lines of requirement files and of the files that they include in the workspace."""
    top = real(workspace)
    pending, seen = deque(map(real, files)), set[Path]()
    while pending and len(seen) < _INCLUDES:
        file = pending.popleft()
        if file in seen or not file.is_relative_to(top):
            continue
        seen.add(file)
        for line in read_text(file, MAX_MANIFEST).replace("\\\n", " ").splitlines():
            if include := _INCLUDE.match(line.strip()):
                pending.append(real(file.parent / include[1]))
            elif not line.lstrip().startswith("-") or "egg=" in line:
                yield _requirement(line)


def _requirement(line: str) -> str:
    egg = _EGG.search(line)
    if egg:
        return egg[1]
    return "" if "://" in line.partition("@")[0] else line
