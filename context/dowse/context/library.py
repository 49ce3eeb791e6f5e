"""The open shards with their vectors and unsaved texts: what one search looks through."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

from dowse.context.answers import answer
from dowse.context.candidates import Candidates, Found
from dowse.context.meaning import Filling, Meaning
from dowse.context.overlay import Overlay, Unsaved
from dowse.context.ranking import rank
from dowse.context.shard import Shard, is_damage
from dowse.context.types import Answer, Embedder, Limits, Place, Query, Source, Tier
from dowse.context.units import Unit, workspace_unit
from dowse.context.words import checked_query, term_weights

FAMILIES = (
    frozenset({"javascript", "typescript", "tsx"}),
    frozenset({"c", "cpp"}),
)
"""Languages whose snippets can stand in each other's files."""


class Library:
    """Searches the open shards: folders of the workspace, packages, the cookbook.

    Args:
        cache: dowse's cache folder.
        limits: what is too large to index.
    """

    def __init__(self, cache: Path, limits: Limits | None = None) -> None:
        self._cache = cache
        self._limits = limits or Limits()
        self._overlay = Overlay(self._limits)
        self._shards: dict[str, Shard] = {}
        self._meaning: Meaning | None = None
        self._revision = 0
        self._filled = -1
        # Of a revision: reading the languages of a large folder takes as long as a search.
        self._known = -1, frozenset[str]()

    @property
    def shards(self) -> tuple[Shard, ...]:
        """The open shards in the order in which their vectors are filled in."""
        order = list(Source)
        return tuple(sorted(self._shards.values(), key=lambda s: order.index(s.unit.source)))

    @property
    def folders(self) -> tuple[Shard, ...]:
        """The shards of the workspace's folders."""
        return tuple(s for s in self._shards.values() if s.unit.source is Source.WORKSPACE)

    def open(self, unit: Unit | Path) -> Shard:
        """Open the shard of a unit, or of a folder of the workspace.

        Raises:
            ShardError: the cache folder cannot be written.
        """
        if isinstance(unit, Path):
            unit = workspace_unit(unit)
        if unit.name not in self._shards:
            shard = Shard(unit, self._cache, self._limits)
            self._shards = {**self._shards, unit.name: shard}
            self.changed()
        return self._shards[unit.name]

    def close(self, root: Path) -> None:
        """Search a folder no longer; its shard stays on disk."""
        name = workspace_unit(root).name
        self._shards = {key: shard for key, shard in self._shards.items() if key != name}

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
        if self._meaning is None or self._meaning.empty(self.shards):
            return Tier.LEXICAL
        return Tier.FULL if self._filled == self._revision else Tier.PARTIAL

    def load_vectors(self) -> Filling:
        """Take the vectors that the cache has, and tell how many passages have one."""
        revision = self._revision
        if self._meaning is None:
            return Filling(0, 0)
        fillings = [(shard, self._meaning.load([shard])) for shard in self.shards]
        if all(
            filling.done == filling.total
            for shard, filling in fillings
            if shard.unit.source is not Source.DEPENDENCY
        ):
            self._filled = revision
        return Filling(sum(f.done for _, f in fillings), sum(f.total for _, f in fillings))

    def fill(
        self,
        near: Sequence[Place] = (),
        *,
        progress: Callable[[Filling], None] = lambda filling: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        """Give every passage a vector: from the cache, else from the model, nearest file first.

        Those of packages come last; answers count as full before.

        Args:
            near: the user's files, embedded before the others, which follow by time of change.
            progress: told after every vector.
            cancelled: asked before every text.
        """
        revision = self._revision
        meaning = self._meaning
        if meaning is None:
            return
        own = [shard for shard in self.shards if shard.unit.source is not Source.DEPENDENCY]
        if meaning.fill(own, near, progress, cancelled):
            self._filled = revision
            packages = [shard for shard in self.shards if shard not in own]
            meaning.fill(packages, near, progress, cancelled)

    def search(
        self,
        query: Query,
        limit: int = 5,
        *,
        unsaved: Sequence[Unsaved] = (),
        at: Place | None = None,
        sources: Collection[Source] = tuple(Source),
        patience: float = 0.0,
    ) -> Answer:
        """Find the snippets that answer a query.

        Args:
            query: its words are required; its language restricts the answer to snippets that
                can stand in a file of that language. Without one, recipes of the cookbook are in
                the languages of the folders, if it has any in these.
            limit: number of hits.
            unsaved: documents whose text in the editor takes the place of the file's.
            at: last line of the query; snippets around it or directly below, where an earlier
                answer stands, are not offered.
            sources: where to look.
            patience: seconds that may be spent on embedding the best passages by words that
                have no vector yet.

        Raises:
            QueryError: there is nothing to search for in the words.
        """
        words = checked_query(query.words)
        languages = self._wanted(query.language)
        shards = [shard for shard in self.shards if shard.unit.source in sources]
        candidates = Candidates(shards, term_weights(words), languages, self._mend)
        candidates.by_words()
        candidates.add_unsaved(self._overlay.passages(unsaved))
        tier = self._by_meaning(words, candidates, patience)
        hidden = {(document.root, document.path) for document in unsaved}

        def offered(found: Found) -> bool:
            saved_over = found.file is not None and (found.root, found.path) in hidden
            wanted = languages(found.shard)
            fits = not wanted or found.snippet.language in wanted
            return fits and not saved_over and not _encloses(found, at)

        found, known = candidates.scored(offered)
        return answer(words, rank(query, known, at), found, tier, limit)

    def _wanted(self, language: str | None) -> Callable[[Shard], frozenset[str]]:
        """The languages that a shard's snippets may be in; any where there are none."""
        if language is not None:
            asked = _family(language)
            return lambda shard: asked
        spoken = self._spoken()
        return lambda shard: spoken if shard.unit.source is Source.COOKBOOK else frozenset()

    def _spoken(self) -> frozenset[str]:
        """The languages of the workspace's folders that the cookbook has recipes in."""
        revision, spoken = self._known
        if revision != self._revision:
            revision = self._revision
            cookbook = (s for s in self.shards if s.unit.source is Source.COOKBOOK)
            own = (_family(name) for name in self._languages(self.folders))
            spoken = self._languages(cookbook) & frozenset[str]().union(*own)
            self._known = revision, spoken
        return spoken

    def _languages(self, shards: Iterable[Shard]) -> frozenset[str]:
        found: set[str] = set()
        for shard in shards:
            try:
                found |= shard.languages()
            except BaseException as error:
                if not is_damage(error):
                    raise
                self._mend(shard)
        return frozenset(found)

    def _by_meaning(self, words: str, candidates: Candidates, patience: float) -> Tier:
        tier, meaning = self.tier, self._meaning
        if meaning is None:
            return tier
        if patience and tier is not Tier.FULL:
            candidates.embed_first(meaning, patience)
            tier = self.tier
        if tier is not Tier.LEXICAL:
            candidates.by_meaning(meaning.ask(words))
        return tier

    def _mend(self, shard: Shard) -> None:
        shard.reset()
        self.changed()


def _family(language: str | None) -> frozenset[str]:
    if language is None:
        return frozenset()
    return next((f for f in FAMILIES if language in f), frozenset({language}))


def _encloses(found: Found, at: Place | None) -> bool:
    if at is None or (found.root, found.path) != (at.root, at.path):
        return False
    return found.snippet.start_line - 1 <= at.line <= found.snippet.end_line
