"""Compares ways to search, and models, on the same queries, by kind of query and by language."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from dowse.context.meaning import open_cache
from dowse.model.engine import load_embedder
from dowse.model.evaluation.metrics import compare, per_query, summarize_all
from dowse.model.evaluation.retrieval import DenseCorpus, fuse, search_by_words
from dowse.model.settings import EngineSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from dowse.context.types import Embedder, Matrix
    from dowse.model.evaluation.metrics import Dataset, Difference, Score
    from dowse.model.evaluation.retrieval import Ranking
    from dowse.model.manifest import Model

    Rankings = Mapping[str, Mapping[str, Ranking]]
    """Method to query id to ranking of documents."""
    Scores = Mapping[str, Mapping[str, Mapping[str, float]]]
    """Method to metric to query id to score."""
    Progress = Callable[[str, int, int], None]

WORDS, MEANING, BOTH = METHODS = ("words", "meaning", "both")
"""BM25 alone, cosines less crowding, and dowse's own ranking."""

TESTED = ("MRR", "NDCG@10")
"""Metrics whose differences are tested; of many, one would look significant by chance."""

MIXED = "mixed"
"""Language of a query that has as many answers in one language as in another."""

AGREEMENT_TEXTS = 200
"""Texts whose vectors are compared between models; the mean cosine of 200 varies in the fifth
decimal place."""


@dataclass(frozen=True, slots=True)
class Group:
    """Queries of one kind, in one language or in all."""

    kind: str
    """Empty where queries have no kinds."""
    language: str
    """Empty for all languages together."""
    queries: tuple[str, ...]
    only: str = ""
    """The language of all of them, where all languages together are one."""

    @property
    def title(self) -> str:
        """What a person reads above its figures."""
        return f"{self.kind or 'all'} queries, {self.language or self.only or 'all languages'}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether one is better than another, by one metric."""

    metric: str
    one: str
    other: str
    difference: Difference


@dataclass(frozen=True, slots=True)
class GroupScores:
    """The figures of one group of queries."""

    group: Group
    methods: Mapping[str, Mapping[str, Score]]
    """Method to metric to score."""
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class Contestant:
    """A model, and what it found."""

    model: Model
    rankings: Rankings
    """Kept of the first model only: those of six would fill a gigabyte."""
    scores: Scores
    vectors: Matrix
    """Of some documents, the same for every model, shape (texts, dimensions)."""


@dataclass(frozen=True, slots=True)
class ModelScores:
    """A model's figures beside those of the reference."""

    model: Model
    cosines: tuple[float, float] | None
    """Mean and least cosine of its vectors to the reference's; None for the reference, and where
    the two are no quantizations of the same weights."""
    groups: tuple[GroupScores, ...]
    """By kind; the comparisons are with the reference, by the same method."""


def contest(
    dataset: Dataset, models: Sequence[Model], cache: Path, progress: Progress
) -> list[Contestant]:
    """Search a dataset with each model.

    Args:
        dataset: what is searched and asked.
        models: with their manifests; words are searched once for all of them.
        cache: dowse's cache folder, for the vectors.
        progress: called with the step's name, what is done, and all there is.

    Raises:
        ModelError: a model is broken.
    """
    words = search_by_words(dataset)
    found: list[Contestant] = []
    for model in models:
        step = f"embedding with {model.manifest.name}"
        settings = EngineSettings(adapter=model.adapter)
        with closing(load_embedder(model.path, settings, model.manifest)) as embedder:
            vectors = open_cache(cache, embedder)
            dense = DenseCorpus(dataset, embedder, vectors, partial(progress, step))
            sample = _sample(dataset, embedder)
        ways = {WORDS: words, MEANING: dense.search(), BOTH: fuse(dataset, words, dense)}
        rankings = {way: _of_documents(hits, dataset.parts) for way, hits in ways.items()}
        kept = {} if found else rankings
        found.append(Contestant(model, kept, score(rankings, dataset), sample))
    return found


def _sample(dataset: Dataset, embedder: Embedder) -> Matrix:
    import numpy as np

    names = sorted(dataset.corpus)
    drawn = random.Random(0).sample(names, min(AGREEMENT_TEXTS, len(names)))
    return np.stack(list(embedder.embed_documents([dataset.corpus[name] for name in drawn])))


def _of_documents(rankings: Mapping[str, Ranking], parts: Mapping[str, str]) -> dict[str, Ranking]:
    """Rank documents by their best passages."""
    return {query: _best(ranking, parts) for query, ranking in rankings.items()}


def _best(ranking: Ranking, parts: Mapping[str, str]) -> Ranking:
    best: dict[str, float] = {}
    for name, points in ranking:
        best.setdefault(parts.get(name, name), points)
    return list(best.items())


def score(rankings: Rankings, dataset: Dataset) -> Scores:
    """Score every query by every method and metric."""
    return {
        way: per_query({q: [d for d, _ in hits] for q, hits in found.items()}, dataset.relevance)
        for way, found in rankings.items()
    }


def group_queries(dataset: Dataset) -> list[Group]:
    """The groups of a dataset: each kind as a whole, then by language where it has several."""
    kinds: dict[str, dict[str, list[str]]] = {}
    for query, gains in dataset.relevance.items():
        if any(gain > 0 for gain in gains.values()):
            languages = kinds.setdefault(dataset.kinds.get(query, ""), {})
            languages.setdefault(_language(dataset, gains), []).append(query)
    return [group for kind, found in kinds.items() for group in _groups(kind, found)]


def _groups(kind: str, languages: Mapping[str, Sequence[str]]) -> Iterator[Group]:
    by_size = sorted(languages.items(), key=lambda item: (-len(item[1]), item[0]))
    only = by_size[0][0] if len(by_size) == 1 else ""
    yield Group(kind, "", tuple(query for found in languages.values() for query in found), only)
    if len(by_size) > 1:
        yield from (Group(kind, name or "unknown", tuple(found)) for name, found in by_size)


def _language(dataset: Dataset, gains: Mapping[str, int]) -> str:
    """The language of most answers."""
    answers = (name for name, gain in gains.items() if gain > 0)
    names = (origin.language for name in answers if (origin := dataset.origins.get(name)))
    found = Counter(names).most_common(2)
    if len(found) == 2 and found[0][1] == found[1][1]:
        return MIXED
    return found[0][0] if found else ""


def score_group(group: Group, scores: Scores) -> GroupScores:
    """Means with intervals, and both together against the better one of words and meaning."""
    comparisons = []
    for metric in TESTED:
        single = {way: _values(scores, way, metric, group) for way in (WORDS, MEANING)}
        better = max(single, key=lambda way: sum(single[way]))
        difference = compare(_values(scores, BOTH, metric, group), single[better])
        comparisons.append(Comparison(metric, BOTH, better, difference))
    return GroupScores(group, _summaries(group, scores), tuple(comparisons))


def score_models(
    groups: Sequence[Group], contestants: Sequence[Contestant], reference: Contestant
) -> list[ModelScores]:
    """Each model beside the reference, which is one of them."""
    return [
        ModelScores(
            each.model,
            _cosines(each, reference),
            tuple(_against(group, each, reference) for group in groups if not group.language),
        )
        for each in contestants
    ]


def _against(group: Group, one: Contestant, reference: Contestant) -> GroupScores:
    comparisons = [
        Comparison(
            metric,
            f"{one.model.manifest.name}: {way}",
            f"{reference.model.manifest.name}: {way}",
            compare(
                _values(one.scores, way, metric, group),
                _values(reference.scores, way, metric, group),
            ),
        )
        for way in (MEANING, BOTH)
        for metric in TESTED
    ]
    kept = tuple(comparisons) if one is not reference else ()
    return GroupScores(group, _summaries(group, one.scores), kept)


def _cosines(one: Contestant, reference: Contestant) -> tuple[float, float] | None:
    weights, other = (
        m.base_sha256 or m.sha256 for m in (one.model.manifest, reference.model.manifest)
    )
    if one is reference or weights != other or one.model.adapter != reference.model.adapter:
        return None
    cosines = (one.vectors * reference.vectors).sum(axis=1)
    return float(cosines.mean()), float(cosines.min())


def _values(scores: Scores, way: str, metric: str, group: Group) -> list[float]:
    values = scores[way][metric]
    return [values[query] for query in group.queries]


def _summaries(group: Group, scores: Scores) -> dict[str, dict[str, Score]]:
    columns = {
        (way, metric): _values(scores, way, metric, group)
        for way, metrics in scores.items()
        for metric in metrics
    }
    found = summarize_all(columns)
    summaries: dict[str, dict[str, Score]] = {}
    for (way, metric), value in found.items():
        summaries.setdefault(way, {})[metric] = value
    return summaries
