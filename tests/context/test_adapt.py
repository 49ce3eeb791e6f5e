from __future__ import annotations

import argparse
import ast
import collections
import inspect
import json.decoder
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dowse.context.adapt import adapt
from dowse.context.languages import LANGUAGES, Language, language_named
from dowse.context.snippets import extract
from dowse.context.types import CursorContext, Kind, Style

INDENTATIONS = st.sampled_from(["", "  ", "    ", "\t", "\t\t", "        "])
UNITS = st.sampled_from(["  ", "    ", "\t", "   "])
NEWLINES = st.sampled_from(["\n", "\r\n", "\r"])


def language(name: str) -> Language:
    found = language_named(name)
    assert found is not None
    return found


PYTHON = language("python")


def at(indentation: str = "", indent: str = "    ", newline: str = "\n") -> CursorContext:
    return CursorContext(indentation=indentation, style=Style(indent, newline))


def test_first_line_is_indented_and_later_lines_lose_their_own() -> None:
    text = "@wraps\n    def f(self):\n        return 1\n\n    \n"
    expected = "        @wraps\n        def f(self):\n            return 1"
    assert adapt(text, PYTHON, at("        "), "    ") == expected


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("  ", "def f(a,\n      b):\n  if a:\n    return g(\n      a,\n    )"),
        ("\t", "def f(a,\n      b):\n\tif a:\n\t\treturn g(\n\t\t\ta,\n\t\t)"),
        ("    ", "def f(a,\n      b):\n    if a:\n        return g(\n            a,\n        )"),
    ],
)
def test_unit_is_converted_and_alignment_kept(unit: str, expected: str) -> None:
    text = "def f(a,\n      b):\n    if a:\n        return g(\n            a,\n        )"
    assert adapt(text, PYTHON, at("", unit)) == expected


def test_tabs_become_spaces() -> None:
    text = "func f() {\n\tif x {\n\t\ty()\n\t}\n}"
    expected = "  func f() {\n    if x {\n      y()\n    }\n  }"
    assert adapt(text, language("go"), at("  ", "  ")) == expected


def test_line_ends_become_those_of_the_file() -> None:
    assert adapt("a = 1\r\nb = '''\n\r'''\rc", PYTHON, at("", newline="\r\n")) == (
        "a = 1\r\nb = '''\r\n\r\n'''\r\nc"
    )


def test_strings_keep_their_white_space_and_docstrings_move() -> None:
    text = 'def f():\n    """Doc.\n\n      More.\n    """\n    return """a\n    b\n\n  c"""'
    assert adapt(text, PYTHON, at("\t", "\t")) == (
        '\tdef f():\n\t\t"""Doc.\n\n\t\t  More.\n\t\t"""\n\t\treturn """a\n    b\n\n  c"""'
    )


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("javascript", "f(`a\n  b`,\n  c);", "  f(`a\n  b`,\n    c);"),
        ("bash", "cat <<EOF\na\n  b\nEOF\nls", "  cat <<EOF\na\n  b\nEOF\n  ls"),
        ("ruby", "x = <<~A\n  b\nA\ny", "  x = <<~A\n  b\nA\n  y"),
        ("go", "x := `a\nb`\ny", "  x := `a\nb`\n  y"),
        ("lua", "x = [[a\n b]]\ny()", "  x = [[a\n b]]\n  y()"),
        ("cpp", 'auto x = R"(a\n b)";\ny();', '  auto x = R"(a\n b)";\n  y();'),
        ("csharp", 'var x = @"a\n b";\ny();', '  var x = @"a\n b";\n  y();'),
        ("java", 'var x = """\n a""";\ny();', '  var x = """\n a""";\n  y();'),
        ("php", "<?php $x = <<<A\n b\nA;\ny();", "  <?php $x = <<<A\n b\nA;\n  y();"),
    ],
)
def test_strings_of_other_languages(name: str, text: str, expected: str) -> None:
    assert adapt(text, language(name), at("  ", "  ")) == expected


def test_comment_stars_stay_aligned() -> None:
    text = "/**\n     * Adds.\n     */\n    int add() {\n        return 1;\n    }"
    assert adapt(text, language("java"), at("", "  "), "    ") == (
        "/**\n * Adds.\n */\nint add() {\n  return 1;\n}"
    )


def test_irregular_python_and_unknown_languages_are_only_moved() -> None:
    text = "if a:\n   if b:\n       c\n   d"
    assert adapt(text, PYTHON, at("", "  ")) == text
    assert adapt("a:\n    b:\n      - c", language("yaml"), at("  ", "  ")) == (
        "  a:\n      b:\n        - c"
    )


@pytest.mark.parametrize("text", ["", "\n\n", "  \n"])
def test_nothing_stays_nothing(text: str) -> None:
    assert adapt(text, PYTHON, at("    ")) == ""


def definitions(module: object) -> list[tuple[str, str]]:
    """Texts of a module's definitions, with their base indentation."""
    source = inspect.getsource(module).encode()  # type: ignore[arg-type]
    found = []
    for each in extract(source, PYTHON):
        start = each.snippet.start_byte
        base = source[source.rfind(b"\n", 0, start) + 1 : start].decode()
        if each.snippet.kind is not Kind.BLOCK:
            found.append((source[start : each.snippet.end_byte].decode(), base))
    return found


STDLIB = [
    each
    for module in (argparse, ast, collections, inspect, json.decoder, textwrap)
    for each in definitions(module)
    if "\\" not in each[0]  # an escape in a docstring hides its layout
]


def meaning(text: str, indentation: str) -> str:
    """The syntax tree as text, docstrings cleaned as `inspect` cleans them."""
    tree = ast.parse(f"if 1:\n{text}" if indentation else text)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        documented = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        if documented and isinstance(body, list) and ast.get_docstring(node) is not None:
            clean = inspect.cleandoc(body[0].value.value)
            body[0].value.value = "\n".join(line.rstrip() for line in clean.split("\n"))
    return ast.dump(ast.Module(tree.body[0].body if indentation else tree.body, []))  # type: ignore[attr-defined]


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(STDLIB), INDENTATIONS, UNITS)
def test_python_means_the_same_anywhere(
    definition: tuple[str, str], indentation: str, unit: str
) -> None:
    text, base = definition
    adapted = adapt(text, PYTHON, at(indentation, unit), base)
    assert meaning(adapted, indentation) == meaning(base + text, base)


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(STDLIB), INDENTATIONS, UNITS, NEWLINES)
def test_adapting_twice_changes_nothing(
    definition: tuple[str, str], indentation: str, unit: str, newline: str
) -> None:
    context = at(indentation, unit, newline)
    once = adapt(definition[0], PYTHON, context, definition[1])
    assert adapt(once, PYTHON, context, indentation) == once


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(LANGUAGES), st.text(max_size=60), INDENTATIONS, UNITS, NEWLINES)
def test_any_text_keeps_its_words(
    kind: Language, text: str, indentation: str, unit: str, newline: str
) -> None:
    adapted = adapt(text, kind, at(indentation, unit, newline))
    assert adapted.split() == text.split()
    assert not adapted.endswith(("\n", "\r"))
