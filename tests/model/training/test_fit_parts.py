from __future__ import annotations

import gzip
import json
import math
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dowse.context.errors import DatasetError, DowseError
from dowse.model.evaluation.beir import write_dataset
from dowse.model.evaluation.metrics import Dataset, Origin
from dowse.model.training.average import interpolate
from dowse.model.training.batches import make_batches
from dowse.model.training.data.pairs import Pair
from dowse.model.training.fit import learning_rate
from dowse.model.training.loss import backpropagate, contrastive_loss
from dowse.model.training.negatives import judged, mine
from dowse.model.training.recipe import Recipe
from dowse.model.training.training_set import (
    TrainingSet,
    hold_out,
    read_training_set,
    select,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def write(path: Path, *rows: object) -> Path:
    text = "\n".join(json.dumps(row) for row in rows)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def test_pairs_are_read_once_and_judged_answers_apart(tmp_path: Path) -> None:
    one = {"query": "Sort a list", "code": "sorted(x)", "language": "python", "label": 1}
    again = {"query": "sort  a LIST", "code": "sorted(x)"}
    wrong = {"query": "sort a list", "code": "len(x)", "label": 0}
    doubtful = {"query": "sort a list", "code": "SORTED(x)", "label": 0}
    data = read_training_set(
        [write(tmp_path / "a.jsonl.gz", one, again), write(tmp_path / "b.jsonl", wrong, doubtful)]
    )
    assert data.pairs == (Pair("Sort a list", "sorted(x)", "python"),)
    assert data.wrong == {"sort a list": ("len(x)",)}
    assert data.right == {"sort a list": {"sorted(x)"}}


def test_an_evaluation_set_is_read_for_its_judged_pairs(tmp_path: Path) -> None:
    texts = {"q": "sort a list", "r": "length of a list"}
    corpus = {"a": "sorted(x)", "b": "len(x)", "c": "x.pop()"}
    gains = {"q": {"a": 1, "b": 0}, "r": {"b": 2}}
    write_dataset(tmp_path, Dataset("lists", corpus, texts, gains, {"a": Origin("python")}))
    data = read_training_set([tmp_path])
    assert [(pair.query, pair.code, pair.language) for pair in data.pairs] == [
        ("sort a list", "sorted(x)", "python"),
        ("length of a list", "len(x)", ""),
    ]
    assert data.wrong == {"sort a list": ("len(x)",)}


@pytest.mark.parametrize(
    "row",
    [7, [], {"query": "q"}, {"query": "q", "code": " "}, {"query": "q", "code": "c", "label": 2}],
)
def test_a_malformed_row_is_told_with_its_place(tmp_path: Path, row: object) -> None:
    good = {"query": "q", "code": "c"}
    with pytest.raises(DatasetError, match=r"a\.jsonl:2: "):
        read_training_set([write(tmp_path / "a.jsonl", good, row)])


def test_broken_files_are_told(tmp_path: Path) -> None:
    cut = tmp_path / "cut.jsonl.gz"
    cut.write_bytes(gzip.compress(b'{"query": "q", "code": "c"}' * 9)[:-9])
    (tmp_path / "bytes.jsonl").write_bytes(b"\xff\xfe")
    (tmp_path / "empty.jsonl").touch()
    for name in ("cut.jsonl.gz", "bytes.jsonl", "empty.jsonl", "missing.jsonl"):
        with pytest.raises(DatasetError, match=name if name != "empty.jsonl" else "no pair"):
            read_training_set([tmp_path / name])


PAIRS = st.lists(
    st.builds(
        Pair, st.sampled_from("abcdefgh"), st.sampled_from("stuvwxyz"), st.sampled_from(["c", "d"])
    ),
    max_size=60,
)


@given(PAIRS, st.integers(2, 8), st.booleans())
def test_no_batch_has_an_equal_query_or_code_twice(
    pairs: list[Pair], size: int, one_language: bool
) -> None:
    dealt = make_batches(pairs, size, one_language=one_language, seed=1, epoch=0)
    numbers = [number for batch in dealt for number in batch]
    assert len(set(numbers)) == len(numbers)
    for batch in dealt:
        assert 2 <= len(batch) <= size
        for side in (0, 1):
            assert len({pairs[number].keys[side] for number in batch}) == len(batch)


def test_batches_hold_one_language_and_differ_by_epoch() -> None:
    pairs = [Pair(f"q{n}", f"c{n}", "ab"[n % 2]) for n in range(64)]

    def dealt(epoch: int) -> list[tuple[int, ...]]:
        return make_batches(pairs, 8, one_language=True, seed=0, epoch=epoch)

    assert all(len({pairs[n].language for n in batch}) == 1 for batch in dealt(0))
    assert sorted(n for batch in dealt(0) for n in batch) == list(range(64))
    assert dealt(0) == dealt(0) != dealt(1)


def test_pairs_with_similar_queries_share_a_batch() -> None:
    pairs = [Pair(f"q{n}", f"c{n}") for n in range(64)]
    topics = torch.nn.functional.one_hot(torch.arange(64) % 8, 8).float()
    noise = 0.01 * torch.randn(64, 8, generator=torch.Generator().manual_seed(1))

    def dealt(alike: int) -> list[tuple[int, ...]]:
        return make_batches(
            pairs, 16, one_language=True, seed=0, epoch=0, alike=alike, queries=topics + noise
        )

    def topics_in_a_batch(batches: list[tuple[int, ...]]) -> float:
        return sum(len({n % 8 for n in batch}) for batch in batches) / len(batches)

    assert sorted(n for batch in dealt(8) for n in batch) == list(range(64))
    assert dealt(8) == dealt(8)
    assert topics_in_a_batch(dealt(8)) < 0.6 * topics_in_a_batch(dealt(1))


@given(PAIRS, st.integers(0, 20))
def test_what_is_held_out_shares_nothing_with_the_rest(pairs: list[Pair], count: int) -> None:
    rest, held = hold_out(pairs, count, 0)
    assert len(held) == min(count, len(pairs) // 5)
    for side in (0, 1):
        assert not {p.keys[side] for p in rest} & {p.keys[side] for p in held}


def test_no_source_gives_more_than_its_share() -> None:
    pairs = [Pair(f"q{n}", "c", source="large" if n % 10 else "small") for n in range(100)]
    drawn = select(pairs, 0, 20, 0)
    assert sum(pair.source == "large" for pair in drawn) == 20
    assert sum(pair.source == "small" for pair in drawn) == 10
    assert len(select(pairs, 7, 0, 0)) == 7


def test_some_sources_and_languages_have_limits_of_their_own() -> None:
    pairs = [
        Pair(f"q{n}", "c", "go" if n % 2 else "sql", "docs" if n % 4 < 2 else "web")
        for n in range(80)
    ]
    drawn = Counter(
        (p.source, p.language) for p in select(pairs, 0, 15, 0, {"docs go": 3, "web": 30})
    )
    assert drawn["docs", "go"] == 3
    assert drawn["docs", "sql"] == 15
    assert drawn["web", "go"] + drawn["web", "sql"] == 30


def unit(*shape: int) -> torch.Tensor:
    drawn = torch.randn(*shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return torch.nn.functional.normalize(drawn, dim=-1)


def test_the_loss_is_the_formula() -> None:
    queries, codes = unit(2, 3, 8)[0], unit(5, 8)
    s = (queries @ codes.T).tolist()
    t, known = 0.05, torch.zeros(3, 5, dtype=torch.bool)
    forward = -sum(s[i][i] / t - math.log(sum(math.exp(x / t) for x in s[i])) for i in range(3)) / 3
    column = [[s[j][i] for j in range(3)] for i in range(3)]
    back = -sum(s[i][i] / t - math.log(sum(math.exp(x / t) for x in column[i])) for i in range(3))
    one_way = contrastive_loss(queries @ codes.T, known, t, symmetric=False)
    both = contrastive_loss(queries @ codes.T, known, t, symmetric=True)
    assert float(one_way) == pytest.approx(forward)
    assert float(both) == pytest.approx((forward + back / 3) / 2)


def test_the_loss_is_that_of_sentence_transformers() -> None:
    from sentence_transformers.util import cos_sim

    queries, codes = unit(4, 8), unit(9, 8)[5:]
    known = torch.zeros(4, 4, dtype=torch.bool)
    scores = cos_sim(queries, codes) * 20
    target = torch.arange(4)
    expected = torch.nn.functional.cross_entropy(scores, target)
    found = contrastive_loss(queries @ codes.T, known, 0.05, symmetric=False)
    assert float(found) == pytest.approx(float(expected))


def test_another_right_answer_does_not_count_as_wrong() -> None:
    queries, codes = unit(2, 8), unit(3, 8)
    known = torch.tensor([[False, False, True], [False, False, True]])
    masked = contrastive_loss(queries @ codes.T, known, 0.1, symmetric=False)
    without = contrastive_loss(queries @ codes[:2].T, known[:, :2], 0.1, symmetric=False)
    assert float(masked) == pytest.approx(float(without))


class Bag:
    """An encoder that averages the embeddings of its tokens, with dropout."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.table = torch.nn.Embedding(20, 6).double()

    def embed(self, texts: Sequence[Sequence[int]], seed: int) -> Any:
        torch.manual_seed(seed)
        means = [self.table(torch.tensor(text)).mean(0) for text in texts]
        return torch.nn.functional.dropout(torch.stack(means), 0.3)


@pytest.mark.parametrize("chunk", [1, 2, 3, 7])
def test_cached_gradients_are_the_plain_ones(chunk: int) -> None:
    texts = [[1, 2], [3], [4, 5, 6], [7], [8, 9], [10, 11, 12, 13], [14]]
    aims = unit(7, 6)
    found = []
    for cache in (False, True):
        bag = Bag()
        loss = backpropagate(
            bag,
            texts,
            lambda vectors: ((vectors @ aims.T).softmax(1).diagonal()).log().sum(),
            chunk_size=chunk,
            cache=cache,
            seed=5,
        )
        found.append((loss, bag.table.weight.grad))
    assert found[0][0] == pytest.approx(found[1][0])
    assert found[0][1] is not None
    assert torch.allclose(found[0][1], found[1][1], atol=1e-12)
    assert found[0][1].abs().sum() > 0


def test_a_loss_that_is_no_number_stops_the_run() -> None:
    with pytest.raises(DowseError, match="lower learning_rate"):
        backpropagate(
            Bag(), [[1]], lambda v: v.sum() * torch.nan, chunk_size=1, cache=False, seed=0
        )


def test_hard_negatives_are_near_but_neither_right_nor_too_near() -> None:
    pairs = [Pair(f"q{n}", f"c{n}") for n in range(4)]
    right = {"q0": frozenset({"c0", "c1"}), **{f"q{n}": frozenset({f"c{n}"}) for n in (1, 2, 3)}}
    angles = torch.tensor([0.5, 0.6, 0.7, 0.52])
    codes = torch.stack([angles.cos(), angles.sin()], 1)
    queries = torch.tensor([[1.0, 0.0]] * 4)
    recipe = Recipe(hard_negatives=2, negatives_margin=0.05, negatives_depth=3)
    found = mine(pairs, TrainingSet(tuple(pairs), right, {}, ""), queries, codes, recipe, 0)
    # c1 answers q0 as well, and c3 is all but as near as c0
    assert found[0] == ("c2",)
    assert found[2] == ()


def test_judged_answers_come_before_mined_ones() -> None:
    pairs = [Pair(f"q{n}", f"c{n}") for n in range(3)]
    data = TrainingSet(tuple(pairs), {}, {"q0": ("bad", "worse"), "q1": ("bad",)}, "")
    vectors = torch.eye(3)
    found = mine(pairs, data, vectors, vectors, Recipe(hard_negatives=2), 0)
    assert found[0] == ("bad", "worse")
    assert found[1][0] == "bad"
    assert found[1][1] in {"c0", "c2"}
    assert set(found[2]) == {"c0", "c1"}
    assert judged(pairs, data, 1) == [("bad",), ("bad",), ()]


def test_averages_lie_on_the_line_between() -> None:
    base = {"w": torch.tensor([1.0, 2.0]), "ids": torch.tensor([3])}
    tuned = {"w": torch.tensor([3.0, 0.0]), "ids": torch.tensor([3])}
    assert interpolate(base, tuned, 0.25)["w"].tolist() == [1.5, 1.5]
    assert interpolate(base, tuned, 1.0)["w"] is tuned["w"]
    assert interpolate(base, tuned, 0.5)["ids"].tolist() == [3]


@pytest.mark.parametrize("decay", ["linear", "cosine", "none"])
def test_the_learning_rate_rises_then_falls(decay: str) -> None:
    recipe = replace(Recipe(), learning_rate=1.0, warmup=0.2, decay=decay)
    rates = [learning_rate(recipe, step, 50) for step in range(1, 51)]
    assert rates[:10] == pytest.approx([n / 10 for n in range(1, 11)])
    falling = rates[9:]
    assert falling == sorted(falling, reverse=True)
    assert (rates[-1] == 1.0) is (decay == "none")
    assert 0 < rates[-1] <= 1
