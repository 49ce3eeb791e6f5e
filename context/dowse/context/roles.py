"""What part a file plays in a project, told from its path: code that is used, or that goes with it.

Who looks for code mostly wants the implementation and not its tests, which repeat its words more
often than it does itself.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from dowse.context.languages import language_of_path


class Role(StrEnum):
    """The part that a file plays."""

    CODE = "code"
    TEST = "test"
    EXAMPLE = "example"
    PROSE = "documentation"
    """Text or data: Markdown, HTML, settings."""
    COPY = "vendored"
    """Somebody else's code, or built from other code."""
    OLD = "legacy"
    """Kept for those who still use it."""


_FOLDERS = {
    Role.TEST: "tests? testing __tests__ __mocks__ specs? testdata test-?utils? fixtures? e2e"
    " [\\w.-]*[._-]tests? androidtest",
    Role.EXAMPLE: "examples? _examples? demos? samples? tutorials? docs? docs_src documentation"
    " benchmarks? bench playground",
    Role.COPY: "vendor vendored _vendor third[_-]?party 3rdparty extern external deps dist"
    " generated gen",
    Role.OLD: "deprecated legacy _?compat obsolete old",
}
"""Names of folders, as regular expressions."""

_STEMS = {
    Role.TEST: r"tests?|test[_-].*|.*[_-]tests?|.*\.(?:test|spec)|.*[_-]spec|conftest",
    Role.EXAMPLE: r"examples?|demo|.*[_-]example|example[_-].*",
    Role.COPY: r".*\.(?:pb|generated|g|min|bundle)|.*_pb2(?:_grpc)?",
    Role.OLD: r"_?(?:deprecated|legacy|compat)",
}
"""Names of files without their extension, in lower case."""

_CAMEL_TEST = re.compile(r"[a-z0-9](?:Tests?|TestCase|Spec|IT)$")
"""`ParserTest.java` is a test, `latest.py` is none: the case of the letters counts."""

_PROSE = frozenset({"markdown", "html", "css", "json", "yaml", "toml", "rst", "xml", "ini", "csv"})
"""Languages that hold text, layout or data."""

_IN_FOLDER = {
    role: re.compile(f"(?:^|/)(?:{'|'.join(names.split())})/", re.I)
    for role, names in _FOLDERS.items()
}
_AS_STEM = {role: re.compile(pattern) for role, pattern in _STEMS.items()}


@lru_cache(maxsize=65_536)
def role_of(path: str) -> Role:
    """The part that a file plays in its project.

    Args:
        path: POSIX path below the project's folder.
    """
    name = path.rpartition("/")[2]
    stem = name.rpartition(".")[0] or name
    if _CAMEL_TEST.search(stem):
        return Role.TEST
    for role, pattern in _IN_FOLDER.items():
        if pattern.search(path) or (role in _AS_STEM and _AS_STEM[role].fullmatch(stem.lower())):
            return role
    language = language_of_path(path)
    return Role.PROSE if language is not None and language.name in _PROSE else Role.CODE
