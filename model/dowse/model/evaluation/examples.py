"""Picks the queries that a person should look at: the best and the worst found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dowse.model.evaluation.comparison import BOTH, METHODS, WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dowse.model.evaluation.comparison import Rankings
    from dowse.model.evaluation.metrics import Dataset

EXAMPLES = 10
"""Best and worst queries that are shown."""
_FAR = 1_000_000
"""Stands for the rank of what was not found."""


@dataclass(frozen=True, slots=True)
class Example:
    """A query with what it should find, and where that stands."""

    query: str
    expected: str
    ranks: Mapping[str, int | None]
    """Method to rank of the first answer; None where it is not among the documents ranked."""
    first: str
    """What stands first by both together."""


def examples(
    dataset: Dataset, rankings: Rankings, queries: Sequence[str]
) -> tuple[list[Example], list[Example]]:
    """Queries that show what works and what does not.

    Returns:
        those whose answer stands first although words alone put it far down, and those whose
        answer is furthest down.
    """
    found = [_example(dataset, rankings, query) for query in queries]
    best = [each for each in found if each.ranks[BOTH] == 1]
    best.sort(key=lambda each: -(each.ranks[WORDS] or _FAR))
    worst = [each for each in found if each.ranks[BOTH] != 1]
    worst.sort(key=lambda each: (-(each.ranks[BOTH] or _FAR), each.ranks[WORDS] or _FAR))
    return best[:EXAMPLES], worst[:EXAMPLES]


def _example(dataset: Dataset, rankings: Rankings, query: str) -> Example:
    answers = [name for name, gain in dataset.relevance[query].items() if gain > 0]
    places = {
        way: {name: place for place, (name, _) in enumerate(rankings[way].get(query, ()), 1)}
        for way in METHODS
    }
    ranks = {way: min(map(found.get, answers), key=_last) for way, found in places.items()}
    expected = min(answers, key=lambda name: _last(places[BOTH].get(name)))
    first = next(iter(places[BOTH]), "")
    more = f" and {len(answers) - 1} more" if len(answers) > 1 else ""
    shown = _title(dataset, expected) + more
    return Example(dataset.queries[query], shown, ranks, _title(dataset, first))


def _last(rank: int | None) -> int:
    return _FAR if rank is None else rank


def _title(dataset: Dataset, name: str) -> str:
    origin = dataset.origins.get(name)
    if origin is None or not origin.path:
        return name
    return f"{origin.symbol} — {origin.path}:{origin.line}"
