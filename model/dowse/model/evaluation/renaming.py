"""Gives the names of a piece of code other, neutral ones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dowse.model.evaluation.fragments import read_fragment
from dowse.model.evaluation.names import read_names

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Iterator, Sequence

    from dowse.model.evaluation.fragments import Fragment
    from dowse.model.evaluation.names import Span

_VARIABLES = ("v", "x", "var", "value")
_DEFINITIONS = ("f", "fn", "func", "item")


def renamed(code: str, language: str, draw: random.Random, only: str = "") -> str | None:
    """Rename what a piece of code names itself, each name everywhere in the same way.

    That is its own name, parameters and local variables; in SQL, aliases. Attributes, members of
    classes, imported names, built-in ones and all that is only used stay, and so do comments and
    strings. Different names stay different, and a piece that parses still does.

    Args:
        code: a definition or some statements.
        language: as `dowse.context.languages` names it.
        draw: chooses between a few neutral stems, and numbers the names.
        only: the one name that is changed; empty for all.

    Returns:
        None where the grammar reads nothing, or there is nothing to rename.
    """
    fragment = read_fragment(code, language)
    edits = list(_edits(fragment, draw, only)) if fragment else []
    if fragment is None or not edits:
        return None
    changed = _replaced(fragment, edits)
    return None if _breaks(fragment, changed) else changed


def _breaks(fragment: Fragment, changed: str) -> bool:
    again = read_fragment(changed, fragment.language.name)
    return again is None or (again.has_error and not fragment.has_error)


def _replaced(fragment: Fragment, edits: Iterable[tuple[Span, str]]) -> str:
    pieces, last = [], fragment.start
    for (start, end), text in sorted(edits):
        pieces += [fragment.source[last:start], text.encode()]
        last = end
    pieces.append(fragment.source[last : fragment.end])
    return b"".join(pieces).decode("utf-8", "replace")


def _edits(fragment: Fragment, draw: random.Random, only: str) -> Iterator[tuple[Span, str]]:
    names = read_names(fragment)
    taken = set(re.findall(r"\w+", fragment.source.decode("utf-8", "replace")))
    wanted = [name for name in names if only in ("", name)]
    for name, new in _new_names(wanted, names.definitions, taken, draw).items():
        for span, is_attribute in names[name].items():
            # `{x}` stands for `{x: x}` in JavaScript and Rust, and the attribute keeps its name.
            yield span, f"{name}: {new}" if is_attribute else new


def _new_names(
    names: Sequence[str], definitions: Iterable[str], taken: set[str], draw: random.Random
) -> dict[str, str]:
    """A new name for each; none of them stands in the code."""
    stems = draw.choice(_VARIABLES), draw.choice(_DEFINITIONS)
    free = (n for n in range(1, len(names) + len(taken) + 1) if not _variants(stems, n) & taken)
    numbers = [n for n, _ in zip(free, names, strict=False)]
    draw.shuffle(numbers)
    return {
        name: _in_the_way_of(name, f"{stems[name in definitions]}{number}")
        for name, number in zip(names, numbers, strict=True)
    }


def _variants(stems: Sequence[str], number: int) -> set[str]:
    return {f"{each}{number}" for stem in stems for each in (stem, stem.capitalize())}


def _in_the_way_of(name: str, new: str) -> str:
    """Keep what languages tell names by: PHP's `$`, the capital of a class or of an export."""
    capital = name.lstrip("_$")[:1].isupper()
    return f"{'$' * name.startswith('$')}{new.capitalize() if capital else new}"
