"""Vectors by content: one cache on disk for all projects, one table in memory to search in.

A vector belongs to a text and a model, not to a place, so a switched branch, a second checkout
or a copied file embeds nothing twice.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from dowse.context.types import Matrix, Vector

_KEY_BYTES = 16
_BUSY_SECONDS = 10
_FIRST_ROWS = 1_024
_VARIABLES = 900
"""SQLite's oldest limit on parameters of one statement is 999."""


def content_key(text: str) -> bytes:
    """The address of a text: 128 bits of BLAKE2b, too many to collide by chance."""
    data = text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=_KEY_BYTES).digest()


class VectorCache:
    """Vectors of one model on disk, shared by every project and process of the machine.

    They are kept as float16: the cosines of unit vectors change by less than 0.001.

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

    def get(self, keys: Sequence[bytes]) -> dict[bytes, np.ndarray]:
        """The vectors that are there, float16, shape (dimensions,)."""
        import numpy as np

        found: dict[bytes, np.ndarray] = {}
        with closing(self._connect()) as connection:
            for start in range(0, len(keys), _VARIABLES):
                some = keys[start : start + _VARIABLES]
                marks = ",".join("?" * len(some))
                rows = connection.execute(
                    f"SELECT key, vector FROM vectors WHERE key IN ({marks})", some
                )
                found.update((key, np.frombuffer(blob, np.float16)) for key, blob in rows)
        return found

    def put(self, vectors: Mapping[bytes, Vector]) -> None:
        """Store vectors in one transaction."""
        rows = [(key, vector.astype("float16").tobytes()) for key, vector in vectors.items()]
        with closing(self._connect()) as connection, connection:
            connection.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", rows)


class VectorTable:
    """The vectors of the open shards in one matrix; grows by doubling, safe between threads."""

    def __init__(self, dimensions: int) -> None:
        import numpy as np

        self._np = np
        self._matrix: Matrix = np.empty((_FIRST_ROWS, dimensions), np.float32)
        self._keys: list[bytes] = []
        self._rows: dict[bytes, int] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, key: bytes) -> bool:
        return key in self._rows

    def add(self, vectors: Mapping[bytes, np.ndarray]) -> None:
        """Add vectors under their content keys; known keys are passed over."""
        with self._lock:
            for key, vector in vectors.items():
                if key in self._rows:
                    continue
                row = len(self._keys)
                if row == len(self._matrix):
                    self._matrix = self._np.concatenate(
                        [self._matrix, self._np.empty_like(self._matrix)]
                    )
                self._matrix[row] = vector
                self._keys.append(key)
                self._rows[key] = row

    def nearest(self, query: Vector, limit: int) -> list[tuple[bytes, float]]:
        """Keys and cosines of the nearest vectors, nearest first."""
        count = len(self._keys)
        if not count:
            return []
        cosines = self._matrix[:count] @ query
        limit = min(limit, count)
        best = self._np.argpartition(-cosines, limit - 1)[:limit]
        best = best[self._np.argsort(-cosines[best], kind="stable")]
        return [(self._keys[row], float(cosines[row])) for row in best]

    def cosines(self, query: Vector, keys: Iterable[bytes]) -> dict[bytes, float]:
        """Cosines of the given keys, as far as they have vectors."""
        rows = {key: self._rows[key] for key in keys if key in self._rows}
        values: Iterable[float] = self._matrix[list(rows.values())] @ query if rows else ()
        return {key: float(value) for key, value in zip(rows, values, strict=True)}
