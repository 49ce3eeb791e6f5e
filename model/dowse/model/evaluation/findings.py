"""What an evaluation before and after fine-tuning finds out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dowse.model.evaluation.comparison import BOTH, MEANING
from dowse.model.evaluation.metrics import compare, summarize_all

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dowse.model.evaluation.metrics import Difference, Score
    from dowse.model.evaluation.speed import Speed
    from dowse.model.manifest import Model

WAYS = (MEANING, BOTH)
"""The model alone, and dowse's own ranking."""
NAMES = {MEANING: "meaning (the model alone)", BOTH: "both (dowse's ranking)"}
"""What a person reads for a way."""
SIDES = ("before", "after")
CHANGED = {
    "typos": "typos in the query",
    "names": "names that say nothing",
    "comments": "misleading comments",
    "stuffing": "keyword stuffing",
}
"""What a person reads for a change."""


@dataclass(frozen=True, slots=True)
class Paired:
    """A figure before and after fine-tuning, over the same queries."""

    before: Score
    after: Score
    difference: Difference
    """After minus before."""


def paired(before: Sequence[float], after: Sequence[float]) -> Paired:
    """Means with intervals, and the paired difference.

    Args:
        before: a score of each query.
        after: the same of the fine-tuned model, same queries in the same order.

    Raises:
        DatasetError: there is no query, or the two differ in their number.
    """
    found = summarize_all({"before": before, "after": after})
    return Paired(found["before"], found["after"], compare(after, before))


@dataclass(frozen=True, slots=True)
class Quality:
    """The figures of a set, or of its queries whose answers are in one language."""

    dataset: str
    language: str
    """Empty for the whole set."""
    queries: int
    ways: Mapping[str, Mapping[str, Paired]]
    """Way of searching to metric to figure; of a language, only the metrics that are `TESTED`."""

    @property
    def title(self) -> str:
        """What a person reads above the figures."""
        return f"{self.dataset}, {self.language}" if self.language else self.dataset


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change does to the MRR of both models."""

    clean: Paired
    """Without the change."""
    changed: Paired
    loss_before: Difference
    """Of the model before fine-tuning: MRR with the change minus MRR without it."""
    loss_after: Difference
    less_loss: Difference
    """The second loss minus the first: above 0 where the fine-tuned model loses less."""
    outranked: Paired | None
    """Share of queries with an attacker above every answer; None where nothing attacks."""


@dataclass(frozen=True, slots=True)
class Robustness:
    """How a change to a part of a set is borne."""

    dataset: str
    change: str
    """One of `dowse.model.evaluation.robustness.CHANGES`."""
    changed: int
    total: int
    unit: str
    """What is counted: `queries` or `documents`."""
    queries: int
    ways: Mapping[str, Effect]


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that was measured."""

    before: Model
    after: Model
    quality: Sequence[Quality]
    robustness: Sequence[Robustness]
    speeds: Sequence[Speed]
    """Before and after."""
    sample: int
    """Most documents of a set that changes were tested on."""
    seed: int
    command: str
    """What was typed."""
