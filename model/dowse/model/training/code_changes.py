"""Changes to code that leave what it does: without documentation, or with a comment in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dowse.context.definitions import find_definitions
from dowse.context.types import Kind
from dowse.model.evaluation.fragments import read_fragment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from random import Random

    from tree_sitter import Node

    from dowse.context.definitions import Found
    from dowse.model.evaluation.fragments import Fragment

    Span = tuple[int, int]

_SIGNS = {
    **dict.fromkeys(("python", "ruby", "bash"), "#"),
    **dict.fromkeys(("javascript", "typescript", "tsx", "go", "rust", "java"), "//"),
    **dict.fromkeys(("c", "cpp", "csharp", "php"), "//"),
    **dict.fromkeys(("sql", "lua"), "--"),
}
"""What begins a comment that ends with its line."""
_BODIES = frozenset(
    {"block", "statement_block", "compound_statement", "body_statement", "statement_list"}
    | {"module", "program", "source_file", "translation_unit", "chunk", "do_group", "then"}
    | {"block_body"}
)
"""Nodes whose children are statements."""


def without_docstring(code: str, language: str) -> str | None:
    """Take out the docstrings and doc comments of all definitions; None where there is none.

    A comment counts if it stands above its definition; a docstring that is all of a function's
    body stays, because Python needs one.
    """
    fragment = read_fragment(code, language)
    found = _definitions(fragment) if fragment else []
    if fragment is None or not found:
        return None
    cut = [_lines(span, fragment) for span in _documentation(fragment, found)]
    return _without(fragment, cut) if cut else None


def with_comment(code: str, language: str, text: str, draw: Random) -> str | None:
    """Put a line of comment between two statements.

    Args:
        code: a definition or some statements.
        language: as `dowse.context.languages` names it.
        text: what the comment says.
        draw: chooses the place.

    Returns:
        None where the code does not parse, the language has no such comment, or there is no
        place: one above the first line would say what the code does.
    """
    fragment = read_fragment(code, language) if language in _SIGNS else None
    if fragment is None or fragment.has_error:
        return None
    places = sorted(set(_places(fragment)))
    if not places:
        return None
    place = draw.choice(places)
    indentation = _indentation(fragment.source, place).decode()
    comment = f"{indentation}{line_comment(text, language)}\n"
    line = place - len(indentation)
    return f"{_text(fragment, fragment.start, line)}{comment}{_text(fragment, line, fragment.end)}"


def with_description(code: str, language: str, text: str) -> str | None:
    """Say what a definition does where its language says so: in a docstring, or a comment above.

    Args:
        code: one definition.
        language: as `dowse.context.languages` names it.
        text: what it does.

    Returns:
        None where the language has no such comment, or the code no place for a docstring.
    """
    if language not in _SIGNS:
        return None
    if language != "python":
        return f"{line_comment(text, language)}\n{code}"
    fragment = read_fragment(code, language)
    found = sorted(_definitions(fragment), key=lambda each: each.start) if fragment else []
    if fragment is None or not found or found[0].kind is Kind.BLOCK:
        return None
    body = found[0].body
    indentation = _indentation(fragment.source, body)
    line = body - len(indentation)
    if fragment.source[line - 1 : line] != b"\n":
        return None
    said = text.replace("\\", " ").replace('"', "'").strip()
    docstring = f'{indentation.decode()}"""{said}."""\n'
    before, after = _text(fragment, fragment.start, line), _text(fragment, line, fragment.end)
    return f"{before}{docstring}{after}"


def line_comment(text: str, language: str) -> str:
    """A comment of one line that says a text; `#` begins it where the language has no such comment.

    Args:
        text: what is said; line ends and other white space in it become blanks.
        language: as `dowse.context.languages` names it.
    """
    # `?>` ends PHP, and a backslash goes on to the next line in C.
    said = " ".join(text.replace("?>", " ").split()).rstrip("\\ ")
    return f"{_SIGNS.get(language, '#')} {said}"


def own_function(code: str, language: str) -> str | None:
    """The name of the one function that a piece of code is; None where it is something else."""
    fragment = read_fragment(code, language)
    found = sorted(_definitions(fragment), key=lambda each: each.start) if fragment else []
    if not found or found[0].kind not in (Kind.FUNCTION, Kind.METHOD):
        return None
    alone = all(each.end <= found[0].end for each in found)
    return found[0].symbol.rpartition(".")[2] if alone else None


def _definitions(fragment: Fragment) -> list[Found]:
    """The definitions and blocks of a piece of code, without what was put around it."""
    root = fragment.tree.root_node
    found = find_definitions(root, fragment.language, fragment.source)
    return [each for each in found if each.start >= fragment.start and each.end <= fragment.end]


def _documentation(fragment: Fragment, found: Sequence[Found]) -> Iterator[Span]:
    heads = [(each.start, each.head) for each in found if each.kind is not Kind.BLOCK]
    bodies = {each.body for each in found}
    for node, _, path in fragment.nodes():
        span = node.start_byte, node.end_byte
        if fragment.language.is_comment(node.type):
            nested = path and fragment.language.is_comment(path[-1].type)
            if not nested and any(start <= span[0] < head for start, head in heads):
                yield span
        elif fragment.language.name == "python" and span[0] in bodies and _is_docstring(node, path):
            yield span


def _is_docstring(node: Node, path: Sequence[Node]) -> bool:
    body = path[-1] if path else None
    return node.type == "string" and body is not None and body.named_child_count > 1


def _lines(span: Span, fragment: Fragment) -> Span:
    """A span with the white space before it and its line end, where nothing else is there."""
    start, end = span
    source = fragment.source
    line = start - len(_indentation(source, start))
    stop = source.find(b"\n", end, fragment.end)
    stop = fragment.end if stop < 0 else stop + 1
    alone = line == fragment.start or source[line - 1 : line] == b"\n"
    return (line, stop) if alone and not source[end:stop].strip() else span


def _indentation(source: bytes, place: int) -> bytes:
    before = source[:place]
    return before[len(before.rstrip(b" \t")) :]


def _without(fragment: Fragment, cut: Iterable[Span]) -> str:
    pieces, last = [], fragment.start
    for start, end in sorted(cut):
        pieces.append(_text(fragment, last, max(last, start)))
        last = max(last, end)
    return "".join((*pieces, _text(fragment, last, fragment.end)))


def _places(fragment: Fragment) -> Iterator[int]:
    """Where a statement that is not the first of the code begins a line."""
    source = fragment.source
    first = fragment.end - len(source[fragment.start : fragment.end].lstrip())
    for node, _, path in fragment.nodes():
        line = node.start_byte - len(_indentation(source, node.start_byte))
        is_statement = node.is_named and (not path or path[-1].type in _BODIES)
        if is_statement and line > first and source[line - 1 : line] == b"\n":
            yield node.start_byte


def _text(fragment: Fragment, start: int, end: int) -> str:
    return fragment.source[start:end].decode("utf-8", "replace")
