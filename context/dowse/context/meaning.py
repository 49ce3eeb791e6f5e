"""The dense tier: a model, the vectors it has computed, and how the missing ones are filled in."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from dowse.context.shard import Shard
from dowse.context.types import Embedder, Place
from dowse.context.vectors import VectorCache, VectorTable, quantize

if TYPE_CHECKING:
    from dowse.context.types import Quantized, Vector
    from dowse.context.vectors import Nearness

logger = logging.getLogger(__name__)

_BATCH = 32
"""Vectors embedded between two commits: about a second of work that a crash may lose."""
_RECALLED = 8_192
"""Vectors taken from the cache at once: 4 MB of them."""


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

    def __init__(self, vector: Vector, tables: Callable[[Shard], VectorTable]) -> None:
        self._vector, self._table = vector, tables

    def nearest(self, shard: Shard, limit: int) -> list[tuple[bytes, float]]:
        """Content keys and cosines of a shard's nearest passages, nearest first."""
        return self._table(shard).nearest(self._vector, limit)

    def compare(self, shard: Shard, keys: Iterable[bytes]) -> dict[bytes, Nearness]:
        """Cosine and crowding of some passages of a shard, as far as they have vectors."""
        return self._table(shard).compare(self._vector, keys)


class Meaning:
    """Vectors of one model: a table for each shard to search in, one cache for every project.

    Args:
        embedder: the model.
        cache: dowse's cache folder; vectors stay in memory if it cannot be written.
    """

    def __init__(self, embedder: Embedder, cache: Path) -> None:
        self._embedder = embedder
        self._tables: dict[Path, VectorTable] = {}
        self._filled: set[Path] = set()
        """Folders of complete shards whose passages all have vectors."""
        self._asked: deque[tuple[Path, str]] = deque(maxlen=64)
        self._cache = open_cache(cache, embedder)

    def _table(self, shard: Shard) -> VectorTable:
        if shard.folder not in self._tables:
            model = self._embedder
            name = f"vectors-2-{model.fingerprint[:16]}.bin"
            path = shard.folder / name if self._cache is not None else None
            self._tables[shard.folder] = VectorTable(model.dimensions, model.crowding, path)
        return self._tables[shard.folder]

    def empty(self, shards: Iterable[Shard]) -> bool:
        """Whether no passage of these shards has a vector yet."""
        return all(len(self._table(shard)) == 0 for shard in shards)

    def ask(self, words: str) -> DenseQuery:
        """Embed a query; takes a few milliseconds."""
        return DenseQuery(self._embedder.embed_query(words), self._table)

    def missing(self, shard: Shard, keys: Sequence[bytes]) -> list[bytes]:
        """Those of a shard's content keys that have no vector."""
        return self._table(shard).missing(keys)

    def load(self, shards: Iterable[Shard]) -> Filling:
        """Take the vectors that the cache has, and tell how many passages have one."""
        done = total = 0
        for shard in shards:
            keys = [key for keys in self._files(shard).values() for key in keys]
            done += len(keys) - len(self.missing(shard, keys))
            total += len(keys)
        return Filling(done, total)

    def _files(self, shard: Shard) -> dict[str, list[bytes]]:
        """Content keys of a shard's files, once its table has what the cache knows of them."""
        files = shard.keys_of_files()
        keys = [key for keys in files.values() for key in keys]
        self._table(shard).keep(keys)
        self._recall(shard, self.missing(shard, keys))
        return files

    def _recall(self, shard: Shard, keys: Sequence[bytes]) -> None:
        if not self._embedder.prepared:
            return
        for start in range(0, len(keys), _RECALLED):
            if self._cache is not None:
                found = self._cache.get(keys[start : start + _RECALLED])
                self._table(shard).add(found)

    # --- filling --------------------------------------------------------------------------

    def embed_now(self, shard: Shard, texts: Mapping[bytes, str], until: float) -> None:
        """Embed some passages of a shard, by their content keys, at once if the model is prepared.

        Args:
            shard: that they belong to.
            texts: what the model reads.
            until: begin no other text after this time (`time.monotonic`).
        """
        if self._embedder.prepared:
            self._embed(shard, texts, lambda: time.monotonic() > until, lambda: None)

    def hurry(self, shard: Shard, path: str) -> None:
        """Fill in the vectors of a file before those of others, for it was searched for."""
        self._asked.append((shard.folder, path))

    def fill(
        self,
        shards: Iterable[Shard],
        near: Sequence[Place],
        progress: Callable[[Filling], None],
        cancelled: Callable[[], bool],
    ) -> bool:
        """Give every passage a vector: from the cache, else from the model.

        The user's files come first, then those in their folders, then the others by time of
        change; what a search has just looked for comes before all of them.

        Returns:
            whether it came to the end.
        """
        if not self._embedder.prepare(cancelled):
            return False
        work = self._missing(shards, near)
        done, total = 0, sum(len(missing.keys) for missing in work)

        def one_more() -> None:
            nonlocal done
            done += 1
            progress(Filling(done, total))

        for shard, texts in self._batches(work):
            self._embed(shard, texts, cancelled, one_more)
            if cancelled():
                return False
        return True

    def _embed(
        self,
        shard: Shard,
        texts: Mapping[bytes, str],
        cancelled: Callable[[], bool],
        one_more: Callable[[], None],
    ) -> None:
        keys = list(texts)
        for start in range(0, len(keys), _BATCH):
            some = keys[start : start + _BATCH]
            fresh: dict[bytes, Quantized] = {}
            vectors = self._embedder.embed_documents([texts[key] for key in some], cancelled)
            for key, vector in zip(some, vectors, strict=False):
                fresh[key] = quantize(vector)
                one_more()
            self._table(shard).add(fresh)
            self._save(fresh)

    def _batches(self, work: Sequence[_Missing]) -> Iterator[tuple[Shard, dict[bytes, str]]]:
        """Texts by their keys, file by file, enough at once to keep every core at work."""
        batch: dict[bytes, str] = {}
        shard: Shard | None = None
        for missing in self._by_urgency(work):
            if shard is not None and batch and (len(batch) >= _BATCH or missing.shard is not shard):
                yield shard, batch
                batch = {}
            shard = missing.shard
            texts = shard.texts(missing.path)
            # another file may have held the same text, and this one may have changed since
            wanted = self.missing(shard, [key for key in missing.keys if key in texts])
            batch.update((key, texts[key]) for key in wanted)
        if shard is not None and batch:
            yield shard, batch

    def _by_urgency(self, work: Sequence[_Missing]) -> Iterator[_Missing]:
        """The files in order, but those that a search asked for meanwhile at once."""
        waiting = {(missing.shard.folder, missing.path): missing for missing in work}
        for place in list(waiting):
            while self._asked:
                if asked := waiting.pop(self._asked.popleft(), None):
                    yield asked
            if missing := waiting.pop(place, None):
                yield missing

    def _missing(self, shards: Iterable[Shard], near: Sequence[Place]) -> list[_Missing]:
        work = []
        for shard in shards:
            complete = shard.complete  # asked first: while it is read, files come later
            if complete and shard.folder in self._filled:
                continue
            files = self._files(shard)
            missing = set(self.missing(shard, [key for keys in files.values() for key in keys]))
            todo = (
                _Missing(shard, path, [key for key in keys if key in missing])
                for path, keys in files.items()
            )
            work += sorted((m for m in todo if m.keys), key=_distance(shard, near))
            if complete and not missing:
                self._filled.add(shard.folder)
        return work

    def _save(self, vectors: Mapping[bytes, Quantized]) -> None:
        try:
            if self._cache is not None and vectors:
                self._cache.put(vectors)
        except sqlite3.Error as error:
            logger.warning("Vectors could not be saved (%s); they stay in memory.", error)
            self._cache = None


def _distance(shard: Shard, near: Sequence[Place]) -> Callable[[_Missing], int]:
    """How far a file is from the user: open, beside an open one, or elsewhere."""
    here = [place.path for place in near if place.root == shard.root]
    order = {path: n for n, path in enumerate(here)}
    folders = {PurePosixPath(path).parent for path in here}

    def distance(missing: _Missing) -> int:
        beside = PurePosixPath(missing.path).parent in folders
        return order.get(missing.path, len(order) + (not beside))

    return distance


def open_cache(cache: Path, embedder: Embedder) -> VectorCache | None:
    """The vectors of a model on disk; None where the cache folder cannot be written."""
    path = cache / "vectors-2" / f"{embedder.fingerprint[:32]}.sqlite"
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
