"""The dense tier: a model, the vectors it has computed, and how the missing ones are filled in."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dowse.context.shard import Shard
from dowse.context.types import Embedder, Place
from dowse.context.vectors import VectorCache, VectorTable

if TYPE_CHECKING:
    from dowse.context.types import Vector

logger = logging.getLogger(__name__)

_BATCH = 32
"""Vectors embedded between two commits: about a second of work that a crash may lose."""


@dataclass(frozen=True, slots=True)
class Filling:
    """How far the vectors are."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class _Missing:
    """The passages of one file that have no vector."""

    shard: Shard
    path: str
    keys: Sequence[bytes]


class DenseQuery:
    """A query as a vector among those of the passages."""

    def __init__(self, vector: Vector, table: VectorTable) -> None:
        self._vector, self._table = vector, table

    def nearest(self, limit: int) -> list[bytes]:
        """Content keys of the nearest passages, nearest first."""
        return [key for key, _ in self._table.nearest(self._vector, limit)]

    def cosines(self, keys: Iterable[bytes]) -> dict[bytes, float]:
        """Cosines of the given passages, as far as they have vectors."""
        return self._table.cosines(self._vector, keys)


class Meaning:
    """Vectors of one model: in memory to search, on disk for every project.

    Args:
        embedder: the model.
        cache: dowse's cache folder; vectors stay in memory if it cannot be written.
    """

    def __init__(self, embedder: Embedder, cache: Path) -> None:
        self._embedder = embedder
        self._table = VectorTable(embedder.dimensions)
        self._cache = open_cache(cache, embedder)

    @property
    def empty(self) -> bool:
        """Whether no passage has a vector yet."""
        return len(self._table) == 0

    def ask(self, words: str) -> DenseQuery:
        """Embed a query; takes a few milliseconds."""
        return DenseQuery(self._embedder.embed_query(words), self._table)

    def load(self, shards: Iterable[Shard]) -> Filling:
        """Take the vectors that the cache has, and tell how many passages have one."""
        keys = [key for s in shards for keys in s.keys_of_files().values() for key in keys]
        self._recall({key for key in keys if key not in self._table})
        return Filling(sum(key in self._table for key in keys), len(keys))

    def _recall(self, keys: Iterable[bytes]) -> None:
        if self._cache is not None:
            self._table.add(self._cache.get(list(keys)))

    def fill(
        self,
        shards: Iterable[Shard],
        near: Sequence[Place],
        progress: Callable[[Filling], None],
        cancelled: Callable[[], bool],
    ) -> bool:
        """Give every passage a vector: from the cache, else from the model, nearest file first.

        Returns:
            whether it came to the end.
        """
        work = self._missing(shards, near)
        done, total = 0, sum(len(missing.keys) for missing in work)
        for texts in self._batches(work):
            vectors = self._embedder.embed_documents(list(texts.values()), cancelled)
            fresh: dict[bytes, Vector] = {}
            for key, vector in zip(texts, vectors, strict=False):
                self._table.add({key: vector})
                fresh[key] = vector
                done += 1
                progress(Filling(done, total))
            self._save(fresh)
            if cancelled():
                return False
        return True

    def _batches(self, work: Iterable[_Missing]) -> Iterator[dict[bytes, str]]:
        """Texts by their keys, file by file, enough at once to keep every core at work."""
        batch: dict[bytes, str] = {}
        for missing in work:
            texts = missing.shard.texts(missing.path)
            # an earlier file may have held the same text, and the file may have changed since
            wanted = (key for key in missing.keys if key in texts and key not in self._table)
            batch.update((key, texts[key]) for key in wanted)
            if len(batch) >= _BATCH:
                yield batch
                batch = {}
        yield batch

    def _missing(self, shards: Iterable[Shard], near: Sequence[Place]) -> list[_Missing]:
        files = [(s, path, keys) for s in shards for path, keys in s.keys_of_files().items()]
        self._recall({key for _, _, keys in files for key in keys if key not in self._table})
        order = {(place.root, place.path): n for n, place in enumerate(near)}
        files.sort(key=lambda file: order.get((file[0].root, file[1]), len(order)))
        missing = (
            _Missing(s, p, [k for k in keys if k not in self._table]) for s, p, keys in files
        )
        return [work for work in missing if work.keys]

    def _save(self, vectors: Mapping[bytes, Vector]) -> None:
        try:
            if self._cache is not None and vectors:
                self._cache.put(vectors)
        except sqlite3.Error as error:
            logger.warning("Vectors could not be saved (%s); they stay in memory.", error)
            self._cache = None


def open_cache(cache: Path, embedder: Embedder) -> VectorCache | None:
    """The vectors of a model on disk; None where the cache folder cannot be written."""
    path = cache / "vectors" / f"{embedder.fingerprint[:32]}.sqlite"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return VectorCache(path)
    except (OSError, sqlite3.OperationalError) as error:
        logger.warning("Vectors are kept in memory only: %s cannot be used (%s).", path, error)
    except sqlite3.DatabaseError:
        logger.warning("The vectors in %s are damaged: they are computed anew.", path)
        path.unlink(missing_ok=True)
        return VectorCache(path)
    return None
