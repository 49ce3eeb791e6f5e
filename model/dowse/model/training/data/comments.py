"""Finds comments that stand above a few statements and say what those do."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from dowse.context.parsing import parse, too_deep, unified
from dowse.model.evaluation.sentences import first_sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from dowse.context.languages import Language

_MIN_CHARACTERS = 40
"""Of a block: shorter ones are mostly single calls that say what the comment says."""
_MIN_LINES, _MAX_LINES = 2, 30
_STATEMENTS = ("statement", "declaration", "assignment", "command", "expression")
"""How grammars end the names of statements; rows of tables and arguments are none."""


def commented_blocks(
    source: bytes, language: Language, max_depth: int
) -> Iterator[tuple[str, str]]:
    """Sentence and code of each comment that has a block of statements right below it.

    A block ends at a blank line, at the next comment, or with the enclosing body. Comments above
    definitions are their descriptions and none of these.
    """
    text = unified(source)
    tree = parse(text, language)
    if too_deep(tree, max_depth):
        return
    lines = text.decode("utf-8", "replace").split("\n")
    for comments, statements in _runs(tree.root_node, language):
        first, last = comments[0].start_point.row, statements[-1].end_point.row
        block = dedent("\n".join(lines[statements[0].start_point.row : last + 1]))
        fits = _MIN_LINES <= len(block.splitlines()) <= _MAX_LINES and len(block) >= _MIN_CHARACTERS
        if fits and not lines[first][: _column(comments[0], lines[first])].strip():
            description = "\n".join(lines[first : statements[0].start_point.row])
            if sentence := first_sentence(description, ""):
                yield sentence, block


def _column(node: Node, line: str) -> int:
    return len(line.encode()[: node.start_point.column].decode("utf-8", "ignore"))


def _runs(root: Node, language: Language) -> Iterator[tuple[list[Node], list[Node]]]:
    """Comments in consecutive lines with the statements in the lines after them."""
    pending = [root]
    while pending:
        children = pending.pop().named_children
        pending.extend(reversed(children))
        yield from _runs_among(children, language)


def _runs_among(
    children: Sequence[Node], language: Language
) -> Iterator[tuple[list[Node], list[Node]]]:
    comments: list[Node] = []
    statements: list[Node] = []
    for child in children:
        is_comment = child.type.endswith("comment")
        before = statements or comments
        near = before and child.start_point.row - before[-1].end_point.row == 1
        if before and (not near or (is_comment and statements)):
            if comments and statements:
                yield comments, statements
            comments, statements = [], []
        if is_comment:
            comments.append(child)
        elif comments and _is_statement(child, language):
            statements.append(child)
        else:
            comments, statements = [], []
    if comments and statements:
        yield comments, statements


def _is_statement(node: Node, language: Language) -> bool:
    named = node.type.endswith(_STATEMENTS) and node.type not in language.definitions
    return named and not node.has_error
