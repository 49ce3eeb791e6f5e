"""The order of candidates: one pure function over what words and vectors say.

Constants are named, with the figure behind each; benchmarks/ holds the experiments.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

SENTENCE_LEXICAL_WEIGHT = 0.05
"""Share of the normalized BM25 score beside the cosine for a sentence. MRR on the open sets
thirty-seconds-python, cosqa-dev and stackoverflow-python: 82.2, 53.8, 35.8 at 0 (vectors alone);
82.5, 53.2, 36.0 at 0.05; 81.8, 53.1, 35.8 at 0.1; 79.8, 52.8, 34.8 at 0.2."""

SYMBOL_LEXICAL_WEIGHT = 1.0
"""The same for a query that is one identifier: who names a thing wants the thing of that name."""

_SYMBOL = re.compile(r"[A-Za-z_$][\w$]*(?:(?:\.|::|->)[A-Za-z_$][\w$]*)*(?:\(\))?")
_HUMPED = re.compile(r"[_.:$(]|[a-z][A-Z]|[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is known of one passage that may answer."""

    id: Hashable
    """The snippet that the passage belongs to."""
    bm25: float | None
    """Its score by words; None when it was not found by words."""
    cosine: float | None
    """Its likeness in meaning; None when it has no vector."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A snippet with its place in the answer."""

    id: Hashable
    score: float
    cosine: float | None
    lexical_rank: int | None
    dense_rank: int | None


def is_symbol(words: str) -> bool:
    """Whether a query is one identifier, such as `parse_date`, `HTTPServer` or `Path.open`."""
    return bool(_SYMBOL.fullmatch(words) and _HUMPED.search(words))


def rank(words: str, candidates: Iterable[Candidate], limit: int) -> list[Ranked]:
    """Order snippets by their best passages, best first.

    The score is `cosine + weight * bm25 / best bm25`. A passage without a vector (the index is
    being filled) is given the median cosine of those found by words, so that words decide.

    Args:
        words: the query, which decides how much words weigh.
        candidates: passages; several may belong to one snippet.
        limit: number of snippets wanted.
    """
    snippets = _best_passages(candidates)
    top = max((c.bm25 for c in snippets if c.bm25), default=1.0)
    unknown = median([c.cosine for c in snippets if c.cosine is not None and c.bm25] or [0.0])
    weight = SYMBOL_LEXICAL_WEIGHT if is_symbol(words) else SENTENCE_LEXICAL_WEIGHT
    lexical = _places(snippets, [c.bm25 for c in snippets])
    dense = _places(snippets, [c.cosine for c in snippets])

    def score(candidate: Candidate) -> float:
        cosine = unknown if candidate.cosine is None else candidate.cosine
        return cosine + weight * (candidate.bm25 or 0.0) / top

    ranked = [
        Ranked(c.id, score(c), c.cosine, lexical.get(c.id), dense.get(c.id)) for c in snippets
    ]
    return sorted(ranked, key=lambda r: -r.score)[:limit]


def _best_passages(candidates: Iterable[Candidate]) -> list[Candidate]:
    best: dict[Hashable, Candidate] = {}
    for new in candidates:
        old = best.get(new.id)
        if old is not None:
            new = Candidate(new.id, _greater(old.bm25, new.bm25), _greater(old.cosine, new.cosine))
        best[new.id] = new
    return list(best.values())


def _greater(one: float | None, other: float | None) -> float | None:
    return other if one is None else one if other is None else max(one, other)


def _places(candidates: Sequence[Candidate], scores: Sequence[float | None]) -> dict[Hashable, int]:
    scored = [(s, c.id) for s, c in zip(scores, candidates, strict=True) if s is not None]
    ordered = sorted(scored, key=lambda pair: -pair[0])
    return {id_: place for place, (_, id_) in enumerate(ordered, 1)}
