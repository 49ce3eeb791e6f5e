from __future__ import annotations

from graphlib import CycleError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dowse.context.cookbook.python import collections_and_iteration as recipes


@given(st.lists(st.integers()), st.integers(1, 9))
def test_splitting_loses_nothing(items: list[int], size: int) -> None:
    chunks = list(recipes.chunked(items, size))
    assert recipes.flatten(chunks) == items
    assert all(len(chunk) == size for chunk in chunks[:-1])
    parts = recipes.split_evenly(items, size)
    assert recipes.flatten(parts) == items
    assert len(parts) == size
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_flattening() -> None:
    assert list(recipes.flatten_deep([1, [2, (3, [4])], [], "ab"])) == [1, 2, 3, 4, "ab"]
    deep: list[object] = []
    for _ in range(5000):
        deep = [deep, 1]
    assert len(list(recipes.flatten_deep(deep))) == 5000


def test_grouping() -> None:
    words = ["apple", "bean", "avocado"]
    assert recipes.group_by(words, lambda w: w[0]) == {"a": ["apple", "avocado"], "b": ["bean"]}
    assert recipes.index_by(words, len) == {5: "apple", 4: "bean", 7: "avocado"}
    with pytest.raises(ValueError, match="'a' occurs twice"):
        recipes.index_by(words, lambda w: w[0])
    assert recipes.partition(range(5), lambda n: n % 2 == 1) == ([1, 3], [0, 2, 4])


def test_uniqueness() -> None:
    assert recipes.unique([3, 1, 3, 2, 1]) == [3, 1, 2]
    rows = [{"id": 1, "n": 1}, {"id": 1, "n": 2}, {"id": 2, "n": 3}]
    assert [row["n"] for row in recipes.unique_by(rows, lambda row: row["id"])] == [1, 3]
    assert recipes.duplicates([1, 2, 1, 3, 2, 1]) == [1, 2]


def test_windows() -> None:
    assert list(recipes.sliding_window("abcd", 3)) == [("a", "b", "c"), ("b", "c", "d")]
    assert list(recipes.sliding_window("ab", 3)) == []


def test_sorting() -> None:
    rows = [{"n": "b", "a": 1}, {"n": "a", "a": 1}, {"n": "c", "a": 2}]
    assert [row["n"] for row in recipes.sort_by_fields(rows, "-a", "n")] == ["c", "a", "b"]
    assert list(recipes.sort_dict_by_value({"a": 1, "b": 3, "c": 2})) == ["b", "c", "a"]
    assert recipes.largest(["aaa", "b", "cc"], 2, key=len) == ["aaa", "cc"]


def test_finding() -> None:
    assert recipes.first_match([1, 2, 3], lambda n: n > 1) == 2
    assert recipes.first_match([1], lambda n: n > 1) is None
    assert recipes.binary_search([1, 3, 5], 3) == 1
    assert recipes.binary_search([1, 3, 5], 4) is None
    assert recipes.binary_search([], 4) is None


def test_dicts() -> None:
    assert recipes.invert_dict({"a": 1, "b": 1, "c": 2}) == {1: ["a", "b"], 2: ["c"]}
    base = {"a": {"x": 1, "y": 2}, "b": 1}
    assert recipes.merge_deep(base, {"a": {"y": 3}, "b": {"z": 1}}) == {
        "a": {"x": 1, "y": 3},
        "b": {"z": 1},
    }
    assert base == {"a": {"x": 1, "y": 2}, "b": 1}
    data = {"user": {"emails": ["a@example.org"]}}
    assert recipes.get_nested(data, "user.emails.0") == "a@example.org"
    for path in ("user.emails.1", "user.x", "user.emails.x", "user.emails.0.x.y"):
        assert recipes.get_nested(data, path, "none") == "none"
    assert recipes.pick({"a": 1, "b": 2}, ["b", "c"]) == {"b": 2}
    assert recipes.without_none({"a": None, "b": 0}) == {"b": 0}
    changes = recipes.compare_dicts({"a": 1, "b": 1}, {"b": 2, "c": 3})
    assert changes == {"added": {"c"}, "removed": {"a"}, "changed": {"b"}}


def test_rows() -> None:
    assert recipes.transpose([[1, 2], [3, 4], [5, 6]]) == [[1, 3, 5], [2, 4, 6]]
    with pytest.raises(ValueError, match="zip"):
        recipes.transpose([[1, 2], [3]])
    assert "".join(recipes.interleave("ace", "b", "df")) == "abdcfe"


def test_graphs() -> None:
    assert recipes.dependency_order({"app": ["lib"], "lib": ["os"]}) == ["os", "lib", "app"]
    with pytest.raises(CycleError):
        recipes.dependency_order({"a": ["b"], "b": ["a"]})
    graph = {"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": ["e"]}
    assert recipes.shortest_path(graph, "a", "e") == ["a", "b", "d", "e"]
    assert recipes.shortest_path(graph, "e", "a") is None
    roads = {"a": {"b": 1.0, "c": 5.0}, "b": {"c": 2.0}}
    assert recipes.cheapest_path(roads, "a", "c") == 3
    assert recipes.cheapest_path(roads, "c", "a") is None


def test_priority_queue_is_stable() -> None:
    queue: recipes.PriorityQueue[str] = recipes.PriorityQueue()
    for item, priority in (("late", 2), ("first", 1), ("second", 1)):
        queue.push(item, priority)
    assert len(queue) == 3
    assert [queue.pop() for _ in range(3)] == ["first", "second", "late"]
    with pytest.raises(IndexError):
        queue.pop()


def test_lru_cache_drops_the_least_recently_used() -> None:
    cache: recipes.LruCache[str, int] = recipes.LruCache(2)
    cache.put("a", 1)
    cache.put("b", 2)
    assert cache.get("a") == 1
    cache.put("c", 3)
    assert [cache.get(key) for key in "abc"] == [1, None, 3]
