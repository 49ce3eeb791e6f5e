"""Code of one language inside a file of another: scripts and styles in HTML, HTML in PHP."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dowse.context.languages import Language, language_named
from dowse.context.parsing import captures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

_HOSTS = {"script_element": "javascript", "style_element": "css"}
_NO_LINE_END = re.compile(rb"[^\r\n]")
_DIALECTS = ("ts", "typescript", "tsx", "scss")
_FOREIGN_SCRIPTS = ("json", "template", "text/x-", "text/html", "importmap")


def embedded_language(path: Sequence[Node], source: bytes) -> tuple[Language, int] | None:
    """The language of a leaf that is a region of another language, and where that starts.

    Args:
        path: the nodes from the root to the leaf.
        source: the file's text.
    """
    leaf = path[-1]
    if leaf.type == "text" and path[0].type == "program":
        html = language_named("html")
        return (html, 0) if html else None
    if leaf.type != "raw_text" or len(path) < 2:
        return None
    language = _language_of(path[-2], source)
    return (language, leaf.start_byte) if language else None


def embedded_text(path: Sequence[Node], source: bytes) -> bytes:
    """The text of the region that a leaf is a part of."""
    leaf = path[-1]
    if leaf.type == "text":
        return _html_of_php(path[0], source)
    return source[leaf.start_byte : leaf.end_byte]


def _language_of(host: Node, source: bytes) -> Language | None:
    tag = host.children[0]
    attributes = source[tag.start_byte : tag.end_byte].decode("utf-8", "replace").lower()
    if any(mark in attributes for mark in _FOREIGN_SCRIPTS):
        return None
    quoted = (d for d in _DIALECTS if f'"{d}"' in attributes or f"'{d}'" in attributes)
    name = next(quoted, _HOSTS.get(host.type, ""))
    return language_named({"ts": "typescript"}.get(name, name))


def _html_of_php(root: Node, source: bytes) -> bytes:
    """The page with its PHP blanked out, so that offsets stay and a script may hold PHP."""
    php = language_named("php")
    assert php is not None
    text = bytearray(_NO_LINE_END.sub(b" ", source))
    for node in captures(root, php, "(text) @text").get("text", []):
        text[node.start_byte : node.end_byte] = source[node.start_byte : node.end_byte]
    return bytes(text)
