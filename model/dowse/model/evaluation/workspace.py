"""Builds an evaluation set from a person's own repository.

Docstrings, doc comments and commit messages are the queries; the definitions that they describe are
the answers, searched among all others of the repository, with every description taken out.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from dowse.context.errors import DatasetError
from dowse.context.files import LeftOut, read, walk
from dowse.model.evaluation.descriptions import has_definitions, read_definitions
from dowse.model.evaluation.history import read_changes, read_commits
from dowse.model.evaluation.metrics import Dataset, Origin
from dowse.model.evaluation.sentences import commit_sentence, first_sentence, repeats_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from dowse.context.types import Limits
    from dowse.model.evaluation.descriptions import Described

    Progress = Callable[[str, int, int], None]

_Item = TypeVar("_Item")

DOCSTRING = "docstring"
"""Queries from docstrings and doc comments."""
COMMIT = "commit"
"""Queries from commit messages."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large a test may become."""

    queries: int = 1_000
    """Of each kind, drawn by chance; the interval of a mean is then about 5 points wide."""
    documents: int = 10_000
    """Definitions searched; all answers, and others drawn by chance. A model embeds about 30 a
    second on two cores."""
    commits: int = 2_000
    """The newest ones are looked at."""
    definitions: int = 10
    """Commits that changed more are about something larger than any answer."""
    seed: int = 0
    """Equal seeds draw the same queries and documents."""


@dataclass(frozen=True, slots=True)
class WorkspaceTest:
    """An evaluation set and how it came about."""

    dataset: Dataset
    counts: Mapping[str, int]
    """What was read, found and left out, by name."""
    notes: tuple[str, ...]
    """Sentences about what is missing, such as a repository without git."""


@dataclass(frozen=True, slots=True)
class _Document:
    """One definition, or several whose texts are the same."""

    id: str
    origin: Origin
    passages: tuple[str, ...]


def build_test(
    root: Path,
    limits: Limits,
    sizes: Sizes | None = None,
    progress: Progress = lambda step, done, total: None,
) -> WorkspaceTest:
    """Build a test from a folder, the same one from the same files and commits.

    Args:
        root: a repository, or any folder of code; without git, docstrings are the only queries.
        limits: which files are too large.
        sizes: how large the test may become.
        progress: called with the step's name, what is done, and all there is.

    Raises:
        DatasetError: nothing in the folder describes a definition.
    """
    return _Builder(root, limits, sizes or Sizes(), progress).build()


class _Builder:
    """Collects documents by their texts, and queries by their words."""

    def __init__(self, root: Path, limits: Limits, sizes: Sizes, progress: Progress) -> None:
        self._root, self._limits, self._sizes, self._progress = root, limits, sizes, progress
        self._documents: dict[tuple[str, ...], _Document] = {}
        self._by_name: dict[tuple[str, str], set[str]] = {}
        self._ids: set[str] = set()
        self._queries: dict[tuple[str, str], tuple[str, set[str]]] = {}
        self._counts: Counter[str] = Counter()
        self._notes: list[str] = []

    def build(self) -> WorkspaceTest:
        for path, language, described in self._definitions():
            self._add(path, language, described)
        if self._sizes.commits:
            try:
                self._add_commits()
            except DatasetError as error:
                self._notes.append(f"No commit is a query: {error}.")
        if not self._queries:
            raise DatasetError(
                f"no docstring or commit message in {self._root} describes a definition; "
                "name a folder with documented code or a history"
            )
        return self._test()

    def _definitions(self) -> Iterator[tuple[str, str, Described]]:
        files = list(walk(self._root, self._limits, Counter()))
        for done, file in enumerate(files, 1):
            content = read(self._root, file.path, self._limits)
            if not isinstance(content, LeftOut) and has_definitions(content[1]):
                self._counts["files"] += 1
                source, language = content
                for each in read_definitions(source, language, self._limits.max_depth):
                    yield file.path, language.name, each
            self._progress("reading definitions", done, len(files))

    def _add(self, path: str, language: str, described: Described) -> None:
        if not described.passages:
            return
        self._counts["definitions"] += 1
        document = self._document(path, language, described)
        if described.is_named:
            self._by_name.setdefault((path, described.symbol), set()).add(document.id)
            self._counts["described"] += bool(described.description)
            sentence = first_sentence(described.description, described.symbol)
            if sentence is not None:
                self._ask(DOCSTRING, sentence, [document.id])
                repeats = repeats_name(sentence, described.symbol)
                self._counts["sentences that mostly repeat the name"] += repeats

    def _document(self, path: str, language: str, described: Described) -> _Document:
        known = self._documents.get(described.passages)
        if known is not None:
            # A search cannot tell equal texts apart, so finding either is finding both.
            self._counts["same text as another"] += 1
            return known
        # No blanks, because a TREC run has none in its ids; `#` counts passages.
        id_ = base = f"{quote(path)}:{described.line}"
        while id_ in self._ids:
            id_ = f"{base}:{quote(described.symbol)}"
            base += "+"
        self._ids.add(id_)
        origin = Origin(language, path, described.line, described.symbol)
        document = _Document(id_, origin, described.passages)
        self._documents[described.passages] = document
        return document

    def _ask(self, kind: str, sentence: str, answers: Iterable[str]) -> None:
        key = (kind, sentence.casefold())
        self._queries.setdefault(key, (sentence, set()))[1].update(answers)

    def _add_commits(self) -> None:
        commits = read_commits(self._root, self._sizes.commits)
        self._counts["commits"] = len(commits)
        changes = read_changes(
            self._root,
            commits,
            self._limits,
            self._sizes.definitions,
            lambda done, total: self._progress("reading commits", done, total),
        )
        for change in changes:
            found = {id_ for name in change.definitions for id_ in self._by_name.get(name, ())}
            sentence = commit_sentence(change.commit.subject)
            if sentence is not None and found:
                self._ask(COMMIT, sentence, found)

    def _test(self) -> WorkspaceTest:
        queries, relevance, kinds = self._sampled_queries()
        kept = self._sampled_documents({id_ for found in relevance.values() for id_ in found})
        passages = [(d, n, text) for d in kept for n, text in enumerate(d.passages, 1)]
        names = [d.id if n == 1 else f"{d.id}#{n}" for d, n, _ in passages]
        dataset = Dataset(
            name=self._root.resolve().name,
            corpus=dict(zip(names, (text for _, _, text in passages), strict=True)),
            queries=queries,
            relevance=relevance,
            origins={document.id: document.origin for document in kept},
            kinds=kinds,
            parts=dict(zip(names, (d.id for d, _, _ in passages), strict=True)),
        )
        self._counts |= Counter({"documents searched": len(kept), "passages": len(names)})
        return WorkspaceTest(dataset, dict(self._counts), tuple(self._notes))

    def _sampled_queries(
        self,
    ) -> tuple[dict[str, str], dict[str, dict[str, int]], dict[str, str]]:
        texts: dict[str, str] = {}
        relevance: dict[str, dict[str, int]] = {}
        kinds: dict[str, str] = {}
        for kind in (DOCSTRING, COMMIT):
            number = 0
            asked = [query for (of, _), query in self._queries.items() if of == kind]
            self._counts[f"{kind} queries"] = len(asked)
            for number, (text, answers) in enumerate(
                _drawn(asked, self._sizes.queries, self._sizes.seed), 1
            ):
                query = f"{kind}-{number}"
                texts[query], kinds[query] = text, kind
                relevance[query] = dict.fromkeys(sorted(answers), 1)
            if len(asked) > number:
                self._notes.append(f"{number:,} of {len(asked):,} {kind} queries were drawn.")
        return texts, relevance, kinds

    def _sampled_documents(self, answers: set[str]) -> list[_Document]:
        documents = list(self._documents.values())
        others = [document for document in documents if document.id not in answers]
        drawn = _drawn(others, max(0, self._sizes.documents - len(answers)), self._sizes.seed)
        wanted = answers | {document.id for document in drawn}
        if len(wanted) < len(documents):
            self._notes.append(
                f"{len(wanted):,} of {len(documents):,} definitions are searched: all answers, and "
                "others drawn by chance. Among all of them, answers are harder to find."
            )
        return [document for document in documents if document.id in wanted]


def _drawn(items: Sequence[_Item], most: int, seed: int) -> list[_Item]:
    """At most so many of the items, drawn by chance, in their order."""
    if len(items) <= most:
        return list(items)
    chosen = random.Random(seed).sample(range(len(items)), most)
    return [items[n] for n in sorted(chosen)]
