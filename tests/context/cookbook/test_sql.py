from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[3] / "context/dowse/context/cookbook/sql"
SCHEMA = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, email TEXT, city TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, created_at TEXT, amount REAL,
    status TEXT);
CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT, category TEXT, price INTEGER,
    stock INTEGER);
CREATE TABLE employees (id INTEGER PRIMARY KEY, name TEXT, manager_id INTEGER, department TEXT,
    salary INTEGER);
CREATE TABLE daily_visits (day TEXT, visitors INTEGER);
CREATE TABLE logins (user_id INTEGER, day TEXT);
CREATE TABLE tickets (id INTEGER PRIMARY KEY);
CREATE TABLE bookings (id INTEGER PRIMARY KEY, room TEXT, starts_at TEXT, ends_at TEXT);
CREATE TABLE old_prices (product_id INTEGER, price INTEGER);
CREATE TABLE new_prices (product_id INTEGER, price INTEGER);
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE tags (name TEXT PRIMARY KEY, note TEXT DEFAULT 'none');
CREATE TABLE counters (name TEXT PRIMARY KEY, hits INTEGER);
CREATE TABLE archived_orders (id INTEGER, customer_id INTEGER, amount REAL);
CREATE TABLE sessions (id INTEGER PRIMARY KEY, expires_at TEXT);
CREATE TABLE documents (id INTEGER PRIMARY KEY, title TEXT, deleted_at TEXT, changed_at TEXT);
CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER, version INTEGER);
CREATE TABLE points (x INTEGER, y INTEGER);
CREATE TABLE categories (id INTEGER PRIMARY KEY, parent_id INTEGER, name TEXT);
CREATE TABLE edges (source TEXT, target TEXT);
CREATE TABLE tasks (id INTEGER PRIMARY KEY, status TEXT, priority INTEGER);

INSERT INTO customers VALUES (1, 'Ada', 'ada@x.org', 'London'), (2, 'Bob', 'bob@x.org', 'Paris'),
    (3, 'Cy', 'ADA@x.org', 'Rome');
INSERT INTO orders VALUES (1, 1, '2024-01-05', 20, 'paid'), (2, 2, '2024-02-01', 150, 'open'),
    (3, 1, '2024-02-10', 60, 'open'), (4, 1, '2024-02-10', 0, 'open'),
    (5, NULL, '2024-03-01', 70, 'paid');
INSERT INTO products VALUES (1, 'apple', 'fruit', 4, 2), (2, 'kale', 'vegetable', 6, 0),
    (3, 'plum', 'fruit', 3, 3), (4, 'fig', 'fruit', 9, 1), (5, 'pack 50% off', 'fruit', 1, 1),
    (6, 'pack 505', 'fruit', 2, 1);
INSERT INTO employees VALUES (1, 'Zoe', NULL, 'board', 90), (2, 'Yan', 1, 'lab', 50),
    (3, 'Xi', 2, 'lab', 50), (4, 'Wu', 2, 'lab', 40);
INSERT INTO daily_visits VALUES ('2024-01-01', 10), ('2024-01-02', 20), ('2024-01-03', 60),
    ('2024-01-04', 10);
INSERT INTO logins VALUES (1, '2024-02-28'), (1, '2024-02-29'), (1, '2024-03-01'),
    (1, '2024-03-05'), (2, '2024-03-01');
INSERT INTO tickets VALUES (1), (2), (5), (6), (8);
INSERT INTO bookings VALUES (1, 'a', '09:00', '10:00'), (2, 'a', '10:00', '11:00'),
    (3, 'a', '10:30', '12:00'), (4, 'b', '10:30', '12:00');
INSERT INTO old_prices VALUES (1, 4), (2, 6);
INSERT INTO new_prices VALUES (1, 4), (2, 7);
INSERT INTO settings VALUES ('theme', 'light');
INSERT INTO tags VALUES ('new', 'kept');
INSERT INTO sessions VALUES (1, '2023-05-01'), (2, '2025-01-01');
INSERT INTO documents (id, title, deleted_at) VALUES (1, 'a', '2020-01-01'), (2, 'b', NULL);
INSERT INTO accounts VALUES (1, 100, 3);
INSERT INTO points VALUES (1, 2);
INSERT INTO categories VALUES (1, NULL, 'food'), (2, 1, 'fruit'), (3, 2, 'plum');
INSERT INTO edges VALUES ('a', 'b'), ('b', 'c'), ('c', 'a'), ('x', 'y');
INSERT INTO tasks VALUES (1, 'open', NULL), (2, 'open', 1), (3, 'urgent', NULL), (4, 'done', 1);
"""


def statements() -> dict[str, str]:
    """Every recipe by its first line of comment."""
    found = {}
    for path in FOLDER.glob("*.sql"):
        _, *blocks = re.split(r"\n\n(?=-- )", path.read_text("utf-8"))
        for block in blocks:
            title = block.split("\n", 1)[0].removeprefix("-- ")
            assert found.setdefault(title, block) is block
    return found


RECIPES = statements()


def recipe(title: str) -> str:
    (found,) = (sql for each, sql in RECIPES.items() if each.startswith(title))
    return found


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(SCHEMA)
        connection.execute("PRAGMA foreign_keys = ON")
        yield connection


QUERIES: dict[str, list[tuple[Any, ...]]] = {
    "Count and add up the orders of each": [("Bob", 1, 150), ("Ada", 3, 80), ("Cy", 0, 0)],
    "Find the customers who never placed": [(3, "Cy")],
    "Find the customers who have at least": [("Bob",)],
    "Find values that occur more than once": [("ada@x.org", 2)],
    "Count rows by status in one row": [(None, 1, 0, 1), (1, 1, 2, 3), (2, 0, 1, 1)],
    "Turn columns into rows": [
        (1, "city", "London"),
        (1, "email", "ada@x.org"),
        (2, "city", "Paris"),
        (2, "email", "bob@x.org"),
        (3, "city", "Rome"),
        (3, "email", "ADA@x.org"),
    ],
    "Join a table with itself": [("Zoe", None), ("Yan", "Zoe"), ("Xi", "Yan"), ("Wu", "Yan")],
    "Count the distinct customers": [("2024-01", 1, 20), ("2024-02", 2, 70), ("2024-03", 0, 70)],
    "Put numbers into groups": [(0, 2), (50, 2), (150, 1)],
    "Compare two tables": [("only in old", 2, 6), ("only in new", 2, 7)],
    "Join the names of each group": [("board", "Zoe"), ("lab", "Wu, Xi, Yan")],
    "Get the top three products": [
        ("fruit", 1, "fig", 9),
        ("fruit", 2, "apple", 4),
        ("fruit", 3, "plum", 3),
        ("vegetable", 1, "kale", 6),
    ],
    "Get the latest order of each": [(None, 5, 70), (1, 4, 0), (2, 2, 150)],
    "Calculate a running total": [
        ("2024-01-05", 20, 20),
        ("2024-02-01", 150, 170),
        ("2024-02-10", 60, 230),
        ("2024-02-10", 0, 230),
        ("2024-03-01", 70, 300),
    ],
    "Calculate a moving average": [
        ("2024-01-01", 10, 10),
        ("2024-01-02", 20, 15),
        ("2024-01-03", 60, 30),
        ("2024-01-04", 10, 30),
    ],
    "Compare each row with the previous": [
        ("2024-01-01", None),
        ("2024-01-02", 10),
        ("2024-01-03", 40),
        ("2024-01-04", -50),
    ],
    "Calculate each row's share": [
        ("apple", 16.0, 21.1),
        ("kale", 24.0, 100.0),
        ("plum", 12.0, 15.8),
        ("fig", 36.0, 47.4),
        ("pack 50% off", 4.0, 5.3),
        ("pack 505", 8.0, 10.5),
    ],
    "Rank people by salary": [
        ("board", "Zoe", 1, 1),
        ("lab", "Yan", 1, 1),
        ("lab", "Xi", 1, 1),
        ("lab", "Wu", 3, 2),
    ],
    "Calculate the median": [(60,)],
    "Divide rows into four groups": [(4, 0, 1), (1, 20, 1), (3, 60, 2), (5, 70, 3), (2, 150, 4)],
    "Find gaps in a sequence": [(3, 4), (7, 7)],
    "Find streaks": [
        (1, "2024-02-28", "2024-03-01", 3),
        (1, "2024-03-05", "2024-03-05", 1),
        (2, "2024-03-01", "2024-03-01", 1),
    ],
    "Find bookings of the same room": [(2, 3)],
    "Get the next page of rows": [(3, "2024-02-10", 60), (2, "2024-02-01", 150)],
    "Get one page of rows": [(2, "kale", 6), (5, "pack 50% off", 6)],
    "Get all employees below": [(0, "Zoe"), (1, "Yan"), (2, "Xi"), (2, "Wu")],
    "Show a tree of categories": [("food",), ("food > fruit",), ("food > fruit > plum",)],
    "Find all nodes that can be reached": [("a",), ("b",), ("c",)],
    "Generate a series of numbers": [(n,) for n in range(1, 11)],
    "Generate all days of a month": [
        (f"2024-02-{day:02}", {1: 1, 10: 2}.get(day, 0)) for day in range(1, 30)
    ],
    "Split a text at commas": [("red",), ("green",), ("blue",)],
    "Search a column for a text": [("pack 50% off",)],
    "Sort with NULL values last": [(3, None), (2, 1), (1, None), (4, 1)],
    "Divide without an error": [
        ("apple", 2),
        ("kale", None),
        ("plum", 1),
        ("fig", 9),
        ("pack 50% off", 1),
        ("pack 505", 2),
    ],
}
CHANGES: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    "Insert a row, or update it": ("SELECT * FROM settings", [("theme", "dark")]),
    "Insert a row only if": ("SELECT * FROM tags", [("new", "kept")]),
    "Increase a counter": ("SELECT * FROM counters", [("home", 2)]),
    "Copy rows from one table": ("SELECT * FROM archived_orders", [(1, 1, 20)] * 2),
    "Update a table with values": (
        "SELECT id, price FROM products WHERE id <= 3",
        [(1, 4), (2, 7), (3, 3)],
    ),
    "Update different rows": (
        "SELECT id, status FROM orders",
        [(1, "paid"), (2, "review"), (3, "open"), (4, "free"), (5, "paid")],
    ),
    "Delete duplicate rows": ("SELECT id FROM customers", [(1,), (2,)]),
    "Delete rows that refer to nothing": ("SELECT id FROM orders WHERE id > 3", [(4,)]),
    "Delete old rows in small": ("SELECT id FROM sessions", [(2,)]),
    "Mark a row as deleted": (
        "SELECT id, deleted_at > '2021' FROM documents",
        [(1, 0), (2, 1)],
    ),
    "Change a row only if nobody": ("SELECT balance, version FROM accounts", [(150, 4)]),
}
"""What a change leaves behind once it was run twice."""
OTHERS = {
    "Swap the values",
    "Insert several rows",
    "Pick random rows",
    "Create a table with a primary key",
    "Create a table for a many-to-many",
    "Create an index",
    "Allow each title only once",
    "Create a view",
    "Keep the time of the last change",
}


def test_every_recipe_is_tested() -> None:
    tested = {*QUERIES, *CHANGES, *OTHERS}
    assert len(tested) == len(RECIPES)
    assert [title for title in RECIPES if not title.startswith(tuple(tested))] == []


@pytest.mark.parametrize("title", QUERIES)
def test_queries(title: str, database: sqlite3.Connection) -> None:
    assert database.execute(recipe(title)).fetchall() == QUERIES[title]


@pytest.mark.parametrize("title", CHANGES)
def test_changes(title: str, database: sqlite3.Connection) -> None:
    for _ in range(2):
        database.execute(recipe(title))
    query, rows = CHANGES[title]
    assert database.execute(query).fetchall() == rows


def test_returning_and_random(database: sqlite3.Connection) -> None:
    assert database.execute(recipe("Insert several rows")).fetchall() == [(7,), (8,)]
    rows = database.execute(recipe("Pick random rows")).fetchall()
    assert len(set(rows)) == 2


def test_columns_are_swapped(database: sqlite3.Connection) -> None:
    database.execute(recipe("Swap the values"))
    assert database.execute("SELECT * FROM points").fetchall() == [(2, 1)]


def test_tables(database: sqlite3.Connection) -> None:
    database.execute(recipe("Create a table with a primary key"))
    database.execute(recipe("Create a table for a many-to-many"))
    database.execute("INSERT INTO members (id, email) VALUES (1, 'a')")
    assert database.execute("SELECT role FROM members").fetchall() == [("reader",)]
    for wrong in ("(2, 'a', 1, 'reader')", "(2, 'b', -1, 'reader')", "(2, 'b', 1, 'king')"):
        with pytest.raises(sqlite3.IntegrityError):
            database.execute(f"INSERT INTO members (id, email, age, role) VALUES {wrong}")
    database.execute("INSERT INTO member_groups VALUES (1, 7)")
    for wrong in ("(1, 7)", "(9, 7)"):
        with pytest.raises(sqlite3.IntegrityError):
            database.execute(f"INSERT INTO member_groups VALUES {wrong}")
    database.execute("DELETE FROM members")
    assert database.execute("SELECT * FROM member_groups").fetchall() == []


def test_indexes_and_views(database: sqlite3.Connection) -> None:
    database.execute(recipe("Create an index"))
    plan = database.execute(
        "EXPLAIN QUERY PLAN SELECT * FROM orders WHERE customer_id = 1 ORDER BY created_at"
    ).fetchall()
    assert "orders_by_customer" in str(plan)
    assert "B-TREE" not in str(plan)
    database.execute(recipe("Create a view"))
    assert database.execute("SELECT * FROM paid_orders").fetchall() == [(1, "Ada", 20)]
    database.execute(recipe("Allow each title only once"))
    database.execute("INSERT INTO documents (title) VALUES ('a')")
    with pytest.raises(sqlite3.IntegrityError):
        database.execute("INSERT INTO documents (title) VALUES ('a')")


def test_triggers(database: sqlite3.Connection) -> None:
    database.execute(recipe("Keep the time of the last change"))
    database.execute("UPDATE documents SET title = 'c' WHERE id = 2")
    changed = database.execute("SELECT id FROM documents WHERE changed_at IS NOT NULL").fetchall()
    assert changed == [(2,)]
