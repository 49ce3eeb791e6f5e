"""What holds for every recipe, whatever its language."""

from __future__ import annotations

import ast
import builtins
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from dowse.context.licenses import license_of_file
from dowse.context.parsing import parse

from .recipes import COOKBOOK, FILES, TESTS, language, names, recipes

FOLDERS = sorted({path.parent.name for path in FILES})
PYTHON = [path for path in FILES if path.suffix == ".py"]
MAX_LINES = 40
COMMENT = re.compile(r"""\s*(?:///?|/\*\*|\#|--)\s*\**\s*(?:<summary>)?\w""")
GRAMMAR_GAPS = {"(name)", "ESCAPE '\\'", "CREATE TRIGGER"}
"""What SQLite runs and the SQL grammar does not know; extraction works all the same."""
each_file = pytest.mark.parametrize(
    "path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}"
)


def errors(path: Path) -> list[str]:
    """The texts of the error nodes of a file's tree."""
    source = path.read_bytes()
    found, waiting = [], [parse(source, language(path)).root_node]
    while waiting:
        node = waiting.pop()
        if node.type == "ERROR" or node.is_missing:
            found.append(source[node.start_byte : node.end_byte].decode())
        elif node.has_error:
            waiting.extend(node.children)
    return found


@each_file
def test_a_file_parses_without_errors(path: Path) -> None:
    assert [text for text in errors(path) if not text.startswith(tuple(GRAMMAR_GAPS))] == []


@each_file
def test_a_file_states_its_licence_in_the_first_comment(path: Path) -> None:
    source = path.read_bytes()
    assert license_of_file(source) == "CC0-1.0"
    first = next(line for line in source.splitlines() if line != b"<?php")
    assert b"SPDX-License-Identifier" in first


@each_file
def test_a_file_is_tidy(path: Path) -> None:
    lines = path.read_text("utf-8").split("\n")
    assert lines[-1] == ""
    assert [line for line in lines if len(line) > 100 or line != line.rstrip()] == []


@each_file
def test_recipes_are_short_and_described(path: Path) -> None:
    found = recipes(path)
    assert len(found) >= 5
    for snippet, text in found:
        described = ast.get_docstring(ast.parse(text).body[0]) if path in PYTHON else None  # type: ignore[arg-type]
        assert described or COMMENT.match(text), snippet.symbol
        assert text.count("\n") < MAX_LINES, snippet.symbol
        assert "SPDX" not in text


@pytest.mark.parametrize("folder", FOLDERS)
def test_names_are_unique_in_a_language(folder: str) -> None:
    paths = [path for path in FILES if path.parent.name == folder]
    counts = Counter(each.symbol for path in paths for each, _ in recipes(path))
    assert [symbol for symbol, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("folder", sorted({*FOLDERS} - {"sql", "csharp"}))
def test_every_recipe_is_named_in_a_test(folder: str) -> None:
    used = names(folder)
    if folder == "javascript":
        used -= {each.symbol for each, _ in recipes(COOKBOOK / "javascript" / "dom.mjs")}
    paths = [TESTS / f"test_{folder}.py", *(TESTS / folder).glob("*")]
    if folder == "python":
        # Those of pytest are run by pytest itself, in test_testing.py.
        used -= {name for name in used if name.startswith("test_")} | {"project_folder"}
    text = "".join(path.read_text("utf-8") for path in paths if path.is_file())
    before = r"recipes\." if folder == "python" else r"(?:\\n|(?<![A-Za-z_]))"
    assert {name for name in used if not re.search(rf"{before}{name}\b", text)} == set()


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: path.name)
def test_python_recipes_need_nothing_but_imports(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    given = {*dir(builtins)}
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            given |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.Assign):
            # Type variables; nothing else may stand at module level.
            assert ast.unparse(node.value).startswith(("TypeVar(", "ParamSpec("))
            given |= {ast.unparse(target) for target in node.targets}
    for recipe in tree.body:
        if isinstance(recipe, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            assert unknown(recipe) - given - {recipe.name} == set(), recipe.name


def unknown(recipe: ast.AST) -> set[str]:
    """Names that a recipe reads and does not bind itself."""
    loaded, bound = set(), set()
    for node in ast.walk(recipe):
        if isinstance(node, ast.Name):
            (loaded if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        else:
            # Functions and classes, and what `except` and `case` bind.
            bound.add(getattr(node, "name", None) or "")
    return loaded - bound


def test_python_recipes_are_typed() -> None:
    # A cache of its own: other options would spoil the one of the project.
    cache = f"--cache-dir={TESTS.parents[2] / '.mypy_cache' / 'cookbook'}"
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", cache]
    done = subprocess.run([*command, *map(str, PYTHON)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_python_recipes_are_clean() -> None:
    for command in ("check", "format --check"):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command.split(), "-q", str(COOKBOOK)],
            capture_output=True,
            text=True,
        )
        assert (done.stdout, done.returncode) == ("", 0)
