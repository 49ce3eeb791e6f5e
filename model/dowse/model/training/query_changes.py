"""Small changes to queries that leave their meaning, as a person's hurry makes them.

Words are dropped, copied and switched as in EDA (Wei and Zou 2019, arXiv:1901.11196), without its
synonyms, which need a thesaurus and which code does not share.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

_MIN_WORDS = 4
"""Of a query: in a shorter one every word counts."""
_WORD = re.compile(r"(?<![\w./@-])[a-z]{4,}(?![\w/(@-]|[.:][\w/])", re.I | re.A)
"""Words of prose with enough letters to be recognized; parts of names and addresses are none."""
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def with_changed_words(query: str, draw: random.Random) -> str | None:
    """Drop one word, copy it to another place, or switch two of them; None where there are few."""
    words = query.split()
    if len(words) < _MIN_WORDS:
        return None
    one, other = draw.sample(range(len(words)), 2)
    kind = draw.choice(("drop", "copy", "switch"))
    if kind == "drop":
        del words[one]
    elif kind == "copy":
        words.insert(other, words[one])
    else:
        words[one], words[other] = words[other], words[one]
    return " ".join(words)


def with_typo(query: str, draw: random.Random) -> str | None:
    """Mistype one word: a letter left out, doubled, switched with the next, or hit beside its key.

    The first letter stays, as it does in most typing errors. None where all words are short.
    """
    found = list(_WORD.finditer(query))
    if not found:
        return None
    match = draw.choice(found)
    return f"{query[: match.start()]}{_mistyped(match[0], draw)}{query[match.end() :]}"


def _mistyped(word: str, draw: random.Random) -> str:
    place = draw.randrange(1, len(word) - 1)
    before, letter, after = word[:place], word[place], word[place + 1 :]
    switched = after[0] + letter + after[1:]
    kinds = (switched, after, letter + letter + after, _beside(letter, draw) + after)
    changed = before + draw.choice(kinds)
    # Two equal letters that are switched are no typo.
    return changed if changed != word else before + after


def _beside(letter: str, draw: random.Random) -> str:
    """A key to the left or right on an English keyboard."""
    row = next(row for row in _ROWS if letter.lower() in row)
    place = row.index(letter.lower())
    return draw.choice(row[max(0, place - 1) : place] + row[place + 1 : place + 2])
