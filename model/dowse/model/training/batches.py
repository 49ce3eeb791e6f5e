"""Puts pairs into batches in which every other code is a wrong answer."""

from __future__ import annotations

import random
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dowse.model.training.data.pairs import Pair

    Batch = tuple[int, ...]
    Tensor = Any


def make_batches(
    pairs: Sequence[Pair],
    size: int,
    *,
    one_language: bool,
    seed: int,
    epoch: int,
    alike: int = 1,
    queries: Tensor | None = None,
) -> list[Batch]:
    """Deal all pairs into batches without an equal query or an equal code twice in one.

    What fills no batch of one language goes into mixed ones; the last of these is left out where it
    is less than half full, since a small batch is an easy one. Another epoch leaves out others.

    Pairs whose queries are alike may be put into one batch, so that their codes are each other's
    hard negatives without being encoded once more (clustered batches: Morris and Rush 2024,
    arXiv:2410.02525, section 4.1).

    Args:
        pairs: what is dealt.
        size: pairs in a batch.
        one_language: whether batches of one language are made first.
        seed: of the run; equal seeds and epochs deal equally.
        epoch: from 0.
        alike: pairs with similar queries that stay together; 1 for none.
        queries: unit vectors of the pairs' queries, shape (pairs, dimensions), where `alike` is
            more than 1.

    Returns:
        Numbers of pairs, a tuple a batch, in the order of training.
    """
    drawing = random.Random(f"{seed}-{epoch}")
    groups: dict[str, list[int]] = {}
    for number, pair in enumerate(pairs):
        groups.setdefault(pair.language if one_language else "", []).append(number)
    keys = [pair.keys for pair in pairs]
    dealt: list[Batch] = []
    left: list[int] = []
    for name in sorted(groups):
        full, rest = _deal(_order(groups[name], alike, queries, drawing), keys, size)
        dealt += full
        left += rest
    full, rest = _deal(_order(left, 1, None, drawing), keys, size)
    last = _different(deque(rest), keys, size)
    dealt += full
    if len(last) >= max(2, size // 2) or (len(last) > 1 and not dealt):
        dealt.append(tuple(last))
    drawing.shuffle(dealt)
    return dealt


def _order(
    numbers: Sequence[int], alike: int, queries: Tensor | None, drawing: random.Random
) -> list[int]:
    """All numbers by chance, groups of similar queries kept together."""
    groups = [[number] for number in numbers]
    if alike > 1 and queries is not None:
        groups = list(_groups(list(numbers), alike, queries, drawing))
    drawing.shuffle(groups)
    return [number for group in groups for number in group]


def _groups(
    numbers: list[int], most: int, queries: Tensor, drawing: random.Random
) -> Iterator[list[int]]:
    """Halve by a plane between two queries drawn by chance until a group is small enough.

    Such a tree of random projections (Dasgupta and Freund 2008) takes N log N steps, and another
    draw gives other groups.
    """
    if len(numbers) <= most:
        yield numbers
        return
    one, other = drawing.sample(numbers, 2)
    along = queries[numbers] @ (queries[one] - queries[other])
    ordered = [numbers[place] for place in along.argsort().tolist()]
    middle = len(ordered) // 2
    yield from _groups(ordered[:middle], most, queries, drawing)
    yield from _groups(ordered[middle:], most, queries, drawing)


def _deal(
    numbers: Sequence[int], keys: Sequence[tuple[str, str]], size: int
) -> tuple[list[Batch], list[int]]:
    """Full batches, and what is left."""
    pending = deque(numbers)
    dealt: list[Batch] = []
    while True:
        batch = _different(pending, keys, size)
        if len(batch) < size:
            return dealt, [*batch, *pending]
        dealt.append(tuple(batch))


def _different(pending: deque[int], keys: Sequence[tuple[str, str]], size: int) -> list[int]:
    """Take up to `size` pairs that differ in query and code; the others stay in their order."""
    batch: list[int] = []
    deferred: list[int] = []
    queries: set[str] = set()
    codes: set[str] = set()
    while pending and len(batch) < size:
        number = pending.popleft()
        query, code = keys[number]
        if query in queries or code in codes:
            deferred.append(number)
            continue
        queries.add(query)
        codes.add(code)
        batch.append(number)
    pending.extendleft(reversed(deferred))
    return batch
