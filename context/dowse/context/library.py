"""The open folders with their vectors and unsaved texts: what one search looks through."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dowse.context.catalog import Entry
from dowse.context.files import File
from dowse.context.meaning import DenseQuery, Filling, Meaning
from dowse.context.overlay import Overlay, OverlayPassage, Unsaved, bm25
from dowse.context.ranking import Candidate, Ranked, rank
from dowse.context.shard import Shard, is_damage
from dowse.context.types import (
    Answer,
    Embedder,
    Hit,
    Limits,
    Place,
    Provenance,
    Query,
    Snippet,
    Source,
    Tier,
    Why,
)
from dowse.context.words import checked_query, matched_words, terms

_CANDIDATES = 200
"""Passages taken from words and from vectors each; the answer shows five snippets."""
FAMILIES = (
    frozenset({"javascript", "typescript", "tsx"}),
    frozenset({"c", "cpp"}),
)
"""Languages whose snippets can stand in each other's files."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A passage in a file or in an unsaved text."""

    root: Path
    path: str
    snippet: Snippet
    key: bytes
    file: File | None = None
    source: bytes | None = None
    """The unsaved text; None for a file."""
    license: str | None = None

    @property
    def id(self) -> tuple[Path, str, int, int]:
        return self.root, self.path, self.snippet.start_byte, self.snippet.end_byte


class Library:
    """Searches the shards of the open folders.

    Args:
        cache: dowse's cache folder.
        limits: what is too large to index.
    """

    def __init__(self, cache: Path, limits: Limits | None = None) -> None:
        self._cache = cache
        self._limits = limits or Limits()
        self._overlay = Overlay(self._limits)
        self._shards: dict[Path, Shard] = {}
        self._meaning: Meaning | None = None
        self._revision = 0
        self._filled = -1

    @property
    def shards(self) -> tuple[Shard, ...]:
        """The shards of the open folders."""
        return tuple(self._shards.values())

    def open(self, root: Path) -> Shard:
        """Open the shard of a folder.

        Raises:
            ShardError: the cache folder cannot be written.
        """
        if root not in self._shards:
            self._shards = {**self._shards, root: Shard(root, self._cache, self._limits)}
            self.changed()
        return self._shards[root]

    def close(self, root: Path) -> None:
        """Search a folder no longer; its shard stays on disk."""
        self._shards = {path: shard for path, shard in self._shards.items() if path != root}

    def attach(self, embedder: Embedder) -> None:
        """Search by meaning too, with this model, as far as `fill` has brought its vectors."""
        self._meaning = Meaning(embedder, self._cache)
        self.changed()

    def changed(self) -> None:
        """Note that files were indexed anew, so that vectors may be missing."""
        self._revision += 1

    @property
    def tier(self) -> Tier:
        """What the next answer rests on."""
        if self._meaning is None or self._meaning.empty:
            return Tier.LEXICAL
        return Tier.FULL if self._filled == self._revision else Tier.PARTIAL

    def load_vectors(self) -> Filling:
        """Take the vectors that the cache has, and tell how many passages have one."""
        revision = self._revision
        if self._meaning is None:
            return Filling(0, 0)
        filling = self._meaning.load(self.shards)
        if filling.done == filling.total:
            self._filled = revision
        return filling

    def fill(
        self,
        near: Sequence[Place] = (),
        *,
        progress: Callable[[Filling], None] = lambda filling: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        """Give every passage a vector: from the cache, else from the model, nearest file first.

        Args:
            near: the user's files, embedded before the others, which follow by time of change.
            progress: told after every vector.
            cancelled: asked before every text.
        """
        revision = self._revision
        meaning = self._meaning
        if meaning is not None and meaning.fill(self.shards, near, progress, cancelled):
            self._filled = revision

    def search(
        self,
        query: Query,
        limit: int = 5,
        *,
        unsaved: Sequence[Unsaved] = (),
        at: Place | None = None,
    ) -> Answer:
        """Find the snippets that answer a query.

        Args:
            query: its words are required; its language restricts the answer to snippets that
                can stand in a file of that language.
            limit: number of hits.
            unsaved: documents whose text in the editor takes the place of the file's.
            at: last line of the query; snippets around it or directly below, where an earlier
                answer stands, are not offered.

        Raises:
            QueryError: there is nothing to search for in the words.
        """
        words = checked_query(query.words)
        tier, languages = self.tier, _family(query.language)
        dense = self._meaning.ask(words) if self._meaning and not self._meaning.empty else None
        found, scores = self._candidates(terms(words), dense, languages, unsaved)
        hidden = {(document.root, document.path) for document in unsaved}

        def offered(f: _Found) -> bool:
            saved_over = f.file is not None and (f.root, f.path) in hidden
            wanted = not languages or f.snippet.language in languages
            return wanted and not saved_over and not _encloses(f, at)

        passages = [passage for passage in found if offered(passage)]
        cosines = dense.cosines({passage.key for passage in passages}) if dense else {}
        candidates = [Candidate(p.id, scores.get(p), cosines.get(p.key)) for p in passages]
        return self._answer(words, rank(words, candidates, limit * 2), passages, tier, limit)

    def _candidates(
        self,
        query: Sequence[str],
        dense: DenseQuery | None,
        languages: frozenset[str],
        unsaved: Sequence[Unsaved],
    ) -> tuple[list[_Found], dict[_Found, float]]:
        keys = dense.nearest(_CANDIDATES) if dense else []
        overlay = self._overlay.passages(unsaved)
        scores = {_unsaved(p): s for p, s in zip(overlay, self._bm25(query, overlay), strict=True)}
        found = dict.fromkeys(scores)
        scores = {passage: score for passage, score in scores.items() if score > 0}
        for shard in self.shards:
            try:
                lexical = shard.search_words(query, _CANDIDATES, languages)
                neighbours = shard.entries(keys)
            except BaseException as error:
                if not is_damage(error):
                    raise
                shard.reset()
                self.changed()
                continue
            scores.update((_saved(shard, entry), score) for entry, score in lexical)
            found.update(dict.fromkeys(_saved(shard, entry) for entry in neighbours))
        return list(dict.fromkeys([*scores, *found])), scores

    def _bm25(self, query: Sequence[str], overlay: Sequence[OverlayPassage]) -> list[float]:
        shards = self.shards
        indexed = sum(shard.passage_count() for shard in shards)

        def frequency(term: str) -> int:
            return sum(shard.document_frequency("body", term) for shard in shards)

        return bm25(query, overlay, indexed, frequency) if overlay else []

    def _answer(
        self,
        words: str,
        ranked: Sequence[Ranked],
        passages: Iterable[_Found],
        tier: Tier,
        limit: int,
    ) -> Answer:
        by_id = {passage.id: passage for passage in passages}
        hits: list[Hit] = []
        stale: list[Place] = []
        for place in ranked:
            if len(hits) == limit:
                break
            found = by_id[place.id]  # type: ignore[index]  # ids of candidates are those of _Found
            source = found.source if found.file is None else _read(found.root, found.file)
            if source is None:
                stale.append(Place(found.root, found.path, found.snippet.start_line))
            else:
                hits.append(_hit(words, found, source, place, tier))
        return Answer(tuple(hits), tier, tuple(stale))


def _hit(words: str, found: _Found, source: bytes, place: Ranked, tier: Tier) -> Hit:
    snippet = found.snippet
    text = source[snippet.start_byte : snippet.end_byte].decode("utf-8", "replace")
    line = (
        source[: snippet.start_byte]
        .replace(b"\r", b"\n")
        .rpartition(b"\n")[2]
        .decode("utf-8", "replace")
    )
    indentation = line if line.isspace() else ""
    matched = matched_words(words, f"{snippet.symbol} {found.path} {text}")
    why = Why(matched, place.lexical_rank, place.dense_rank, place.cosine, tier)
    span = snippet.start_line, snippet.end_line
    provenance = Provenance(Source.WORKSPACE, found.root, found.path, *span, found.license)
    return Hit(snippet, provenance, text, indentation, place.score, why)


def _family(language: str | None) -> frozenset[str]:
    if language is None:
        return frozenset()
    return next((f for f in FAMILIES if language in f), frozenset({language}))


def _saved(shard: Shard, entry: Entry) -> _Found:
    return _Found(
        shard.root, entry.file.path, entry.snippet, entry.key, entry.file, license=entry.license
    )


def _unsaved(passage: OverlayPassage) -> _Found:
    document = passage.document
    return _Found(
        document.root, document.path, passage.snippet, passage.key, source=document.source
    )


def _encloses(found: _Found, at: Place | None) -> bool:
    if at is None or (found.root, found.path) != (at.root, at.path):
        return False
    return found.snippet.start_line - 1 <= at.line <= found.snippet.end_line


def _read(root: Path, file: File) -> bytes | None:
    """A file as it was indexed; None where it has changed since."""
    path = root / file.path
    try:
        status = path.stat()
        if (status.st_size, status.st_mtime_ns) != (file.size, file.mtime_ns):
            return None
        return path.read_bytes()
    except OSError:
        return None
