"""Searches the corpus of an evaluation set the way dowse searches a folder."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from dowse.context.ranking import WEIGHTS, Candidate, rank
from dowse.context.shard import embedding_text
from dowse.context.types import Embedder, Query
from dowse.context.vectors import Nearness, VectorCache, VectorTable, content_key, quantize
from dowse.context.word_index import Rarity, WordDocument, WordIndex
from dowse.context.words import term_weights
from dowse.model.evaluation.metrics import Dataset, Origin

if TYPE_CHECKING:
    from dowse.context.types import Vector

DEPTH = 200
"""Documents ranked a query, as many as the search of a folder looks at."""
_BATCH = 32
"""Documents whose vectors are kept at once."""

Ranking = Sequence[tuple[str, float]]
"""Document ids with scores, best first."""
Progress = Callable[[int, int], None]


def search_by_words(dataset: Dataset) -> dict[str, Ranking]:
    """Rank by words alone: BM25 over split and stemmed words, as a share of what is attainable.

    Returns:
        Query id to ranking.
    """
    names = list(dataset.corpus)
    with tempfile.TemporaryDirectory(prefix="dowse-evaluate-") as folder:
        index = WordIndex(Path(folder))
        index.update((), (_word_document(dataset, n, name) for n, name in enumerate(names, 1)))
        index.refresh()
        found = {query: _search(index, text) for query, text in dataset.queries.items()}
    return {query: [(names[n - 1], share) for n, share in hits] for query, hits in found.items()}


def _search(index: WordIndex, words: str) -> list[tuple[int, float]]:
    terms = term_weights(words)
    attainable = Rarity(len(index), index.frequencies(terms)).attainable(terms) or 1.0
    return [(id_, score / attainable) for id_, score in index.search(terms, DEPTH)]


def _word_document(dataset: Dataset, number: int, name: str) -> WordDocument:
    origin = _origin(dataset, name)
    return WordDocument(number, origin.path, "", origin.symbol, dataset.corpus[name])


def _origin(dataset: Dataset, name: str) -> Origin:
    return dataset.origins.get(dataset.parts.get(name, name), Origin())


def _embedded(dataset: Dataset, name: str) -> str:
    """What the model reads: a text of a repository with its place and name, as in the index."""
    origin, text = _origin(dataset, name), dataset.corpus[name]
    return embedding_text(origin.path, origin.symbol, text) if origin.path else text


class DenseCorpus:
    """The corpus of a dataset as vectors, with its queries.

    Args:
        dataset: corpus and queries.
        embedder: the model.
        cache: keeps the vectors of the corpus for the next time, if there is one.
        progress: told after every document.
    """

    def __init__(
        self,
        dataset: Dataset,
        embedder: Embedder,
        cache: VectorCache | None,
        progress: Progress = lambda done, total: None,
    ) -> None:
        texts = {name: _embedded(dataset, name) for name in dataset.corpus}
        self._keys = {name: content_key(text) for name, text in texts.items()}
        self._table = _table(texts, embedder, cache, progress)
        self._queries = {q: embedder.embed_query(text) for q, text in dataset.queries.items()}

    def search(self) -> dict[str, Ranking]:
        """Rank by meaning alone: the cosines of the model's vectors less a share of their crowding.

        Returns:
            Query id to ranking.
        """
        names: dict[bytes, list[str]] = {}
        for name, key in self._keys.items():
            names.setdefault(key, []).append(name)
        return {
            query: [(name, score) for key, score in self._nearest(vector) for name in names[key]]
            for query, vector in self._queries.items()
        }

    def _nearest(self, query: Vector) -> list[tuple[bytes, float]]:
        near = [key for key, _ in self._table.nearest(query, DEPTH)]
        found = self._table.compare(query, near)
        scores = {key: cosine - WEIGHTS.crowding * crowd for key, (cosine, crowd) in found.items()}
        return sorted(scores.items(), key=lambda hit: -hit[1])

    def compare(self, query: str, documents: Sequence[str]) -> dict[str, Nearness]:
        """How a query and some documents stand to each other, by document id."""
        keys = [self._keys[name] for name in documents]
        found = self._table.compare(self._queries[query], keys)
        return {name: found[self._keys[name]] for name in documents}


def _table(
    corpus: Mapping[str, str],
    embedder: Embedder,
    cache: VectorCache | None,
    progress: Progress,
) -> VectorTable:
    texts = {content_key(text): text for text in corpus.values()}
    embedder.prepare()
    table = VectorTable(embedder.dimensions, embedder.crowding)
    table.add(cache.get(list(texts)) if cache else {})
    missing = {key: texts[key] for key in table.missing(list(texts))}
    vectors = embedder.embed_documents(list(missing.values()))
    embedded = enumerate(zip(missing, vectors, strict=True), 1)
    while some := list(islice(embedded, _BATCH)):
        stored = {}
        for done, (key, vector) in some:
            stored[key] = quantize(vector)
            progress(done, len(missing))
        table.add(stored)
        if cache is not None:
            cache.put(stored)
    return table


def fuse(dataset: Dataset, words: Mapping[str, Ranking], dense: DenseCorpus) -> dict[str, Ranking]:
    """Rank by words and meaning together, by the function that ranks every answer of dowse."""
    fused: dict[str, Ranking] = {}
    for query, near in dense.search().items():
        by_words = dict(words[query])
        names = list(dict.fromkeys([*(name for name, _ in near), *by_words]))
        known = dense.compare(query, names)
        candidates = [
            Candidate(
                dataset.parts.get(name, name),
                by_words.get(name),
                known[name].cosine,
                _origin(dataset, name).path,
                _origin(dataset, name).symbol,
                crowding=known[name].crowding,
            )
            for name in names
        ]
        ranked = rank(Query(dataset.queries[query]), candidates)
        fused[query] = [(str(r.id), r.score) for r in ranked[:DEPTH]]
    return fused
