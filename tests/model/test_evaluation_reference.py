"""The metrics beside those of trec_eval, through its Python binding pytrec_eval."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dowse.model.evaluation import metrics as evaluation

pytrec_eval = pytest.importorskip("pytrec_eval")

MEASURES = {
    "MRR": "recip_rank",
    "Recall@1": "recall_1",
    "Recall@5": "recall_5",
    "Recall@10": "recall_10",
    "NDCG@10": "ndcg_cut_10",
    "MAP": "map",
}
ASKED = {"recip_rank", "recall.1,5,10", "ndcg_cut.10", "map"}
documents = st.sampled_from([f"d{n}" for n in range(40)])
judgements = st.dictionaries(documents, st.integers(0, 3), min_size=1, max_size=30)
queries = [f"q{n}" for n in range(5)]
qrels = st.dictionaries(st.sampled_from(queries), judgements, min_size=1)

Gains = dict[str, dict[str, int]]
Run = dict[str, dict[str, float]]


def runs(scores: st.SearchStrategy[int]) -> st.SearchStrategy[Run]:
    hits = st.dictionaries(documents, scores.map(float), min_size=1)
    return st.dictionaries(st.sampled_from(queries), hits, min_size=1)


def agree(gains: Gains, run: Run) -> None:
    # trec_eval puts documents of equal score in descending order of their ids.
    ordered = {
        query: sorted(hits, key=lambda name: (hits[name], name), reverse=True)
        for query, hits in run.items()
    }
    ours = evaluation.per_query(ordered, gains)
    theirs = pytrec_eval.RelevanceEvaluator(gains, ASKED).evaluate(run)
    for metric, measure in MEASURES.items():
        # trec_eval leaves out queries without a ranking; ours score 0.
        expected = {q: theirs[q][measure] if q in run else 0.0 for q in ours[metric]}
        assert ours[metric] == pytest.approx(expected)


@settings(deadline=None)
@given(gains=qrels, run=runs(st.integers(0, 1_000_000)))
def test_scores_are_those_of_trec_eval(gains: Gains, run: Run) -> None:
    agree(gains, run)


@settings(deadline=None)
@given(gains=qrels, run=runs(st.integers(0, 3)))
def test_they_are_so_with_ties_put_in_its_order(gains: Gains, run: Run) -> None:
    agree(gains, run)


def test_ties_in_our_order_are_where_the_two_differ() -> None:
    gains, run = {"q": {"a": 1}}, {"q": {"a": 1.0, "b": 1.0}}
    theirs = pytrec_eval.RelevanceEvaluator(gains, {"recip_rank"}).evaluate(run)
    assert theirs["q"]["recip_rank"] == 0.5
    assert evaluation.per_query({"q": ["a", "b"]}, gains)["MRR"]["q"] == 1.0
