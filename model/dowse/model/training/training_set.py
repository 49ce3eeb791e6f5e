"""Reads sentence-code pairs for training, and holds some of them out."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from dowse.context.errors import DatasetError
from dowse.model.evaluation.beir import load_dataset
from dowse.model.training.data.pairs import Pair, read_pairs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_HELD_OUT = 5
"""At most every fifth pair is held out: the rest has to be worth a training."""


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """Pairs, none twice, and what people said of other answers."""

    pairs: tuple[Pair, ...]
    right: Mapping[str, frozenset[str]]
    """Key of a query to the keys of all codes that answer it."""
    wrong: Mapping[str, tuple[str, ...]]
    """Key of a query to codes that people judged to be no answer."""
    sha256: str
    """Over all rows in their order."""


def read_training_set(paths: Sequence[Path]) -> TrainingSet:
    """Read JSON lines with `query`, `code` and, if known, `language`, `source`, `license`, `label`.

    A label of 0 says that people judged the code to be no answer; such a row is no pair, but a hard
    negative of its query. A folder in BEIR format is taken for its judged pairs: of other kinds
    than those trained on, they tell what a training forgets.

    Args:
        paths: files ending in `.jsonl` or `.jsonl.gz`, and folders.

    Raises:
        DatasetError: a file cannot be read, a row is malformed, or there is no pair at all.
    """
    digest = hashlib.sha256()
    pairs: dict[tuple[str, str], Pair] = {}
    judged: dict[str, dict[str, str]] = {}
    for pair in (pair for path in paths for pair in _read(path)):
        digest.update(repr(pair).encode("utf-8", "replace"))
        query, code = pair.keys
        if pair.label:
            pairs.setdefault((query, code), pair)
        else:
            judged.setdefault(query, {})[code] = pair.code
    if not pairs:
        raise DatasetError("there is no pair to train on; name files with rows of label 1")
    right = _right(pairs)
    wrong = {query: _unless(codes, right.get(query)) for query, codes in judged.items()}
    return TrainingSet(tuple(pairs.values()), right, wrong, digest.hexdigest())


def _read(path: Path) -> Iterator[Pair]:
    if not path.is_dir():
        yield from read_pairs(path)
        return
    dataset = load_dataset(path)
    for query, gains in dataset.relevance.items():
        for name, gain in gains.items():
            language = dataset.origins[name].language if name in dataset.origins else ""
            text, code = dataset.queries[query], dataset.corpus[name]
            yield Pair(text, code, language, dataset.name, label=int(gain > 0))


def _right(pairs: Mapping[tuple[str, str], Pair]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for query, code in pairs:
        found.setdefault(query, set()).add(code)
    return {query: frozenset(codes) for query, codes in found.items()}


def _unless(codes: Mapping[str, str], right: frozenset[str] | None) -> tuple[str, ...]:
    """Codes that nobody judged to be an answer elsewhere: a doubtful negative does harm."""
    return tuple(text for key, text in codes.items() if key not in (right or ()))


def select(
    pairs: Sequence[Pair],
    most: int,
    most_per_source: int,
    seed: int,
    quotas: Mapping[str, int] = MappingProxyType({}),
) -> list[Pair]:
    """Draw pairs by chance, and not too many of one source.

    Args:
        pairs: what there is.
        most: how many are drawn; 0 for all.
        most_per_source: how many of one source; 0 for all.
        seed: equal seeds draw the same.
        quotas: other limits for some sources, by `source` or by `source language`.
    """
    drawn = list(pairs)
    random.Random(seed).shuffle(drawn)
    if most_per_source or quotas:
        drawn = list(_evenly(drawn, most_per_source or len(drawn), quotas))
    return drawn[:most] if most else drawn


def _evenly(pairs: Sequence[Pair], most: int, quotas: Mapping[str, int]) -> Iterator[Pair]:
    counts: Counter[str] = Counter()
    for pair in pairs:
        narrow = f"{pair.source} {pair.language}"
        name = narrow if narrow in quotas else pair.source
        counts[name] += 1
        if counts[name] <= quotas.get(name, most):
            yield pair


def hold_out(pairs: Sequence[Pair], count: int, seed: int) -> tuple[list[Pair], list[Pair]]:
    """Hold pairs out; a pair that shares its query or its code with one of them is in neither part.

    Returns:
        Pairs to train on and pairs to watch the training by.
    """
    count = min(count, len(pairs) // _HELD_OUT)
    held = random.Random(seed).sample(range(len(pairs)), count)
    chosen = set(held)
    rest = [pair for number, pair in enumerate(pairs) if number not in chosen]
    development = [pairs[number] for number in held]
    return without(rest, development), development


def without(pairs: Sequence[Pair], others: Sequence[Pair]) -> list[Pair]:
    """The pairs that share neither query nor code with one of the others."""
    queries, codes = ({pair.keys[side] for pair in others} for side in (0, 1))
    return [pair for pair in pairs if pair.keys[0] not in queries and pair.keys[1] not in codes]
