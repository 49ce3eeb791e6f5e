"""Where the code of a hit goes: under the comment that asked for it."""

from __future__ import annotations

from dataclasses import dataclass

from dowse.context.lines import Lines
from dowse.context.triggers import Trigger


@dataclass(frozen=True, slots=True)
class Insertion:
    """One replacement of bytes by text."""

    start: int
    end: int
    text: str


def insertion_below(lines: Lines, trigger: Trigger, code: str, caret_line: int) -> Insertion:
    """Put adapted code under a trigger.

    A blank line is used up if the caret waits on it and stays otherwise, so that no blank line is
    too many and none that separates definitions is lost.

    Args:
        lines: the document.
        trigger: the comment that asked.
        code: as `adapt` lays it out, without a line end after it.
        caret_line: the line on which the caret is.
    """
    below = trigger.end_line + 1
    if below >= len(lines):
        end = len(lines.source)
        return Insertion(end, end, lines.newline + code)
    start, end = lines.span(below)
    if caret_line == below and not lines.source[start:end].strip():
        return Insertion(start, end, code)
    return Insertion(start, start, code + lines.newline)
