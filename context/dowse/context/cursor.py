"""What stands around the cursor: enclosing definitions, names in scope, imports, layout."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dowse.context.definitions import definition_at
from dowse.context.lines import Lines
from dowse.context.parsing import ancestors, captures, parse, unified
from dowse.context.scopes import SCOPES
from dowse.context.types import CursorContext, Kind, Style

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node, Tree

    from dowse.context.languages import Language

    Enclosing = tuple[Node, Kind, str]
    """A definition around the cursor, with its kind and name."""

MAX_NAMES = 100
"""Names in scope that are told at most; the nearest count."""
MAX_IMPORTS = 200
_SAMPLE = 4_000
_TOP_LEVELS = 8
_MARK = re.compile(rb"""(?:id|class)\s*=\s*["']?([^"'\s>]+)|(--[\w-]+)""")
_IMPORT_CALL = re.compile(rb"""(?:require|require_relative|load|source|\.)[\s(]+["']?([^"')\s]+)""")
_RECEIVERS = frozenset({"self", "cls", "this", "_"})


def cursor_context(source: bytes, language: Language, byte: int) -> CursorContext:
    """Read the surroundings of a byte offset from the syntax tree.

    Args:
        source: the file's text, as it is while someone types.
        language: its language; one without definition table tells the layout only.
        byte: the cursor, or the start of a trigger.
    """
    lines = Lines(source)
    byte = max(0, min(byte, len(source)))
    indentation = _indentation(lines.text(lines.line_of(byte)))
    style = Style(_indent_unit(source, language), lines.newline)
    if not language.definitions:
        return CursorContext(indentation=indentation, style=style)
    text = unified(source)
    tree = parse(text, language)
    enclosing = _enclosing(tree, language, text, lines, byte, indentation)
    function, class_ = _innermost(enclosing)
    names = _names(enclosing, tree, language, text, byte)
    imports = _imports(tree, language, text)
    return CursorContext(function, class_, names, imports, indentation, style)


def _indentation(line: str) -> str:
    text = line.lstrip("\ufeff\f")
    return text[: len(text) - len(text.lstrip(" \t"))]


def _indent_unit(source: bytes, language: Language) -> str:
    """A tab or as many spaces as lines are most often indented beyond the line before."""
    steps: Counter[str] = Counter()
    before = 0
    for line in source[: 60 * _SAMPLE].splitlines()[:_SAMPLE]:
        bare = line.lstrip(b" \t")
        if not bare or bare.startswith(b"*"):
            continue
        width = len(line) - len(bare)
        if line.startswith(b"\t"):
            steps["\t"] += width > before
        elif 1 < width - before <= 8:
            steps[" " * (width - before)] += 1
        before = width
    return steps.most_common(1)[0][0] if +steps else language.indent


def _enclosing(
    tree: Tree, language: Language, text: bytes, lines: Lines, byte: int, indentation: str
) -> list[Enclosing]:
    """The definitions around a byte with their kinds and names, the innermost first."""
    around = []
    indented = bool(language.statements)
    for node in ancestors(tree, _code_before(lines, byte) if indented else byte):
        if node.type in language.definitions or node.type in language.bindings:
            found = definition_at(node, language, text)
            # Where indentation means something, a comment may stand outside of its block's node.
            if found and not (indented and _column(text, node) >= len(indentation)):
                around.append((node, *found))
    return around[::-1]


def _code_before(lines: Lines, byte: int) -> int:
    """The last byte of code on the lines above; the byte itself where there is none."""
    for line in range(lines.line_of(byte) - 1, -1, -1):
        start, end = lines.span(line)
        code = lines.source[start:end].strip()
        if code and not code.startswith(b"#"):
            return start + len(lines.source[start:end].rstrip()) - 1
    return byte


def _column(text: bytes, node: Node) -> int:
    return node.start_byte - 1 - text.rfind(b"\n", 0, node.start_byte)


def _innermost(enclosing: Iterable[Enclosing]) -> tuple[str | None, str | None]:
    function = class_ = None
    for _, kind, name in enclosing:
        if kind is Kind.CLASS:
            class_ = class_ or name
        elif kind is not Kind.BLOCK and function is None:
            # A method written outside of its class names both: `Type.method`.
            owner, _, function = name.rpartition(".")
            class_ = owner or None
    return function, class_


def _names(
    enclosing: list[Enclosing], tree: Tree, language: Language, text: bytes, byte: int
) -> tuple[str, ...]:
    """Names in scope, the nearest first; below the cursor only those of the file itself."""
    nodes = _captured(enclosing, tree, language)
    starts = {node.start_byte for node, _, _ in enclosing}
    scopes = [
        _Scope(start, end, start in starts if language.statements else start <= byte < end)
        for start, end in sorted({(n.start_byte, n.end_byte) for n in nodes.get("scope", [])})
    ]
    bound = {(n.start_byte, n.end_byte, False) for n in nodes.get("name", [])}
    bound |= {(*span, False) for span in _matched(_MARK, nodes.get("mark", []), text)}
    bound |= {(n.start_byte, n.end_byte, True) for n in nodes.get("definition", [])}
    visible = [*_visible(sorted(bound), scopes)]
    above = ((start, end) for start, end, _ in reversed(visible) if start < byte)
    below = ((start, end) for start, end, level in visible if start >= byte and level == 0)
    names = dict.fromkeys(
        text[slice(*span)].decode("utf-8", "replace") for span in (*above, *below)
    )
    return tuple(name for name in names if name not in _RECEIVERS)[:MAX_NAMES]


def _captured(enclosing: list[Enclosing], tree: Tree, language: Language) -> dict[str, list[Node]]:
    """What the query finds near the top of the file and in the outermost definition."""
    patterns = SCOPES[language.name]
    found = captures(tree.root_node, language, patterns, _TOP_LEVELS)
    if enclosing:
        for name, nodes in captures(enclosing[-1][0], language, patterns).items():
            found.setdefault(name, []).extend(nodes)
    return found


@dataclass(frozen=True, slots=True)
class _Scope:
    start: int
    end: int
    around: bool
    """Whether the cursor is inside."""


def _visible(
    bound: Iterable[tuple[int, int, bool]], scopes: list[_Scope]
) -> Iterator[tuple[int, int, int]]:
    """Start, end and level of the names whose scopes, their own aside, all hold the cursor."""
    waiting = scopes[::-1]
    inside: list[_Scope] = []
    for start, end, is_definition in bound:
        while waiting and waiting[-1].start <= start:
            inside.append(waiting.pop())
        # A scope that starts where a shorter one did comes first, so that ends are looked at all.
        inside = [scope for scope in inside if scope.end > start]
        outer = inside[:-1] if is_definition else inside
        if all(scope.around for scope in outer):
            yield start, end, len(outer)


def _matched(
    pattern: re.Pattern[bytes], nodes: Iterable[Node], text: bytes
) -> Iterator[tuple[int, int]]:
    """Where in the nodes' text the last group of the pattern is, for those that it matches."""
    for node in nodes:
        match = pattern.match(text, node.start_byte, node.end_byte)
        if match and match.lastindex:
            yield match.span(match.lastindex)


def _imports(tree: Tree, language: Language, text: bytes) -> tuple[str, ...]:
    """Modules and names that the file imports, in order, without quotes or brackets."""
    found = captures(tree.root_node, language, SCOPES[language.name], _TOP_LEVELS)
    spans = {(node.start_byte, node.end_byte) for node in found.get("import", [])}
    spans.update(_matched(_IMPORT_CALL, found.get("call", []), text))
    texts = (text[start:end].decode("utf-8", "replace") for start, end in sorted(spans))
    return tuple(dict.fromkeys(each.strip("\"'<>`") for each in texts))[:MAX_IMPORTS]
