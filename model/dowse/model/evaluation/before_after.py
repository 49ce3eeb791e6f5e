"""Measures a model before and after fine-tuning: quality, robustness, speed and size."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from dowse.context.meaning import open_cache
from dowse.model.engine import load_embedder
from dowse.model.evaluation.comparison import BOTH, MEANING, TESTED, group_queries, score
from dowse.model.evaluation.findings import (
    WAYS,
    Effect,
    Findings,
    Paired,
    Quality,
    Robustness,
    paired,
)
from dowse.model.evaluation.metrics import METRICS, compare
from dowse.model.evaluation.retrieval import DenseCorpus, fuse, search_by_words
from dowse.model.evaluation.robustness import CHANGES, outranked, sample
from dowse.model.evaluation.speed import in_turns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from dowse.context.types import Embedder
    from dowse.context.vectors import VectorCache
    from dowse.model.evaluation.comparison import Rankings, Scores
    from dowse.model.evaluation.metrics import Dataset
    from dowse.model.evaluation.retrieval import Ranking
    from dowse.model.evaluation.robustness import Changed
    from dowse.model.manifest import Model

    Progress = Callable[[str, int, int], None]
    Values = Sequence[float]


def measure(
    before: Model,
    after: Model,
    datasets: Sequence[Dataset],
    cache: Path,
    progress: Progress,
    *,
    most: int,
    seed: int = 0,
    command: str = "",
) -> Findings:
    """Search every set with both models, as it is and changed, and time them in turns.

    Args:
        before: the model that was fine-tuned, or another one to compare with.
        after: the fine-tuned model.
        datasets: at least one, without `parts`, their names different.
        cache: dowse's cache folder, for the vectors.
        progress: called with the step's name, what is done, and all there is.
        most: documents of each set that changes are tested on.
        seed: equal seeds make the same changes.
        command: what was typed, for the record.

    Raises:
        ModelError: a model is broken.
        DatasetError: a set has no judged query, or none with so few answers as `most`.
    """
    with (
        closing(load_embedder(before.path, manifest=before.manifest)) as one,
        closing(load_embedder(after.path, manifest=after.manifest)) as other,
    ):
        searches = [
            _Search(side, each, open_cache(cache, each), progress)
            for side, each in (("before", one), ("after", other))
        ]
        quality: list[Quality] = []
        robustness: list[Robustness] = []
        for dataset in datasets:
            quality += _quality(dataset, searches)
            robustness += _robustness(sample(dataset, most, seed), seed, searches, progress)
        texts = list(datasets[0].corpus.values()), list(datasets[0].queries.values())
        speeds = in_turns([one, other], *texts, partial(progress, "timing in turns"))
    return Findings(before, after, quality, robustness, speeds, most, seed, command)


class _Search:
    """One of the two models, ready to search."""

    def __init__(
        self, side: str, embedder: Embedder, vectors: VectorCache | None, progress: Progress
    ) -> None:
        self._side, self._progress = side, progress
        self._embedder, self._vectors = embedder, vectors

    def rankings(self, dataset: Dataset, words: Mapping[str, Ranking], what: str) -> Rankings:
        """Search a set; `what` says in which state it is, for the progress."""
        step = partial(self._progress, f"{dataset.name}, {what}: embedding {self._side}")
        dense = DenseCorpus(dataset, self._embedder, self._vectors, step)
        return {MEANING: dense.search(), BOTH: fuse(dataset, words, dense)}


def _searched(dataset: Dataset, searches: Sequence[_Search], what: str) -> list[Rankings]:
    words = search_by_words(dataset)
    return [each.rankings(dataset, words, what) for each in searches]


def _quality(dataset: Dataset, searches: Sequence[_Search]) -> Iterator[Quality]:
    found = [score(each, dataset) for each in _searched(dataset, searches, "as it is")]
    for group in group_queries(dataset):
        metrics = TESTED if group.language else METRICS
        ways = {
            way: {metric: _of_group(found, way, metric, group.queries) for metric in metrics}
            for way in WAYS
        }
        yield Quality(dataset.name, group.language, len(group.queries), ways)


def _of_group(found: Sequence[Scores], way: str, metric: str, queries: Sequence[str]) -> Paired:
    before, after = ([scores[way][metric][query] for query in queries] for scores in found)
    return paired(before, after)


def _robustness(
    part: Dataset, seed: int, searches: Sequence[_Search], progress: Progress
) -> Iterator[Robustness]:
    clean = [score(each, part) for each in _searched(part, searches, "sample")]
    for number, (kind, change) in enumerate(CHANGES.items()):
        progress(f"{part.name}: changing texts", number, len(CHANGES))
        changed = change(part, seed)
        if changed.dataset.queries:
            found = _searched(changed.dataset, searches, kind)
            yield _borne(changed, clean, found)


def _borne(changed: Changed, clean: Sequence[Scores], found: Sequence[Rankings]) -> Robustness:
    return Robustness(
        dataset=changed.dataset.name,
        change=changed.kind,
        changed=changed.changed,
        total=changed.total,
        unit=changed.unit,
        queries=len(changed.dataset.queries),
        ways={way: _effect(changed, clean, found, way) for way in WAYS},
    )


def _effect(
    changed: Changed, clean: Sequence[Scores], found: Sequence[Rankings], way: str
) -> Effect:
    scores = [*clean, *(score(rankings, changed.dataset) for rankings in found)]
    queries = list(changed.dataset.queries)
    before, after, worse_before, worse_after = (
        [each[way]["MRR"][query] for query in queries] for each in scores
    )
    return Effect(
        clean=paired(before, after),
        changed=paired(worse_before, worse_after),
        loss_before=compare(worse_before, before),
        loss_after=compare(worse_after, after),
        less_loss=compare(_minus(worse_after, after), _minus(worse_before, before)),
        outranked=_outranked(changed, [rankings[way] for rankings in found]),
    )


def _minus(one: Values, other: Values) -> list[float]:
    return [a - b for a, b in zip(one, other, strict=True)]


def _outranked(changed: Changed, found: Sequence[Mapping[str, Ranking]]) -> Paired | None:
    if not changed.attackers:
        return None
    gains = changed.dataset.relevance
    before, after = (
        [
            float(outranked([name for name, _ in rankings[query]], attacker, gains[query]))
            for query, attacker in changed.attackers.items()
        ]
        for rankings in found
    )
    return paired(before, after)
