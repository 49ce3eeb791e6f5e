"""The texts under which a definition is searched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dowse.context.definitions import LONG
from dowse.context.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dowse.context.definitions import Found

    Span = tuple[int, int]

MAX_CHARACTERS = 1_500
"""Characters of one passage: about the 256 to 512 tokens that small encoders read."""
_MAX_SIGNATURE = 200


def passages(found: Found, source: bytes, hidden: Sequence[Span]) -> tuple[str, ...]:
    """The passages of a definition: itself, its parts, or the outline of a class.

    Args:
        found: the definition.
        source: the file.
        hidden: spans that are no part of any passage (triggers would find themselves).
    """
    bodies = _bodies(found) if found.kind is Kind.CLASS else ()
    cut = [*bodies, *(span for span in hidden if span[0] < found.end and found.start < span[1])]
    text = source[found.start : found.end].decode("utf-8", "replace")
    if cut:
        text = _without_blank_lines(_rest(found, source, cut))
    if len(text) <= MAX_CHARACTERS and text.count("\n") < LONG:
        return (text,) if text else ()
    return tuple(_parts(text, _signature(found, source)))


def _bodies(found: Found) -> Iterator[Span]:
    """What an outline leaves out of its members: doc comments, decorators and bodies."""
    for member in found.members:
        yield member.start, member.head
        yield member.body, member.end


def _rest(found: Found, source: bytes, cut: Iterable[Span]) -> str:
    pieces, start = [], found.start
    for first, end in sorted(cut):
        pieces.append(source[start : max(start, first)])
        start = max(start, end)
    pieces.append(source[start : found.end])
    return b"".join(pieces).decode("utf-8", "replace")


def _without_blank_lines(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.split("\n") if not line.isspace() and line)


def _signature(found: Found, source: bytes) -> str:
    """The definition's head on one line; for a block its first line."""
    end = found.body if found.body < found.end else source.find(b"\n", found.head, found.end)
    text = source[found.head : end if end >= 0 else found.end].decode("utf-8", "replace")
    return " ".join(text.split())[:_MAX_SIGNATURE]


def _parts(text: str, signature: str) -> Iterator[str]:
    """Cut a text at line ends; each part after the first starts with the signature."""
    part: list[str] = []
    size = 0
    for line in text.split("\n"):
        full = size + len(line) > MAX_CHARACTERS or len(part) >= LONG
        if full and any(map(str.strip, part[1:])):
            yield "\n".join(part)
            part, size = [signature], len(signature)
        part.append(line)
        size += len(line) + 1
    yield "\n".join(part)
