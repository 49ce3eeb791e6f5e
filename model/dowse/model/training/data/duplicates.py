"""Finds texts that are the same or nearly so, by MinHash (Broder 1997) and banded buckets."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from dowse.context.errors import DatasetError
from dowse.context.words import term_weights

if TYPE_CHECKING:
    from collections.abc import Iterable

_TOKEN = re.compile(r"\w+|[^\w\s]")
_BANDS, _ROWS = 16, 8
"""Of a signature. Of pairs with a similarity of 0.8, 95 % share a band, and with 0.5, 6 %; the
library's own choice for a threshold of 0.8 misses two thirds of the former."""
_PERMUTATIONS = _BANDS * _ROWS
"""The standard error of a similarity of 0.8 is 0.035."""
SIMILARITY = 0.8
"""Jaccard similarity of shingles from which on texts are near duplicates."""
_SHINGLE = 3
"""Tokens; single ones are shared by most code of a project."""


class Seen:
    """Texts that were added, and whether another one is like one of them."""

    def __init__(self) -> None:
        self._exact: set[tuple[str, ...]] = set()
        self._near = _index()
        self._signatures: list[Any] = []

    def holds(self, tokens: tuple[str, ...], *, exact: bool = False) -> bool:
        """Whether the same tokens, or without `exact` nearly the same, were added."""
        if tokens in self._exact or exact:
            return tokens in self._exact
        if not tokens:
            return False
        values = _signature(tokens).hashvalues
        others = self._near.query(_signature(tokens))
        return any((values == self._signatures[n]).mean() >= SIMILARITY for n in others)

    def add(self, tokens: tuple[str, ...]) -> None:
        """Add a text; an empty one is like no other."""
        if tokens and tokens not in self._exact:
            signature = _signature(tokens)
            self._near.insert(len(self._signatures), signature, check_duplication=False)
            # A hash has 32 bits, in 64 that memory need not hold.
            self._signatures.append(signature.hashvalues.astype("uint32"))
            self._exact.add(tokens)


def code_tokens(code: str) -> tuple[str, ...]:
    """A text's tokens; white space does not count."""
    return tuple(_TOKEN.findall(code))


def query_tokens(query: str) -> tuple[str, ...]:
    """Stemmed words that are no function words, in alphabetical order, each once."""
    weights = term_weights(query)
    telling = {term for term, weight in weights.items() if weight == 1}
    return tuple(sorted(telling or weights))


def _index() -> Any:
    try:
        from datasketch import MinHashLSH  # type: ignore[import-untyped]
    except ImportError:
        raise DatasetError(
            "near duplicates need datasketch; install it with `pip install dowse[train]`"
        ) from None
    return MinHashLSH(num_perm=_PERMUTATIONS, params=(_BANDS, _ROWS))


@lru_cache(maxsize=4)
def _signature(tokens: tuple[str, ...]) -> Any:
    from datasketch import MinHash

    signature = MinHash(num_perm=_PERMUTATIONS, seed=1)
    signature.update_batch([each.encode("utf-8", "replace") for each in _shingles(tokens)])
    return signature


def _shingles(tokens: tuple[str, ...]) -> Iterable[str]:
    if len(tokens) <= _SHINGLE:
        return {" ".join(tokens)}
    return {" ".join(tokens[n : n + _SHINGLE]) for n in range(len(tokens) - _SHINGLE + 1)}
