"""Measures how fast models embed, in turns, so that what else the machine does slows all alike."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dowse.context.types import Embedder

DOCUMENTS, QUERIES = 64, 32
"""Texts of a turn: a second or two of work for a small encoder."""
TURNS = 5
"""The fastest turn counts: what else a machine does can only make a program slower (as Python's
`timeit` says), and hardly ever slows five turns."""


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast a model embeds on this machine."""

    documents_per_second: float
    milliseconds_per_query: float


def in_turns(
    embedders: Sequence[Embedder],
    documents: Sequence[str],
    queries: Sequence[str],
    progress: Callable[[int, int], None],
) -> list[Speed]:
    """Let models embed the same texts one after the other, several times.

    Args:
        embedders: the models, loaded.
        documents: at least one; no more than `DOCUMENTS` are used.
        queries: at least one; no more than `QUERIES` are used.
        progress: told what is done, and all there is.

    Returns:
        The best speed of each, in their order.
    """
    found: list[list[Speed]] = [[] for _ in embedders]
    for turn in range(TURNS):
        for speeds, embedder in zip(found, embedders, strict=True):
            speeds.append(_turn(embedder, documents[:DOCUMENTS], queries[:QUERIES]))
        progress(turn + 1, TURNS)
    return [
        Speed(
            max(speed.documents_per_second for speed in speeds),
            min(speed.milliseconds_per_query for speed in speeds),
        )
        for speeds in found
    ]


def _turn(embedder: Embedder, documents: Sequence[str], queries: Sequence[str]) -> Speed:
    start = time.perf_counter()
    embedded = sum(1 for _ in embedder.embed_documents(documents))
    between = time.perf_counter()
    for query in queries:
        embedder.embed_query(query)
    end = time.perf_counter()
    return Speed(embedded / (between - start), 1_000 * (end - between) / len(queries))
