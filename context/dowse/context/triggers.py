"""Triggers: comments that say `find: <words>`, in any language.

The text alone tells at once where none can be; the syntax tree tells comments from strings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from dowse.context.embedded import embedded_language, embedded_text
from dowse.context.lines import Lines
from dowse.context.parsing import ancestors, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node, Tree

    from dowse.context.languages import Language

REACH = 40
"""Lines that one trigger may span at most."""

_BLOCK_SIGNS = (
    *(("/*", "*/"), ("<!--", "-->"), ("{-", "-}"), ("(*", "*)"), ("{#", "#}"), ("<%--", "--%>")),
    *(("<%#", "%>"), ("#|", "|#"), ("<#", "#>"), ("/+", "+/"), ("#[", "]#"), ("#=", "=#")),
    *(("=begin", "=end"), ("=pod", "=cut"), ("%{", "%}"), ("{", "}")),
)
_LUA_BLOCK = re.compile(r"--\[(=*)\[")
_WORD_SIGNS = "rem|dnl|=begin|=pod"
_SIGN_ALONE = re.compile(rf"[^\w\s]+|{_WORD_SIGNS}", re.I)
_LAST_SIGN = re.compile(r"\s*(?:=end|=cut|[^\w\s]*(?:[*/+\-%#]|\]=*)[>/)}\]#]|\}|=#)$")
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Trigger:
    """A comment that asks for code."""

    words: str
    """What is asked, the lines of the comment joined by single spaces."""
    start_line: int
    end_line: int
    start_byte: int
    """Where the comment's sign starts."""
    end_byte: int
    """Where the comment ends, its line end left out."""
    indentation: str
    """White space before the first text of the comment's first line."""


def may_trigger(lines: Lines, line: int, word: str = "find") -> bool:
    """Whether a trigger may stand at a line, by the text alone: `False` is certain, and cheap."""
    start, end = _reach(lines, line)
    return _anywhere(word).search(lines.source, start, end) is not None


def find_trigger(
    source: bytes, language: Language, line: int, word: str = "find"
) -> Trigger | None:
    """The trigger whose comment stands on a line, else the one that ends on the line above."""
    lines = Lines(source)
    near = [*_triggers(lines, language, word, *_reach(lines, line))]
    here = (each for each in near if each.start_line <= line <= each.end_line)
    above = (each for each in near if each.end_line == line - 1)
    return next(here, None) or next(above, None)


def find_triggers(source: bytes, language: Language, word: str = "find") -> list[Trigger]:
    """Every trigger of a text, in order."""
    if word.isascii() and f"{word}:".lower().encode() not in source.lower():
        return []  # ten times as fast as the pattern, for the many files without a trigger
    return [*_triggers(Lines(source), language, word, 0, len(source))]


def _reach(lines: Lines, line: int) -> tuple[int, int]:
    if not 0 <= line < len(lines):
        return 0, 0
    # The words may stand below the line that holds a comment's sign alone.
    return lines.starts[max(0, line - REACH)], lines.span(min(line + 2, len(lines) - 1))[1]


@lru_cache(maxsize=8)
def _anywhere(word: str) -> re.Pattern[bytes]:
    # Bytes patterns fold ASCII only, so each letter is spelled in both cases.
    cases = ({each, each.lower(), each.upper()} for each in word)
    letters = ("|".join(sorted(map(re.escape, each))) for each in cases)
    return re.compile("".join(f"(?:{each})" for each in letters).encode() + b":(?!:)")


@lru_cache(maxsize=8)
def _at_start(word: str) -> re.Pattern[str]:
    sign = rf"(?P<sign>(?:[^\w\s]+?|{_WORD_SIGNS})?)"
    return re.compile(rf"{sign}[\s*]*{re.escape(word)}:(?!:)(?P<words>.*)", re.I | re.S)


class _Comments:
    """The comments of one text, those of embedded languages included, found by position."""

    def __init__(self, source: bytes, language: Language) -> None:
        self.source = source
        self._language = language
        self._embedded: dict[int, _Comments] = {}

    @cached_property
    def _tree(self) -> Tree:
        return parse(self.source, self._language)

    def span(self, byte: int) -> tuple[int, int] | None:
        """Start and end of the comment that holds a byte."""
        path = ancestors(self._tree, byte)
        for parent, node in pairwise(path):
            if self._language.is_comment(node.type):
                # The grammar of HTML sees comments in attributes, browsers do not.
                inert = "attribute_value" in parent.type
                return None if inert else (node.start_byte, node.end_byte)
        embedded = embedded_language(path, self.source)
        if embedded is not None:
            return self._span_within(path, *embedded, byte)
        return self._unterminated(byte) if self._in_error(path) else None

    def _span_within(
        self, path: list[Node], language: Language, start: int, byte: int
    ) -> tuple[int, int] | None:
        if start not in self._embedded:
            self._embedded[start] = _Comments(embedded_text(path, self.source), language)
        span = self._embedded[start].span(byte - start)
        return span and (span[0] + start, span[1] + start)

    def _in_error(self, path: list[Node]) -> bool:
        strings = any("string" in node.type for node in path)
        return not strings and any(node.is_error for node in path)

    def _unterminated(self, byte: int) -> tuple[int, int] | None:
        """A block comment that is not closed yet ends with its line."""
        before = re.split(rb"[\r\n]", self.source[max(0, byte - 200) : byte])[-1].rstrip(b" \t*")
        opener = next((o for o in (b"/", b"<!--", b"{-") if before.endswith(o)), None)
        end = re.compile(rb"[\r\n]|\Z").search(self.source, byte)
        if opener is None or end is None:
            return None
        start = self.source.rindex(opener, 0, byte)
        return start, end.start()


def _triggers(
    lines: Lines, language: Language, word: str, start: int, end: int
) -> Iterator[Trigger]:
    comments = _Comments(lines.source, language)
    done = 0
    for match in _anywhere(word).finditer(lines.source, start, end):
        trigger = (
            _trigger_at(lines, comments, match.start(), word) if match.start() >= done else None
        )
        if trigger is not None:
            done = trigger.end_byte
            yield trigger


def _trigger_at(lines: Lines, comments: _Comments, byte: int, word: str) -> Trigger | None:
    span = comments.span(byte)
    if span is None:
        return None
    text = lines.source[slice(*span)].decode("utf-8", "replace").rstrip()
    if not _is_block(text):
        return _of_lines(lines, comments, byte, word)
    words = _block_words(text, word)
    return _trigger(lines, *span, words) if words else None


def _trigger(lines: Lines, start: int, end: int, words: str) -> Trigger:
    line = lines.line_of(start)
    text = lines.text(line).lstrip("\ufeff\f")
    indentation = text[: len(text) - len(text.lstrip(" \t"))]
    return Trigger(words, line, lines.line_of(end), start, end, indentation)


def _is_block(text: str) -> bool:
    """Whether a comment has a sign at its end; one that runs into the next comment has not."""
    lua = _LUA_BLOCK.match(text)
    signs = ((lua[0], f"]{lua[1]}]"),) if lua else _BLOCK_SIGNS
    opener, closer = next(((o, c) for o, c in signs if text.startswith(o)), ("", ""))
    nested = text.count(opener) <= text.count(closer)
    return bool(opener) and text.endswith(closer) and nested


def _block_words(text: str, word: str) -> str | None:
    rows = [row.strip() for row in _LINE_END.split(_LAST_SIGN.sub("", text))]
    rows = ["" if _SIGN_ALONE.fullmatch(rows[0]) else rows[0], *(r.lstrip("* ") for r in rows[1:])]
    first = next((index for index, row in enumerate(rows) if row), 0)
    match = _at_start(word).match(rows[first])
    if match is None or not match["words"].strip():
        return None
    words = [match["words"]]
    for row in rows[first + 1 :]:
        if not row or _at_start(word).match(row):
            break
        words.append(row)
    return " ".join(" ".join(words).split())


def _of_lines(lines: Lines, comments: _Comments, byte: int, word: str) -> Trigger | None:
    """The trigger of a line comment, with the comment lines that continue it."""
    line = lines.line_of(byte)
    row = _comment_row(lines, comments, line, byte)
    match = row and _at_start(word).match(row.text)
    if not row or not match or not match["words"].strip():
        return None
    words, end = [match["words"]], row.end
    for following in range(line + 1, min(line + REACH, len(lines))):
        more = _comment_row(lines, comments, following)
        text = more and more.continues(row.column, match["sign"])
        if not more or not text or _at_start(word).match(more.text):
            break
        words.append(text)
        end = more.end
    return _trigger(lines, row.start, end, " ".join(" ".join(words).split()))


@dataclass(frozen=True, slots=True)
class _Row:
    """The comment on one line."""

    text: str
    start: int
    end: int
    column: int
    """Characters before it, from the line's start."""

    def continues(self, column: int, sign: str) -> str:
        """Its words, if it stands in that column with just that sign; else nothing."""
        rest = self.text.removeprefix(sign)
        same = self.text.startswith(sign) and rest[:1] != sign[-1:] and self.column == column
        return rest.strip() if same else ""


def _comment_row(
    lines: Lines, comments: _Comments, line: int, byte: int | None = None
) -> _Row | None:
    """The comment that holds a byte on a line, or the one that the line starts with."""
    start, end = lines.span(line)
    text = lines.source[start:end]
    first = start + len(text) - len(text.lstrip())
    span = comments.span(first if byte is None else byte) if first < end else None
    if span is None or (byte is None and span[0] not in (first, min(span[0], start))):
        return None
    begin, stop = max(span[0], first), min(span[1], end)
    column = len(lines.source[start:begin].decode("utf-8", "replace").lstrip("\ufeff"))
    return _Row(lines.source[begin:stop].decode("utf-8", "replace").rstrip(), begin, stop, column)
