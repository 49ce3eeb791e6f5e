"""Parts a file's definitions from the docstrings and doc comments that describe them."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from dowse.context.definitions import find_definitions
from dowse.context.parsing import captures, grammar, parse, too_deep, unified
from dowse.context.passages import passages
from dowse.context.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tree_sitter import Node

    from dowse.context.definitions import Found
    from dowse.context.languages import Language

    Span = tuple[int, int]

_DOC_SIGNS = (b"/**", b"/*!", b"///", b"//!")
_MARKED = frozenset({"javascript", "typescript", "tsx", "java", "php", "csharp", "rust"})
"""Languages whose doc comments have a sign of their own; other comments there are remarks."""
_BLOCK_SIGNS = (b"/*", b"=begin", b"--[")
_DOCSTRINGS = "(module (string) @string) (block (string) @string)"
"""Python's strings that are statements: docstrings, and those below a constant or an attribute."""


@dataclass(frozen=True, slots=True)
class Described:
    """A definition without its description, and the description."""

    symbol: str
    kind: Kind
    line: int
    """From 1, the line of its head."""
    passages: tuple[str, ...]
    """What is searched, as `extract` gives it, without any docstring or doc comment."""
    description: str
    """Docstring or doc comment with all its signs; empty where there is none."""

    @property
    def is_named(self) -> bool:
        """Whether it is a function, method or class, and no block of statements."""
        return self.kind is not Kind.BLOCK


def has_definitions(language: Language) -> bool:
    """Whether a language has functions or classes, which HTML and CSS have not."""
    return any(kind is not Kind.BLOCK for kind in language.definitions.values())


def read_definitions(source: bytes, language: Language, max_depth: int) -> list[Described]:
    """The definitions and top-level blocks of a file, in order of position.

    Left out of all passages are docstrings, doc comments, and every comment above a definition.

    Args:
        source: the file's text.
        language: one that `has_definitions`.
        max_depth: a tree with more levels gives nothing.
    """
    text = unified(source)
    tree = parse(text, language)
    if too_deep(tree, max_depth):
        return []
    found = find_definitions(tree.root_node, language, text)
    found.sort(key=lambda each: (each.start, -each.end))
    comments, strings = _marks(tree.root_node, language)
    above = [_inside(comments, each.start, each.head) for each in found]
    doc = (span for span in comments if text.startswith(_DOC_SIGNS, span[0]))
    hidden = sorted({*strings, *doc, *(span for spans in above for span in spans)})
    starts = dict(strings)
    return [
        Described(
            symbol=each.symbol,
            kind=each.kind,
            line=text.count(b"\n", 0, each.head) + 1,
            passages=passages(each, text, _inside(hidden, each.start, each.end)),
            description=_description(each, spans, starts, language, text),
        )
        for each, spans in zip(found, above, strict=True)
    ]


@cache
def _patterns(language: Language) -> str:
    kinds = grammar(language.name)
    named = (n for n in range(kinds.node_kind_count) if kinds.node_kind_is_named(n))
    names = {kinds.node_kind_for_id(n) for n in named if kinds.node_kind_is_visible(n)}
    comments = " ".join(f"({name})" for name in sorted(filter(None, names)) if _whole(name))
    docstrings = _DOCSTRINGS if language.name == "python" else ""
    return f"[{comments}] @comment {docstrings}"


def _whole(name: str) -> bool:
    """Whether nodes of a type are whole comments, and no parts of one."""
    return name == "marginalia" or (name.endswith("comment") and name != "doc_comment")


def _marks(root: Node, language: Language) -> tuple[list[Span], list[Span]]:
    """The spans of comments and docstrings, ascending."""
    found = captures(root, language, _patterns(language))
    comments, strings = (
        sorted((node.start_byte, node.end_byte) for node in found.get(name, ()))
        for name in ("comment", "string")
    )
    return comments, strings


def _inside(spans: Sequence[Span], start: int, end: int) -> list[Span]:
    return list(spans[bisect_left(spans, (start, 0)) : bisect_left(spans, (end, 0))])


def _description(
    found: Found,
    above: Sequence[Span],
    docstrings: dict[int, int],
    language: Language,
    text: bytes,
) -> str:
    if language.name == "python":
        return _text(text, [(found.body, docstrings.get(found.body, found.body))])
    if language.name in _MARKED:
        above = [span for span in above if text.startswith(_DOC_SIGNS, span[0])]
    # A block comment speaks for itself; lines of comments belong together.
    last_is_block = above and text.startswith(_BLOCK_SIGNS, above[-1][0])
    return _text(text, above[-1:] if last_is_block else above)


def _text(text: bytes, spans: Iterable[Span]) -> str:
    return "\n".join(text[start:end].decode("utf-8", "replace").rstrip() for start, end in spans)
