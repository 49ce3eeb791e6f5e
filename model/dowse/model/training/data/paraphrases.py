"""Gives mined code the questions that people ask in place of its own description.

A description and a question that say the same are near to each other for any sentence encoder, long
before it can tell what code does; so questions without an answer find one among described code. The
description goes back into the code, where an index finds it too.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from dowse.model.training.code_changes import with_description
from dowse.model.training.data.likeness import plain
from dowse.model.training.data.pairs import text_key
from dowse.model.training.data.text_vectors import TextVectors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from dowse.context.types import Embedder
    from dowse.model.training.data.pairs import Pair
    from dowse.model.training.data.text_vectors import Progress

SOURCE = "paraphrase"
"""Of the pairs that are made here."""
_ROWS = 2_000
"""Real queries compared at once."""
_NEAREST = 4
"""Pairs looked at for each real query."""
_PER_QUERY, _PER_CODE = 3, 2
"""Of one real query and of one code, so that neither rules."""


def paraphrased(
    pairs: Sequence[Pair],
    asked: Sequence[str],
    embedder: Embedder,
    keep: int,
    least: float,
    *,
    cache: Path | None = None,
    progress: Progress = lambda step, done, total: None,
) -> list[Pair]:
    """Pairs of a real query and the code whose description says the same, the nearest first.

    Args:
        pairs: described code; those of label 0 are passed over.
        asked: real queries, at least one.
        embedder: the model that says what is near.
        keep: pairs that are made, at most.
        least: cosine of query and description.
        cache: dowse's cache folder.
        progress: told the step, texts with vectors, and how many need one.

    Raises:
        ModelError: the model fails.
    """
    right = [pair for pair in pairs if pair.label]
    vectors = TextVectors(embedder, cache, "comparing queries", progress)
    ours, theirs = [plain(pair.query) for pair in right], list(map(plain, asked))
    vectors.embed([*ours, *theirs], [])
    found = sorted(_near(vectors, ours, theirs, least), key=lambda each: (-each[0], *each[1:]))
    made: list[Pair] = []
    queries: Counter[int] = Counter()
    codes: Counter[int] = Counter()
    for _, query, code in found:
        pair = right[code]
        same = text_key(asked[query]) == text_key(pair.query)
        if same or queries[query] == _PER_QUERY or codes[code] == _PER_CODE:
            continue
        queries[query] += 1
        codes[code] += 1
        made.append(_asked(pair, asked[query]))
    return made[:keep]


def _asked(pair: Pair, query: str) -> Pair:
    described = with_description(pair.code, pair.language, pair.query)
    return replace(pair, query=query, code=described or pair.code, source=SOURCE)


def _near(
    vectors: TextVectors, ours: Sequence[str], theirs: Sequence[str], least: float
) -> Iterator[tuple[float, int, int]]:
    """Cosine, number of the real query, and number of the description."""
    import numpy as np

    if not ours:
        return
    descriptions = vectors.of_queries(ours).T
    count = min(_NEAREST, len(ours))
    for start in range(0, len(theirs), _ROWS):
        cosines = vectors.of_queries(theirs[start : start + _ROWS]) @ descriptions
        nearest = np.argpartition(cosines, -count, axis=1)[:, -count:]
        for row, columns in enumerate(nearest):
            for column in columns:
                if (cosine := float(cosines[row, column])) >= least:
                    yield cosine, start + row, int(column)
