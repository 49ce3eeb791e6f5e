"""Parses a piece of code that was cut out of its file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dowse.context.languages import language_named
from dowse.context.parsing import parse
from dowse.model.evaluation.descriptions import has_definitions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node, Tree

    from dowse.context.languages import Language

_OPENINGS = {"php": "<?php\n"}
"""Without it, PHP is text of a page."""
_CLASS = "class Fragment {\n"
_METHODS = frozenset({"javascript", "typescript", "tsx", "java", "csharp", "php"})
"""Languages in which a method is no code outside of its class."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of code in surroundings that make it parse."""

    tree: Tree
    source: bytes
    """The piece with what was put around it."""
    start: int
    """Byte at which the piece starts."""
    end: int
    language: Language

    @property
    def has_error(self) -> bool:
        """Whether the grammar stumbled somewhere."""
        return self.tree.root_node.has_error

    def nodes(self) -> Iterator[tuple[Node, str, Sequence[Node]]]:
        """Each node of the piece, its field's name (empty if it has none), and its ancestors.

        The ancestors, the outermost first, change with the next step. Nodes that hold more than
        the piece come neither by themselves nor among them.
        """
        cursor = self.tree.walk()
        path: list[Node] = []
        while (node := cursor.node) is not None:
            inside = self.start <= node.start_byte and node.end_byte <= self.end
            if inside:
                yield node, cursor.field_name or "", path
            if cursor.goto_first_child():
                path += [node] * inside
                continue
            while not cursor.goto_next_sibling():
                if not cursor.goto_parent():
                    return
                if path:
                    path.pop()


def read_fragment(code: str, name: str) -> Fragment | None:
    """Parse a piece of code, where need be with an opening tag or a class around it.

    Args:
        code: a definition or some statements.
        name: of the language.

    Returns:
        None where the language has no functions, or its grammar reads nothing.
    """
    language = language_named(name)
    if language is None or not has_definitions(language):
        return None
    opening = "" if "<?" in code else _OPENINGS.get(name, "")
    found = _parsed(opening, code, "", language)
    if name in _METHODS and (found.has_error or _is_loose_method(found)):
        inside = _parsed(f"{opening}{_CLASS}", code, "\n}", language)
        found = found if inside.has_error else inside
    root = found.tree.root_node
    return found if root.type != "ERROR" and root.named_child_count else None


def _is_loose_method(fragment: Fragment) -> bool:
    """Whether C#'s grammar took a method for a local function of a script."""
    outer = fragment.tree.root_node.named_children[:1]
    return any(each.type == "local_function_statement" for node in outer for each in node.children)


def _parsed(before: str, code: str, after: str, language: Language) -> Fragment:
    start, text = len(before), code.encode("utf-8", "replace")
    source = before.encode() + text + after.encode()
    return Fragment(parse(source, language), source, start, start + len(text), language)
