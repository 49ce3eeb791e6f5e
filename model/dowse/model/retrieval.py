"""Searches the corpus of an evaluation set the way dowse searches a folder."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from dowse.context.ranking import Candidate, rank
from dowse.context.types import Embedder
from dowse.context.vectors import VectorCache, VectorTable, content_key
from dowse.context.word_index import WordDocument, WordIndex
from dowse.context.words import terms
from dowse.model.evaluation import Dataset

DEPTH = 100
"""Documents ranked a query; every metric looks at no more than the first of them counts for."""

Ranking = Sequence[tuple[str, float]]
"""Document ids with scores, best first."""
Progress = Callable[[int, int], None]


def search_by_words(dataset: Dataset) -> dict[str, Ranking]:
    """Rank by words alone: BM25 over split and stemmed words.

    Returns:
        Query id to ranking.
    """
    names = list(dataset.corpus)
    with tempfile.TemporaryDirectory(prefix="dowse-evaluate-") as folder:
        index = WordIndex(Path(folder))
        index.update(
            (), (WordDocument(n, "", "", "", dataset.corpus[names[n - 1]]) for n in _ids(names))
        )
        index.refresh()
        found = {q: index.search(terms(text), DEPTH) for q, text in dataset.queries.items()}
    return {query: [(names[n - 1], score) for n, score in hits] for query, hits in found.items()}


def _ids(names: Sequence[str]) -> range:
    return range(1, len(names) + 1)


def search_by_meaning(
    dataset: Dataset,
    embedder: Embedder,
    cache: VectorCache,
    progress: Progress = lambda done, total: None,
) -> dict[str, Ranking]:
    """Rank by the cosines of the model's vectors alone.

    Args:
        dataset: corpus and queries.
        embedder: the model.
        cache: keeps the vectors of the corpus for the next time.
        progress: told after every document.

    Returns:
        Query id to ranking.
    """
    documents = {content_key(text): name for name, text in dataset.corpus.items()}
    table = _table(dataset.corpus, embedder, cache, progress)
    rankings: dict[str, Ranking] = {}
    for query, text in dataset.queries.items():
        near = table.nearest(embedder.embed_query(text), DEPTH)
        rankings[query] = [(documents[key], cosine) for key, cosine in near]
    return rankings


def _table(
    corpus: Mapping[str, str], embedder: Embedder, cache: VectorCache, progress: Progress
) -> VectorTable:
    texts = {content_key(text): text for text in corpus.values()}
    table = VectorTable(embedder.dimensions)
    table.add(cache.get(list(texts)))
    missing = {key: text for key, text in texts.items() if key not in table}
    vectors = embedder.embed_documents(list(missing.values()))
    for done, (key, vector) in enumerate(zip(missing, vectors, strict=True), 1):
        table.add({key: vector})
        cache.put({key: vector})
        progress(done, len(missing))
    return table


def fuse(
    dataset: Dataset, words: Mapping[str, Ranking], meaning: Mapping[str, Ranking]
) -> dict[str, Ranking]:
    """Rank by words and meaning together, by the function that ranks every answer of dowse."""
    fused: dict[str, Ranking] = {}
    for query, text in dataset.queries.items():
        by_words, by_meaning = dict(words[query]), dict(meaning[query])
        candidates = [
            Candidate(name, by_words.get(name), by_meaning.get(name))
            for name in dict.fromkeys([*by_meaning, *by_words])
        ]
        fused[query] = [(str(r.id), r.score) for r in rank(text, candidates, DEPTH)]
    return fused
