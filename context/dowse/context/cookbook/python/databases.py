# SPDX-License-Identifier: CC0-1.0
"""Databases with sqlite3: open, query, insert, migrate, search and back up."""

import csv
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any


def open_database(path: str | Path) -> sqlite3.Connection:
    """Open a SQLite database for an application: foreign keys, write-ahead log, rows by name."""
    connection = sqlite3.connect(path, timeout=10)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    return connection


def open_read_only(path: Path) -> sqlite3.Connection:
    """Open a SQLite database read-only; it is not created when it does not exist."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Run statements in a database transaction that is rolled back when an exception occurs.

    Needs a connection that was opened with `isolation_level=None`.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def query_dicts(
    connection: sqlite3.Connection, sql: str, parameters: Sequence[Any] = ()
) -> list[dict[str, Any]]:
    """Run an SQL query with parameters and return the rows as dicts.

    Values go into the parameters and never into the SQL text, which prevents SQL injection.
    """
    with closing(connection.execute(sql, parameters)) as cursor:
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]


def insert_row(connection: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> int:
    """Insert a dict into a table and return the id of the new row; names must be trusted."""
    columns = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" * len(row))
    with connection:
        cursor = connection.execute(
            f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', tuple(row.values())
        )
    return cursor.lastrowid or 0


def insert_many(
    connection: sqlite3.Connection, sql: str, rows: Iterable[Sequence[Any]]
) -> sqlite3.Cursor:
    """Insert many rows fast, in one transaction: all of them are stored or none."""
    with connection:
        return connection.executemany(sql, rows)


def upsert_setting(connection: sqlite3.Connection, key: str, value: str) -> None:
    """Insert a row, or update it if the key exists already (upsert)."""
    sql = """
        INSERT INTO settings (key, value) VALUES (?, ?)
        ON CONFLICT (key) DO UPDATE SET value = excluded.value
    """
    with connection:
        connection.execute(sql, (key, value))


def rows_with_ids(connection: sqlite3.Connection, table: str, ids: Sequence[int]) -> list[Any]:
    """Select the rows whose id is in a list (SQL IN with parameters); the table must be trusted."""
    rows: list[Any] = []
    # SQLite takes a limited number of parameters in one statement.
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        marks = ", ".join("?" * len(part))
        rows += connection.execute(f'SELECT * FROM "{table}" WHERE id IN ({marks})', part)
    return rows


def fetch_in_batches(
    connection: sqlite3.Connection, sql: str, size: int = 1000
) -> Iterator[list[Any]]:
    """Read a large query result in batches, so that it never is in memory as a whole."""
    with closing(connection.execute(sql)) as cursor:
        while batch := cursor.fetchmany(size):
            yield batch


def migrate(connection: sqlite3.Connection, steps: Sequence[str]) -> int:
    """Bring a database schema up to date by numbered migrations; returns how many were run.

    The number of the last one is kept in the file itself, as SQLite's `user_version`.
    """
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    for number, step in enumerate(steps[version:], start=version + 1):
        connection.executescript(f"BEGIN; {step}; PRAGMA user_version = {number}; COMMIT;")
    return max(0, len(steps) - version)


def backup_database(source: sqlite3.Connection, path: Path) -> None:
    """Back up a SQLite database to a file while it is in use."""
    with closing(sqlite3.connect(path)) as target:
        source.backup(target)


def export_query_to_csv(connection: sqlite3.Connection, sql: str, path: Path) -> None:
    """Export the result of an SQL query to a CSV file with a header row."""
    with closing(connection.execute(sql)) as cursor, path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(column[0] for column in cursor.description)
        writer.writerows(cursor)


def create_search_index(
    connection: sqlite3.Connection, documents: Iterable[tuple[str, str]]
) -> None:
    """Create a full-text search index (SQLite FTS5) over titles and bodies."""
    with connection:
        connection.execute("CREATE VIRTUAL TABLE search USING fts5(title, body)")
        connection.executemany("INSERT INTO search (title, body) VALUES (?, ?)", documents)


def search_documents(connection: sqlite3.Connection, words: str, limit: int = 10) -> list[str]:
    """Search a full-text index for all of some words, best match first (BM25)."""
    quoted = " ".join('"' + word.replace('"', '""') + '"' for word in words.split())
    sql = "SELECT title FROM search WHERE search MATCH ? ORDER BY rank LIMIT ?"
    return [title for (title,) in connection.execute(sql, (quoted, limit))]
