"""The HTML of a report: its frame, its tables, and how figures are written."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dowse.model.evaluation.metrics import Difference, Score

HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>TITLE</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto;
 padding: 0 1rem; color: #1c1c1c; background: #fff; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid #ddd; }
img { max-width: 100%; height: auto; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; margin: .5rem 0; }
th, td { padding: .25rem .6rem; text-align: right; vertical-align: top; }
th { border-bottom: 1px solid #999; }
tr:nth-child(even) td { background: #f6f6f6; }
.text { text-align: left; }
td.text { overflow-wrap: anywhere; max-width: 24rem; }
small { color: #595959; white-space: nowrap; }
.note { border-left: 3px solid #E69F00; padding-left: .7rem; }
</style>
</head>
<body>
"""
"""Everything before the content; `TITLE` is to be replaced."""
TAIL = "</body>\n</html>\n"

_NUMBER = frozenset("0123456789+-–")


def section(title: str, *parts: str) -> str:
    """A heading with its content, which is HTML already."""
    return f"<h2>{escape(title)}</h2>\n{''.join(parts)}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells are HTML already, numbers stand at the right."""
    cells = [[_cell(text) for text in row] for row in rows]
    names = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(f"<tr>{''.join(row)}</tr>\n" for row in cells)
    return f"<div class=wide><table>\n<tr>{names}</tr>\n{body}</table></div>\n"


def _cell(text: str) -> str:
    return f"<td>{text}</td>" if text[:1] in _NUMBER else f"<td class=text>{text}</td>"


def interval(score: Score) -> str:
    """A mean with its interval, in percent."""
    return f"{100 * score.mean:.1f} <small>[{100 * score.low:.1f}, {100 * score.high:.1f}]</small>"


def difference(found: Difference) -> str:
    """A difference with its interval, in points, and what to make of it."""
    ends = f"[{100 * found.low:+.1f}, {100 * found.high:+.1f}]"
    verdict = "" if found.significant else ", not significant"
    return f"{100 * found.mean:+.1f} <small>{ends}, p = {found.p:.3g}{verdict}</small>"
