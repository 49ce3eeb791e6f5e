"""Blocks of files whose syntax tree holds no definitions: runs of lines, elements of a page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dowse.context.definitions import LONG, Found, find_definitions
from dowse.context.embedded import embedded_language, embedded_text
from dowse.context.parsing import parse
from dowse.context.types import Kind

if TYPE_CHECKING:
    from tree_sitter import Node, Tree

_SECTIONS = frozenset(
    b"header footer nav main section article aside form table dialog template figure svg "
    b"fieldset details video picture".split()
)
_ID = re.compile(rb"""\sid\s*=\s*["']?([^"'\s>]+)""")
_TAG = re.compile(rb"<\s*([^\s/>]+)")
_PARAGRAPH = re.compile(rb"[^\n]*\S[^\n]*(?:\n[^\n]*\S[^\n]*)*")
_LONG_ELEMENT = 2 * LONG


def line_blocks(source: bytes) -> list[Found]:
    """Cut a text into runs of about 40 lines, at blank lines where there are any."""
    blocks: list[Found] = []
    for paragraph in _PARAGRAPH.finditer(source):
        for start, end in _cut(source, *paragraph.span()):
            if blocks and source.count(b"\n", blocks[-1].start, end) < LONG:
                blocks[-1].end = blocks[-1].body = end
            else:
                blocks.append(Found(_title(source, start, end), Kind.BLOCK, start, end, start, end))
    return blocks


def _cut(source: bytes, start: int, end: int) -> list[tuple[int, int]]:
    """Pieces of at most 40 lines, without white space around them."""
    rows = source[start:end].split(b"\n")
    pieces = []
    for first in range(0, len(rows), LONG):
        text = b"\n".join(rows[first : first + LONG])
        inner = start + len(text) - len(text.lstrip())
        pieces.append((inner, start + len(text.rstrip())))
        start += len(text) + 1
    return pieces


def _title(source: bytes, start: int, end: int) -> str:
    line = source[start:end].split(b"\n", 1)[0].decode("utf-8", "replace").strip()
    line = line or Kind.BLOCK.value
    return line if len(line) <= 100 else line[:99] + "…"


def element_blocks(tree: Tree, source: bytes) -> list[Found]:
    """The sections of an HTML page, and what its scripts and styles define.

    An element is a block if it has an id, is a section or a custom element, and is not long;
    of a long one the elements inside are looked at.
    """
    found: list[Found] = []
    waiting = [tree.root_node]
    while waiting:
        for child in waiting.pop().named_children:
            if child.type in ("script_element", "style_element"):
                found.extend(_embedded(child, source))
            elif child.type == "element":
                block = _element(child, source)
                found.extend([block] if block else [])
                waiting.extend([] if block else [child])
    return found


def _element(node: Node, source: bytes) -> Found | None:
    start = node.start_byte
    end = start + len(source[start : node.end_byte].rstrip())
    opening = source[start : node.children[0].end_byte]
    tag, id_ = _TAG.match(opening), _ID.search(opening)
    name = tag[1].lower() if tag else b""
    if not (id_ or name in _SECTIONS or b"-" in name) or name in (b"html", b"body"):
        return None
    if source.count(b"\n", start, end) > _LONG_ELEMENT:
        return None
    symbol = (name + b"#" + id_[1] if id_ else name).decode("utf-8", "replace")
    return Found(symbol, Kind.BLOCK, start, end, start, end)


def _embedded(host: Node, source: bytes) -> list[Found]:
    raw = next((child for child in host.named_children if child.type == "raw_text"), None)
    embedded = embedded_language((host, raw), source) if raw is not None else None
    if raw is None or embedded is None:
        return []
    language, start = embedded
    text = embedded_text((host, raw), source)
    inner = find_definitions(parse(text, language).root_node, language, text)
    return [each.shift(start) for each in inner]
