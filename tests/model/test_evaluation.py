from __future__ import annotations

import gzip
import json
import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dowse.context.errors import DatasetError
from dowse.model import evaluation

if TYPE_CHECKING:
    from pathlib import Path

GAINS = {"q1": {"a": 2, "b": 1, "x": 0}, "q2": {"c": 1}, "q3": {"d": 0}}
RANKINGS = {"q1": ["x", "b", "y", "a"], "q2": ["p", "q", "r", "s", "t", "c"]}


def test_hand_worked_scores() -> None:
    scores = evaluation.per_query(RANKINGS, GAINS)
    assert scores["MRR"] == {"q1": 1 / 2, "q2": 1 / 6}
    assert scores["Recall@1"] == {"q1": 0, "q2": 0}
    assert scores["Recall@5"] == {"q1": 1, "q2": 0}
    assert scores["Recall@10"] == {"q1": 1, "q2": 1}
    assert scores["MAP"]["q1"] == pytest.approx((1 / 2 + 2 / 4) / 2)
    best = 2 / math.log2(2) + 1 / math.log2(3)
    assert scores["NDCG@10"]["q1"] == pytest.approx((1 / math.log2(3) + 2 / math.log2(5)) / best)
    assert scores["NDCG@10"]["q2"] == pytest.approx(1 / math.log2(7))


def test_a_query_without_an_answer_scores_nothing_and_one_without_a_ranking_zero() -> None:
    scores = evaluation.evaluate({}, GAINS)
    assert scores["MRR"].queries == 2
    assert {score.mean for score in scores.values()} == {0.0}
    with pytest.raises(DatasetError, match="no query"):
        evaluation.evaluate({}, {"q3": {"d": 0}})


gains = st.dictionaries(st.sampled_from("abcdefghijklmnop"), st.integers(0, 3), min_size=1)
rankings = st.permutations("abcdefghijklmnop")


@given(gains=gains, ranking=rankings)
def test_bounded_and_better_when_an_answer_moves_up(
    gains: dict[str, int], ranking: list[str]
) -> None:
    for metric in evaluation.METRICS.values():
        assert 0 <= metric(ranking, gains) <= 1 + 1e-12
    for place in range(1, len(ranking)):
        if gains.get(ranking[place], 0) > gains.get(ranking[place - 1], 0):
            better = ranking.copy()
            better[place - 1], better[place] = better[place], better[place - 1]
            for metric in evaluation.METRICS.values():
                assert metric(better, gains) >= metric(ranking, gains) - 1e-12


@given(gains=gains.filter(lambda gains: any(gains.values())), ranking=rankings)
def test_perfect_ranking_gives_one(gains: dict[str, int], ranking: list[str]) -> None:
    perfect = sorted(ranking, key=lambda document: -gains.get(document, 0))
    for name in ("MRR", "MAP", "NDCG@10"):
        assert evaluation.METRICS[name](perfect, gains) == pytest.approx(1)


@given(values=st.lists(st.floats(0, 1), min_size=1, max_size=30), seed=st.integers(0, 99))
def test_interval_holds_the_mean_and_repeats(values: list[float], seed: int) -> None:
    score = evaluation.summarize(values, seed)
    assert score == evaluation.summarize(values, seed)
    assert min(values) - 1e-9 <= score.low <= score.high <= max(values) + 1e-9


def test_interval_is_of_the_right_width() -> None:
    score = evaluation.summarize([0.0, 1.0] * 200)
    # The standard error of a fair coin over 400 throws is 0.025.
    assert score.high - score.low == pytest.approx(2 * 1.96 * 0.025, rel=0.1)


def test_duplicates_are_refused() -> None:
    with pytest.raises(DatasetError, match="twice"):
        evaluation.evaluate({"q1": ["a", "a"]}, GAINS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [{"_id": "d1", "title": "Titel", "text": "größe"}, {"id": 2, "text": "two"}]
    (tmp_path / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with gzip.open(tmp_path / "queries.jsonl.gz", "wt") as file:
        file.write('{"_id": "q1", "text": "one"}\n\n{"_id": "q2", "text": "unjudged"}\n')
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\t2\t0\n"
    )
    return tmp_path


def test_load(folder: Path) -> None:
    dataset = evaluation.load_dataset(folder)
    assert dataset.name == folder.name
    assert dataset.corpus == {"d1": "Titel\ngröße", "2": "two"}
    assert dataset.queries == {"q1": "one"}
    assert dataset.relevance == {"q1": {"d1": 1, "2": 0}}
    assert evaluation.load_dataset(folder, "test") == dataset


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("corpus.jsonl", '{"_id": "d1", "text": "a"}\n{nonsense\n', r"corpus.jsonl:2.*JSON"),
        ("corpus.jsonl", '["d1"]\n', r"corpus.jsonl:1.*object"),
        ("corpus.jsonl", '{"text": "a"}\n', r"corpus.jsonl:1.*_id"),
        ("corpus.jsonl", '{"_id": "d1"}\n', r"corpus.jsonl:1.*text"),
        ("corpus.jsonl", '{"_id": "d", "text": ""}\n' * 2, r"corpus.jsonl:2.*before"),
        ("corpus.jsonl", "[" * 100_000, r"corpus.jsonl:1.*JSON"),
        ("qrels/test.tsv", "q1\td1\t1\nq1\td9\t1\n", r"test.tsv:2.*'d9'"),
        ("qrels/test.tsv", "q9\td1\t1\n", r"test.tsv:1.*'q9'"),
        ("qrels/test.tsv", "a\tb\tc\nq1 d1 1\n", r"test.tsv:2.*TAB"),
        ("qrels/test.tsv", "q1\td1\tnan\nq1\td1\tnan\n", r"test.tsv:2"),
        ("queries.jsonl.gz", "not gzip", r"queries.jsonl.gz"),
    ],
)
def test_malformed_rows_are_named(folder: Path, file: str, content: str, message: str) -> None:
    (folder / file).write_text(content)
    with pytest.raises(DatasetError, match=message):
        evaluation.load_dataset(folder)


@pytest.mark.parametrize("file", ["corpus.jsonl", "queries.jsonl.gz", "qrels/test.tsv"])
def test_missing_files_are_named(folder: Path, file: str) -> None:
    (folder / file).unlink()
    with pytest.raises(DatasetError, match="BEIR"):
        evaluation.load_dataset(folder)


def test_bytes_that_are_no_text_and_a_cut_archive(folder: Path) -> None:
    archive = folder / "queries.jsonl.gz"
    archive.write_bytes(archive.read_bytes()[:-12])
    with pytest.raises(DatasetError, match="cannot be read"):
        evaluation.load_dataset(folder)
    (folder / "corpus.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(DatasetError, match="UTF-8"):
        evaluation.load_dataset(folder)


def test_run_file(tmp_path: Path) -> None:
    path = tmp_path / "run.txt"
    evaluation.write_run(path, {"q1": [("d2", 0.5), ("d1", 0.25)]}, "my system")
    assert path.read_text() == "q1 Q0 d2 1 0.500000 my_system\nq1 Q0 d1 2 0.250000 my_system\n"
    with pytest.raises(DatasetError, match="run file"):
        evaluation.write_run(path, {"q 1": [("d", 1.0)]})
    assert [p.name for p in tmp_path.iterdir()] == ["run.txt"]
    with pytest.raises(DatasetError, match="cannot write"):
        evaluation.write_run(tmp_path / "no" / "run.txt", {})
