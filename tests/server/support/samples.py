"""Folders of real code, and what must stand in a file once a snippet of theirs was inserted."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

RETRY = '''def retry_request(url, attempts):
    """Send a request again until it works.

    The pause doubles every time.
    """
    for attempt in range(attempts):
        if send(url, pause=2**attempt):
            return True

    return False
'''
NUMERAL = '''def roman_numeral(value):
    """Spell a number."""
    return "I" * value
'''
SMALL = {"network/requests.py": f"import socket\n\n\n{RETRY}", "text/numbers.py": NUMERAL}
"""A folder in which the words `retry a request` have one best answer."""


def made(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """A folder with these files."""
    for path, content in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def copied(target: Path, *packages: str) -> Path:
    """A folder with the source of installed packages."""
    for name in packages:
        spec = find_spec(name)
        assert spec is not None
        assert spec.submodule_search_locations
        source = spec.submodule_search_locations[0]
        shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
    return target


def definition(file: Path, line: int) -> list[str]:
    """The lines of the Python definition that starts on a line (from 1), moved to the margin."""
    source = file.read_text("utf-8")
    node = next(n for n in ast.walk(ast.parse(source)) if _first_line(n) == line)
    assert node.end_lineno is not None
    rows = source.split("\n")[line - 1 : node.end_lineno]
    return [row[node.col_offset :] for row in rows]


def _first_line(node: ast.AST) -> int | None:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return None
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def laid_out(rows: list[str], indentation: str, newline: str) -> str:
    """Rows as they have to stand in a file; blank rows have no white space."""
    return "".join(f"{indentation}{row}{newline}" if row else newline for row in rows)
