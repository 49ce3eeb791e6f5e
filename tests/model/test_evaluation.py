from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dowse.context.errors import DatasetError
from dowse.model.evaluation import metrics as evaluation

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


def test_summaries_at_once_are_those_of_each() -> None:
    columns = {"a": [0.0, 0.5, 1.0, 0.25], "b": [1.0, 1.0, 0.0, 0.0]}
    together = evaluation.summarize_all(columns, seed=3)
    assert together == {name: evaluation.summarize(values, 3) for name, values in columns.items()}


def test_a_comparison_is_paired() -> None:
    # Each query differs a lot from the next, and the two systems hardly: unpaired, nothing is seen.
    chance = random.Random(0)
    base = [chance.random() for _ in range(200)]
    better = [value + 0.02 + 0.01 * chance.random() for value in base]
    found = evaluation.compare(better, base)
    assert found.mean == pytest.approx(0.025, abs=0.001)
    assert found.low > 0.02
    assert found.significant
    assert evaluation.summarize(better).low < evaluation.summarize(base).high


scored = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=20)


@settings(max_examples=25, deadline=None)
@given(pairs=scored, seed=st.integers(0, 9))
def test_a_comparison_turned_round_has_the_other_sign(
    pairs: list[tuple[float, float]], seed: int
) -> None:
    one, other = zip(*pairs, strict=True)
    there, back = evaluation.compare(one, other, seed), evaluation.compare(other, one, seed)
    assert there == evaluation.compare(one, other, seed)
    assert (there.mean, there.p) == pytest.approx((-back.mean, back.p))
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))
    assert 0 < there.p <= 1


def test_equal_systems_do_not_differ_and_few_queries_prove_nothing() -> None:
    assert evaluation.compare([0.5, 0.1, 0.9], [0.5, 0.1, 0.9]).p == 1.0
    assert evaluation.compare([1.0], [0.0]).p == 1.0
    assert not evaluation.compare([1.0] * 5, [0.0] * 5).significant
    assert evaluation.compare([1.0] * 6, [0.0] * 6).significant


def test_chance_alone_is_called_significant_about_once_in_twenty() -> None:
    draws = np.random.default_rng(7).normal(size=(200, 2, 40))
    found = [evaluation.compare(list(one), list(other)).significant for one, other in draws]
    assert 4 <= sum(found) <= 20


def test_the_p_value_is_near_that_of_the_t_test() -> None:
    # t = 2.2 over 100 differences: the two-sided p of Student's distribution is 0.030.
    spread = np.random.default_rng(1).normal(size=100)
    differences = (spread - spread.mean()) / spread.std(ddof=1) + 0.22
    assert evaluation.compare(list(differences), [0.0] * 100).p == pytest.approx(0.030, abs=0.01)


@pytest.mark.parametrize(("one", "other"), [([], []), ([0.5], [0.5, 0.5])])
def test_scores_that_cannot_be_paired_are_refused(one: list[float], other: list[float]) -> None:
    with pytest.raises(DatasetError, match="paired"):
        evaluation.compare(one, other)


def test_passages_of_one_document_count_once() -> None:
    corpus = {"a": "x", "a#2": "y", "b": "z"}
    assert evaluation.Dataset("d", corpus, {}, {}).documents == 3
    assert evaluation.Dataset("d", corpus, {}, {}, parts={"a#2": "a"}).documents == 2


def test_duplicates_are_refused() -> None:
    with pytest.raises(DatasetError, match="twice"):
        evaluation.evaluate({"q1": ["a", "a"]}, GAINS)


def test_run_file(tmp_path: Path) -> None:
    path = tmp_path / "run.txt"
    evaluation.write_run(path, {"q1": [("d2", 0.5), ("d1", 0.25)]}, "my system")
    assert path.read_text() == "q1 Q0 d2 1 0.500000 my_system\nq1 Q0 d1 2 0.250000 my_system\n"
    with pytest.raises(DatasetError, match="run file"):
        evaluation.write_run(path, {"q 1": [("d", 1.0)]})
    assert [p.name for p in tmp_path.iterdir()] == ["run.txt"]
    with pytest.raises(DatasetError, match="cannot write"):
        evaluation.write_run(tmp_path / "no" / "run.txt", {})
