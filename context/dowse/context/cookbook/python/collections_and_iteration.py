# SPDX-License-Identifier: CC0-1.0
"""Collections and iteration: group, sort, merge, split and search."""

import bisect
import heapq
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from itertools import chain, islice
from operator import itemgetter
from typing import Any, Generic, TypeVar

T = TypeVar("T")

K = TypeVar("K", bound=Hashable)

V = TypeVar("V")


def chunked(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Split an iterable into chunks (batches) of a fixed size; the last one may be shorter."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def split_evenly(items: Sequence[T], parts: int) -> list[Sequence[T]]:
    """Split a list into a number of parts whose lengths differ by at most one."""
    size, rest = divmod(len(items), parts)
    bounds = [i * size + min(i, rest) for i in range(parts + 1)]
    return [items[bounds[i] : bounds[i + 1]] for i in range(parts)]


def flatten(lists: Iterable[Iterable[T]]) -> list[T]:
    """Flatten a list of lists by one level."""
    return list(chain.from_iterable(lists))


def flatten_deep(nested: Iterable[Any]) -> Iterator[Any]:
    """Flatten lists and tuples that are nested to any depth; strings stay whole."""
    stack = [iter(nested)]
    while stack:
        for item in stack[-1]:
            if isinstance(item, list | tuple):
                stack.append(iter(item))
                break
            yield item
        else:
            stack.pop()


def group_by(items: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    """Group the items of a list by a key function into a dict of lists.

    Unlike `itertools.groupby`, the items need not be sorted.
    """
    groups: defaultdict[K, list[T]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return dict(groups)


def index_by(items: Iterable[T], key: Callable[[T], K]) -> dict[K, T]:
    """Turn a list into a dict that finds each item by its key; a key that occurs twice raises."""
    index: dict[K, T] = {}
    for item in items:
        if index.setdefault(key(item), item) is not item:
            raise ValueError(f"the key {key(item)!r} occurs twice")
    return index


def partition(items: Iterable[T], test: Callable[[T], bool]) -> tuple[list[T], list[T]]:
    """Split a list into two: the items that pass a test and those that do not."""
    passed: list[T] = []
    failed: list[T] = []
    for item in items:
        (passed if test(item) else failed).append(item)
    return passed, failed


def unique(items: Iterable[K]) -> list[K]:
    """Remove duplicates from a list while keeping the order of first occurrence."""
    return list(dict.fromkeys(items))


def unique_by(items: Iterable[T], key: Callable[[T], Hashable]) -> list[T]:
    """Remove duplicates by a key function, such as one field of dicts; the first one stays."""
    first: dict[Hashable, T] = {}
    for item in items:
        first.setdefault(key(item), item)
    return list(first.values())


def duplicates(items: Iterable[K]) -> list[K]:
    """Find the values that occur more than once in a list."""
    return [item for item, count in Counter(items).items() if count > 1]


def sliding_window(items: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """Iterate over a sequence with a sliding window of a fixed size."""
    window: deque[T] = deque(maxlen=size)
    for item in items:
        window.append(item)
        if len(window) == size:
            yield tuple(window)


def sort_by_fields(rows: Iterable[Mapping[str, Any]], *fields: str) -> list[Mapping[str, Any]]:
    """Sort a list of dicts by several keys; a key that starts with `-` sorts descending."""
    result = list(rows)
    # Sorting is stable, so the least important key goes first.
    for field in reversed(fields):
        result.sort(key=itemgetter(field.removeprefix("-")), reverse=field.startswith("-"))
    return result


def sort_dict_by_value(scores: Mapping[K, float], descending: bool = True) -> dict[K, float]:
    """Sort a dictionary by its values."""
    return dict(sorted(scores.items(), key=itemgetter(1), reverse=descending))


def largest(items: Iterable[T], count: int, key: Callable[[T], float]) -> list[T]:
    """Find the top N items of an iterable by a key, without sorting all of them."""
    return heapq.nlargest(count, items, key=key)


def first_match(items: Iterable[T], test: Callable[[T], bool]) -> T | None:
    """Return the first item of an iterable that passes a test, or None."""
    return next((item for item in items if test(item)), None)


def invert_dict(mapping: Mapping[K, V]) -> dict[V, list[K]]:
    """Swap the keys and values of a dict; keys that share a value are collected in a list."""
    inverted: dict[V, list[K]] = {}
    for key, value in mapping.items():
        inverted.setdefault(value, []).append(key)
    return inverted


def merge_deep(base: Mapping[str, Any], override: Mapping[str, Any]) -> dict[str, Any]:
    """Merge two nested dicts recursively; where both have a value, the second wins."""
    merged = dict(base)
    for key, value in override.items():
        old = merged.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            value = merge_deep(old, value)
        merged[key] = value
    return merged


def get_nested(data: Any, path: str, default: Any = None) -> Any:
    """Get a value from nested dicts and lists by a dotted path such as `user.emails.0`."""
    for part in path.split("."):
        try:
            data = data[int(part)] if isinstance(data, list) else data[part]
        except (KeyError, IndexError, TypeError, ValueError):
            return default
    return data


def pick(mapping: Mapping[K, V], keys: Iterable[K]) -> dict[K, V]:
    """Keep only some keys of a dict; keys that it does not have are left out."""
    return {key: mapping[key] for key in keys if key in mapping}


def without_none(mapping: Mapping[K, V | None]) -> dict[K, V]:
    """Remove the entries of a dict whose value is None."""
    return {key: value for key, value in mapping.items() if value is not None}


def compare_dicts(old: Mapping[K, Any], new: Mapping[K, Any]) -> dict[str, set[K]]:
    """Compare two dicts and return the keys that were added, removed and changed."""
    return {
        "added": set(new) - set(old),
        "removed": set(old) - set(new),
        "changed": {key for key in set(old) & set(new) if old[key] != new[key]},
    }


def transpose(rows: Iterable[Sequence[T]]) -> list[list[T]]:
    """Swap the rows and columns of a matrix; rows of unequal length raise `ValueError`."""
    return [list(column) for column in zip(*rows, strict=True)]


def interleave(*iterables: Iterable[T]) -> Iterator[T]:
    """Take items from several iterables in turn (round robin) until all are used up."""
    waiting = deque(iter(each) for each in iterables)
    while waiting:
        iterator = waiting.popleft()
        try:
            yield next(iterator)
        except StopIteration:
            continue
        waiting.append(iterator)


def binary_search(items: Sequence[float], wanted: float) -> int | None:
    """Find the index of a value in a sorted list by binary search, or None when it is absent."""
    index = bisect.bisect_left(items, wanted)
    return index if index < len(items) and items[index] == wanted else None


def dependency_order(dependencies: Mapping[str, Iterable[str]]) -> list[str]:
    """Sort tasks topologically, so that each comes after those it depends on.

    A cycle raises `graphlib.CycleError`.
    """
    return list(TopologicalSorter(dependencies).static_order())


def shortest_path(graph: Mapping[K, Iterable[K]], start: K, goal: K) -> list[K] | None:
    """Find the shortest path between two nodes of an unweighted graph by breadth-first search."""
    previous: dict[K, K | None] = {start: None}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        if node == goal:
            path: list[K] = []
            step: K | None = node
            while step is not None:
                path.append(step)
                step = previous[step]
            return path[::-1]
        for neighbour in graph.get(node, ()):
            if neighbour not in previous:
                previous[neighbour] = node
                queue.append(neighbour)
    return None


def cheapest_path(graph: Mapping[K, Mapping[K, float]], start: K, goal: K) -> float | None:
    """Calculate the length of the shortest path in a weighted graph (Dijkstra's algorithm)."""
    best: dict[K, float] = {start: 0.0}
    heap: list[tuple[float, int, K]] = [(0.0, 0, start)]
    while heap:
        cost, _, node = heapq.heappop(heap)
        if node == goal:
            return cost
        if cost > best[node]:
            continue
        for neighbour, weight in graph.get(node, {}).items():
            total = cost + weight
            if total < best.get(neighbour, float("inf")):
                best[neighbour] = total
                heapq.heappush(heap, (total, len(best), neighbour))
    return None


class PriorityQueue(Generic[T]):
    """A priority queue: the item with the lowest priority comes out first, equals in order."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, T]] = []
        self._count = 0

    def push(self, item: T, priority: float) -> None:
        """Add an item."""
        heapq.heappush(self._heap, (priority, self._count, item))
        self._count += 1

    def pop(self) -> T:
        """Remove and return the first item; an empty queue raises `IndexError`."""
        return heapq.heappop(self._heap)[2]

    def __len__(self) -> int:
        return len(self._heap)


class LruCache(Generic[K, V]):
    """A cache of limited size that drops the least recently used entry."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        """Return a value and mark it as used, or None when it is not cached."""
        if key in self._entries:
            self._entries.move_to_end(key)
        return self._entries.get(key)

    def put(self, key: K, value: V) -> None:
        """Store a value and drop the oldest one when the cache is full."""
        self._entries[key] = value
        self._entries.move_to_end(key)
        if len(self._entries) > self._size:
            self._entries.popitem(last=False)
