from __future__ import annotations

import inspect
import random
import shutil
import statistics
import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from dowse.model.evaluation.sentences import first_sentence
from dowse.model.training.code_changes import without_docstring
from dowse.model.training.data import consistency, text_vectors
from dowse.model.training.data.collecting import Settings, collect
from dowse.model.training.data.consistency import Consistency, check, is_judged
from dowse.model.training.data.pairs import Pair, read_pairs, write_pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from dowse.context.types import Vector
    from dowse.model.engine import LlamaEmbedder


def of_the_standard_library() -> list[Pair]:
    """What Python's own functions say of themselves, and their code."""
    found = []
    for module in (shutil, statistics, textwrap, random):
        for name, function in inspect.getmembers(module, inspect.isfunction):
            sentence = first_sentence(f'"""{inspect.getdoc(function)}"""', name)
            if sentence and function.__module__ == module.__name__:
                code = without_docstring(inspect.getsource(function), "python") or ""
                found.append(Pair(sentence, code, "python", "docstring", "PSF-2.0"))
    return [pair for pair in found if pair.code]


PAIRS = of_the_standard_library()


def about(words: str) -> Pair:
    return next(pair for pair in PAIRS if words in pair.query)


TREE = about("delete a directory tree")
MEAN = about("harmonic mean")
SWAPPED = replace(TREE, code=MEAN.code)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("vectors")


class Counting:
    """The shipped model, with a count of what it has embedded."""

    def __init__(self, embedder: LlamaEmbedder, most: int = 1_000_000) -> None:
        self._embedder, self._most = embedder, most
        self.fingerprint, self.dimensions = embedder.fingerprint, embedder.dimensions
        self.count = 0

    def embed_query(self, text: str) -> Vector:
        self.count += 1
        return self._embedder.embed_query(text)

    def embed_documents(
        self, texts: Sequence[str], cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[Vector]:
        for vector in self._embedder.embed_documents(texts, cancelled):
            self.count += 1
            if self.count > self._most:
                raise KeyboardInterrupt
            yield vector


def test_a_pair_that_belongs_together_stays_and_a_swapped_one_goes(embedder, cache) -> None:
    assert len(PAIRS) > 30
    checked = check([*PAIRS, SWAPPED], Consistency(embedder, 5, cache))
    assert TREE in checked.kept
    assert MEAN in checked.kept
    assert SWAPPED in [pair for pair, _ in checked.dropped]
    assert all(rank > 5 for _, rank in checked.dropped)
    assert len(checked.kept) + len(checked.dropped) == len(PAIRS) + 1 == checked.checked
    # Most of what is documented well is found.
    assert len(checked.dropped) < len(PAIRS) / 4


@pytest.mark.parametrize(
    "pair",
    [
        replace(SWAPPED, label=0),
        replace(SWAPPED, source="CoNaLa annotated"),
        replace(SWAPPED, source="CoSQA"),
    ],
)
def test_what_people_judged_stays(embedder, cache, pair: Pair) -> None:
    checked = check([*PAIRS, pair], Consistency(embedder, 5, cache))
    assert pair in checked.kept


def test_an_answer_stays_where_people_refused_another(embedder, cache) -> None:
    refused = replace(TREE, code="x = 1\ny = 2", label=0)
    assert is_judged(SWAPPED, {SWAPPED.keys[0]})
    assert not is_judged(SWAPPED, set())
    assert SWAPPED in check([*PAIRS, SWAPPED, refused], Consistency(embedder, 5, cache)).kept


ACCENTED = {"Return": "Retürn", "mean": "meán", "data": "datá"}
"""The model's tokens have no accents."""


def test_answers_to_one_query_do_not_compete(embedder, cache) -> None:
    # In front: the model reads only the beginning of a long function.
    others = [replace(MEAN, code=f"# {n}\n{MEAN.code}") for n in range(3)]
    assert {MEAN, *others} <= set(check([*PAIRS, *others], Consistency(embedder, 1, cache)).kept)
    # Other queries that the model reads as the same: all but one answer stand behind another.
    queries = [MEAN.query.replace(word, accented) for word, accented in ACCENTED.items()]
    asked = [replace(each, query=query) for each, query in zip(others, queries, strict=True)]
    dropped = [pair for pair, _ in check([*PAIRS, *asked], Consistency(embedder, 1, cache)).dropped]
    assert len({MEAN, *asked} & set(dropped)) == 3


def test_some_rows_at_a_time_give_the_ranks_of_all(embedder, cache, monkeypatch) -> None:
    pairs = [*PAIRS, SWAPPED, replace(SWAPPED, query="what nobody asks of a function")]
    whole = check(pairs, Consistency(embedder, 3, cache))
    monkeypatch.setattr(consistency, "_COSINES", 7 * len(PAIRS))
    assert check(pairs, Consistency(embedder, 3, cache)) == whole
    assert whole.dropped


def test_a_pool_is_drawn_by_seed(embedder, cache, monkeypatch) -> None:
    monkeypatch.setattr(consistency, "POOL", 12)
    found = [
        [rank for _, rank in check([*PAIRS, SWAPPED], Consistency(embedder, 1, cache, n)).dropped]
        for n in (0, 0, 1)
    ]
    assert found[0] == found[1] != found[2]
    assert max(map(max, found)) <= 13


def test_few_codes_of_a_language_tell_nothing(embedder) -> None:
    counting = Counting(embedder)
    pairs = [*PAIRS[:5], replace(SWAPPED, language="go")]
    checked = check(pairs, Consistency(counting, 20))
    assert (checked.kept, checked.checked, counting.count) == (pairs, 0, 0)


def test_a_run_that_is_repeated_embeds_nothing(embedder, tmp_path) -> None:
    first, second = Counting(embedder), Counting(embedder)
    told: list[tuple[str, int, int]] = []
    checked = check(PAIRS, Consistency(first, 5, tmp_path), lambda *step: told.append(step))
    assert check(PAIRS, Consistency(second, 5, tmp_path)) == checked
    assert first.count == 2 * len(PAIRS)
    assert second.count == 0
    assert told[0] == ("checking consistency", 0, 2 * len(PAIRS))
    assert told[-1] == ("checking consistency", 2 * len(PAIRS), 2 * len(PAIRS))


def test_a_run_that_is_stopped_writes_nothing_and_goes_on(
    embedder, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(text_vectors, "_SAVED", 8)
    write_pairs(tmp_path / "pairs.jsonl", PAIRS)
    out, cache = tmp_path / "out", tmp_path / "cache"

    def run(counting: Counting) -> None:
        settings = Settings(development=0.0)
        given = Consistency(counting, 5, cache)
        collect([str(tmp_path / "pairs.jsonl")], out, settings, consistency=given)

    with pytest.raises(KeyboardInterrupt):
        run(Counting(embedder, len(PAIRS) + 20))
    assert [path.name for path in out.iterdir()] == ["mined"]
    again = Counting(embedder)
    run(again)
    assert again.count < len(PAIRS)
    kept = list(read_pairs(out / "train.jsonl.gz"))
    assert 0 < len(kept) < len(PAIRS)
    card = (out / "CARD.md").read_text()
    assert "## Dropped: code not found for the query" in card
    assert "docstring, rank " in card


def test_what_a_model_is_measured_by_is_not_chosen_by_a_model(
    embedder, cache, tmp_path: Path
) -> None:
    write_pairs(tmp_path / "pairs.jsonl", [*PAIRS, SWAPPED])
    for share in (0.0, 1.0):
        settings = Settings(development=share)
        given = Consistency(embedder, 1, cache)
        out = tmp_path / f"{share}"
        card = collect([str(tmp_path / "pairs.jsonl")], out, settings, consistency=given)
        assert bool(card.inconsistent) is (share == 0)
