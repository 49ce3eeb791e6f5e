"""Puts pairs into batches in which every other code is a wrong answer."""

from __future__ import annotations

import random
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dowse.model.training.data.pairs import Pair

    Batch = tuple[int, ...]


def make_batches(
    pairs: Sequence[Pair], size: int, *, one_language: bool, seed: int, epoch: int
) -> list[Batch]:
    """Deal all pairs into batches without an equal query or an equal code twice in one.

    What fills no batch of one language goes into mixed ones; the last of these is left out where it
    is less than half full, since a small batch is an easy one. Another epoch leaves out others.

    Args:
        pairs: what is dealt.
        size: pairs in a batch.
        one_language: whether batches of one language are made first.
        seed: of the run; equal seeds and epochs deal equally.
        epoch: from 0.

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
        drawing.shuffle(groups[name])
        full, rest = _deal(groups[name], keys, size)
        dealt += full
        left += rest
    drawing.shuffle(left)
    full, rest = _deal(left, keys, size)
    last = _different(deque(rest), keys, size)
    dealt += full
    if len(last) >= max(2, size // 2) or (len(last) > 1 and not dealt):
        dealt.append(tuple(last))
    drawing.shuffle(dealt)
    return dealt


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
