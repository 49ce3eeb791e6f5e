"""Lay a snippet out for the cursor: its indentation, indentation unit and line ends."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from dowse.context.parsing import captures, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node

    from dowse.context.languages import Language
    from dowse.context.types import CursorContext

_LINE_END = re.compile(r"\r\n|\n|\r")
_WIDEST_UNIT = 8


def adapt(text: str, language: Language, context: CursorContext, base_indentation: str = "") -> str:
    """The snippet's code as it should stand at the cursor, without a line end at its end.

    Strings over several lines keep their white space; docstrings move with the code. Where
    indentation has a meaning and the snippet's own is irregular, or where the language is not
    known well, the code is moved and its unit of indentation is left as it is.

    Args:
        text: the file's text from `Snippet.start_byte` to `end_byte`: its first line lacks its
            indentation, the later ones have theirs.
        language: the snippet's language.
        context: where the code goes.
        base_indentation: the white space before the snippet's first line in its file.
    """
    rows = _LINE_END.split(text.rstrip())
    moved = [rows[0].lstrip(), *(_without_base(row, base_indentation) for row in rows[1:])]
    layout = _layout(moved, language)
    reindent = _reindentation(moved, layout, language, context.style.indent)
    lines = [
        rows[row] if row in layout.kept else _line(row, moved, layout, reindent, context)
        for row in range(len(rows))
    ]
    return context.style.newline.join(lines)


def _without_base(row: str, base: str) -> str:
    return row.removeprefix(base) if row.startswith(base) else row.lstrip(" \t")


def _lead(row: str) -> str:
    return row[: len(row) - len(row.lstrip(" \t"))]


@dataclass(frozen=True, slots=True)
class _Layout:
    """What the rows of a snippet are; all numbers are rows."""

    kept: set[int] = field(default_factory=set)
    """Those that start inside a string."""
    docstrings: dict[int, int] = field(default_factory=dict)
    """Those that start inside a docstring, with the row where it starts."""
    statements: set[int] = field(default_factory=set)
    """Those whose indentation has a meaning."""


def _layout(rows: list[str], language: Language) -> _Layout:
    layout = _Layout()
    if not language.strings:
        return layout
    tree = parse("\n".join(rows).encode("utf-8", "surrogatepass"), language)
    parts = [f"[{' '.join(f'({each})' for each in sorted(language.strings))}] @string"]
    parts += [f"({each} (_) @statement)" for each in sorted(language.statements)]
    found = captures(tree.root_node, language, "\n".join(parts))
    for node in found.get("string", []):
        _place_string(node, rows, layout, language)
    for node in found.get("statement", []):
        if not language.is_comment(node.type):
            layout.statements.add(node.start_point.row)
    return layout


def _place_string(node: Node, rows: list[str], layout: _Layout, language: Language) -> None:
    first, last = node.start_point.row, node.end_point.row
    inside = range(first + 1, last + 1)
    lead = _lead(rows[first])
    texts = [rows[row] for row in inside if rows[row].strip()]
    if _is_docstring(node, language) and all(text.startswith(lead) for text in texts):
        layout.docstrings.update(dict.fromkeys(inside, first))
    else:
        # The end of a heredoc stands alone on its row, at the start.
        alone = "heredoc" in node.type and node.start_point.column == 0
        layout.kept.update(range(first, last + 1) if alone else inside)


def _is_docstring(node: Node, language: Language) -> bool:
    """Whether a string is the first statement of a function, class or file."""
    body = node.parent
    if body is None or body.type not in language.statements:
        return False
    owner = body.parent
    if owner is not None and owner.type not in language.definitions:
        return False
    code = (each for each in body.named_children if not language.is_comment(each.type))
    return next(code, None) == node


@dataclass(frozen=True, slots=True)
class _Reindentation:
    """Maps the indentation of a snippet's rows to that of the file that it goes into."""

    unit: str
    target: str
    leads: dict[int, str]

    def __call__(self, row: int) -> str:
        lead = self.leads[row]
        width, rest = _measure(lead, self.unit)
        levels, beyond = divmod(width, len(self.unit))
        if not beyond:
            return self.target * levels + rest
        # An aligned row keeps its distance from the row that it hangs on.
        anchor = self._anchor(row, width)
        aligned = self.unit[0] * (width - anchor * len(self.unit))
        return self.target * anchor + aligned + rest

    def _anchor(self, row: int, width: int) -> int:
        """Levels of the last row before this one that is less indented, by whole levels."""
        for before in range(row - 1, -1, -1):
            other, rest = _measure(self.leads.get(before, " \t"), self.unit)
            if other < width and not rest and other % len(self.unit) == 0:
                return other // len(self.unit)
        return 0


def _measure(lead: str, unit: str) -> tuple[int, str]:
    """How often the unit's character stands at the start, and what follows it."""
    rest = lead.lstrip(unit[0])
    return len(lead) - len(rest), rest


def _reindentation(
    rows: list[str], layout: _Layout, language: Language, target: str
) -> _Reindentation:
    code = (r for r in range(len(rows)) if r not in layout.kept and r not in layout.docstrings)
    leads = {row: _lead(rows[row]) for row in code if rows[row].strip()}
    decisive = [lead for row, lead in leads.items() if row in layout.statements]
    unit = _unit(decisive if language.statements else [*leads.values()], target)
    regular = bool(language.definitions) and all(
        lead == unit * (len(lead) // len(unit)) for lead in decisive
    )
    return _Reindentation(unit if regular else target, target, leads)


def _unit(leads: Iterable[str], target: str) -> str:
    """The step by which rows are most often indented.

    It is the target's, so that nothing is converted, where that occurs or where tabs and spaces
    are mixed.
    """
    leads = [*leads]
    char = "\t" if any(lead.startswith("\t") for lead in leads) else " "
    # One space before the star of a comment is no mixture.
    mixed = char == "\t" and any(lead.startswith("  ") for lead in leads)
    steps = Counter(_steps(leads, char))
    if mixed or not steps or (target[0] == char and steps[len(target)]):
        return target
    return char * steps.most_common(1)[0][0]


def _steps(leads: list[str], char: str) -> Iterator[int]:
    widths = [_measure(lead, char)[0] for lead in leads if not lead.strip(char)]
    for before, width in pairwise([0, *widths]):
        step = width - before
        if 0 < step <= _WIDEST_UNIT and width % step == 0 and (step > 1 or char == "\t"):
            yield step


def _line(
    row: int, rows: list[str], layout: _Layout, reindent: _Reindentation, context: CursorContext
) -> str:
    text = rows[row]
    if not text.strip():
        return ""
    owner = layout.docstrings.get(row)
    if owner is None:
        return context.indentation + reindent(row) + text.lstrip(" \t")
    return context.indentation + reindent(owner) + text[len(_lead(rows[owner])) :]
