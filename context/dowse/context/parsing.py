"""Syntax trees: parsing, and looking at them without recursion.

tree-sitter is imported by the first parse only, because the server's start must not wait for it.
A tree may be a hundred thousand levels deep, so nothing here or in the callers recurses, and
nothing asks for `Node.parent` in a loop (each call walks down from the root).
"""

from __future__ import annotations

import re
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import tree_sitter
    from tree_sitter import Node, Tree

    from dowse.context.languages import Language

_LONE_CR = re.compile(rb"\r(?!\n)")
_PARSE_SECONDS = 2.0
_CHUNK = 16_384
_RUBBLE = 5_000
_NO_BRACKETS = bytes(each for each in range(256) if each not in b"()[]{}")
_USUAL_LEVELS = 12
_LEVELS_PER_BRACKET = 10


@cache
def grammar(name: str) -> tree_sitter.Language:
    """The compiled grammar of that name, loaded once.

    Raises:
        LookupError: the language pack has no such grammar.
    """
    from tree_sitter_language_pack import get_language

    return get_language(name)  # type: ignore[arg-type]


def parse(source: bytes, language: Language) -> Tree:
    """Parse a text; one that is not well-formed gives a tree with error nodes.

    Safe in any thread: a new parser costs 0.01 ms, so none is shared. Offsets are those of
    `source` even where it ends lines by CR alone, which grammars do not take for a line end.
    A text that takes seconds (some broken ones take hours) is parsed as if it were empty.
    """
    from tree_sitter import Parser

    text = unified(source)
    parser = Parser(grammar(language.name))
    try:
        # Only a text that is read by a function can be given up in the middle.
        return parser.parse(
            lambda byte, _: text[byte : byte + _CHUNK], progress_callback=_late(_PARSE_SECONDS)
        )
    except ValueError:
        parser.reset()
        return parser.parse(b"")


def _late(seconds: float) -> Callable[..., bool]:
    """A test that turns true once the time is over; tree-sitter then stops."""
    end = monotonic() + seconds
    return lambda *_: monotonic() > end


def unified(source: bytes) -> bytes:
    """The text with LF in place of every lone CR, which leaves all offsets as they are."""
    return _LONE_CR.sub(b"\n", source) if b"\r" in source else source


@cache
def query(name: str, patterns: str) -> tree_sitter.Query:
    """A compiled tree-sitter query of the grammar `name`, compiled once."""
    from tree_sitter import Query

    return Query(grammar(name), patterns)


def captures(
    node: Node, language: Language, patterns: str, depth: int | None = None
) -> dict[str, list[Node]]:
    """Run a query, one without predicates on text, on `node` and `depth` levels below it.

    Finds nothing in rubble: queries take quadratic time in long runs of tokens without names, and
    their progress callback crashes the process (tree-sitter 0.26.1).
    """
    if _is_rubble(node) or any(map(_is_rubble, node.children)):
        return {}
    from tree_sitter import QueryCursor

    cursor = QueryCursor(query(language.name, patterns))
    if depth is not None:
        cursor.set_max_start_depth(depth)
    return cursor.captures(node)


def _is_rubble(node: Node) -> bool:
    """Whether a node has thousands of children that are mostly loose tokens."""
    return node.child_count > _RUBBLE and 4 * node.named_child_count < node.child_count


def ancestors(tree: Tree, byte: int) -> list[Node]:
    """The nodes that hold a byte, from the root to the leaf."""
    cursor = tree.walk()
    path = [tree.root_node]
    while cursor.goto_first_child_for_byte(byte) is not None:
        node = cursor.node
        if node is None or node.start_byte > byte:
            break
        path.append(node)
    return path


def too_deep(tree: Tree, limit: int) -> bool:
    """Whether the tree has more than `limit` levels below its root.

    In preorder the depth grows by at most one a step, so a node at depth d says that the next
    `limit - d` nodes cannot be too deep: they are skipped.
    """
    count = tree.root_node.descendant_count
    cursor = tree.walk()
    index = 0
    while index < count:
        cursor.goto_descendant(index)
        if cursor.depth > limit:
            return True
        index += limit - cursor.depth + 1
    return False


def exceeds_depth(source: bytes, language: Language, limit: int) -> bool:
    """Whether brackets or indentation nest so deep that the syntax tree has over `limit` levels.

    The brackets are peeled off level by level without being looked at one by one; the text is
    parsed only where this says that it may be deep. Long chains of operators are not seen.
    """
    brackets = source.translate(None, _NO_BRACKETS)
    for _ in range(_USUAL_LEVELS):
        for pair in (b"()", b"[]", b"{}"):
            brackets = brackets.replace(pair, b"")
    indented = b"\n" + b" " * limit in source or b"\n" + b"\t" * (limit // 4) in source
    may_be_deep = len(brackets) > limit // _LEVELS_PER_BRACKET or indented
    return may_be_deep and too_deep(parse(source, language), limit)
