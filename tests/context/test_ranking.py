from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dowse.context.ranking import Candidate, is_symbol, rank

NUMBERS = st.none() | st.floats(0, 50)
COSINES = st.none() | st.floats(-1, 1)
CANDIDATES = st.lists(st.builds(Candidate, st.integers(0, 9), NUMBERS, COSINES))


@pytest.mark.parametrize("words", ["parse_date", "HTTPServer", "Path.open", "std::sort", "run()"])
def test_identifiers_are_symbols(words: str) -> None:
    assert is_symbol(words)


@pytest.mark.parametrize("words", ["parse a date", "date", "Date", "how to sort?"])
def test_words_are_no_symbols(words: str) -> None:
    assert not is_symbol(words)


def test_meaning_leads_for_sentences_and_words_for_symbols() -> None:
    candidates = [Candidate("meant", None, 0.6), Candidate("named", 9.0, 0.4)]
    assert [r.id for r in rank("read a whole file", candidates, 2)] == ["meant", "named"]
    assert [r.id for r in rank("read_file", candidates, 2)] == ["named", "meant"]


def test_the_best_passage_speaks_for_its_snippet() -> None:
    candidates = [
        Candidate("long", 1.0, 0.1),
        Candidate("long", None, 0.9),
        Candidate("b", 2.0, 0.5),
    ]
    first = rank("read a file", candidates, 1)[0]
    assert (first.id, first.cosine, first.lexical_rank, first.dense_rank) == ("long", 0.9, 2, 1)


def test_without_vectors_words_decide() -> None:
    candidates = [Candidate(n, float(n), None) for n in range(1, 5)]
    assert [r.id for r in rank("some words", candidates, 4)] == [4, 3, 2, 1]


@given(CANDIDATES, st.integers(1, 5))
def test_the_answer_is_ordered_distinct_and_bounded(
    candidates: list[Candidate], limit: int
) -> None:
    ranked = rank("some words", candidates, limit)
    assert len(ranked) == min(limit, len({c.id for c in candidates}))
    assert len({r.id for r in ranked}) == len(ranked)
    assert [r.score for r in ranked] == sorted((r.score for r in ranked), reverse=True)


@given(CANDIDATES)
def test_the_order_of_candidates_does_not_change_scores(candidates: list[Candidate]) -> None:
    def scores(given: list[Candidate]) -> dict[object, float]:
        return {r.id: r.score for r in rank("some words", given, 99)}

    assert scores(candidates) == scores(candidates[::-1])
