"""Scores rankings against judgements, with intervals and paired comparisons; pure arithmetic.

Metrics are those of trec_eval: a document without a judgement is irrelevant and relevance is a gain
of 0 or more. Only the order in the ranking counts, so equal scores keep the order that the search
gave them; trec_eval puts them in descending order of document id instead.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from dowse.context.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    Metric = Callable[[Sequence[str], Mapping[str, int]], float]
    Matrix = NDArray[np.float64]

_Key = TypeVar("_Key")

RESAMPLES = 1_000
"""Bootstrap resamples; the ends of a 95 % interval then move by about 1 % of its width."""

PAIRED_RESAMPLES = 10_000
"""Bootstrap resamples of a comparison; the smallest p-value that it can tell is 0.0002."""

_GATHERED = 1_000_000
"""Scores gathered at once while resampling: 8 MB."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a document comes from, as far as that is known."""

    language: str = ""
    """The grammar's name, as `Snippet.language` holds it."""
    path: str = ""
    line: int = 0
    """From 1; 0 when it is not known."""
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A corpus, queries, and which documents answer them."""

    name: str
    corpus: Mapping[str, str]
    """Document id to text, its title in front where it has one; passage id to text where a document
    has `parts`."""
    queries: Mapping[str, str]
    """Query id to text; only queries with a judgement."""
    relevance: Mapping[str, Mapping[str, int]]
    """Query id to document id to gain; 0 is a judged wrong answer."""
    origins: Mapping[str, Origin] = field(default_factory=dict)
    """Document id to origin."""
    kinds: Mapping[str, str] = field(default_factory=dict)
    """Query id to the kind of query that it is, such as `docstring`."""
    parts: Mapping[str, str] = field(default_factory=dict)
    """Id of a passage to the id of its document; a text without an entry is its own document."""

    @property
    def documents(self) -> int:
        """Number of documents, passages of one counted once."""
        return len({self.parts.get(name, name) for name in self.corpus})


@dataclass(frozen=True, slots=True)
class Score:
    """A metric's mean over all queries and the interval that holds it."""

    mean: float
    low: float
    """2.5th percentile of the means of resampled queries."""
    high: float
    """97.5th percentile."""
    queries: int


@dataclass(frozen=True, slots=True)
class Difference:
    """How much better one system is than another on the same queries."""

    mean: float
    """Mean of the first one's score minus the second one's."""
    low: float
    """2.5th percentile of the means of resampled queries."""
    high: float
    """97.5th percentile."""
    p: float
    """Two-sided p-value of "there is no difference"."""
    queries: int

    @property
    def significant(self) -> bool:
        """Whether chance alone would show such a difference in less than one of 20 tests."""
        return self.p < 0.05


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


METRICS: Mapping[str, Metric] = {
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
    return summarize_all({name: list(values.values()) for name, values in scores.items()}, seed)


def summarize(values: Sequence[float], seed: int = 0) -> Score:
    """Mean with a percentile bootstrap interval (Efron and Tibshirani 1993, chapter 13).

    Args:
        values: one score a query.
        seed: equal seeds resample the same queries, so that two systems can be compared.

    Raises:
        DatasetError: there is no value.
    """
    return summarize_all({"": values}, seed)[""]


def summarize_all(columns: Mapping[_Key, Sequence[float]], seed: int = 0) -> dict[_Key, Score]:
    """The same for several scores of the same queries at once, which share the resampling.

    Raises:
        DatasetError: there is no value.
    """
    import numpy as np

    scores = np.array(list(columns.values()), dtype=np.float64).T
    if not scores.size:
        raise DatasetError("no query has a relevant document; check the qrels")
    low, high = np.percentile(_resampled_means(scores, RESAMPLES, seed), [2.5, 97.5], axis=0)
    return {
        name: Score(float(scores[:, n].mean()), float(low[n]), float(high[n]), len(scores))
        for n, name in enumerate(columns)
    }


def compare(one: Sequence[float], other: Sequence[float], seed: int = 0) -> Difference:
    """Paired bootstrap over queries: is the first system better than the second?

    The differences of each query are resampled. The p-value is twice the share of resampled means
    on the other side of zero, so it is below 0.05 where the 95 % interval leaves zero out (Efron
    and Tibshirani 1993, section 12.3). Smucker, Allan and Carterette (CIKM 2007) find that a
    bootstrap over queries agrees with the t-test and the randomization test on such scores.

    Args:
        one: score a query.
        other: the other system's, same queries in the same order.
        seed: equal seeds give equal answers.

    Raises:
        DatasetError: there is no query, or the two differ in their number.
    """
    import numpy as np

    if not one or len(one) != len(other):
        raise DatasetError(
            f"{len(one)} and {len(other)} scores cannot be paired; score the same queries twice"
        )
    differences = np.asarray(one, np.float64) - np.asarray(other, np.float64)
    means = _resampled_means(differences[:, None], PAIRED_RESAMPLES, seed)[:, 0]
    low, high = np.percentile(means, [2.5, 97.5])
    # The observed sample counts as one more resample, so that p is never 0.
    tail = 1 + min(np.count_nonzero(means <= 0), np.count_nonzero(means >= 0))
    p = min(1.0, 2 * float(tail) / (PAIRED_RESAMPLES + 1))
    # All signs of n differences are equal by chance this often, so fewer queries cannot tell more.
    p = max(p, 2.0 ** (1 - len(one)))
    return Difference(float(differences.mean()), float(low), float(high), p, len(one))


def _resampled_means(scores: Matrix, resamples: int, seed: int) -> Matrix:
    """Means of queries drawn with replacement, shape (resamples, columns)."""
    import numpy as np

    random, count = np.random.default_rng(seed), len(scores)
    # A part at a time: all at once would take gigabytes for a large set of queries.
    part = max(1, _GATHERED // scores.size)
    sizes = [min(part, resamples - start) for start in range(0, resamples, part)]
    rows = [scores[random.integers(0, count, (size, count))].mean(axis=1) for size in sizes]
    return np.concatenate(rows)


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
