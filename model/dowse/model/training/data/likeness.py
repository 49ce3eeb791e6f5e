"""Chooses pairs whose queries are like those that people really ask.

Mined sentences speak of everything that packages do inside; what people search for is mostly about
files, texts, lists and dates. Pairs near to real queries teach more for the same hours: data
selection for a domain, as Moore and Lewis (2010, "Intelligent Selection of Language Model Training
Data") do it with language models, here with the vectors of an encoder.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dowse.context.errors import DatasetError
from dowse.context.languages import TABLED
from dowse.model.training.data.pairs import read_pairs
from dowse.model.training.data.text_vectors import TextVectors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dowse.context.types import Embedder, Vector
    from dowse.model.training.data.pairs import Pair
    from dowse.model.training.data.text_vectors import Progress

_NEAREST = 3
"""Real queries that a pair is compared with: one alone may be an oddity."""
_ROWS = 2_000
"""Pairs compared at once."""
_NAMES = "|".join(language.name for language in TABLED if len(language.name) > 2)
_LANGUAGE = re.compile(rf"\b(?:(?:in|using|with)\s+)?(?:{_NAMES})\b", re.I)
"""What a query says of its language draws all that say so together; `go` and `c` mean other things
as often."""


def read_queries(path: Path) -> list[str]:
    """The queries of a file: JSON lines of pairs, or a text with one query a line.

    Raises:
        DatasetError: the file cannot be read, is malformed, or has no query.
    """
    if path.name.endswith((".jsonl", ".jsonl.gz")):
        found = [pair.query for pair in read_pairs(path)]
    else:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise DatasetError(f"cannot read {path}: {error}; name a text in UTF-8") from None
        found = [line.strip() for line in lines if line.strip()]
    if not found:
        raise DatasetError(f"{path} has no query; name another file")
    return list(dict.fromkeys(found))


def likest(
    pairs: Sequence[Pair],
    asked: Sequence[str],
    embedder: Embedder,
    keep: int,
    *,
    cache: Path | None = None,
    progress: Progress = lambda step, done, total: None,
) -> list[Pair]:
    """The pairs whose queries are nearest to real ones, in the order in which they came.

    Args:
        pairs: all there are; answers that were judged wrong stay where their query stays.
        asked: real queries, at least one.
        embedder: the model that says what is near.
        keep: pairs of label 1 that are kept.
        cache: dowse's cache folder.
        progress: told the step, texts with vectors, and how many need one.

    Raises:
        ModelError: the model fails.
    """
    right = [number for number, pair in enumerate(pairs) if pair.label]
    scores = likenesses([pairs[n].query for n in right], asked, embedder, cache, progress)
    order = sorted(range(len(right)), key=lambda n: (-scores[n], n))
    kept = {right[n] for n in order[:keep]}
    queries = {pairs[number].keys[0] for number in kept}
    return [
        pair
        for number, pair in enumerate(pairs)
        if number in kept or (not pair.label and pair.keys[0] in queries)
    ]


def likenesses(
    queries: Sequence[str],
    asked: Sequence[str],
    embedder: Embedder,
    cache: Path | None,
    progress: Progress,
) -> Vector:
    """Mean cosine of each query to the nearest real ones, shape (queries,)."""
    import numpy as np

    ours, theirs = list(map(plain, queries)), list(map(plain, asked))
    vectors = TextVectors(embedder, cache, "comparing queries", progress)
    vectors.embed([*ours, *theirs], [])
    real = vectors.of_queries(theirs).T
    count = min(_NEAREST, len(theirs))
    parts = [np.zeros(0, np.float32)]
    for start in range(0, len(ours), _ROWS):
        cosines = vectors.of_queries(ours[start : start + _ROWS]) @ real
        parts.append(np.partition(cosines, -count, axis=1)[:, -count:].mean(1))
    return np.concatenate(parts)


def plain(query: str) -> str:
    """A query without the name of its language, unless nothing else is left."""
    return " ".join(_LANGUAGE.sub(" ", query).split()) or query
