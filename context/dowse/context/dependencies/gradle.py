"""The libraries that Gradle's build files name, as far as that can be told without running them.

Formats: "Declaring dependencies" and "Version catalogs" of Gradle's user manual.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dowse.context.dependencies.projects import Project
from dowse.context.dependencies.reading import MAX_MANIFEST, read_text, read_toml, table

_FILES = ("build.gradle", "build.gradle.kts")
_CONFIGURATION = (
    r"\b\w*(?:[iI]mplementation|[aA]pi|[cC]ompileOnly|[rR]untimeOnly|compile|kapt)\b[ \t(]*"
)
_NOTATION = re.compile(
    _CONFIGURATION + r"""(?:platform\()?["']([^"':\s$]+):([^"':\s$]+):([^"':@\s$]+)"""
)
"""`implementation "group:artifact:version"`."""
_NAMED = re.compile(
    _CONFIGURATION
    + r",[ \t]*".join(
        rf"""{name}[ \t]*[:=][ \t]*["']([^"'\n]+)["']""" for name in ("group", "name", "version")
    )
)
"""`implementation group: "group", name: "artifact", version: "version"`."""
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|(?<!:)//[^\n]*", re.DOTALL)


def declared_coordinates(project: Project) -> Iterator[tuple[str, str, str]]:
    """Yield group, artifact and version of the libraries that a project's build files name."""
    for path in project.having(*_FILES):
        text = _COMMENT.sub("", read_text(path, MAX_MANIFEST))
        for pattern in (_NOTATION, _NAMED):
            yield from pattern.findall(text)
    if project.folder.name == "gradle":
        for path in project.having("libs.versions.toml"):
            yield from _cataloged(read_toml(path))


def _cataloged(catalog: dict[str, object]) -> Iterator[tuple[str, str, str]]:
    """The libraries of a version catalog, whose versions may be named in a table of their own."""
    versions = table(catalog, "versions")
    for library in table(catalog, "libraries").values():
        if isinstance(library, str):
            parts: list[object] = [*library.split(":")]
        else:
            parts = [*_module(table(library)), _version(table(library).get("version"), versions)]
        group, artifact, version = (*parts, None, None, None)[:3]
        if isinstance(group, str) and isinstance(artifact, str) and isinstance(version, str):
            yield group, artifact, version


def _module(library: dict[str, object]) -> list[object]:
    module = library.get("module")
    if isinstance(module, str):
        return [*module.split(":")]
    return [library.get("group"), library.get("name")]


def _version(stated: object, versions: dict[str, object]) -> object:
    if not isinstance(stated, dict):
        return stated
    found = versions.get(str(stated.get("ref")), stated)
    return found.get("strictly") or found.get("require") if isinstance(found, dict) else found
