"""Drops pairs whose code a model does not find for their query, among many others.

Consistency-based filtering (Wang et al. 2022, arXiv:2212.03533, section 3.1): what people wrote
side by side need not belong together, and a model that has read much of it is not led astray by
the rest. A pair stays if its code is among the first `k` of a pool.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dowse.model.training.data.text_vectors import TextVectors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from dowse.context.types import Embedder
    from dowse.model.training.data.pairs import Pair
    from dowse.model.training.data.text_vectors import Progress

POOL = 10_000
"""Codes of a language that a pair's own code competes with."""
_STEP = "checking consistency"
_COSINES = 10_000_000
"""Held at once: 40 MB."""
_JUDGED = ("cosqa", "annotated")
"""In the names of collections all of whose pairs were written or judged by people who looked at
both sides. The mined parts of CoNaLa and StaQC are none of them."""


@dataclass(frozen=True, slots=True)
class Consistency:
    """How pairs are checked."""

    embedder: Embedder
    most: int = 20
    """k: the worst rank, from 1, at which a code still belongs to its query."""
    cache: Path | None = None
    """dowse's cache folder, from which a run that is repeated takes all vectors."""
    seed: int = 0
    """Draws the pools."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What the check has found."""

    kept: list[Pair]
    dropped: list[tuple[Pair, int]]
    """With the rank of the code, from 1."""
    checked: int
    """Pairs that could have been dropped."""


def check(
    pairs: Sequence[Pair],
    consistency: Consistency,
    progress: Progress = lambda step, done, total: None,
) -> Checked:
    """Rank each pair's code for its query among codes of its language, and drop what is far down.

    The pool has up to `POOL` codes of the language, drawn by chance, without those that are known
    to answer the same query. Never dropped are pairs that people judged: see `is_judged`. Where
    there are no more than k codes of a language, nothing can be told, and all stays.

    Args:
        pairs: all of a collection, judged wrong answers included.
        consistency: model, rank and seed.
        progress: told the step, texts with vectors, and how many need one.

    Raises:
        ModelError: the model fails.
    """
    asked = {pair.keys[0] for pair in pairs if not pair.label}
    pools = _pools(pairs, consistency.most, consistency.seed)
    unsure = [
        number
        for number, pair in enumerate(pairs)
        if pair.language in pools and not is_judged(pair, asked)
    ]
    ranks = _ranks([pairs[number] for number in unsure], pairs, pools, consistency, progress)
    far = {n: rank for n, rank in zip(unsure, ranks, strict=True) if rank > consistency.most}
    return Checked(
        [pair for number, pair in enumerate(pairs) if number not in far],
        [(pairs[number], rank) for number, rank in far.items()],
        len(unsure),
    )


def is_judged(pair: Pair, asked: frozenset[str] | set[str]) -> bool:
    """Whether people have looked at the pair's query and code together.

    They have where the label is 0, where another answer to the query has the label 0 (someone went
    through its answers), and in collections that were annotated as a whole.

    Args:
        pair: the pair.
        asked: keys of the queries that have an answer of label 0.
    """
    annotated = any(mark in pair.source.casefold() for mark in _JUDGED)
    return annotated or not pair.label or pair.keys[0] in asked


def _pools(pairs: Iterable[Pair], most: int, seed: int) -> dict[str, dict[str, str]]:
    """Key and text of the codes of each pool, by language, where there are enough of them."""
    found: dict[str, dict[str, str]] = {}
    for pair in pairs:
        found.setdefault(pair.language, {}).setdefault(pair.keys[1], pair.code)
    pools = {}
    for language, codes in found.items():
        if len(codes) > most:
            draw = random.Random(f"{seed}-{language}")
            keys = draw.sample(list(codes), min(POOL, len(codes)))
            pools[language] = {key: codes[key] for key in keys}
    return pools


def _ranks(
    unsure: Sequence[Pair],
    pairs: Sequence[Pair],
    pools: Mapping[str, Mapping[str, str]],
    consistency: Consistency,
    progress: Progress,
) -> list[int]:
    """The rank of each pair's code, from 1."""
    codes = [pair.code for pair in unsure]
    codes += [code for pool in pools.values() for code in pool.values()]
    if not unsure:
        return []
    vectors = TextVectors(consistency.embedder, consistency.cache, _STEP, progress)
    vectors.embed([pair.query for pair in unsure], codes)
    right: dict[str, set[str]] = {}
    for pair in pairs:
        if pair.label:
            right.setdefault(pair.keys[0], set()).add(pair.keys[1])
    ranks = [0] * len(unsure)
    for language, pool in pools.items():
        numbers = [n for n, pair in enumerate(unsure) if pair.language == language]
        some = [unsure[n] for n in numbers]
        for number, rank in zip(numbers, _ranked(some, pool, right, vectors), strict=True):
            ranks[number] = rank
    return ranks


def _ranked(
    pairs: Sequence[Pair],
    pool: Mapping[str, str],
    right: Mapping[str, set[str]],
    vectors: TextVectors,
) -> Iterator[int]:
    """Ranks of codes in one pool, some rows at a time."""
    import numpy as np

    columns = {key: column for column, key in enumerate(pool)}
    searched = vectors.of_codes(pool.values()).T
    step = max(1, _COSINES // len(pool))
    for start in range(0, len(pairs), step):
        rows = pairs[start : start + step]
        queries = vectors.of_queries(pair.query for pair in rows)
        own = (queries * vectors.of_codes(pair.code for pair in rows)).sum(1)
        cosines = queries @ searched
        for row, pair in enumerate(rows):
            known = [columns[key] for key in right[pair.keys[0]] if key in columns]
            cosines[row, known] = -np.inf
        yield from (1 + (cosines > own[:, None]).sum(1)).tolist()
