"""The state of one connection: settings, open folders, the library and the work behind it.

Only the event loop changes it. Searching, indexing and embedding run on threads of their own, one
each for writing the index and for filling in vectors, so that typing and requests never wait.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from dowse.context.cursor import cursor_context
from dowse.context.errors import DowseError
from dowse.context.files import IGNORE_FILES
from dowse.context.library import Library
from dowse.context.overlay import Unsaved
from dowse.context.shard import Refresh, Shard
from dowse.context.triggers import Trigger, find_trigger, may_trigger
from dowse.context.types import Answer, CursorContext, Place, Query, Tier
from dowse.server.documents import Documents, Snapshot
from dowse.server.progress import Reporter
from dowse.server.settings import Settings
from dowse.server.sources import SourceWork
from dowse.server.uris import path_of
from dowse.server.vectors import VectorWork

logger = logging.getLogger(__name__)
T = TypeVar("T")

_REMEMBERED = 64
"""Answers kept for requests that come back to them (resolve, open source)."""
_SEARCHERS = 2
"""Searches at once: one being cancelled must not hold up the next."""
_EVERYTHING = "."
"""Stands for a whole folder among changed paths: a moved folder or a changed ignore file."""
_MAKE_WAY_SECONDS = 0.1
"""Indexing waits so long at a file for answers being worked on, and then goes on all the same."""
_PATIENCE_SECONDS = 0.03
"""While vectors are filled in, a search may spend so long on those of its best candidates."""
_SETTLE_SECONDS = 0.2
"""Changed files are indexed together once no more come; a checkout changes hundreds."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A trigger of a document with its answer."""

    token: str
    """Finds the answer again."""
    snapshot: Snapshot
    trigger: Trigger
    context: CursorContext
    answer: Answer


class Session:
    """Everything that lasts as long as the connection.

    Args:
        reporter: shows progress and messages in the editor.
        documents: what is open in it.
    """

    def __init__(self, reporter: Reporter, documents: Documents) -> None:
        self.settings = Settings()
        self.documents = documents
        self.library: Library | None = None
        self.reporter = reporter
        self._folders: tuple[Path, ...] = ()
        self._sources: SourceWork | None = None
        self.vectors: VectorWork | None = None
        self._answers: OrderedDict[str, Asked] = OrderedDict()
        self._search_threads = ThreadPoolExecutor(_SEARCHERS, "dowse-search")
        self._index_thread = ThreadPoolExecutor(1, "dowse-index")
        self._tasks: set[asyncio.Task[Any]] = set()
        self._touched: dict[Path, set[str]] = {}
        self._on_disk: dict[str, int | None] = {}
        self._indexing = 0
        self._answering = 0
        self._quiet = threading.Event()
        self._quiet.set()
        self._generation = 0
        self._closed = False

    # --- life -----------------------------------------------------------------------------

    def configure(self, settings: Settings, folders: Iterable[Path]) -> None:
        """Start anew with these settings and folders, unless nothing has changed."""
        distinct = tuple(dict.fromkeys(folders))
        if self.library is not None and (settings, distinct) == (self.settings, self._folders):
            return
        self.settings, self._folders = settings, distinct
        self._generation += 1
        self.library = Library(settings.cache, settings.limits)
        self._stop_work()
        superseded = self._superseded()
        self.vectors = VectorWork(self.library, settings, self.reporter, superseded, self._near)
        self._sources = SourceWork(
            self.library,
            settings,
            self.reporter,
            superseded,
            partial(self._quiet.wait, _MAKE_WAY_SECONDS),
            self._more_to_fill,
        )
        self._start(self._open_folders(self._folders))
        self._start(self.vectors.run())

    def change_folders(self, added: Iterable[Path], removed: Iterable[Path]) -> None:
        """Open and close folders; before the settings are there, `configure` will see to them."""
        if self.library is None:
            return
        gone = set(removed)
        for root in gone:
            self.library.close(root)
        new = [root for root in added if root not in self._folders]
        self._folders = (*(root for root in self._folders if root not in gone), *new)
        self._start(self._open_folders(new))

    def close(self) -> None:
        """Stop all work; it ends at the next file or text."""
        self._closed = True
        self._generation += 1
        for task in self._tasks:
            task.cancel()
        self._stop_work()
        for pool in (self._search_threads, self._index_thread):
            pool.shutdown(wait=False, cancel_futures=True)

    def _stop_work(self) -> None:
        for work in (self._sources, self.vectors):
            if work is not None:
                work.close()

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(self._told(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _told(self, work: Any) -> None:
        """Wait for background work and show its failure to the person."""
        try:
            await work
        except DowseError as error:
            self.reporter.warn(str(error))
        except Exception as error:
            logger.exception("Background work failed")
            self.reporter.warn(
                f"this is an error of its own, {error!r}; please report it with the log"
            )

    def _superseded(self) -> Callable[[], bool]:
        generation = self._generation
        return lambda: self._closed or generation != self._generation

    async def _first(self, work: Callable[[], T]) -> T:
        """Answer a person while indexing holds its breath between two files."""
        self._answering += 1
        self._quiet.clear()
        try:
            return await self._run(self._search_threads, work)
        finally:
            self._answering -= 1
            if self._answering == 0:
                self._quiet.set()

    async def _run(self, pool: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(pool, work)

    # --- index ----------------------------------------------------------------------------

    async def _open_folders(self, roots: Sequence[Path]) -> None:
        library = self.library
        assert library is not None
        self._indexing += 1  # opening a shard is a part of it, though it shows no progress
        try:
            for root in roots:
                shard = await self._run(self._index_thread, partial(library.open, root))
                await self._refresh(shard, None)
        finally:
            self._indexing -= 1
        if self._sources is not None:
            await self._sources.open(roots)

    def _more_to_fill(self) -> None:
        if self.library is not None and self.vectors is not None:
            self.library.changed()
            self.vectors.more()

    async def refresh_all(self) -> list[Refresh]:
        """Scan every open folder again."""
        shards = self.library.folders if self.library else ()
        return [await self._refresh(shard, None) for shard in shards]

    async def _refresh(self, shard: Shard, paths: set[str] | None) -> Refresh:
        library, superseded = self.library, self._superseded()
        title = f"dowse: indexing {shard.root.name or shard.root}"
        self._indexing += 1
        try:
            async with self.reporter.progress(title, silent=paths is not None) as shown:
                done = await self._run(
                    self._index_thread,
                    partial(
                        shard.refresh,
                        paths,
                        progress=lambda done, total: shown.report(done, total, "files"),
                        cancelled=lambda: self._stops(superseded) or shown.cancelled,
                    ),
                )
        finally:
            self._indexing -= 1
        if library is not None and (done.changed or done.removed or paths is None):
            self._more_to_fill()
        self._compare_with_disk()
        logger.info("Indexed %s: %s", shard.root, done)
        return done

    def _stops(self, superseded: Callable[[], bool]) -> bool:
        """Make way for answers, then tell whether the work is still wanted."""
        self._quiet.wait(_MAKE_WAY_SECONDS)
        return superseded()

    def _compare_with_disk(self) -> None:
        """Note which open documents are as their files, which the index now holds."""
        for snapshot in self._snapshots():
            path = path_of(snapshot.uri)
            if path is not None and _is_on_disk(snapshot.source, path):
                self._on_disk[snapshot.uri] = snapshot.version

    def _near(self) -> list[Place]:
        latest_first = reversed(self._snapshots())
        return [place for s in latest_first if (place := self.place(s.uri)) is not None]

    def _snapshots(self) -> list[Snapshot]:
        return self.documents.snapshots if self.documents else []

    def touch(self, paths: Iterable[Path]) -> None:
        """Note that files on disk may have changed; they are indexed when it gets quiet."""
        pending = bool(self._touched)
        for path in paths:
            for root in self._folders:
                if path.is_relative_to(root):
                    everything = path.is_dir() or path.name in IGNORE_FILES
                    below = _EVERYTHING if everything else path.relative_to(root).as_posix()
                    self._touched.setdefault(root, set()).add(below)
        if self._touched and not pending:
            self._start(self._index_touched())

    async def _index_touched(self) -> None:
        count = -1
        while count != (count := sum(map(len, self._touched.values()))):
            await asyncio.sleep(_SETTLE_SECONDS)
        touched, self._touched = self._touched, {}
        for shard in self.library.folders if self.library else ():
            if paths := touched.get(shard.root):
                await self._refresh(shard, None if _EVERYTHING in paths else paths)

    # --- questions ------------------------------------------------------------------------

    def opened(self, uri: str) -> None:
        """Compare a document that was just opened with its file; mostly they are the same."""
        snapshot, path = self.documents.snapshot(uri), path_of(uri)
        if snapshot and len(snapshot.source) > self.settings.max_file_bytes:
            self.reporter.log(
                f"{uri} has {len(snapshot.source):,} bytes, more than dowse.index.maxFileSize"
                f" ({self.settings.max_file_bytes:,}): its triggers are not answered."
            )
        elif snapshot and path is not None and _is_on_disk(snapshot.source, path):
            self._on_disk[uri] = snapshot.version

    def place(self, uri: str, line: int = 0) -> Place | None:
        """Where a document stands in the open folders; the innermost folder counts."""
        path = path_of(uri)
        if path is None:
            return None
        roots = [root for root in self._folders if path.is_relative_to(root)]
        if not roots:
            return None
        root = max(roots, key=lambda root: len(root.parts))
        return Place(root, path.relative_to(root).as_posix(), line)

    async def ask(self, uri: str, line: int) -> Asked | None:
        """Answer the trigger at a line of a document, or None where there is none.

        Raises:
            QueryError: the trigger's words cannot be searched.
        """
        snapshot = self.documents.snapshot(uri)
        if snapshot is None or self.library is None or not self._answers_in(snapshot):
            return None
        if len(snapshot.source) > self.settings.max_file_bytes:
            return None
        if not may_trigger(snapshot.lines, line, self.settings.word):
            return None
        around = self.documents.around(snapshot)
        work = partial(self._answer, self.library, snapshot, line, around, self._unsaved())
        asked = await self._first(work)
        if asked is not None:
            self._remember(asked)
            self.touch(place.root / place.path for place in asked.answer.stale)
            if self._sources is not None:
                self._start(self._sources.need(asked.context.imports))
        return asked

    def _answers_in(self, snapshot: Snapshot) -> bool:
        language = snapshot.language
        if language is None:
            return False
        return {language.name, snapshot.language_id}.isdisjoint(self.settings.disabled_languages)

    def _answer(
        self,
        library: Library,
        snapshot: Snapshot,
        line: int,
        around: tuple[bytes, bytes],
        unsaved: list[Unsaved],
    ) -> Asked | None:
        language = snapshot.language
        assert language is not None
        trigger = find_trigger(snapshot.source, language, line, self.settings.word)
        if trigger is None:
            return None
        before, after = around
        text = before + snapshot.source + after
        context = cursor_context(text, language, len(before) + trigger.start_byte)
        at = self.place(snapshot.uri, trigger.end_line)
        query = Query(trigger.words, language.name, context)
        answer = library.search(
            query,
            self.settings.max_results,
            unsaved=unsaved,
            at=at,
            sources=self.settings.sources,
            patience=_PATIENCE_SECONDS,
        )
        return Asked(uuid4().hex, snapshot, trigger, context, answer)

    async def search(
        self, words: str, limit: int, language: str | None, at: Place | None = None
    ) -> Answer:
        """Search for words that stand in no document; what stands around `at` is left out."""
        library = self.library
        if library is None:
            raise DowseError("no folder is open yet; wait until dowse has started")
        query = Query(words, language)
        work = partial(
            library.search,
            query,
            limit,
            unsaved=self._unsaved(),
            at=at,
            sources=self.settings.sources,
            patience=_PATIENCE_SECONDS,
        )
        return await self._first(work)

    def _unsaved(self) -> list[Unsaved]:
        """The open documents that differ from what the index holds."""
        unsaved = []
        for snapshot in self._snapshots():
            place, language = self.place(snapshot.uri), snapshot.language
            indexed = self._on_disk.get(snapshot.uri, -1) == snapshot.version
            if place is not None and language is not None and not indexed:
                version, source = snapshot.version or 0, snapshot.source
                unsaved.append(Unsaved(place.root, place.path, version, source, language))
        return unsaved

    def _remember(self, asked: Asked) -> None:
        self._answers[asked.token] = asked
        while len(self._answers) > _REMEMBERED:
            self._answers.popitem(last=False)

    def recall(self, token: str) -> Asked | None:
        """An answer given before."""
        return self._answers.get(token)

    # --- state ----------------------------------------------------------------------------

    @property
    def tier(self) -> Tier:
        """What the next answer rests on."""
        return self.library.tier if self.library else Tier.LEXICAL

    @property
    def indexing(self) -> bool:
        """Whether files of the folders are being read."""
        return self._indexing > 0

    @property
    def cookbook_waits(self) -> bool:
        """Whether the cookbook is wanted and not open yet."""
        return self._sources is not None and self._sources.cookbook_waits


def _is_on_disk(source: bytes, path: Path) -> bool:
    try:
        return path.stat().st_size == len(source) and path.read_bytes() == source
    except OSError:
        return False
