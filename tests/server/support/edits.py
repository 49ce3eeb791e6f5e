"""A client's side of text edits, in every position encoding, stricter than editors are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from lsprotocol import types as lsp

_LINE_END = re.compile(r"\r\n|\n|\r")
_BYTES_OF_A_UNIT = {"utf-8": 1, "utf-16": 2, "utf-32": 4}
_CODEC = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}


def spans(text: str) -> list[tuple[int, int]]:
    """Start and end of every line as the protocol counts them, line ends left out."""
    starts, ends = [0], []
    for end in _LINE_END.finditer(text):
        ends.append(end.start())
        starts.append(end.end())
    return list(zip(starts, [*ends, len(text)], strict=True))


def offset_of(text: str, position: lsp.Position, encoding: str) -> int:
    """The offset of a position, which must lie on a character of an existing line."""
    lines = spans(text)
    assert position.line < len(lines), f"there is no line {position.line}"
    start, end = lines[position.line]
    for offset in range(start, end + 1):
        if _units(text[start:offset], encoding) == position.character:
            return offset
    raise AssertionError(f"{position} is no place between two characters of {text[start:end]!r}")


def position_of(text: str, offset: int, encoding: str) -> lsp.Position:
    """The position of an offset."""
    lines = spans(text)
    line = max(n for n, (start, _) in enumerate(lines) if start <= offset)
    start, end = lines[line]
    return lsp.Position(line, _units(text[start : min(offset, end)], encoding))


def _units(text: str, encoding: str) -> int:
    return len(text.encode(_CODEC[encoding])) // _BYTES_OF_A_UNIT[encoding]


def applied(text: str, edits: Sequence[lsp.TextEdit], encoding: str) -> str:
    """The text after edits that must not overlap."""
    ranges = sorted(_ranges(text, edits, encoding))
    assert all(end <= start for (_, end, _), (start, _, _) in pairwise(ranges)), "edits overlap"
    for start, end, new in reversed(ranges):
        text = text[:start] + new + text[end:]
    return text


def _ranges(
    text: str, edits: Sequence[lsp.TextEdit], encoding: str
) -> Iterator[tuple[int, int, str]]:
    for edit in edits:
        start = offset_of(text, edit.range.start, encoding)
        end = offset_of(text, edit.range.end, encoding)
        assert start <= end, f"{edit.range} ends before it starts"
        yield start, end, edit.new_text


def text_edits(edit: lsp.WorkspaceEdit, uri: str, version: int) -> list[lsp.TextEdit]:
    """The edits of the one document that an action may change, in the version that was seen."""
    if edit.document_changes is None:
        assert edit.changes is not None
        assert list(edit.changes) == [uri]
        return list(edit.changes[uri])
    assert edit.changes is None
    (change,) = edit.document_changes
    assert isinstance(change, lsp.TextDocumentEdit)
    assert (change.text_document.uri, change.text_document.version) == (uri, version)
    return [each for each in change.edits if isinstance(each, lsp.TextEdit)]
