from __future__ import annotations

from pathlib import Path

import pytest

from dowse.model.evaluation.comparison import (
    BOTH,
    MEANING,
    METHODS,
    WORDS,
    contest,
    group_queries,
    score_group,
    score_models,
)
from dowse.model.evaluation.metrics import Dataset, Origin
from dowse.model.manifest import Model
from dowse.model.registry import BUNDLED, bundled_model

CORPUS = {
    "sum.py": "def total(values): return sum(values)",
    "sum.py#2": "def total(values): return values.total()",
    "day.py": "def parse_date(text): return date.fromisoformat(text)",
    "day.go": "func ParseDate(text string) time.Time { return time.Parse(text) }",
    "net.py": "def attempt(call): time.sleep(2 ** turn)",
}
QUERIES = {
    "a": "add up numbers",
    "b": "parse a date",
    "c": "read a day from text",
    "d": "retry with backoff",
    "e": "nothing answers",
}
RELEVANCE = {
    "a": {"sum.py": 1},
    "b": {"day.py": 1, "day.go": 1},
    "c": {"day.go": 1, "sum.py": 0},
    "d": {"net.py": 1, "sum.py": 1, "day.go": 1},
    "e": {"net.py": 0},
}
ORIGINS = {
    name: Origin("go" if name.endswith("go") else "python", name, 1, name.partition(".")[0])
    for name in ("sum.py", "day.py", "day.go", "net.py")
}
KINDS = {"a": "docstring", "b": "docstring", "c": "docstring", "d": "commit", "e": "commit"}
DATASET = Dataset("tiny", CORPUS, QUERIES, RELEVANCE, ORIGINS, KINDS, {"sum.py#2": "sum.py"})


def test_groups_are_kinds_then_languages_where_there_are_several() -> None:
    found = [(g.kind, g.language, g.queries) for g in group_queries(DATASET)]
    assert found == [
        ("docstring", "", ("a", "b", "c")),
        ("docstring", "go", ("c",)),
        ("docstring", "mixed", ("b",)),
        ("docstring", "python", ("a",)),
        ("commit", "", ("d",)),
    ]


def test_a_dataset_without_kinds_and_languages_is_one_group() -> None:
    (group,) = group_queries(Dataset("plain", CORPUS, QUERIES, RELEVANCE))
    assert (group.kind, group.language) == ("", "")
    assert group.title == "all queries, all languages"
    assert set(group.queries) == {"a", "b", "c", "d"}


def test_every_way_ranks_documents_by_their_best_passages(tmp_path: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    (found,) = contest(DATASET, [bundled_model()], tmp_path, lambda *step: steps.append(step))
    assert tuple(found.rankings) == METHODS
    for way in (MEANING, BOTH):
        for ranking in found.rankings[way].values():
            assert {name for name, _ in ranking} == set(ORIGINS)
            assert len(ranking) == len(ORIGINS)
    assert found.rankings[WORDS]["a"] == []
    assert found.scores[BOTH]["MRR"].keys() == {"a", "b", "c", "d"}
    assert found.vectors.shape == (5, 384)
    assert steps[-1] == (f"embedding with {BUNDLED}", 5, 5)


def test_both_are_compared_with_the_better_single_one() -> None:
    (group,) = group_queries(Dataset("plain", {}, {}, {"q": {"d": 1}}))
    scores = {
        way: {metric: {"q": value} for metric in ("MRR", "NDCG@10")}
        for way, value in ((WORDS, 0.5), (MEANING, 0.25), (BOTH, 1.0))
    }
    found = score_group(group, scores)
    assert [(c.metric, c.other, c.difference.mean) for c in found.comparisons] == [
        ("MRR", WORDS, 0.5),
        ("NDCG@10", WORDS, 0.5),
    ]
    assert found.methods[MEANING]["MRR"].mean == 0.25


@pytest.mark.timeout(300)
def test_models_stand_beside_the_reference(tmp_path: Path, exported: dict[str, Model]) -> None:
    models = [exported[kind] for kind in ("F16", "Q8_0", "Q4_0")]
    found = contest(DATASET, models, tmp_path, lambda *step: None)
    reference, eight, four = score_models(group_queries(DATASET), found, found[0])
    assert (reference.cosines, reference.groups[0].comparisons) == (None, ())
    assert eight.cosines is not None
    assert four.cosines is not None
    assert 0.999 < eight.cosines[0] < 1
    assert 0.9 < four.cosines[0] < eight.cosines[0]
    assert four.cosines[1] < four.cosines[0]
    assert [scores.group.kind for scores in four.groups] == ["docstring", "commit"]
    assert {c.other for c in four.groups[0].comparisons} == {
        "all-MiniLM-L6-v2-F16: meaning",
        "all-MiniLM-L6-v2-F16: both",
    }
