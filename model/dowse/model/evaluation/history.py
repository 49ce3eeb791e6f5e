"""Reads a repository's past through `git`: which definitions each commit changed.

The repository is not trusted: its configuration names programs (hooks, pagers, external diffs,
signature checkers, transports) that must not run, so all of them are switched off.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from dowse.context.errors import DatasetError
from dowse.context.files import longest_line
from dowse.context.languages import language_of_path
from dowse.model.evaluation.descriptions import has_definitions, read_definitions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import TracebackType

    from dowse.context.types import Limits
    from dowse.model.evaluation.descriptions import Described

    Progress = Callable[[int, int], None]
    Version = tuple[str, str]
    """Path and blob of a file at some time."""

MAX_FILES = 50
"""Commits that touch more files are imports, renamings and formattings."""
_MAX_LOG_BYTES = 64_000_000
"""Thousands of commits fit; a repository that was made to fill the memory does not."""
_REMEMBERED = 512
"""Versions of files kept parsed: each is the new one of a commit and the old one of a later one."""

_SAFE = {
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.pager": "cat",
    "log.showSignature": "false",
    "safe.bareRepository": "explicit",
}
_LOG = (
    *("log", "--no-merges", "--no-show-signature", "--no-ext-diff", "--no-textconv", "--no-color"),
    *("--no-notes", "--no-mailmap", "--encoding=UTF-8", "--ignore-submodules=all", "--raw"),
    *("--no-abbrev", "-z", "-M", "-l200", "--diff-filter=AMR", "--format=%x01%H%x00%s"),
)


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as `git log --raw` tells it."""

    id: str
    subject: str
    changes: Sequence[tuple[Version | None, Version]]
    """Each file's version before, None where it is new, and after; paths below the workspace."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a commit changed, by the names that things have today."""

    commit: Commit
    definitions: frozenset[Version]
    """Path and symbol of each function, method and class."""


def read_commits(root: Path, limit: int) -> list[Commit]:
    """The newest commits that touch a folder, merges left out, newest first.

    Args:
        root: a folder inside a work tree.
        limit: number of commits.

    Raises:
        DatasetError: there is no git, no repository, no commit, or git fails.
    """
    arguments = (*_LOG, f"--max-count={limit}", "--relative", "HEAD", "--", ".")
    with _git(root, *arguments) as process:
        assert process.stdout is not None
        log = process.stdout.read(_MAX_LOG_BYTES)
        if len(log) == _MAX_LOG_BYTES:
            process.kill()
        elif process.wait() != 0:
            raise DatasetError(f"git finds no history in {root}; `git -C {root} log` says why")
    # The last one may be cut off where there is too much.
    return list(_parsed(log.split(b"\0")))


def read_changes(
    root: Path,
    commits: Sequence[Commit],
    limits: Limits,
    most: int,
    progress: Progress = lambda done, total: None,
) -> Iterator[Change]:
    """Tell which definitions each commit added or changed, docstrings and comments above aside.

    Args:
        root: the folder.
        commits: newest first, as `read_commits` gives them.
        limits: what is too large to be parsed.
        most: commits with more changed definitions are passed over.
        progress: told after every commit.
    """
    today: dict[str, str] = {}
    with _Versions(root, limits) as versions:
        for done, commit in enumerate(commits, 1):
            changed = versions.changed(commit.changes) if commit.changes else set()
            if 0 < len(changed) <= most:
                names = ((today.get(path, path), symbol) for path, symbol in changed)
                yield Change(commit, frozenset(names))
            for before, after in commit.changes:
                if before is not None and before[0] != after[0]:
                    today[before[0]] = today.get(after[0], after[0])
            progress(done, len(commits))


def _git(root: Path, *arguments: str) -> subprocess.Popen[bytes]:
    program = shutil.which("git")
    # A git that lies in the workspace itself is part of what is not trusted.
    if program is None or Path(program).absolute().is_relative_to(root.absolute()):
        raise DatasetError("git is not installed; install it to have commits as queries")
    options = [part for name, value in _SAFE.items() for part in ("-c", f"{name}={value}")]
    command = [program, "--no-pager", "--literal-pathspecs", *options, "-C", str(root), *arguments]
    try:
        return subprocess.Popen(
            command,
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except OSError as error:
        raise DatasetError(f"cannot start git: {error.strerror}; mend its installation") from None


def _environment() -> Mapping[str, str]:
    """The person's, without what would lead git elsewhere, and with every transport shut."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    # A partial clone fetches what it lacks, by programs that its configuration names.
    shut = {"GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0"}
    return {**own, **shut, "GIT_TERMINAL_PROMPT": "0"}


def _parsed(tokens: Sequence[bytes]) -> Iterator[Commit]:
    """Parse what NUL separates: byte 1 and id, subject, then rows `:modes blobs status`, paths."""
    rest = iter(tokens)
    head: tuple[str, str] | None = None
    changes: list[tuple[Version | None, Version]] = []
    for token in rest:
        text = token.lstrip(b"\n")
        if text.startswith(b"\1"):
            if head is not None:
                yield Commit(*head, changes)
            head, changes = (text[1:].decode(), next(rest, b"").decode("utf-8", "replace")), []
        elif text.startswith(b":"):
            changes += _change(text.decode().split(), rest)
    if head is not None:
        yield Commit(*head, changes)


def _change(row: Sequence[str], rest: Iterator[bytes]) -> Iterator[tuple[Version | None, Version]]:
    """Yield the change of a regular file; links and submodules have other modes."""
    if len(row) != 5:
        return  # where the log was cut off
    _, mode, old, new, status = row
    paths = [next(rest, b"") for _ in range(2 if status[0] in "RC" else 1)]
    try:
        names = [path.decode() for path in paths]
    except UnicodeDecodeError:
        return
    if mode.startswith("100"):
        yield (None if status == "A" else (names[0], old)), (names[-1], new)


class _Versions:
    """Definitions of files as they were, read through one `git cat-file`."""

    def __init__(self, root: Path, limits: Limits) -> None:
        self._root, self._limits = root, limits
        self._process: subprocess.Popen[bytes] | None = None
        self._known: dict[Version, list[Described]] = {}

    def __enter__(self) -> _Versions:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def changed(self, changes: Sequence[tuple[Version | None, Version]]) -> set[Version]:
        """Path and symbol of what is other than anything before; moved code is not."""
        if len(changes) > MAX_FILES:
            return set()
        before = {d.passages for old, _ in changes if old for d in self._definitions(old)}
        return {
            (new[0], each.symbol)
            for _, new in changes
            for each in self._definitions(new)
            if each.is_named and each.passages and each.passages not in before
        }

    def _definitions(self, version: Version) -> list[Described]:
        # The path counts too: its ending tells the language.
        found = self._known.pop(version, None)
        if found is None:
            found = self._read(*version)
        self._known[version] = found
        if len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]
        return found

    def _read(self, path: str, blob: str) -> list[Described]:
        language = language_of_path(path)
        if language is None or not has_definitions(language):
            return []
        source = self._blob(blob)
        if b"\0" in source or longest_line(source) > self._limits.max_line_length:
            return []
        return read_definitions(source, language, self._limits.max_depth)

    def _blob(self, blob: str) -> bytes:
        """A file's content; nothing where it is missing or too large."""
        if self._process is None:
            self._process = _git(self._root, "cat-file", "--batch")
        incoming, outgoing = self._process.stdin, self._process.stdout
        assert incoming is not None
        assert outgoing is not None
        try:
            incoming.write(f"{blob}\n".encode())
            incoming.flush()
            return self._answer(outgoing)
        except OSError:
            self._stop()
            return b""

    def _answer(self, outgoing: IO[bytes]) -> bytes:
        head = outgoing.readline().split()
        if len(head) != 3:
            if not head:
                self._stop()
            return b""
        size = int(head[2])
        if head[1] != b"blob" or size > self._limits.max_file_bytes:
            self._stop()  # cheaper than reading what may be gigabytes
            return b""
        return outgoing.read(size + 1)[:size]

    def _stop(self) -> None:
        if self._process is not None:
            with self._process as process:
                process.kill()
            self._process = None
