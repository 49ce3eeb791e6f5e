"""Vectors by content: one cache on disk for all projects, and a table for each shard to search in.

A vector belongs to a text and a model, not to a place, so a switched branch, a second checkout
or a copied file embeds nothing twice. Vectors are kept as 8-bit integers: a unit vector divided by
its greatest component and multiplied by 127, which changes its cosines by less than 0.01.
docs/ranking.md says what that costs (nothing measurable) and why there is no index over them.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dowse.context.types import Matrix, Quantized, Vector

    Crowding = Callable[[Quantized], NDArray[np.float32]]
    """Tells the crowding of each of some vectors; see `dowse.context.crowding`."""

logger = logging.getLogger(__name__)

_KEY_BYTES = 16
_BUSY_SECONDS = 10
_VARIABLES = 900
"""SQLite's oldest limit on parameters of one statement is 999."""
_TAIL = 4_096
"""Rows that wait in a dictionary before the sorted keys are made anew, which takes 0.1 s at a
million rows."""
_BLOCKS = 10
"""Blocks for each vector that is wanted: with more, comparing them takes longer; with fewer, more
vectors pass."""
_WASTE = 0.5
"""Share of a table's rows that belong to no text any more before it is written anew."""


def content_key(text: str) -> bytes:
    """The address of a text: 128 bits of BLAKE2b, too many to collide by chance."""
    data = text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=_KEY_BYTES).digest()


def quantize(vectors: Vector | Matrix) -> Quantized:
    """Round vectors to 8 bits, each scaled so that its greatest component becomes 127 or -127.

    The scale is not kept, because cosines do not depend on it.
    """
    import numpy as np

    greatest = np.abs(vectors).max(axis=-1, keepdims=True)
    rounded: Quantized = np.round(vectors * (127 / np.maximum(greatest, 1e-12))).astype(np.int8)
    return rounded


class VectorCache:
    """Quantized vectors of one model on disk, shared by every project and process of the machine.

    Raises:
        sqlite3.Error: from every method, where the file is damaged, read-only or the disk full.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with closing(self._connect()) as connection, connection:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS vectors"
                " (key BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID"
            )

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=_BUSY_SECONDS)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")  # derived data: a lost commit comes back
        return connection

    def get(self, keys: Sequence[bytes]) -> dict[bytes, Quantized]:
        """The vectors that are there, each of shape (dimensions,)."""
        import numpy as np

        found: dict[bytes, Quantized] = {}
        with closing(self._connect()) as connection:
            for start in range(0, len(keys), _VARIABLES):
                some = keys[start : start + _VARIABLES]
                marks = ",".join("?" * len(some))
                rows = connection.execute(
                    f"SELECT key, vector FROM vectors WHERE key IN ({marks})", some
                )
                found.update((key, np.frombuffer(blob, np.int8)) for key, blob in rows)
        return found

    def put(self, vectors: Mapping[bytes, Quantized]) -> None:
        """Store vectors in one transaction."""
        rows = [(key, vector.tobytes()) for key, vector in vectors.items()]
        with closing(self._connect()) as connection, connection:
            connection.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", rows)


class Nearness(NamedTuple):
    """How a query and a text of a table stand to each other."""

    cosine: float
    crowding: float
    """Of the text, whatever the query is."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of a table at one moment, and how a key finds its row."""

    records: Any
    """Structured array of shape (count,) with the fields `key`, `vector` and `crowding`."""
    prefixes: Any
    """First 64 bits of the keys, sorted; two of a million keys share them once in 10^7 tables."""
    order: Any
    """Row of each of the prefixes."""
    tail: Mapping[bytes, int] = field(default_factory=dict)
    """Rows that came after those."""

    def find(self, keys: Sequence[bytes]) -> NDArray[np.intp]:
        """The row of each key; -1 where it has none."""
        import numpy as np

        rows = np.full(len(keys), -1, np.intp)
        if len(self.prefixes) and keys:
            wanted = _prefixes(np.frombuffer(b"".join(keys), f"V{_KEY_BYTES}"))
            places = np.searchsorted(self.prefixes, wanted)
            places[places == len(self.prefixes)] = 0
            rows = np.where(self.prefixes[places] == wanted, self.order[places], rows)
        for n, key in enumerate(keys) if self.tail else ():
            rows[n] = self.tail.get(key, rows[n])
        return rows


def _prefixes(keys: Any) -> Any:
    import numpy as np

    return np.ascontiguousarray(keys).view(np.uint64)[::2]


class VectorTable:
    """The quantized vectors of one shard: appended to a file that is mapped into memory.

    A record is a content key, its vector and its crowding. The file only grows, by whole records
    under a lock between processes, so another process sees either all of a record or nothing of it.
    Every search looks at every row, which takes 2 ms for 100,000 rows of 384 (numkong, one core).

    Args:
        dimensions: length of a vector.
        crowding: asked for every vector that is added.
        path: the file; None keeps the table in memory.
    """

    def __init__(self, dimensions: int, crowding: Crowding, path: Path | None = None) -> None:
        import numpy as np

        self._np = np
        self._crowding = crowding
        self._record = np.dtype(
            [
                ("key", f"V{_KEY_BYTES}"),
                ("vector", np.int8, (dimensions,)),
                ("crowding", np.float32),
            ]
        )
        self._path = path
        self._file = 0
        """Inode of the mapped file: another one means that a process wrote the table anew."""
        self._lock = Lock()
        self._rows = self._sorted(np.empty(0, self._record))
        if path is not None:
            self._on_disk(self._map)

    def __len__(self) -> int:
        return len(self._rows.records)

    def __contains__(self, key: bytes) -> bool:
        return bool(self._rows.find([key])[0] >= 0)

    def missing(self, keys: Sequence[bytes]) -> list[bytes]:
        """Those of the keys that have no vector here, in order."""
        rows = self._rows.find(keys)
        return [keys[int(n)] for n in self._np.flatnonzero(rows < 0)]

    def add(self, vectors: Mapping[bytes, Quantized]) -> None:
        """Append vectors under their content keys; known keys are passed over."""
        with self._lock:
            fresh = self.missing(list(vectors))
            if not fresh:
                return
            records = self._np.empty(len(fresh), self._record)
            for record, key in zip(records, fresh, strict=True):
                record["key"], record["vector"] = self._np.void(key), vectors[key]
            records["crowding"] = self._crowding(records["vector"])
            if not self._on_disk(lambda: self._append(records)):
                self._see(self._np.concatenate([self._rows.records, records]))

    def keep(self, keys: Iterable[bytes]) -> None:
        """Write the table anew if most of its rows belong to none of these keys."""
        with self._lock:
            rows = self._rows.find(list(keys))
            wanted = self._np.unique(rows[rows >= 0])
            if len(wanted) >= (1 - _WASTE) * len(self):
                return
            records = self._np.array(self._rows.records[wanted])
            if self._path is None:
                self._rows = self._sorted(records)
                return
            with suppress(OSError):  # Windows replaces no file that is mapped: the waste stays
                self._replace(records)

    def nearest(self, query: Vector, limit: int) -> list[tuple[bytes, float]]:
        """Keys and cosines of the nearest vectors, nearest first."""
        records = self._rows.records
        if not len(records):
            return []
        cosines = self._cosines(query, records["vector"])
        best = self._best(cosines, min(limit, len(records)))
        return [(records[row]["key"].tobytes(), float(cosines[row])) for row in best]

    def _best(self, cosines: NDArray[np.float64], limit: int) -> NDArray[np.intp]:
        """Rows of the greatest cosines, greatest first; of equal ones the earlier row.

        The greatest of each block are compared first: what is below the best `limit` of them is
        below `limit` others. A million takes 0.5 ms, a tenth or less of numpy's own selection.
        """
        size = max(1, len(cosines) // (_BLOCKS * limit))
        whole = len(cosines) // size * size
        peaks = cosines[:whole].reshape(-1, size).max(axis=1)
        least = self._np.partition(peaks, len(peaks) - limit)[len(peaks) - limit]
        rows = self._np.flatnonzero(cosines >= least)
        order = self._np.argsort(-cosines[rows], kind="stable")
        best: NDArray[np.intp] = rows[order[:limit]]
        return best

    def compare(self, query: Vector, keys: Iterable[bytes]) -> dict[bytes, Nearness]:
        """Cosine and crowding of the given keys, as far as they have vectors."""
        wanted = list(dict.fromkeys(keys))
        rows = self._rows
        found = rows.find(wanted)
        places = self._np.flatnonzero(found >= 0)
        if not len(places):
            return {}
        records = rows.records[found[places]]
        values = self._cosines(query, self._np.ascontiguousarray(records["vector"]))
        return {
            wanted[place]: Nearness(float(value), float(record["crowding"]))
            for place, value, record in zip(places, values, records, strict=True)
        }

    def _cosines(self, query: Vector, vectors: Quantized) -> NDArray[np.float64]:
        import numkong

        distances = numkong.cdist(quantize(query)[None, :], vectors, "angular")
        cosines: NDArray[np.float64] = 1 - self._np.asarray(distances)[0]
        return cosines

    # --- rows -----------------------------------------------------------------------------

    def _sorted(self, records: Any) -> _Rows:
        prefixes = _prefixes(records["key"])
        order = self._np.argsort(prefixes, kind="stable")
        return _Rows(records, prefixes[order], order)

    def _see(self, records: Any) -> None:
        """Search in these records from now on; those before are among them."""
        known, rows = len(self._rows.records), self._rows
        if len(records) - len(rows.prefixes) > _TAIL:
            self._rows = self._sorted(records)
            return
        new = {records[row]["key"].tobytes(): row for row in range(known, len(records))}
        self._rows = _Rows(records, rows.prefixes, rows.order, {**rows.tail, **new})

    # --- file -----------------------------------------------------------------------------

    def _on_disk(self, change: Any) -> bool:
        """Do something with the file; where it cannot be used, go on in memory."""
        if self._path is None:
            return False
        try:
            change()
        except OSError as error:
            logger.warning("Vectors stay in memory: %s cannot be used (%s).", self._path, error)
            self._path = None
        return self._path is not None

    def _map(self) -> None:
        """See the whole file as it is now."""
        assert self._path is not None
        self._path.touch()
        status = self._path.stat()
        count = status.st_size // self._record.itemsize
        if count == 0:
            return
        # np.memmap is slow to take rows from; a plain view of it is not
        mapped = self._np.memmap(self._path, self._record, "r", shape=(count,))
        records = mapped.view(self._np.ndarray)
        same, self._file = self._file == status.st_ino, status.st_ino
        if same and count >= len(self._rows.records):
            self._see(records)
        else:
            self._rows = self._sorted(records)

    def _append(self, records: Any) -> None:
        from filelock import FileLock

        assert self._path is not None
        with FileLock(f"{self._path}.lock"):
            with self._path.open("r+b") as file:
                end = file.seek(0, os.SEEK_END)
                # a record that a crash cut short is written over
                file.seek(end - end % self._record.itemsize)
                file.write(records.tobytes())
            self._map()

    def _replace(self, records: Any) -> None:
        from filelock import FileLock

        assert self._path is not None
        temporary = self._path.with_name(f"{self._path.name}.partial")
        with FileLock(f"{self._path}.lock"):
            temporary.write_bytes(records.tobytes())
            temporary.replace(self._path)
            self._map()
