"""The passages that may answer a query: what words and vectors find in every open shard."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import TypeVar

from dowse.context.catalog import Entry
from dowse.context.files import File
from dowse.context.meaning import DenseQuery, Meaning
from dowse.context.overlay import OverlayPassage, bm25
from dowse.context.ranking import Candidate
from dowse.context.roles import Role
from dowse.context.shard import Shard, is_damage
from dowse.context.types import Snippet
from dowse.context.vectors import Nearness
from dowse.context.word_index import Rarity

T = TypeVar("T")

BY_WORDS = 100
"""Passages taken from words, and once more from files that are neither tests nor prose."""
BY_MEANING = 100
"""Passages taken from vectors. Twice as many of both cost twice the time and change nothing
(NDCG@10 of the nine repositories 0.8945 and 0.8939, as checkouts 0.880 and 0.882)."""
EMBEDDED_FIRST = 8
"""Of the best passages by words, so many are embedded at once where they have no vector yet."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A passage in a file or in an unsaved text; each is one object, so identity is equality."""

    shard: Shard
    path: str
    snippet: Snippet
    key: bytes
    file: File | None = None
    """None for an unsaved text."""
    unsaved: OverlayPassage | None = None
    license: str | None = None

    @property
    def root(self) -> Path:
        """The folder that the path is relative to."""
        return self.shard.root

    @property
    def id(self) -> tuple[Path, str, int, int]:
        """The snippet that the passage belongs to."""
        return self.root, self.path, self.snippet.start_byte, self.snippet.end_byte


class Candidates:
    """The candidates of one query.

    Args:
        shards: where to look; those that turn out damaged are looked at no longer.
        terms: the query's terms with their weights.
        languages: of a shard, only passages in these; in any when empty.
        damaged: told of every damaged shard.
    """

    def __init__(
        self,
        shards: Iterable[Shard],
        terms: Mapping[str, float],
        languages: Callable[[Shard], frozenset[str]],
        damaged: Callable[[Shard], None],
    ) -> None:
        self._shards = list(shards)
        self._terms, self._languages, self._damaged = terms, languages, damaged
        self._rarity = Rarity(0, {})
        self._bm25: dict[Found, float] = {}
        self._nearness: dict[Found, Nearness] = {}
        self._saved: dict[tuple[Shard, int], Found] = {}
        self._unsaved: list[Found] = []

    def scored(self, offered: Callable[[Found], bool]) -> tuple[list[Found], list[Candidate]]:
        """The passages that may be offered, and what is known of each."""
        found = [passage for passage in self._all() if offered(passage)]
        attainable = self._rarity.attainable(self._terms) or 1.0
        return found, [self._candidate(passage, attainable) for passage in found]

    def _candidate(self, passage: Found, attainable: float) -> Candidate:
        near = self._nearness.get(passage)
        return Candidate(
            passage.id,
            self._bm25[passage] / attainable if passage in self._bm25 else None,
            near.cosine if near else None,
            passage.path,
            passage.snippet.symbol,
            passage.shard.unit.source,
            passage.root,
            near.crowding if near else 0.0,
        )

    def _all(self) -> list[Found]:
        return [*self._saved.values(), *self._unsaved]

    def _add(self, shard: Shard, entry: Entry) -> Found:
        found = self._saved.get((shard, entry.id))
        if found is None:
            path, license_ = entry.file.path, entry.license
            found = Found(shard, path, entry.snippet, entry.key, entry.file, license=license_)
            self._saved[shard, entry.id] = found
        return found

    def _read(self, look: Callable[[Shard], T]) -> list[tuple[Shard, T]]:
        """Look something up in every shard."""
        answers = []
        for shard in list(self._shards):
            try:
                answers.append((shard, look(shard)))
            except BaseException as error:
                if not is_damage(error):
                    raise
                self._shards.remove(shard)
                self._damaged(shard)
        return answers

    # --- words ----------------------------------------------------------------------------

    def by_words(self) -> None:
        """Add what BM25 finds, with scores that compare between shards."""
        together: Counter[tuple[str, str]] = Counter()
        passages = 0
        for shard, frequencies in self._read(self._frequencies):
            together.update(frequencies)
            passages += len(shard.words)
        self._rarity = Rarity(passages, together)
        rarity = self._rarity if len(self._shards) > 1 else None
        scores: dict[tuple[Shard, int], float] = {}
        # tests repeat the words of what they test, and would crowd it out
        for role in ("", Role.CODE.value):
            scores.update(self._best(role, rarity))
        ids: dict[Shard, list[int]] = {}
        for shard, id_ in scores:
            ids.setdefault(shard, []).append(id_)
        for shard, entries in self._read(lambda shard: shard.entries(ids=ids.get(shard, ()))):
            for entry in entries:
                self._bm25[self._add(shard, entry)] = scores[shard, entry.id]

    def _frequencies(self, shard: Shard) -> dict[tuple[str, str], int]:
        shard.words.refresh()
        return shard.words.frequencies(self._terms)

    def _best(self, role: str, rarity: Rarity | None) -> dict[tuple[Shard, int], float]:
        hits = [
            (score, shard, id_)
            for shard, found in self._read(
                lambda shard: shard.words.search(
                    self._terms, BY_WORDS, self._languages(shard), role, rarity
                )
            )
            for id_, score in found
        ]
        return {(shard, id_): s for s, shard, id_ in nlargest(BY_WORDS, hits, key=itemgetter(0))}

    def add_unsaved(self, overlay: Sequence[OverlayPassage]) -> None:
        """Add the passages of unsaved texts, scored like those of the shards."""
        if not overlay:
            return
        shards = {shard.root: shard for shard in self._shards}
        scores = bm25(self._terms, overlay, self._rarity)
        for passage, score in zip(overlay, scores, strict=True):
            document = passage.document
            if (shard := shards.get(document.root)) is not None:
                found = Found(shard, document.path, passage.snippet, passage.key, unsaved=passage)
                self._unsaved.append(found)
                if score > 0:
                    self._bm25[found] = score

    # --- meaning --------------------------------------------------------------------------

    def embed_first(self, meaning: Meaning, patience: float) -> None:
        """Embed the best passages by words that have no vector, as far as time allows.

        Args:
            meaning: the model with its vectors.
            patience: seconds.
        """
        until = time.monotonic() + patience
        best = sorted(self._bm25, key=lambda passage: -self._bm25[passage])
        lacking = (p for p in best if meaning.missing(p.shard, [p.key]))
        texts: dict[tuple[Shard, str], Mapping[bytes, str]] = {}
        wanted: dict[Shard, dict[bytes, str]] = {}
        for passage in islice(lacking, EMBEDDED_FIRST):
            if time.monotonic() > until:
                break
            place = passage.shard, passage.path
            if passage.unsaved is None and place not in texts:
                texts[place] = passage.shard.texts(passage.path)
                meaning.hurry(passage.shard, passage.path)
            text = passage.unsaved.text if passage.unsaved else texts[place].get(passage.key)
            if text is not None:
                wanted.setdefault(passage.shard, {})[passage.key] = text
        for shard, some in wanted.items():
            meaning.embed_now(shard, some, until)

    def by_meaning(self, dense: DenseQuery) -> None:
        """Add the nearest passages, and compare all that have vectors."""
        near = [
            (cosine, shard, key)
            for shard in self._shards
            for key, cosine in dense.nearest(shard, BY_MEANING)
        ]
        keys: dict[Shard, list[bytes]] = {}
        for _, shard, key in nlargest(BY_MEANING, near, key=itemgetter(0)):
            keys.setdefault(shard, []).append(key)
        for shard, entries in self._read(lambda shard: shard.entries(keys=keys.get(shard, ()))):
            for entry in entries:
                self._add(shard, entry)
        by_shard: dict[Shard, list[Found]] = {}
        for passage in self._all():
            by_shard.setdefault(passage.shard, []).append(passage)
        for shard, passages in by_shard.items():
            known = dense.compare(shard, [passage.key for passage in passages])
            self._nearness.update((p, known[p.key]) for p in passages if p.key in known)
