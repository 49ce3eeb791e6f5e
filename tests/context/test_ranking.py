from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dowse.context.ranking import WEIGHTS, Candidate, Ranked, rank
from dowse.context.types import CursorContext, Place, Query, Source

SHARES = st.none() | st.floats(0, 1)
COSINES = st.none() | st.floats(-1, 1)
PATHS = st.sampled_from(["", "a.py", "b.py", "tests/test_a.py", "README.md"])
CANDIDATES = st.lists(
    st.builds(
        Candidate, st.integers(0, 9), SHARES, COSINES, PATHS, crowding=st.floats(0, 1, width=32)
    )
)


def ranked(words: str, *candidates: Candidate, at: Place | None = None) -> list[Ranked]:
    return rank(Query(words), candidates, at)


def order(words: str, *candidates: Candidate, at: Place | None = None) -> list[object]:
    return [each.id for each in ranked(words, *candidates, at=at)]


def test_meaning_leads_for_sentences_and_names_for_symbols() -> None:
    meant, named = (
        Candidate("meant", None, 0.6, "a.py", "load"),
        Candidate("named", 0.4, 0.4, "b.py", "Disk.read_file"),
    )
    assert order("get all bytes of something on disk", meant, named) == ["meant", "named"]
    for words in ("read_file", "Disk.read_file", "read_file()", "what calls read_file here"):
        assert order(words, meant, named) == ["named", "meant"], words


def test_a_word_that_is_no_identifier_names_nothing_in_a_sentence() -> None:
    one, other = Candidate(1, 0.1, 0.5, "a.py", "load"), Candidate(2, 0.1, 0.4, "b.py", "file")
    assert order("read a file", one, other) == [1, 2]
    assert order("file", one, other) == [2, 1]


def test_the_best_passage_speaks_for_its_snippet() -> None:
    first = ranked(
        "read a file",
        Candidate("long", 0.1, 0.1),
        Candidate("long", None, 0.9),
        Candidate("b", 0.2, 0.5),
    )[0]
    assert (first.id, first.cosine, first.lexical_rank, first.dense_rank) == ("long", 0.9, 2, 1)


def test_what_is_near_everybodys_questions_is_less_of_an_answer() -> None:
    others = [Candidate(n, None, 0.1, crowding=0.4) for n in range(3)]
    hub = Candidate("hub", None, 0.62, crowding=0.7)
    answer = Candidate("answer", None, 0.6, crowding=0.4)
    first, second = ranked("parse a date", *others, hub, answer)[:2]
    assert (first.id, first.cosine, first.dense_rank, first.reasons) == ("answer", 0.6, 1, ())
    assert (second.id, second.dense_rank) == ("hub", 2)
    assert second.reasons == ("it is near many other questions too",)
    assert second.score == pytest.approx(first.score + 0.02 - WEIGHTS.crowding * 0.3)


def test_the_nearest_passage_of_a_snippet_is_the_one_that_crowding_leaves_nearest() -> None:
    passages = [
        Candidate("a", None, 0.62, crowding=0.7),
        Candidate("a", None, 0.6, crowding=0.4),
        Candidate("a", 0.3, None),
    ]
    (only,) = ranked("parse a date", *passages)
    assert only.cosine == 0.6


def test_without_vectors_words_decide() -> None:
    candidates = [Candidate(n, n / 10, None) for n in range(1, 5)]
    assert order("some words", *candidates) == [4, 3, 2, 1]


def test_a_passage_without_a_vector_competes_as_a_middling_one() -> None:
    known = [Candidate(n, 0.1, cosine) for n, cosine in enumerate((0.2, 0.4, 0.6))]
    assert order("some words", *known, Candidate("new", 0.2, None)) == [2, "new", 1, 0]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("tests/test_dates.py", "test that dates are parsed"),
        ("README.md", "documentation of dates"),
        ("examples/dates.py", "an example of dates"),
    ],
)
def test_what_goes_with_the_code_stands_back_unless_it_is_asked_for(path: str, words: str) -> None:
    beside, code = Candidate("beside", 0.5, 0.65, path), Candidate("code", 0.5, 0.5, "dates.py")
    assert order("parse dates", beside, code) == ["code", "beside"]
    assert order(words, beside, code) == ["beside", "code"]


def test_in_a_test_tests_are_welcome() -> None:
    beside, code = Candidate("t", 0.5, 0.6, "tests/test_a.py"), Candidate("c", 0.5, 0.5, "a.py")
    at = Place(Path("/project"), "tests/test_b.py", 3)
    assert order("parse dates", beside, code, at=at) == ["t", "c"]


def test_a_file_that_fits_as_a_whole_lifts_what_is_near_its_best_snippet() -> None:
    others = [Candidate(n, 0.0, 0.4, f"{n}.py") for n in range(50)]
    alone = Candidate("alone", 0.0, 0.505, "alone.py")
    best = Candidate("best", 0.0, 0.5, "fitting.py")
    near = Candidate("near", 0.0, 0.495, "fitting.py")
    far = Candidate("far", 0.0, 0.44, "fitting.py")
    assert order("some words", alone, best, far, *others)[:3] == ["best", "alone", "far"]
    assert order("some words", alone, best, near, *others)[:3] == ["best", "near", "alone"]


def test_the_workspace_wins_at_equal_fit() -> None:
    installed = Candidate("installed", 0.5, 0.5, "a.py", "", Source.DEPENDENCY, "there")
    own = Candidate("own", 0.5, 0.5, "a.py", "", Source.WORKSPACE, "here")
    assert order("some words", installed, own) == ["own", "installed"]


def test_what_the_asking_file_imports_is_preferred() -> None:
    one, other = Candidate(1, 0.5, 0.5, "lib/other.py"), Candidate(2, 0.5, 0.48, "lib/dates.py")
    query = Query("parse", context=CursorContext(imports=("os", "project.lib.dates", "parse")))
    assert [each.id for each in rank(query, [one, other])] == [2, 1]
    assert order("parse", one, other) == [1, 2]


@given(CANDIDATES)
def test_every_snippet_has_one_place_and_scores_fall(candidates: list[Candidate]) -> None:
    found = ranked("some words", *candidates)
    assert sorted({c.id for c in candidates}) == sorted(r.id for r in found)  # type: ignore[type-var]
    assert [r.score for r in found] == sorted((r.score for r in found), reverse=True)


@given(
    st.lists(st.builds(Candidate, st.integers(), SHARES, COSINES, PATHS), unique_by=lambda c: c.id)
)
def test_the_order_of_candidates_does_not_change_scores(candidates: list[Candidate]) -> None:
    def scores(given: list[Candidate]) -> list[float]:
        return sorted(round(r.score, 9) for r in ranked("some words", *given))

    assert scores(candidates) == scores(candidates[::-1])
