"""Go modules in the module cache, and Go's standard library.

Formats: "go.mod files" and "Module cache" of the Go Modules Reference.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dowse.context.dependencies.package import (
    TEST_FOLDERS,
    Ecosystem,
    Package,
    is_below,
    is_version,
)
from dowse.context.dependencies.projects import Project
from dowse.context.dependencies.reading import absolute, below, home, read_text, real
from dowse.context.dependencies.texts import license_of_folder

_MODULE = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*){0,19}")
_ROOTS = ("/usr/local/go", "/usr/lib/go", "/opt/homebrew/opt/go/libexec", "C:\\Program Files\\Go")
_LIBRARY_WITHOUT = TEST_FOLDERS | {"cmd", "vendor"}
"""`cmd` holds the compiler and other programs, which no code can import."""
_VERSION = 1_000
"""Bytes of the largest VERSION or checksum file; they are one or two lines."""


@dataclass(frozen=True, slots=True)
class _Module:
    path: str
    version: str
    direct: bool
    imported: str


def go_packages(projects: Sequence[Project]) -> Iterator[Package]:
    """Yield the modules that go.mod files require, where the cache has them, and the library."""
    caches = [each for each in _caches() if os.path.isdir(each)]
    manifests = [path for project in projects for path in project.having("go.mod")]
    for manifest in manifests:
        for module in _required(read_text(manifest)):
            yield from _cached(module, caches)
    top = any(name.endswith(".go") for project in projects[:1] for name in project.files)
    yield from _standard_library(bool(manifests) or top)


def _caches() -> Iterator[Path]:
    if cache := absolute(os.environ.get("GOMODCACHE")):
        yield cache
    for text in os.environ.get("GOPATH", "").split(os.pathsep):
        if folder := absolute(text):
            yield folder / "pkg" / "mod"
    if person := home():
        yield person / "go" / "pkg" / "mod"


def _required(text: str) -> list[_Module]:
    """The modules that a go.mod requires, as its `replace` lines say; local ones are left out."""
    required: dict[str, _Module] = {}
    replaced: list[tuple[str, str, list[str]]] = []
    for verb, words, indirect in _directives(text):
        if verb == "require" and len(words) == 2:
            required[words[0]] = _Module(words[0], words[1], not indirect, words[0])
        elif verb == "replace" and "=>" in words:
            at = words.index("=>")
            old, new = words[:at], words[at + 1 :]
            replaced.append((old[0] if old else "", old[1] if len(old) > 1 else "", new))
    for path, version, new in replaced:
        module = required.get(path)
        if module is None or version not in ("", module.version):
            continue
        if len(new) == 2:
            required[path] = replace(module, path=new[0], version=new[1])
        else:
            del required[path]
    return list(required.values())


def _directives(text: str) -> Iterator[tuple[str, list[str], bool]]:
    """Each directive's verb and words, those of a block one by one, and whether it is indirect."""
    block = ""
    for line in text.splitlines():
        code, _, comment = line.partition("//")
        words = [word.strip('"`') for word in code.replace("(", " ( ").split()]
        if words == [")"]:
            block = ""
        elif words[1:] == ["("]:
            block = words[0]
        elif words:
            verb, words = (block, words) if block else (words[0], words[1:])
            yield verb, words, comment.split()[:1] == ["indirect"]


def _cached(module: _Module, caches: Sequence[Path]) -> Iterator[Package]:
    if not _MODULE.fullmatch(module.path) or not is_version(module.version):
        return
    path, version = _escaped(module.path), _escaped(module.version)
    for cache in caches:
        folder = cache / f"{path}@{version}"
        if os.path.isdir(folder):
            checksum = cache / "cache" / "download" / path / "@v" / f"{version}.ziphash"
            yield Package(
                Ecosystem.GO,
                module.path,
                module.version,
                folder,
                None,
                license_of_folder(folder),
                (module.imported,),
                module.direct,
                read_text(checksum, _VERSION).strip(),
            )
            return


def _escaped(text: str) -> str:
    """As the cache spells it, where file systems may not tell capital letters from small ones."""
    return re.sub(r"[A-Z]", lambda match: "!" + match[0].lower(), text)


def _standard_library(direct: bool) -> Iterator[Package]:
    for root in _roots():
        words = read_text(root / "VERSION", _VERSION).split()
        version = words[0].removeprefix("go") if words else ""
        if is_version(version) and os.path.isdir(root / "src"):
            yield _library(root, version, direct)
            return


def _library(root: Path, version: str, direct: bool) -> Package:
    source = real(root / "src")
    paths = filter(is_below, below(source, (".go",), _LIBRARY_WITHOUT))
    files = tuple(sorted(path for path in paths if not path.endswith("_test.go")))
    modules = sorted({path.partition("/")[0] for path in files if "/" in path} - {"internal"})
    license_ = license_of_folder(root) or "BSD-3-Clause"
    return Package(Ecosystem.GO, "std", version, source, files, license_, tuple(modules), direct)


def _roots() -> Iterator[Path]:
    if root := absolute(os.environ.get("GOROOT")):
        yield root
    program = absolute(shutil.which("go"))
    if program:
        yield real(program).parent.parent
    yield from (Path(root) for root in _ROOTS)
