"""The lexical tier: a tantivy index over the names, paths and texts of passages (BM25)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dowse.context.words import analyzer, split_identifiers

if TYPE_CHECKING:
    import tantivy

FIELD_WEIGHTS = {"name": 2.0, "path": 1.0, "body": 1.0}
"""A word in the name of a definition says more than one in its body."""

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
        for field in FIELD_WEIGHTS:
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
            name=split_identifiers(document.name),
            path=split_identifiers(document.path),
            body=split_identifiers(document.body),
        )

    def refresh(self) -> None:
        """See what other processes committed."""
        self._index.reload()

    def __len__(self) -> int:
        return int(self._index.searcher().num_docs)

    def document_frequency(self, field: str, term: str) -> int:
        """Number of passages that hold a term in a field."""
        return self._index.searcher().doc_freq(field, term)

    def search(
        self, terms: Sequence[str], limit: int, languages: Iterable[str] = ()
    ) -> list[tuple[int, float]]:
        """Ids and BM25 scores of the best passages, best first.

        Args:
            terms: of the query, as `words.terms` gives them.
            limit: number of passages wanted.
            languages: names of the languages wanted; all of them when empty.
        """
        searcher = self._index.searcher()
        found = searcher.search(self._query(terms, languages), limit, count=False).hits
        ids = searcher.fast_field_values("id", [address for _, address in found])
        return [(int(id_), score) for id_, (score, _) in zip(ids, found, strict=True) if id_]

    def _query(self, terms: Sequence[str], languages: Iterable[str]) -> tantivy.Query:
        query, occur = self._tantivy.Query, self._tantivy.Occur
        clauses = [
            (occur.Should, query.boost_query(self._term(field, term), weight))
            for term in dict.fromkeys(terms[:_MAX_TERMS])
            for field, weight in FIELD_WEIGHTS.items()
        ]
        words = query.boolean_query(clauses) if clauses else query.empty_query()
        wanted = [(occur.Should, self._term("language", name)) for name in languages]
        if not wanted:
            return words
        only = query.const_score_query(query.boolean_query(wanted), 0.0)
        return query.boolean_query([(occur.Must, words), (occur.Must, only)])

    def _term(self, field: str, term: str) -> tantivy.Query:
        return self._tantivy.Query.term_query(self._schema, field, term, "freq")
