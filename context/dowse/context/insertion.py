"""Where the code of a hit goes: under the comment that asked for it."""

from __future__ import annotations

from dataclasses import dataclass

from dowse.context.lines import Lines


@dataclass(frozen=True, slots=True)
class Insertion:
    """One replacement of bytes by text."""

    start: int
    end: int
    text: str


def insertion_below(lines: Lines, above: int, code: str, caret_line: int) -> Insertion:
    """Put adapted code under a line.

    A blank line is used up if the caret waits on it and stays otherwise, so that no blank line is
    too many and none that separates definitions is lost.

    Args:
        lines: the document.
        above: the line, which is the last one of the comment that asked, where one did.
        code: as `adapt` lays it out, without a line end after it.
        caret_line: the line on which the caret is.
    """
    below = above + 1
    if below >= len(lines):
        end = len(lines.source)
        return Insertion(end, end, lines.newline + code)
    start, end = lines.span(below)
    if caret_line == below and not lines.source[start:end].strip():
        return Insertion(start, end, code)
    return Insertion(start, start, code + lines.newline)
