"""Snippets: what a file defines, as the index wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dowse.context.blocks import element_blocks, line_blocks
from dowse.context.definitions import Found, find_definitions
from dowse.context.lines import Lines
from dowse.context.parsing import exceeds_depth, parse, too_deep, unified
from dowse.context.passages import passages
from dowse.context.triggers import find_triggers
from dowse.context.types import Definition, Limits, Snippet

if TYPE_CHECKING:
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
    found = _found(text, language, limits.max_depth)
    found.sort(key=lambda each: (each.start, -each.end))
    hidden = [(each.start_byte, each.end_byte) for each in find_triggers(source, language, word)]
    lines = Lines(source)
    return [
        Definition(_snippet(each, language, lines), passages(each, text, hidden)) for each in found
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


def _snippet(found: Found, language: Language, lines: Lines) -> Snippet:
    first, last = lines.line_of(found.start), lines.line_of(max(found.start, found.end - 1))
    return Snippet(found.symbol, found.kind, language.name, found.start, found.end, first, last)
