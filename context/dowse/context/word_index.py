"""The lexical tier: a tantivy index over the names, paths and texts of passages (BM25)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from dowse.context.words import analyzer, split_identifiers

if TYPE_CHECKING:
    import tantivy

FIELDS = ("name", "path", "body")
"""A word counts once for each field that it stands in, all alike: heavier names and paths gain
nothing once whole files count for a snippet (NDCG@10 of words alone on the nine repositories 0.869
with equal weights, 0.866 with 1.5, 2, 1)."""
K1, B = 1.2, 0.75
"""BM25's constants as tantivy has them (tantivy, src/query/bm25.rs)."""

Frequencies = Mapping[tuple[str, str], int]
"""Number of passages that hold a term in a field, by field and term."""

_HEAP = 32_000_000
"""Bytes that one writer thread may fill before it writes a segment; tantivy asks for 15 MB."""
_MAX_TERMS = 64
"""More terms than a question has; a pasted page would cost a scan of every posting list."""


@dataclass(frozen=True, slots=True)
class WordDocument:
    """What the lexical index learns of one passage."""

    id: int
    path: str
    language: str
    name: str
    body: str
    role: str = ""
    """What part its file plays, as `roles.role_of` names it."""


def idf(holding: int, passages: int) -> float:
    """How much a term tells, by the number of passages that hold it (BM25's form in Lucene and
    tantivy: Robertson and Zaragoza 2009, section 3.2, kept positive by adding 1).
    """
    return math.log(1 + (passages - holding + 0.5) / (holding + 0.5))


@dataclass(frozen=True, slots=True)
class Rarity:
    """How rare terms are in several indexes taken together."""

    passages: int
    frequencies: Frequencies

    def of(self, field: str, term: str) -> float:
        """The inverse document frequency of a term in a field."""
        return idf(self.frequencies.get((field, term), 0), self.passages)

    def attainable(self, terms: Mapping[str, float]) -> float:
        """The score that a passage comes near to when it repeats every term in its body."""
        return sum(weight * self.of("body", t) * (K1 + 1) for t, weight in terms.items())


class WordIndex:
    """BM25 over the passages of one shard, on disk.

    Raises:
        ValueError: of tantivy, from every method, where the folder is damaged.
    """

    def __init__(self, folder: Path) -> None:
        import tantivy

        self._tantivy = tantivy
        self._schema = self._build_schema()
        self._index = tantivy.Index(self._schema, str(folder))
        self._index.register_tokenizer("code", analyzer())

    def _build_schema(self) -> tantivy.Schema:
        builder = self._tantivy.SchemaBuilder()
        builder.add_integer_field("id", fast=True)
        builder.add_text_field("file", tokenizer_name="raw", index_option="basic")
        builder.add_text_field("language", tokenizer_name="raw", index_option="basic")
        builder.add_text_field("role", tokenizer_name="raw", index_option="basic")
        for field in FIELDS:
            builder.add_text_field(field, tokenizer_name="code", index_option="freq")
        return builder.build()

    def update(self, removed_paths: Iterable[str], added: Iterable[WordDocument]) -> None:
        """Replace the passages of some files in one commit."""
        writer = self._index.writer(_HEAP, 1)
        try:
            for path in removed_paths:
                writer.delete_documents_by_term("file", path)
            for document in added:
                writer.add_document(self._document(document))
            writer.commit()
        finally:
            writer.wait_merging_threads()  # releases tantivy's own lock

    def _document(self, document: WordDocument) -> tantivy.Document:
        return self._tantivy.Document(
            id=document.id,
            file=document.path,
            language=document.language,
            role=document.role,
            name=split_identifiers(document.name),
            path=split_identifiers(document.path),
            body=split_identifiers(document.body),
        )

    def refresh(self) -> None:
        """See what other processes committed."""
        self._index.reload()

    def __len__(self) -> int:
        return int(self._index.searcher().num_docs)

    def frequencies(self, terms: Iterable[str]) -> dict[tuple[str, str], int]:
        """Number of passages that hold each term in each field."""
        searcher = self._index.searcher()
        return {(field, term): searcher.doc_freq(field, term) for term in terms for field in FIELDS}

    def search(
        self,
        terms: Mapping[str, float],
        limit: int,
        languages: Iterable[str] = (),
        role: str = "",
        rarity: Rarity | None = None,
    ) -> list[tuple[int, float]]:
        """Ids and BM25 scores of the best passages, best first.

        Args:
            terms: of the query with their weights, as `words.term_weights` gives them.
            limit: number of passages wanted.
            languages: names of the languages wanted; all of them when empty.
            role: only passages of files that play this part; all of them when empty.
            rarity: how rare the terms are in all the indexes searched, so that scores compare.
        """
        searcher = self._index.searcher()
        boosts = self._boosts(searcher, terms, rarity)
        query = self._query(boosts, languages, role)
        found = searcher.search(query, limit, count=False).hits
        ids = searcher.fast_field_values("id", [address for _, address in found])
        return [(int(id_), score) for id_, (score, _) in zip(ids, found, strict=True) if id_]

    def _boosts(
        self, searcher: tantivy.Searcher, terms: Mapping[str, float], rarity: Rarity | None
    ) -> dict[tuple[str, str], float]:
        boosts = {}
        for term, weight in islice(terms.items(), _MAX_TERMS):
            for field in FIELDS:
                boosts[field, term] = weight
                if rarity is not None:
                    here = idf(searcher.doc_freq(field, term), searcher.num_docs)
                    boosts[field, term] *= rarity.of(field, term) / here
        return boosts

    def _query(
        self, boosts: Mapping[tuple[str, str], float], languages: Iterable[str], role: str
    ) -> tantivy.Query:
        query, occur = self._tantivy.Query, self._tantivy.Occur
        clauses = [
            (occur.Should, query.boost_query(self._term(field, term), boost))
            for (field, term), boost in boosts.items()
        ]
        words = query.boolean_query(clauses) if clauses else query.empty_query()
        filters = [
            query.boolean_query([(occur.Should, self._term(field, value)) for value in values])
            for field, values in (("language", list(languages)), ("role", [role] if role else []))
            if values
        ]
        if not filters:
            return words
        only = [(occur.Must, query.const_score_query(each, 0.0)) for each in filters]
        return query.boolean_query([(occur.Must, words), *only])

    def _term(self, field: str, term: str) -> tantivy.Query:
        return self._tantivy.Query.term_query(self._schema, field, term, "freq")
