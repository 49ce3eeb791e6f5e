from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dowse.context.errors import QueryError
from dowse.context.words import checked_query, matched_words, terms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("parseISODate", ["pars", "iso", "date"]),
        ("HTTPServer", ["http", "server"]),
        ("read_text_file", ["read", "text", "file"]),
        ("retries the REQUEST", ["retri", "the", "request"]),
        ("größe naïve", ["größe", "naïv"]),
        ("x" * 100, []),
    ],
)
def test_identifiers_are_split_and_words_stemmed(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


def test_words_match_in_any_inflection_and_keep_their_spelling() -> None:
    text = "def retryRequest(): ..."
    assert matched_words("Retrying requests politely", text) == ("Retrying", "requests")


@pytest.mark.parametrize("query", ["", "  \t\n", "?!… --", "x" * 1_001])
def test_a_query_that_cannot_be_searched_is_told(query: str) -> None:
    with pytest.raises(QueryError):
        checked_query(query)


@given(st.text())
def test_a_checked_query_has_a_word_and_no_line_ends(text: str) -> None:
    try:
        words = checked_query(text)
    except QueryError:
        return
    assert words == " ".join(words.split())
    assert any(character.isalnum() for character in words)
