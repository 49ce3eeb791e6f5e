"""Snippets: what a file defines, as the index wants it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dowse.context.blocks import element_blocks, line_blocks
from dowse.context.definitions import Found, find_definitions
from dowse.context.parsing import exceeds_depth, parse, too_deep, unified
from dowse.context.passages import passages
from dowse.context.triggers import find_triggers
from dowse.context.types import Definition, Limits, Snippet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dowse.context.languages import Language

__all__ = ["exceeds_depth", "extract"]


_DEFAULT_LIMITS = Limits()


def extract(
    source: bytes, language: Language, limits: Limits = _DEFAULT_LIMITS, word: str = "find"
) -> list[Definition]:
    """The definitions and top-level blocks of a file, in order of position.

    A language without definition table, and a file without any definition, gives blocks of lines.

    Args:
        source: the file's text; bytes that are no UTF-8 do no harm.
        language: its language.
        limits: a tree deeper than `max_depth` gives no snippets.
        word: the word of triggers, whose comments are left out of the passages.
    """
    text = unified(source)
    hidden = [(each.start_byte, each.end_byte) for each in find_triggers(source, language, word)]
    found = [_below(each, hidden, text) for each in _found(text, language, limits.max_depth)]
    found.sort(key=lambda each: (each.start, -each.end))
    lines = _lines([each.start for each in found], text)
    return [
        Definition(_snippet(each, line, language, text), passages(each, text, hidden))
        for each, line in zip(found, lines, strict=True)
    ]


def _found(text: bytes, language: Language, max_depth: int) -> list[Found]:
    if not language.definitions:
        return line_blocks(text)
    tree = parse(text, language)
    if too_deep(tree, max_depth):
        return []
    if language.name == "html":
        return element_blocks(tree, text)
    return find_definitions(tree.root_node, language, text)


def _below(found: Found, triggers: Iterable[tuple[int, int]], text: bytes) -> Found:
    """A definition without the trigger that was answered by it and stayed above it."""
    start = found.start
    for first, end in triggers:
        if first == start:
            rest = text[end : found.end]
            start = end + len(rest) - len(rest.lstrip())
    return found if start in (found.start, found.end) else replace(found, start=start)


def _lines(starts: list[int], text: bytes) -> Iterator[int]:
    """The lines of ascending offsets: counting is twice as fast as a table of line starts."""
    line = before = 0
    for start in starts:
        line += text.count(b"\n", before, start)
        before = start
        yield line


def _snippet(found: Found, line: int, language: Language, text: bytes) -> Snippet:
    last = line + text.count(b"\n", found.start, found.end)
    return Snippet(found.symbol, found.kind, language.name, found.start, found.end, line, last)
