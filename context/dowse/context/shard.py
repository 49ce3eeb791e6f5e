"""A shard: the index of one unit, in the user's cache folder, kept true to the files.

Words live in tantivy, places in SQLite, vectors in the cache of `vectors.py`. Every change runs
under a lock between processes and commits words first: words without a place are ignored, and
the next scan replaces them. All of it is derived and can be deleted at any time.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from dowse.context.catalog import Catalog, Entry, Transaction
from dowse.context.errors import ShardError
from dowse.context.files import File, LeftOut, listed, read, visible, walk
from dowse.context.licenses import license_of_file, license_of_project
from dowse.context.roles import role_of
from dowse.context.shelf import note, shards_folder
from dowse.context.snippets import extract
from dowse.context.types import Definition, Limits
from dowse.context.units import Unit
from dowse.context.vectors import content_key
from dowse.context.word_index import WordDocument, WordIndex

logger = logging.getLogger(__name__)

_FIRST_COMMIT_SECONDS, _COMMIT_SECONDS = 0.1, 0.8
"""While a folder is indexed, what was read becomes searchable after the first of these and then at
intervals that double up to the second: early answers count most, and a commit costs 40 ms."""
_COMPLETE = "complete"
"""Marks the shard of a unit that never changes and was read to its end."""
_LOOK_SECONDS = 0.5
"""While another process indexes the same folder, cancellation is looked for this often."""

Progress = Callable[[int, int], None]
"""Called with the number of files done and of all files."""


def _silent(done: int, total: int) -> None:
    """Report nothing."""


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Refresh:
    """What one pass over a folder did."""

    files: int
    """Files in the index afterwards."""
    snippets: int
    """Snippets in the index afterwards."""
    changed: int
    """Files read anew."""
    removed: int
    """Files that are gone."""
    seconds: float
    left_out: Counter[LeftOut] = field(default_factory=Counter)
    """What a full pass passed over, by reason."""


@dataclass(frozen=True, slots=True)
class _Parsed:
    file: File
    license: str | None = None
    definitions: Sequence[Definition] = ()
    left_out: LeftOut | None = None


class Shard:
    """The index of one unit.

    Args:
        unit: the files that are indexed.
        cache: dowse's cache folder; the shard gets a folder of its own in it.
        limits: what is too large to index.

    Raises:
        ShardError: the cache folder cannot be written.
    """

    def __init__(self, unit: Unit, cache: Path, limits: Limits) -> None:
        self.unit = unit
        self.root = unit.root
        self.folder = shards_folder(cache) / unit.source.value / unit.name
        self._limits = limits
        self.words: WordIndex
        self._catalog: Catalog
        with _told(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._open_or_rebuild()
            note(self.folder, unit)

    def _open_or_rebuild(self) -> None:
        try:
            self._open()
        except BaseException as error:
            if not is_damage(error):
                raise
            self.reset()

    def _open(self) -> None:
        with self._locked("opening"):
            words = self.folder / "words"
            words.mkdir(exist_ok=True)
            self.words = WordIndex(words)
            self._catalog = Catalog(self.folder / "catalog.sqlite")

    def reset(self) -> None:
        """Empty the shard; the next `refresh` fills it again."""
        logger.warning("The index of %s is damaged or outdated: it is built anew.", self.root)
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._locked("opening"):
            shutil.rmtree(self.folder / "words", ignore_errors=True)
            for name in ("catalog.sqlite", "catalog.sqlite-wal", "catalog.sqlite-shm", _COMPLETE):
                (self.folder / name).unlink(missing_ok=True)
        self._open()

    @contextmanager
    def _locked(self, name: str, cancelled: Callable[[], bool] = _never) -> Iterator[bool]:
        """Hold a lock between processes; yields False if cancelled while waiting for it."""
        from filelock import FileLock, Timeout

        lock = FileLock(self.folder / f"{name}.lock")
        while not cancelled():
            try:
                hold = lock.acquire(timeout=_LOOK_SECONDS)
            except Timeout:
                continue
            with hold:
                yield True
            return
        yield False

    def refresh(
        self,
        paths: Iterable[str] | None = None,
        *,
        progress: Progress = _silent,
        cancelled: Callable[[], bool] = _never,
    ) -> Refresh:
        """Bring the index up to date with the files.

        Args:
            paths: POSIX paths below the folder that may have changed; all of them when None.
            progress: told after every file.
            cancelled: asked before every file; what was read until then stays.

        Raises:
            ShardError: the disk is full or the cache folder read-only.
        """
        with _told(self.folder):
            try:
                return self._refresh(paths, progress, cancelled)
            except BaseException as error:
                if not is_damage(error):
                    raise
                self.reset()
                return self._refresh(None, progress, cancelled)

    def _refresh(
        self, paths: Iterable[str] | None, progress: Progress, cancelled: Callable[[], bool]
    ) -> Refresh:
        started = time.monotonic()
        left_out: Counter[LeftOut] = Counter()
        changed: list[File] = []
        removed: list[str] = []
        with self._locked("writing", cancelled) as held:
            if held and not self.complete:
                changed, removed = self._difference(paths, left_out)
                self._remove(removed)
                self._index(changed, progress, cancelled)
                if self.unit.immutable and not cancelled():
                    (self.folder / _COMPLETE).touch()
            files, snippets = self._catalog.counts()
            left_out += self._catalog.left_out()
        seconds = time.monotonic() - started
        return Refresh(files, snippets, len(changed), len(removed), seconds, left_out)

    def _difference(
        self, paths: Iterable[str] | None, left_out: Counter[LeftOut]
    ) -> tuple[list[File], list[str]]:
        if paths is None:
            known = self._catalog.files()
            present = {file.path: file for file in self._walk(left_out)}
            changed = [file for file in present.values() if self._differs(known, file)]
            return changed, [path for path in known if path not in present]
        verdicts = {path: visible(self.root, path, self._limits) for path in paths}
        changed = [verdict for verdict in verdicts.values() if isinstance(verdict, File)]
        gone = [path for path, verdict in verdicts.items() if not isinstance(verdict, File)]
        return changed, self._catalog.paths_below(gone)

    def _differs(self, known: Mapping[str, File], file: File) -> bool:
        if self.unit.immutable:  # only a reading that was stopped leaves something to do
            return file.path not in known
        return known.get(file.path) != file

    def _walk(self, left_out: Counter[LeftOut]) -> Iterator[File]:
        if self.unit.files is not None:
            return listed(self.root, self.unit.files, self._limits, left_out)
        return walk(self.root, self._limits, left_out, apart=self.unit.immutable)

    def _remove(self, paths: Sequence[str]) -> None:
        if paths:
            with self._catalog.transaction() as transaction:
                transaction.remove(paths)
                self.words.update(paths, ())

    def _index(
        self, files: Sequence[File], progress: Progress, cancelled: Callable[[], bool]
    ) -> None:
        project = self.unit.license or (license_of_project(self.root) if files else None)
        batch: list[_Parsed] = []
        pause, committed = _FIRST_COMMIT_SECONDS, time.monotonic()
        for done, file in enumerate(files, 1):
            if cancelled():
                break
            batch.append(self._parse(file, project))
            if time.monotonic() - committed > pause:
                self._commit(batch)
                batch, committed = [], time.monotonic()
                pause = min(2 * pause, _COMMIT_SECONDS)
            progress(done, len(files))
        self._commit(batch)

    def _parse(self, file: File, project_license: str | None) -> _Parsed:
        content = read(self.root, file.path, self._limits)
        if isinstance(content, LeftOut):
            return _Parsed(file, left_out=content)
        source, language = content
        definitions = extract(source, language, self._limits)
        if self.unit.immutable:
            file = replace(file, stamp=digest(source))
        return _Parsed(file, license_of_file(source) or project_license, definitions)

    def _commit(self, batch: Sequence[_Parsed]) -> None:
        if not batch:
            return
        paths = [parsed.file.path for parsed in batch]
        with self._catalog.transaction() as transaction:
            transaction.remove(paths)
            documents = [word for parsed in batch for word in _add(transaction, parsed)]
            self.words.update(paths, documents)

    def entries(self, ids: Sequence[int] = (), keys: Sequence[bytes] = ()) -> list[Entry]:
        """The passages with these ids, and those whose text has one of these content keys."""
        entries = self._catalog.by_ids(ids) if ids else []
        return entries + self._catalog.by_keys(keys) if keys else entries

    def quoted(self, file: File) -> bytes | None:
        """A file as it was indexed; None where it has changed since."""
        path = self.root / file.path
        try:
            status = path.stat()
            if status.st_size != file.size:
                return None
            if self.unit.immutable:
                source = path.read_bytes()
                return source if digest(source) == file.stamp else None
            return path.read_bytes() if status.st_mtime_ns == file.stamp else None
        except (OSError, ValueError):
            return None

    @property
    def complete(self) -> bool:
        """Whether it holds all that it ever will: a unit that never changes was read."""
        return self.unit.immutable and (self.folder / _COMPLETE).exists()

    def keys_of_files(self) -> dict[str, list[bytes]]:
        """Content keys of every file's passages, the file changed last first."""
        return self._catalog.keys_of_files()

    def counts(self) -> tuple[int, int]:
        """Number of files and of snippets."""
        return self._catalog.counts()

    def languages(self) -> frozenset[str]:
        """Names of the languages that its snippets are in."""
        return self._catalog.languages()

    def texts(self, path: str) -> dict[bytes, str]:
        """The texts to embed of one file as it is now, by content key."""
        content = read(self.root, path, self._limits)
        if isinstance(content, LeftOut):
            return {}
        return {
            key: embedding_text(path, definition.snippet.symbol, passage)
            for definition in extract(*content, self._limits)
            for passage, key in passages_of(path, definition)
        }


def _add(transaction: Transaction, parsed: _Parsed) -> Iterator[WordDocument]:
    path, role = parsed.file.path, role_of(parsed.file.path)
    file = transaction.add_file(parsed.file, parsed.license, parsed.left_out)
    for definition in parsed.definitions:
        snippet = transaction.add_snippet(file, definition.snippet)
        for text, key in passages_of(path, definition):
            id_ = transaction.add_passage(snippet, key)
            snippet_ = definition.snippet
            yield WordDocument(id_, path, snippet_.language, snippet_.symbol, text, role)


def embedding_text(path: str, symbol: str, passage: str) -> str:
    """What the model reads of a passage: where it stands, how it is called, and its code."""
    return f"{path} {symbol}\n{passage}"


def passages_of(path: str, definition: Definition) -> Iterator[tuple[str, bytes]]:
    """The passages of a definition with the content keys of their embedded texts."""
    for passage in definition.passages:
        yield passage, content_key(embedding_text(path, definition.snippet.symbol, passage))


def is_damage(error: BaseException) -> bool:
    """Whether an error of tantivy or SQLite says that the shard's files are broken."""
    if isinstance(error, sqlite3.OperationalError):
        return any(sign in str(error) for sign in ("no such table", "malformed", "unable to open"))
    # tantivy raises ValueError for all of its errors, and a panic (pyo3) derives from BaseException
    broken = isinstance(error, (sqlite3.DatabaseError, ValueError))
    return broken or type(error).__name__ == "PanicException"


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Turn what the operating system refuses into an error that says what to do."""
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        if is_damage(error):
            raise
        reason = getattr(error, "strerror", None) or error
        raise ShardError(
            f"the index in {folder} cannot be written ({reason}); free some space or name another"
            " folder in the setting dowse.cacheFolder or the variable DOWSE_CACHE"
        ) from error


def digest(source: bytes) -> int:
    """A number that tells one content from another; 63 bits, which SQLite's integers hold."""
    return int.from_bytes(hashlib.blake2b(source, digest_size=8).digest()) >> 1
