"""Sources jars of Java libraries in Maven's and Gradle's caches.

Formats: "POM Reference" and "Introduction to the Dependency Mechanism" of Maven's documentation;
the layout of `~/.m2/repository` and of Gradle's `files-2.1`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dowse.context.dependencies.gradle import declared_coordinates
from dowse.context.dependencies.package import Ecosystem, Package, is_version
from dowse.context.dependencies.projects import Project
from dowse.context.dependencies.reading import absolute, entries, home, is_folder
from dowse.context.dependencies.xml import children, read_xml, text_of
from dowse.context.licenses import spdx

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_PARENTS = 8
"""Levels of parents and of imported lists of versions that are followed."""
_POMS = 2_000
"""Files that are read for one workspace."""
_SUBSTITUTIONS = 5
"""Rounds in which properties that hold properties are replaced."""
_LENGTH = 500
"""Characters of the longest value; properties that hold each other twice would grow without end."""
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}")
_PROPERTY = re.compile(r"\$\{([^${}]{1,100})\}")

Coordinate = tuple[str, str, str]
"""Group, artifact and version."""
_Versions = dict[tuple[str, str], str]
"""The version of each group and artifact."""


@dataclass(frozen=True, slots=True)
class _Pom:
    """What a pom.xml holds, behind what its parents hold; properties are not replaced yet."""

    properties: Mapping[str, str]
    managed: tuple[tuple[Coordinate, str], ...]
    """What dependencies may name without a version, with its scope."""
    dependencies: tuple[Coordinate, ...]


_EMPTY = _Pom({}, (), ())


def maven_packages(projects: Sequence[Project]) -> Iterator[Package]:
    """Yield the libraries that pom.xml and build.gradle name and whose sources jar is at hand."""
    caches = _Caches()
    reader = _Reader(caches)
    wanted: dict[Coordinate, None] = {}
    for project in projects:
        for path in project.having("pom.xml"):
            wanted.update(dict.fromkeys(reader.dependencies(path)))
        wanted.update(dict.fromkeys(declared_coordinates(project)))
    for coordinate in wanted:
        yield from _package(coordinate, caches)


def is_coordinate(coordinate: Coordinate) -> bool:
    """Whether group, artifact and version are resolved and can be parts of a path."""
    group, artifact, version = coordinate
    return bool(_PART.fullmatch(group) and _PART.fullmatch(artifact)) and is_version(version)


class _Caches:
    """The files that Maven and Gradle have downloaded."""

    def __init__(self) -> None:
        person = home()
        user = absolute(os.environ.get("GRADLE_USER_HOME")) or (person and person / ".gradle")
        self._maven = person / ".m2" / "repository" if person else None
        self._gradle = user / "caches" / "modules-2" / "files-2.1" if user else None

    def find(self, coordinate: Coordinate, ending: str) -> Path | None:
        """The file of a library, such as its `.pom` or its `-sources.jar`."""
        if not is_coordinate(coordinate):
            return None
        return next(filter(os.path.isfile, self._candidates(*coordinate, ending)), None)

    def _candidates(self, group: str, artifact: str, version: str, ending: str) -> Iterator[Path]:
        name = f"{artifact}-{version}{ending}"
        if self._maven:
            yield self._maven.joinpath(*group.split("."), artifact, version, name)
        if self._gradle:
            digests = entries(self._gradle / group / artifact / version)
            yield from (Path(each.path) / name for each in digests if is_folder(each))


class _Reader:
    """Reads a pom.xml with its parents and with the lists of versions that it imports."""

    def __init__(self, caches: _Caches) -> None:
        self._caches, self._left = caches, _POMS
        self._read: dict[Path, _Pom] = {}
        self._lists: dict[Path, _Versions] = {}

    def dependencies(self, path: Path) -> list[Coordinate]:
        """What a pom.xml depends on, with properties and managed versions filled in."""
        pom = self._pom(path)
        managed = self._managed(path)
        named = [_substituted(each, pom.properties) for each in pom.dependencies]
        return [(g, a, version or managed.get((g, a), "")) for g, a, version in named]

    def _managed(self, path: Path, depth: int = 0) -> _Versions:
        """The versions that a pom.xml manages, the first of those that it imports."""
        if path in self._lists or depth > _PARENTS:
            return self._lists.get(path, {})
        pom = self._pom(path)
        imported: _Versions = {}
        own: _Versions = {}
        self._lists[path] = {}  # what a list that imports itself holds
        for raw, scope in pom.managed:
            coordinate = _substituted(raw, pom.properties)
            own[coordinate[:2]] = coordinate[2]
            listed = self._caches.find(coordinate, ".pom") if scope == "import" else None
            if listed:
                imported = self._managed(listed, depth + 1) | imported
        self._lists[path] = imported | own
        return self._lists[path]

    def _pom(self, path: Path, depth: int = 0) -> _Pom:
        if path in self._read or not self._left or depth > _PARENTS:
            return self._read.get(path, _EMPTY)
        self._left -= 1
        self._read[path] = _EMPTY  # what a parent that is its own parent holds
        root = read_xml(path)
        if root is not None:
            self._read[path] = _merged(root, self._parent(root, path, depth))
        return self._read[path]

    def _parent(self, root: Element, path: Path, depth: int) -> _Pom:
        coordinate = _parent_of(root)
        nearby = _nearby(root, path) if coordinate[1] else None
        if nearby and text_of(read_xml(nearby), "artifactId") == coordinate[1]:
            return self._pom(nearby, depth + 1)
        found = self._caches.find(coordinate, ".pom")
        return self._pom(found, depth + 1) if found else _EMPTY


def _merged(root: Element, parent: _Pom) -> _Pom:
    managed = children(root, "dependencyManagement", "dependencies", "dependency")
    return _Pom(
        {**parent.properties, **_properties(root)},
        (*parent.managed, *((_coordinate(each), text_of(each, "scope")) for each in managed)),
        (*parent.dependencies, *map(_coordinate, children(root, "dependencies", "dependency"))),
    )


def _coordinate(element: Element | None) -> Coordinate:
    group, artifact, version = (
        text_of(element, name) for name in ("groupId", "artifactId", "version")
    )
    return group, artifact, version


def _parent_of(root: Element | None) -> Coordinate:
    return _coordinate(next(children(root, "parent"), None))


def _nearby(root: Element, path: Path) -> Path | None:
    """The parent's file beside this one: one folder up unless `relativePath` says otherwise."""
    if path.name != "pom.xml":
        return None
    stated = next(children(root, "parent", "relativePath"), None)
    relative = "../pom.xml" if stated is None else (stated.text or "").strip()
    if not relative or "\0" in relative:
        return None
    place = path.parent / relative
    return place / "pom.xml" if os.path.isdir(place) else place


def _properties(root: Element) -> dict[str, str]:
    found = {
        str(each.tag).rpartition("}")[2]: (each.text or "").strip()
        for properties in children(root, "properties")
        for each in properties
        if len(each.text or "") <= _LENGTH
    }
    names = ("groupId", "artifactId", "version")
    for name, own, parent in zip(names, _coordinate(root), _parent_of(root), strict=True):
        found |= {f"project.{name}": own or parent, f"project.parent.{name}": parent}
    return found


def _substituted(coordinate: Coordinate, properties: Mapping[str, str]) -> Coordinate:
    group, artifact, version = (_replaced(text, properties) for text in coordinate)
    return group, artifact, version.strip("[] ")  # one exact version may stand in brackets


def _replaced(text: str, properties: Mapping[str, str]) -> str:
    for _ in range(_SUBSTITUTIONS):
        if "${" not in text or len(text) > _LENGTH:
            break
        text = _PROPERTY.sub(lambda match: properties.get(match[1], ""), text)
    return text


def _package(coordinate: Coordinate, caches: _Caches) -> Iterator[Package]:
    jar = caches.find(coordinate, "-sources.jar")
    if jar is None:
        return
    group, artifact, version = coordinate
    try:
        size = jar.stat().st_size
    except OSError:
        return
    yield Package(
        Ecosystem.MAVEN,
        f"{group}:{artifact}",
        version,
        jar,
        None,
        _license(coordinate, caches),
        (),
        True,
        str(size),
    )


def _license(coordinate: Coordinate, caches: _Caches) -> str | None:
    """The licences of a library's POM, or of the nearest parent's; any one may be chosen."""
    for _ in range(_PARENTS):
        path = caches.find(coordinate, ".pom")
        root = read_xml(path) if path else None
        if licenses := list(children(root, "licenses", "license")):
            return _choice(licenses)
        coordinate = _parent_of(root)
    return None


def _choice(licenses: Iterable[Element]) -> str | None:
    known = [spdx(text_of(each, "name")) or spdx(text_of(each, "url")) for each in licenses]
    if None in known:
        return None
    return " OR ".join(dict.fromkeys(filter(None, known)))
