"""Reads BEIR-format evaluation sets and scores rankings against them; the searching is elsewhere.

Metrics are those of trec_eval: a document without a judgement is irrelevant, relevance is a gain of
0 or more, and only the order in the ranking counts.
"""

from __future__ import annotations

import gzip
import json
import math
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dowse.context.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

RESAMPLES = 1_000
"""Bootstrap resamples; the ends of a 95 % interval then move by about 1 % of its width."""

_SHOWN = 60
"""Characters of a malformed row that a message repeats."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A corpus, queries, and which documents answer them."""

    name: str
    corpus: Mapping[str, str]
    """Document id to text, its title in front where it has one."""
    queries: Mapping[str, str]
    """Query id to text; only queries with a judgement."""
    relevance: Mapping[str, Mapping[str, int]]
    """Query id to document id to gain; 0 is a judged wrong answer."""


@dataclass(frozen=True, slots=True)
class Score:
    """A metric's mean over all queries and the interval that holds it."""

    mean: float
    low: float
    """2.5th percentile of the means of resampled queries."""
    high: float
    """97.5th percentile."""
    queries: int


def load_dataset(folder: Path, split: str | None = None) -> Dataset:
    """Read `corpus.jsonl[.gz]`, `queries.jsonl[.gz]` and `qrels/*.tsv`.

    Args:
        folder: the dataset's.
        split: name of the file in `qrels`, such as `test`; all of them by default.

    Raises:
        DatasetError: a file is missing, a row is malformed or repeated, or a judgement names
            a document or a query that is not there.
    """
    corpus = dict(_documents(folder, "corpus"))
    queries = dict(_documents(folder, "queries"))
    relevance: dict[str, dict[str, int]] = {}
    for path in _judgement_files(folder, split):
        for place, query, document, gain in _judgements(path):
            if query not in queries:
                raise DatasetError(f"{place}: there is no query {query!r}; take the row out")
            if document not in corpus:
                raise DatasetError(f"{place}: there is no document {document!r}; take the row out")
            relevance.setdefault(query, {})[document] = gain
    judged = {query: text for query, text in queries.items() if query in relevance}
    return Dataset(folder.resolve().name, corpus, judged, relevance)


def _documents(folder: Path, name: str) -> Iterator[tuple[str, str]]:
    path = next(
        (p for p in (folder / f"{name}.jsonl", folder / f"{name}.jsonl.gz") if p.is_file()), None
    )
    if path is None:
        raise DatasetError(f"{folder} has no {name}.jsonl or {name}.jsonl.gz; is it a BEIR folder?")
    seen: set[str] = set()
    for number, line in _lines(path):
        place = f"{path}:{number}"
        key, text = _document(line, place)
        if key in seen:
            raise DatasetError(f"{place}: the id {key!r} was there before; keep one of the two")
        seen.add(key)
        yield key, text


def _document(line: str, place: str) -> tuple[str, str]:
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
    return str(key), f"{title}\n{text}" if title else text


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


def reciprocal_rank(ranking: Sequence[str], gains: Mapping[str, int]) -> float:
    """1 / rank of the first relevant document; 0 without one."""
    for rank, document in enumerate(ranking, 1):
        if gains.get(document, 0) > 0:
            return 1 / rank
    return 0.0


def recall(ranking: Sequence[str], gains: Mapping[str, int], depth: int) -> float:
    """Share of the relevant documents among the first `depth`; 0 when none is relevant."""
    relevant = {document for document, gain in gains.items() if gain > 0}
    return len(relevant & set(ranking[:depth])) / len(relevant) if relevant else 0.0


def average_precision(ranking: Sequence[str], gains: Mapping[str, int]) -> float:
    """Mean over the relevant documents of the precision where each is found, 0 where it is not."""
    relevant = sum(gain > 0 for gain in gains.values())
    found, total = 0, 0.0
    for rank, document in enumerate(ranking, 1):
        if gains.get(document, 0) > 0:
            found += 1
            total += found / rank
    return total / relevant if relevant else 0.0


def ndcg(ranking: Sequence[str], gains: Mapping[str, int], depth: int = 10) -> float:
    """Discounted cumulative gain over the best possible one (Järvelin and Kekäläinen 2002).

    The gain is linear and its discount log2(rank + 1), as in trec_eval's ndcg_cut.
    """
    best = _dcg(sorted((gain for gain in gains.values() if gain > 0), reverse=True)[:depth])
    return _dcg([gains.get(document, 0) for document in ranking[:depth]]) / best if best else 0.0


def _dcg(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))


METRICS: Mapping[str, Any] = {
    "MRR": reciprocal_rank,
    "Recall@1": lambda ranking, gains: recall(ranking, gains, 1),
    "Recall@5": lambda ranking, gains: recall(ranking, gains, 5),
    "Recall@10": lambda ranking, gains: recall(ranking, gains, 10),
    "NDCG@10": ndcg,
    "MAP": average_precision,
}
"""Name to function of a ranking and the gains; each gives 0 to 1."""


def per_query(
    rankings: Mapping[str, Sequence[str]], relevance: Mapping[str, Mapping[str, int]]
) -> dict[str, dict[str, float]]:
    """Score every judged query by every metric; a query without a ranking scores 0.

    Args:
        rankings: query id to document ids, best first, none twice.
        relevance: query id to document id to gain.

    Returns:
        Metric to query id to score; queries without a relevant document are left out.

    Raises:
        DatasetError: a ranking names a document twice.
    """
    for query, ranking in rankings.items():
        if len(set(ranking)) != len(ranking):
            raise DatasetError(f"the ranking of query {query!r} names a document twice; drop one")
    judged = [query for query, gains in relevance.items() if any(g > 0 for g in gains.values())]
    return {
        name: {query: metric(rankings.get(query, ()), relevance[query]) for query in judged}
        for name, metric in METRICS.items()
    }


def evaluate(
    rankings: Mapping[str, Sequence[str]],
    relevance: Mapping[str, Mapping[str, int]],
    seed: int = 0,
) -> dict[str, Score]:
    """Mean and 95 % interval of every metric over the judged queries.

    Raises:
        DatasetError: no query has a relevant document, or a ranking names a document twice.
    """
    scores = per_query(rankings, relevance)
    return {name: summarize(list(values.values()), seed) for name, values in scores.items()}


def summarize(values: Sequence[float], seed: int = 0) -> Score:
    """Mean with a percentile bootstrap interval (Efron and Tibshirani 1993, chapter 13).

    Args:
        values: one score a query.
        seed: equal seeds resample the same queries, so that two systems can be compared.

    Raises:
        DatasetError: there is no value.
    """
    import numpy as np

    if not values:
        raise DatasetError("no query has a relevant document; check the qrels")
    scores = np.asarray(values, dtype=np.float64)
    random = np.random.default_rng(seed)
    # One resample at a time: all at once would take gigabytes for a large set of queries.
    means = [scores[random.integers(0, len(scores), len(scores))].mean() for _ in range(RESAMPLES)]
    low, high = np.percentile(means, [2.5, 97.5])
    return Score(float(scores.mean()), float(low), float(high), len(scores))


def write_run(
    path: Path, rankings: Mapping[str, Sequence[tuple[str, float]]], tag: str = "dowse"
) -> None:
    """Write a TREC run file: `query Q0 document rank score tag`, a line a hit.

    Args:
        path: written under a temporary name, then renamed.
        rankings: query id to (document id, score), best first.
        tag: names the system; blanks in it become `_`.

    Raises:
        DatasetError: an id has a blank in it, or the file cannot be written.
    """
    temporary = path.with_name(f".{path.name}.partial")
    try:
        with temporary.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(_run_lines(rankings, "_".join(tag.split())))
        temporary.replace(path)
    except OSError as error:
        raise DatasetError(f"cannot write {path}: {error.strerror}; choose another place") from None
    finally:
        temporary.unlink(missing_ok=True)


def _run_lines(rankings: Mapping[str, Sequence[tuple[str, float]]], tag: str) -> Iterator[str]:
    for query, ranking in rankings.items():
        for rank, (document, score) in enumerate(ranking, 1):
            if len(f"{query} {document}".split()) != 2:
                raise DatasetError(
                    f"the ids {query!r} and {document!r} do not fit into a run file; rename"
                )
            yield f"{query} Q0 {document} {rank} {score:.6f} {tag}\n"
