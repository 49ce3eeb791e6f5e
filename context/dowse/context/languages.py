"""The languages that dowse reads, and how a file's language is told.

A language is a grammar of tree-sitter-language-pack. Seventeen have a definition table, so that
their functions and classes become snippets; the others get triggers and blocks of lines.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from dowse.context.grammars import TABLED, Language
from dowse.context.other_languages import OTHER_LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "LANGUAGES",
    "TABLED",
    "Language",
    "language_named",
    "language_of_id",
    "language_of_path",
    "language_of_shebang",
]


def _other(row: str) -> Language:
    name, endings, ids, interpreters = (part.split() for part in f"{row}|||".split("|")[:4])
    return Language(
        name[0],
        extensions=tuple(ending for ending in endings if ending.startswith(".")),
        files=tuple(endings),
        ids=tuple(ids),
        interpreters=tuple(interpreters),
        indent="\t" if name[0] == "make" else "    ",
    )


LANGUAGES = (*TABLED, *(_other(row) for row in OTHER_LANGUAGES.strip().splitlines()))
"""Every language that dowse knows."""


def _index(rows: Iterable[tuple[Language, Iterable[str]]]) -> Mapping[str, Language]:
    # The first language that claims a key keeps it: those with a table come first.
    return {key: language for language, keys in reversed([*rows]) for key in keys}


_BY_NAME = _index((each, (each.name,)) for each in LANGUAGES)
_BY_ID = _index((each, (each.name, *(id_.lower() for id_ in each.ids))) for each in LANGUAGES)
_BY_EXTENSION = _index((each, each.extensions) for each in LANGUAGES)
_BY_FILE = _index((each, each.files) for each in LANGUAGES)
_BY_INTERPRETER = _index((each, each.interpreters) for each in LANGUAGES)


def language_named(grammar: str) -> Language | None:
    """The language of a grammar's name, as `Snippet.language` holds it."""
    return _BY_NAME.get(grammar)


def language_of_path(path: str | PurePath) -> Language | None:
    """The language that a file's name tells, or None; the file is not read."""
    name = PurePath(path).name
    return _BY_FILE.get(name) or _BY_EXTENSION.get(PurePath(name).suffix.lower())


def language_of_id(lsp_language_id: str) -> Language | None:
    """The language of an LSP language id such as `typescriptreact` or `shellscript`."""
    return _BY_ID.get(lsp_language_id.lower())


def language_of_shebang(first_line: bytes) -> Language | None:
    """The language of a script by its `#!` line, or None where there is none or it is unknown."""
    if not first_line.startswith(b"#!"):
        return None
    words = first_line[2:].decode("utf-8", "replace").split()
    programs = (word.rsplit("/", 1)[-1] for word in words if not word.startswith("-"))
    program = next((each for each in programs if each != "env" and "=" not in each), "")
    return _BY_INTERPRETER.get(program) or _BY_INTERPRETER.get(program.rstrip("0123456789."))
