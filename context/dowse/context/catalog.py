"""What stands where: the files, snippets and passages of one shard, in SQLite."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from dowse.context.files import File, LeftOut
from dowse.context.types import Kind, Snippet

LAYOUT = 2
"""Version of the shard's files; another one is rebuilt."""

_BUSY_SECONDS = 10
_VARIABLES = 900
"""SQLite's oldest limit on parameters of one statement is 999."""

_TABLES = """
CREATE TABLE files (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, size INTEGER NOT NULL,
    stamp INTEGER NOT NULL, license TEXT, left_out TEXT);
CREATE TABLE snippets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    file INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    symbol TEXT NOT NULL, kind TEXT NOT NULL, language TEXT NOT NULL,
    start_byte INTEGER NOT NULL, end_byte INTEGER NOT NULL,
    start_line INTEGER NOT NULL, end_line INTEGER NOT NULL);
CREATE INDEX snippets_of_file ON snippets (file);
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    snippet INTEGER NOT NULL REFERENCES snippets (id) ON DELETE CASCADE,
    key BLOB NOT NULL);
CREATE INDEX passages_of_snippet ON passages (snippet);
CREATE INDEX passages_of_key ON passages (key);
"""

_SELECT = """
SELECT passages.id, passages.key, files.path, files.size, files.stamp, files.license,
    symbol, kind, snippets.language, start_byte, end_byte, start_line, end_line
FROM passages JOIN snippets ON snippets.id = passages.snippet JOIN files ON files.id = snippets.file
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A passage of the catalog with the snippet that it belongs to."""

    id: int
    key: bytes
    file: File
    license: str | None
    snippet: Snippet


class Catalog:
    """The catalog of one shard; readers see the last commit while a writer is at work.

    Raises:
        sqlite3.DatabaseError: from every method: the file is damaged or locked, the disk full.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._connection() as connection:
            layout = connection.execute("PRAGMA user_version").fetchone()[0]
            if layout not in (0, LAYOUT):
                raise sqlite3.DatabaseError(f"layout {layout} is not {LAYOUT}")
            if layout == 0:
                script = f"BEGIN; {_TABLES} PRAGMA user_version = {LAYOUT}; COMMIT;"
                connection.executescript(script)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=_BUSY_SECONDS)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")  # derived: a lost commit comes back
            connection.execute("PRAGMA foreign_keys = ON")
            yield connection

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Change the catalog; everything or nothing is committed."""
        with self._connection() as connection, connection:
            yield Transaction(connection)

    def files(self) -> dict[str, File]:
        """Every file by its path."""
        with self._connection() as connection:
            rows = connection.execute("SELECT path, size, stamp FROM files")
            return {path: File(path, size, stamp) for path, size, stamp in rows}

    def paths_below(self, parents: Iterable[str]) -> list[str]:
        """Paths of the files that are one of these or stand below one."""
        paths: list[str] = []
        with self._connection() as connection:
            for parent in parents:
                # every path below `a/` sorts between `a/` and `a0`: 0 is the character after /
                rows = connection.execute(
                    "SELECT path FROM files WHERE path = ? OR (path >= ? AND path < ?)",
                    (parent, f"{parent}/", f"{parent}0"),
                )
                paths += [path for (path,) in rows]
        return paths

    def counts(self) -> tuple[int, int]:
        """Number of files and of snippets."""
        with self._connection() as connection:
            files, snippets = connection.execute(
                "SELECT (SELECT count(*) FROM files WHERE left_out IS NULL),"
                " (SELECT count(*) FROM snippets)"
            ).fetchone()
            return files, snippets

    def languages(self) -> frozenset[str]:
        """Names of the languages that snippets are in."""
        with self._connection() as connection:
            rows = connection.execute("SELECT DISTINCT language FROM snippets")
            return frozenset(name for (name,) in rows)

    def left_out(self) -> Counter[LeftOut]:
        """How many files were left out for what stands in them, by reason."""
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT left_out, count(*) FROM files WHERE left_out IS NOT NULL GROUP BY left_out"
            )
            return Counter({LeftOut(reason): count for reason, count in rows})

    def keys_of_files(self) -> dict[str, list[bytes]]:
        """Content keys of the passages of every file, the file changed last first."""
        keys: dict[str, list[bytes]] = {}
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT files.path, passages.key FROM files"
                " JOIN snippets ON snippets.file = files.id"
                " JOIN passages ON passages.snippet = snippets.id"
                " ORDER BY files.stamp DESC, files.path, passages.id"
            )
            for path, key in rows:
                keys.setdefault(path, []).append(key)
        return keys

    def by_ids(self, ids: Sequence[int]) -> list[Entry]:
        """Passages by id; unknown ids are left out."""
        return self._select("passages.id", ids)

    def by_keys(self, keys: Sequence[bytes]) -> list[Entry]:
        """Passages by content key; one text may stand in several places."""
        return self._select("passages.key", keys)

    def _select(self, column: str, values: Sequence[int] | Sequence[bytes]) -> list[Entry]:
        entries = []
        with self._connection() as connection:
            for start in range(0, len(values), _VARIABLES):
                some = values[start : start + _VARIABLES]
                marks = ",".join("?" * len(some))
                rows = connection.execute(f"{_SELECT} WHERE {column} IN ({marks})", some)
                entries += [_entry(*row) for row in rows]
        return entries


def _entry(
    id_: int, key: bytes, path: str, size: int, stamp: int, license_: str | None,
    symbol: str, kind: str, language: str, *span: int,
) -> Entry:  # fmt: skip
    snippet = Snippet(symbol, Kind(kind), language, *span)
    return Entry(id_, key, File(path, size, stamp), license_, snippet)


class Transaction:
    """Changes to a catalog that are committed together."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def remove(self, paths: Iterable[str]) -> None:
        """Forget files with all that stands in them."""
        self._connection.executemany("DELETE FROM files WHERE path = ?", ((p,) for p in paths))

    def add_file(
        self, file: File, license_: str | None = None, left_out: LeftOut | None = None
    ) -> int:
        """Add a file, or the note that it is left out so that it is not read again."""
        return self._insert(
            "INSERT INTO files (path, size, stamp, license, left_out) VALUES (?, ?, ?, ?, ?)",
            (file.path, file.size, file.stamp, license_, left_out and left_out.value),
        )

    def add_snippet(self, file: int, snippet: Snippet) -> int:
        """Add a snippet of a file and return its id."""
        return self._insert(
            "INSERT INTO snippets (file, symbol, kind, language,"
            " start_byte, end_byte, start_line, end_line) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                file, snippet.symbol, snippet.kind.value, snippet.language,
                snippet.start_byte, snippet.end_byte, snippet.start_line, snippet.end_line,
            ),
        )  # fmt: skip

    def add_passage(self, snippet: int, key: bytes) -> int:
        """Add a passage of a snippet and return its id."""
        return self._insert("INSERT INTO passages (snippet, key) VALUES (?, ?)", (snippet, key))

    def _insert(self, statement: str, values: tuple[object, ...]) -> int:
        identity = self._connection.execute(statement, values).lastrowid
        assert identity is not None
        return identity
