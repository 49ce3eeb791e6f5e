"""Code of one language inside a file of another: scripts and styles in HTML, HTML in PHP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dowse.context.languages import Language, language_named
from dowse.context.parsing import captures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node, Tree

_HOSTS = {"script_element": "javascript", "style_element": "css"}
_DIALECTS = ("ts", "typescript", "tsx", "scss")
_FOREIGN_SCRIPTS = ("json", "template", "text/x-", "text/html", "importmap")


def embedded_region(
    path: Sequence[Node], tree: Tree, source: bytes
) -> tuple[Language, int, bytes] | None:
    """The region of another language that a leaf is.

    Args:
        path: the nodes from the root to the leaf.
        tree: the tree of the whole file.
        source: the file's text.

    Returns:
        Its language, the byte where it starts, and its text.
    """
    leaf = path[-1]
    if leaf.type == "text" and tree.root_node.type == "program":
        return _html_of_php(tree, source)
    if leaf.type != "raw_text" or len(path) < 2:
        return None
    language = _language_of(path[-2], source)
    text = source[leaf.start_byte : leaf.end_byte]
    return (language, leaf.start_byte, text) if language else None


def _language_of(host: Node, source: bytes) -> Language | None:
    tag = host.children[0]
    attributes = source[tag.start_byte : tag.end_byte].decode("utf-8", "replace").lower()
    if any(mark in attributes for mark in _FOREIGN_SCRIPTS):
        return None
    quoted = (d for d in _DIALECTS if f'"{d}"' in attributes or f"'{d}'" in attributes)
    name = next(quoted, _HOSTS.get(host.type, ""))
    return language_named({"ts": "typescript"}.get(name, name))


def _html_of_php(tree: Tree, source: bytes) -> tuple[Language, int, bytes] | None:
    html, php = language_named("html"), language_named("php")
    assert html is not None
    assert php is not None
    # The HTML is parsed as one text with the PHP blanked out, so that offsets stay and a script
    # element may hold PHP.
    text = bytearray(byte if byte in b"\r\n" else 32 for byte in source)
    for node in captures(tree.root_node, php, "(text) @text").get("text", []):
        text[node.start_byte : node.end_byte] = source[node.start_byte : node.end_byte]
    return html, 0, bytes(text)
