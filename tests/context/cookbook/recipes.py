"""What the tests of the cookbook know of its files."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from dowse.context.languages import Language, language_of_path
from dowse.context.snippets import extract
from dowse.context.types import Kind, Snippet

TESTS = Path(__file__).parent
COOKBOOK = Path(__file__).parents[3] / "context/dowse/context/cookbook"
FILES = sorted(path for path in COOKBOOK.glob("*/*") if path.suffix and path.suffix != ".pyc")
HOLDERS = frozenset({"java", "csharp"})
"""Languages in which a class around the recipes is needed that is no recipe itself."""


def language(path: Path) -> Language:
    found = language_of_path(path)
    assert found is not None
    return found


@cache
def recipes(path: Path) -> list[tuple[Snippet, str]]:
    """The recipes of a file with their texts: the outermost snippets, without class holders."""
    source = path.read_bytes()
    outer: list[tuple[Snippet, str]] = []
    for definition in extract(source, language(path)):
        each = definition.snippet
        holder = each.kind is Kind.CLASS and path.parent.name in HOLDERS and "." not in each.symbol
        if not holder and (not outer or each.start_byte >= outer[-1][0].end_byte):
            outer.append((each, source[each.start_byte : each.end_byte].decode()))
    return outer


def names(folder: str) -> set[str]:
    """The names of all recipes of a language."""
    paths = (path for path in FILES if path.parent.name == folder)
    return {each.symbol.rsplit(".", 1)[-1] for path in paths for each, _ in recipes(path)}
