"""Vectors of the queries and codes of a collection, kept in the cache for the next run."""

from __future__ import annotations

import logging
import sqlite3
from typing import TYPE_CHECKING

from dowse.context.meaning import open_cache
from dowse.context.vectors import content_key, quantize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from dowse.context.types import Embedder, Matrix, Quantized, Vector
    from dowse.context.vectors import VectorCache

    Progress = Callable[[str, int, int], None]

logger = logging.getLogger(__name__)

_SAVED = 256
"""Vectors between two commits to the cache: some ten seconds of work that an end may lose."""


class TextVectors:
    """Vectors of queries and codes, from the cache or else from the model."""

    def __init__(
        self, embedder: Embedder, cache: Path | None, step: str, progress: Progress
    ) -> None:
        """Embed nothing yet.

        Args:
            embedder: the model.
            cache: dowse's cache folder, from which a run that is repeated takes all vectors.
            step: what a person is told.
            progress: told the step, texts with vectors, and how many need one.
        """
        self._embedder, self._step, self._progress = embedder, step, progress
        self._cache: VectorCache | None = open_cache(cache, embedder) if cache else None
        self._found: dict[bytes, Quantized] = {}
        self._total = 0

    def embed(self, queries: Iterable[str], codes: Iterable[str]) -> None:
        """Have vectors for all texts; what was embedded before an interruption is not lost."""
        asked = {_query_key(text): text for text in queries}
        texts = {content_key(text): text for text in codes}
        self._total = len(asked) + len(texts)
        self._recall([*asked, *texts])
        self._fill(asked, lambda some: map(self._embedder.embed_query, some))
        self._fill(texts, self._embedder.embed_documents)

    def of_queries(self, texts: Iterable[str]) -> Matrix:
        """Unit vectors, shape (texts, dimensions)."""
        return self._matrix(map(_query_key, texts))

    def of_codes(self, texts: Iterable[str]) -> Matrix:
        """Unit vectors, shape (texts, dimensions)."""
        return self._matrix(map(content_key, texts))

    def _matrix(self, keys: Iterable[bytes]) -> Matrix:
        import numpy as np

        matrix = np.stack([self._found[key] for key in keys]).astype(np.float32)
        matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
        return matrix

    def _recall(self, keys: Sequence[bytes]) -> None:
        try:
            self._found = self._cache.get(keys) if self._cache else {}
        except sqlite3.Error as error:
            self._give_up(error)
        self._progress(self._step, len(self._found), self._total)

    def _fill(
        self, texts: Mapping[bytes, str], embed: Callable[[Sequence[str]], Iterable[Vector]]
    ) -> None:
        missing = [key for key in texts if key not in self._found]
        fresh: dict[bytes, Quantized] = {}
        for key, vector in zip(missing, embed([texts[key] for key in missing]), strict=True):
            self._found[key] = fresh[key] = quantize(vector)
            self._progress(self._step, len(self._found), self._total)
            if len(fresh) == _SAVED:
                self._save(fresh)
                fresh = {}
        self._save(fresh)

    def _save(self, vectors: Mapping[bytes, Quantized]) -> None:
        try:
            if self._cache and vectors:
                self._cache.put(vectors)
        except sqlite3.Error as error:
            self._give_up(error)

    def _give_up(self, error: sqlite3.Error) -> None:
        logger.warning("Vectors are not kept for the next run: %s.", error)
        self._cache = None


def _query_key(text: str) -> bytes:
    # Models may read a query otherwise than a document with the same words.
    return content_key(f"\0query\0{text}")
