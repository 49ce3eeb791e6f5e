from __future__ import annotations

import subprocess
import sys
from dataclasses import fields
from pathlib import PurePath

import pytest

from dowse.context.languages import (
    LANGUAGES,
    TABLED,
    Language,
    language_named,
    language_of_id,
    language_of_path,
    language_of_shebang,
)
from dowse.context.parsing import grammar, parse, query
from dowse.context.scopes import SCOPES

SEVENTEEN = (
    *("python", "javascript", "typescript", "tsx", "go", "rust", "java", "c", "cpp", "csharp"),
    *("ruby", "php", "bash", "lua", "sql", "html", "css"),
)


def name_of(language: Language | None) -> str | None:
    return language.name if language else None


def test_the_seventeen_have_a_table_and_a_query() -> None:
    assert tuple(language.name for language in TABLED) == SEVENTEEN
    assert tuple(SCOPES) == SEVENTEEN


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.name)
def test_every_grammar_loads_and_knows_the_node_types(language: Language) -> None:
    kinds = grammar(language.name)
    known = {kinds.node_kind_for_id(id_) for id_ in range(kinds.node_kind_count)}
    roles = (f.name for f in fields(Language) if isinstance(getattr(language, f.name), frozenset))
    named = {type_ for role in roles for type_ in getattr(language, role)}
    assert named | {*language.definitions} | {*language.values} | {*language.names} <= known
    assert parse(b"# find: x", language).root_node.end_byte <= 10


@pytest.mark.parametrize("name", SEVENTEEN)
def test_scope_queries_compile(name: str) -> None:
    assert query(name, SCOPES[name]).capture_count > 0


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a/b.py", "python"),
        (PurePath("x.TSX"), "tsx"),
        ("x.mjs", "javascript"),
        ("x.h", "cpp"),
        ("x.c", "c"),
        ("lib/Rakefile", "ruby"),
        ("Dockerfile", "dockerfile"),
        (".bashrc", "bash"),
        ("page.html.erb", "embeddedtemplate"),
        ("a b#ü%.cs", "csharp"),
        ("x.ml", "ocaml"),
        ("x", None),
        ("x.unknown", None),
        ("", None),
    ],
)
def test_language_of_path(path: str | PurePath, name: str | None) -> None:
    assert name_of(language_of_path(path)) == name


@pytest.mark.parametrize(
    ("id_", "name"),
    [
        ("typescriptreact", "tsx"),
        ("javascriptreact", "javascript"),
        ("shellscript", "bash"),
        ("cpp", "cpp"),
        ("csharp", "csharp"),
        ("objective-c", "objc"),
        ("Python", "python"),
        ("plaintext", None),
        ("", None),
    ],
)
def test_language_of_id(id_: str, name: str | None) -> None:
    assert name_of(language_of_id(id_)) == name


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (b"#!/usr/bin/env python3", "python"),
        (b"#!/usr/bin/python3.12 -u", "python"),
        (b"#! /bin/sh -e\r", "bash"),
        (b"#!/usr/bin/env -S FOO=1 node --harmony", "javascript"),
        (b"#!/usr/bin/env", None),
        (b"#!", None),
        (b"# python", None),
        (b"#!\xff\xfe", None),
    ],
)
def test_language_of_shebang(line: bytes, name: str | None) -> None:
    assert name_of(language_of_shebang(line)) == name


def test_no_two_languages_have_one_name() -> None:
    names = [language.name for language in LANGUAGES]
    assert len(names) == len(set(names))
    assert all(language_named(name) is not None for name in names)


def test_importing_does_not_load_tree_sitter() -> None:
    modules = "languages, parsing, triggers, cursor, snippets, adapt"
    code = f"import sys; from dowse.context import {modules}; print('tree_sitter' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
