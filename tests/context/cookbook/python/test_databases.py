from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dowse.context.cookbook.python import databases as recipes


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(recipes.open_database(tmp_path / "a.db")) as connection:
        connection.execute("CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT UNIQUE)")
        connection.execute("CREATE TABLE part (item INTEGER NOT NULL REFERENCES item (id))")
        yield connection


def names(connection: sqlite3.Connection) -> list[str]:
    return [name for (name,) in connection.execute("SELECT name FROM item ORDER BY id")]


def test_opening(database: sqlite3.Connection, tmp_path: Path) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        database.execute("INSERT INTO part VALUES (1)")
    assert database.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    with closing(recipes.open_read_only(tmp_path / "a.db")) as reader:
        assert names(reader) == []
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader.execute("INSERT INTO item VALUES (1, 'a')")
    with pytest.raises(sqlite3.OperationalError):
        recipes.open_read_only(tmp_path / "none.db")


def test_transactions_roll_back() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE item (id INTEGER, name TEXT)")
        with recipes.transaction(connection):
            connection.execute("INSERT INTO item VALUES (1, 'kept')")
        rows = [(2, "lost"), (3,)]
        with pytest.raises(sqlite3.ProgrammingError), recipes.transaction(connection) as inner:
            inner.executemany("INSERT INTO item VALUES (?, ?)", rows)
        assert names(connection) == ["kept"]


def test_inserting_and_querying(database: sqlite3.Connection) -> None:
    assert recipes.insert_row(database, "item", {"name": "a"}) == 1
    assert recipes.insert_row(database, "item", {"name": "'; DROP TABLE item"}) == 2
    rows = recipes.query_dicts(database, "SELECT * FROM item WHERE id = ?", [1])
    assert rows == [{"id": 1, "name": "a"}]
    with pytest.raises(sqlite3.IntegrityError):
        recipes.insert_many(database, "INSERT INTO item (name) VALUES (?)", [("b",), ("a",)])
    assert recipes.insert_many(
        database, "INSERT INTO item (name) VALUES (?)", ((f"n{n}",) for n in range(998))
    )
    assert len(recipes.rows_with_ids(database, "item", range(1, 1100))) == 1000
    sizes = [len(b) for b in recipes.fetch_in_batches(database, "SELECT * FROM item", 400)]
    assert sizes == [400, 400, 200]


def test_upserting(database: sqlite3.Connection) -> None:
    database.execute("CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT)")
    for value in ("1", "2"):
        recipes.upsert_setting(database, "a", value)
    assert recipes.query_dicts(database, "SELECT * FROM settings") == [{"key": "a", "value": "2"}]


def test_migrations_run_once() -> None:
    steps = ["CREATE TABLE a (x)", "ALTER TABLE a ADD COLUMN y; INSERT INTO a VALUES (1, 2)"]
    with closing(sqlite3.connect(":memory:")) as connection:
        assert recipes.migrate(connection, steps[:1]) == 1
        assert recipes.migrate(connection, steps) == 1
        assert recipes.migrate(connection, steps) == 0
        assert connection.execute("SELECT * FROM a").fetchall() == [(1, 2)]


def test_copies(database: sqlite3.Connection, tmp_path: Path) -> None:
    recipes.insert_row(database, "item", {"name": 'a "b", c'})
    recipes.backup_database(database, tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert names(copy) == names(database)
    recipes.export_query_to_csv(database, "SELECT * FROM item", tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text().splitlines() == ["id,name", '1,"a ""b"", c"']


def test_full_text_search(database: sqlite3.Connection) -> None:
    documents = [("Cats", "a cat and a dog"), ("Dogs", "dog dog dog"), ("Birds", 'say "tweet"')]
    recipes.create_search_index(database, documents)
    assert recipes.search_documents(database, "dog") == ["Dogs", "Cats"]
    assert recipes.search_documents(database, "dog cat") == ["Cats"]
    assert recipes.search_documents(database, '"tweet" OR') == []
