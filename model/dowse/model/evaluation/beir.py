"""Reads and writes evaluation sets in BEIR format (Thakur et al. 2021, arXiv:2104.08663)."""

from __future__ import annotations

import gzip
import json
import math
import zlib
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from dowse.context.errors import DatasetError
from dowse.model.evaluation.metrics import Dataset, Origin
from dowse.model.manifest import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_SHOWN = 60
"""Characters of a malformed row that a message repeats."""


class _Row(NamedTuple):
    """A line of a corpus or of a file of queries."""

    key: str
    text: str
    language: str


def load_dataset(folder: Path, split: str | None = None) -> Dataset:
    """Read `corpus.jsonl[.gz]`, `queries.jsonl[.gz]` and `qrels/*.tsv`.

    A document may carry its `language`, by itself or in its `metadata`.

    Args:
        folder: the dataset's.
        split: name of the file in `qrels`, such as `test`; all of them by default.

    Raises:
        DatasetError: a file is missing, a row is malformed or repeated, or a judgement names
            a document or a query that is not there.
    """
    rows = list(_documents(folder, "corpus"))
    corpus = {row.key: row.text for row in rows}
    queries = {row.key: row.text for row in _documents(folder, "queries")}
    relevance: dict[str, dict[str, int]] = {}
    for path in _judgement_files(folder, split):
        for place, query, document, gain in _judgements(path):
            if query not in queries:
                raise DatasetError(f"{place}: there is no query {query!r}; take the row out")
            if document not in corpus:
                raise DatasetError(f"{place}: there is no document {document!r}; take the row out")
            relevance.setdefault(query, {})[document] = gain
    judged = {query: text for query, text in queries.items() if query in relevance}
    origins = {row.key: Origin(row.language) for row in rows if row.language}
    return Dataset(folder.resolve().name, corpus, judged, relevance, origins)


def write_dataset(folder: Path, dataset: Dataset) -> None:
    """Write `corpus.jsonl`, `queries.jsonl` and `qrels/test.tsv`; `load_dataset` reads them back.

    Raises:
        DatasetError: the folder cannot be written.
    """
    languages = {name: origin.language for name, origin in dataset.origins.items()}
    corpus = (
        {"_id": name, "title": "", "text": text, "language": languages.get(name, "")}
        for name, text in dataset.corpus.items()
    )
    queries = ({"_id": name, "text": text} for name, text in dataset.queries.items())
    judged = (
        f"{query}\t{document}\t{gain}"
        for query, gains in dataset.relevance.items()
        for document, gain in gains.items()
    )
    files = {
        "corpus.jsonl": map(json.dumps, corpus),
        "queries.jsonl": map(json.dumps, queries),
        "qrels/test.tsv": chain(["query-id\tcorpus-id\tscore"], judged),
    }
    try:
        for name, lines in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, "".join(f"{line}\n" for line in lines))
    except OSError as error:
        raise DatasetError(f"cannot write {folder}: {error.strerror}; name another one") from None


def _documents(folder: Path, name: str) -> Iterator[_Row]:
    path = next(
        (p for p in (folder / f"{name}.jsonl", folder / f"{name}.jsonl.gz") if p.is_file()), None
    )
    if path is None:
        raise DatasetError(f"{folder} has no {name}.jsonl or {name}.jsonl.gz; is it a BEIR folder?")
    seen: set[str] = set()
    for number, line in _lines(path):
        place = f"{path}:{number}"
        row = _document(line, place)
        if row.key in seen:
            raise DatasetError(f"{place}: the id {row.key!r} was there before; keep one of the two")
        seen.add(row.key)
        yield row


def _document(line: str, place: str) -> _Row:
    try:
        row: Any = json.loads(line)
    except (ValueError, RecursionError):
        raise DatasetError(f"{place}: this is no JSON: {line[:_SHOWN]!r}; mend the row") from None
    if not isinstance(row, dict):
        raise DatasetError(f"{place}: this is no JSON object: {line[:_SHOWN]!r}; mend the row")
    key, title, text = row.get("_id", row.get("id")), row.get("title") or "", row.get("text")
    if isinstance(key, bool) or not isinstance(key, str | int) or key == "":
        raise DatasetError(f"{place}: the row has no `_id`; give it one")
    if not isinstance(text, str) or not isinstance(title, str):
        raise DatasetError(f"{place}: the row {key!r} has no `text`; give it one")
    return _Row(str(key), f"{title}\n{text}" if title else text, _language(row))


def _language(row: Mapping[str, Any]) -> str:
    about = row.get("metadata")
    language = row.get("language") or (about.get("language") if isinstance(about, dict) else None)
    return language.lower() if isinstance(language, str) else ""


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the number, from 1, and the text of each line that is not blank."""
    open_text = gzip.open if path.suffix == ".gz" else open
    number = 0
    try:
        with open_text(path, "rt", encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, str(line)
    except UnicodeDecodeError:
        raise DatasetError(f"{path}: not UTF-8 after line {number}; convert it") from None
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(f"{path}: cannot be read after line {number}: {error}") from None


def _judgement_files(folder: Path, split: str | None) -> list[Path]:
    paths = sorted((folder / "qrels").glob(f"{split or '*'}.tsv"))
    if not paths:
        raise DatasetError(f"{folder}/qrels has no {split or '*'}.tsv; is it a BEIR folder?")
    return paths


def _judgements(path: Path) -> Iterator[tuple[str, str, str, int]]:
    """Yield place, query id, document id and gain of each row; a header has no number in it."""
    for number, line in _lines(path):
        place, cells = f"{path}:{number}", line.rstrip("\r\n").split("\t")
        # BEIR has three columns; TREC's four have an unused one after the query.
        if len(cells) == 4:
            cells = [cells[0], *cells[2:]]
        if number == 1 and len(cells) == 3 and not _is_number(cells[2]):
            continue
        if len(cells) != 3 or not _is_number(cells[2]):
            raise DatasetError(
                f"{place}: not `query<TAB>document<TAB>number`: {line[:_SHOWN]!r}; mend it"
            )
        yield place, cells[0], cells[1], max(int(float(cells[2])), 0)


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
