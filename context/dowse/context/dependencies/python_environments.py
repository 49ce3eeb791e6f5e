"""Where a Python environment keeps its packages, read from its layout.

Nothing is run: an interpreter in a workspace that nobody trusts may be any program. See the
documentation of `site` and `sysconfig`, PEP 405 (pyvenv.cfg) and Debian's Python policy.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from dowse.context.dependencies.projects import Project, folders_above
from dowse.context.dependencies.reading import absolute, entries, home, read_text, real

_OWN = (".venv", "venv", "env")
"""Names of a project's own environment."""
_BELOW = 8
"""Environments of projects below the workspace that are used, where it has none itself."""
_PROGRAMS = ("python3", "python", "python3.exe", "python.exe")
_LIBRARY = re.compile(r"(?:python|pypy)(3\.\d{1,3})t?")
_CONFIGURATION = 64_000
"""Bytes of the largest pyvenv.cfg or patchlevel.h; they have one or two thousand."""


@dataclass(frozen=True, slots=True)
class Environment:
    """An installed Python: folders of packages, and the standard library."""

    sites: tuple[Path, ...]
    """Folders of packages, in the order in which they are searched for imports."""
    library: Path | None
    """Folder of the standard library, where one is found."""
    version: str
    """Of the interpreter: from pyvenv.cfg, conda's record of it, or the patchlevel.h beside its
    headers; where none of them is there, X.Y as the library's folder is named; may be empty."""


def environments_of(
    workspace: Path, projects: Sequence[Project], python: Path | None
) -> list[Environment]:
    """The environments that a workspace uses.

    Args:
        workspace: the folder that is open.
        projects: its folders.
        python: an interpreter or the folder of an environment; nothing else is looked for then.
    """
    if python is not None:
        named = environment_at(workspace / python)
        return [named] if named else []
    own = next(_environments(_own(folders_above(workspace))), None)
    if own:
        return [own]
    inner = list(_environments(_own(project.folder for project in projects[1:])))
    if inner:
        return inner[:_BELOW]
    found = next(_environments(chain(_activated(), _on_path(workspace))), None)
    return [found] if found else []


def _environments(places: Iterable[Path]) -> Iterator[Environment]:
    return (found for place in places if (found := environment_at(place)))


def _own(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        for name in _OWN:
            if os.path.isfile(folder / name / "pyvenv.cfg"):
                yield folder / name


def _activated() -> Iterator[Path]:
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        if prefix := absolute(os.environ.get(variable)):
            yield prefix


def _on_path(workspace: Path) -> Iterator[Path]:
    for text in os.environ.get("PATH", "").split(os.pathsep):
        if not (folder := absolute(text)):
            continue
        if folder.name == "shims":
            yield from _pyenv(folder.parent, workspace)
        for name in _PROGRAMS:
            if os.path.isfile(folder / name):
                yield folder / name


def _pyenv(root: Path, workspace: Path) -> Iterator[Path]:
    """What pyenv's shims would run: pyenv(1), "Choosing the Python version"."""
    files = [*(each / ".python-version" for each in folders_above(workspace)), root / "version"]
    stated = (read_text(file, _CONFIGURATION) for file in files)
    for text in (os.environ.get("PYENV_VERSION", "").replace(":", "\n"), *stated):
        for version in text.split():
            if re.fullmatch(r"[A-Za-z0-9][\w.-]*", version):
                yield root / "versions" / version


def environment_at(path: Path) -> Environment | None:
    """The environment of an interpreter or of a folder; None where the layout is of none."""
    for place in (path, real(path)) if os.path.exists(path) else ():
        prefix = place if os.path.isdir(place) else _prefix(place)
        hint = re.sub(r"\.exe$", "", place.name)
        if os.path.isfile(prefix / "pyvenv.cfg"):
            return _virtual(prefix)
        if library := _library(prefix, hint):
            return _installed(prefix, library)
    return None


def _prefix(program: Path) -> Path:
    folder = program.parent
    return folder.parent if folder.name.lower() in ("bin", "scripts") else folder


def _library(prefix: Path, hint: str) -> Path | None:
    """The standard library below a prefix; of several the one hinted at, else the newest."""
    found = [each for each in _libraries(prefix) if os.path.isfile(each / "os.py")]
    found.sort(key=lambda each: (each.name == hint, [*map(int, _short(each).split("."))]))
    return found[-1] if found else None


def _libraries(prefix: Path) -> Iterator[Path]:
    yield prefix / "Lib"  # Windows; elsewhere there is none
    for parent in ("lib", "lib64"):
        for entry in entries(prefix / parent):
            if _LIBRARY.fullmatch(entry.name):
                yield prefix / parent / entry.name


def _short(library: Path) -> str:
    """X.Y as the folder is named; 0 for `Lib`, which does not tell."""
    match = _LIBRARY.fullmatch(library.name)
    return match[1] if match else "0"


def _virtual(prefix: Path) -> Environment:
    settings = _settings(prefix)
    version = settings.get("version") or settings.get("version_info", "")
    full = re.match(r"3\.\d{1,3}(?:\.\d{1,3})?(?:(?:a|b|rc)\d+)?(?![\d])", version)
    version = full[0] if full else ""
    base = _base(settings.get("home"), version)
    sites = [each / "site-packages" for each in _libraries(prefix)]
    sites = [each for each in sites if os.path.isdir(each)]
    sites = [each for each in sites if _short(each.parent) in ("0", _minor(version))] or sites
    if base and settings.get("include-system-site-packages", "").lower() == "true":
        sites += base.sites
    library = base.library if base else None
    return Environment(_distinct(sites), library, version or (base.version if base else ""))


def _settings(prefix: Path) -> dict[str, str]:
    lines = read_text(prefix / "pyvenv.cfg", _CONFIGURATION).splitlines()
    pairs = (line.partition("=") for line in lines)
    return {key.strip().lower(): value.strip() for key, _, value in pairs}


def _base(folder: str | None, version: str) -> Environment | None:
    """The interpreter that an environment was made from; `folder` is the one it lies in."""
    where = absolute(folder)
    if where is None or not os.path.isdir(where):
        return None
    programs = (where / name for name in (f"python{_minor(version)}", *_PROGRAMS))
    places = [*filter(os.path.exists, programs), where.parent, where]
    prefixes = (each for place in places for each in (place, real(place)))
    return next(_bases(prefixes, _minor(version)), None)


def _bases(places: Iterable[Path], minor: str) -> Iterator[Environment]:
    for place in places:
        prefix = place if os.path.isdir(place) else _prefix(place)
        if library := _library(prefix, f"python{minor}"):
            yield _installed(prefix, library)


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _installed(prefix: Path, library: Path) -> Environment:
    version = _full_version(prefix, library)
    return Environment(_distinct(_sites(prefix, library, _minor(version))), library, version)


def _sites(prefix: Path, library: Path, minor: str) -> Iterator[Path]:
    if person := home():
        yield person / f".local/lib/python{minor}/site-packages"
        yield person / f"Library/Python/{minor}/lib/python/site-packages"
    yield prefix / f"local/lib/{library.name}/dist-packages"
    for parent in (library, prefix / "lib" / library.name, prefix / "lib64" / library.name):
        yield parent / "site-packages"
        yield parent / "dist-packages"
    yield prefix / "lib/python3/dist-packages"


def _full_version(prefix: Path, library: Path) -> str:
    short = "" if _short(library) == "0" else _short(library)
    for version in _stated_versions(prefix, library):
        if not short or version == short or version.startswith(f"{short}."):
            return version
    return short


def _stated_versions(prefix: Path, library: Path) -> Iterator[str]:
    for entry in entries(prefix / "conda-meta"):
        if match := re.fullmatch(r"python-(3\.[\w.]+)-[^-]+\.json", entry.name):
            yield match[1]
    for header in (f"include/{library.name}/patchlevel.h", "include/patchlevel.h"):
        text = read_text(prefix / header, _CONFIGURATION)
        if match := re.search(r'#define\s+PY_VERSION\s+"(3\.[\w.]+)\+?"', text):
            yield match[1]


def _distinct(folders: Iterable[Path]) -> tuple[Path, ...]:
    """The folders that exist, those that are one by links once."""
    found: dict[Path, Path] = {}
    for folder in folders:
        if os.path.isdir(folder):
            found.setdefault(real(folder), folder)
    return tuple(found.values())
