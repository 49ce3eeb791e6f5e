"""How text becomes the terms of the lexical index: identifiers split, lower case, stemmed."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from dowse.context.errors import QueryError

if TYPE_CHECKING:
    import tantivy

MAX_QUERY_CHARACTERS = 1_000
"""Longer than any question; a pasted file is a mistake better told than searched."""

_LONGEST_TERM = 60
"""Longer runs of letters are hashes and encoded data, not words."""

_FUNCTION_WORDS = (
    "a an and are as at be by can do does for from has have how i if in into is it its of on or"
    " that the their then there these this to was what when where which who will with you your we"
    " not using use used between via"
)
FUNCTION_WORD_WEIGHT = 0.5
"""Words that bind a sentence together are rare in code, so BM25 takes them for telling. MRR of
words alone on thirty-seconds-python, cosqa-dev and stackoverflow-python: 55.0, 34.9, 20.1 at 1;
59.8, 35.2, 22.2 at 0.5; 59.1, 33.6, 23.3 at 0."""

_WORD = re.compile(r"[^\W\d_]{2,}")
_BEFORE_HUMP = re.compile(r"[a-z0-9](?=[A-Z])|[A-Z](?=[A-Z][a-z])")


def split_identifiers(text: str) -> str:
    """Put a space at every hump: `parseISODate` becomes `parse ISO Date`."""
    return _BEFORE_HUMP.sub(r"\g<0> ", text)


@cache
def analyzer() -> tantivy.TextAnalyzer:
    """The analyzer of index and query; it splits at everything that is no letter or digit."""
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.remove_long(_LONGEST_TERM))
    return builder.filter(Filter.lowercase()).filter(Filter.stemmer("English")).build()


def terms(text: str) -> list[str]:
    """The terms of a text, in order, repetitions kept."""
    return analyzer().analyze(split_identifiers(text))


@cache
def _function_terms() -> frozenset[str]:
    return frozenset(terms(_FUNCTION_WORDS))


def term_weights(words: str) -> dict[str, float]:
    """The terms of a query and how much each counts, in order."""
    light = _function_terms()
    return {term: FUNCTION_WORD_WEIGHT if term in light else 1.0 for term in terms(words)}


def matched_words(words: str, text: str) -> tuple[str, ...]:
    """The words of a query that stand in a text in any inflection, in the query's spelling."""
    present = set(terms(text))
    return tuple(word for word, parts in _terms_by_word(words).items() if present & parts)


@lru_cache(maxsize=16)
def _terms_by_word(words: str) -> dict[str, frozenset[str]]:
    """The words of a query, asked for once for each of its hits, with their terms."""
    return {word: frozenset(terms(word)) for word in split_identifiers(words).split()}


def words_of_code(code: str) -> str:
    """What a piece of code says, as a query: its words in order, each once, as many as fit."""
    said = dict.fromkeys(word.lower() for word in _WORD.findall(split_identifiers(code)))
    return " ".join(said)[:MAX_QUERY_CHARACTERS]


def checked_query(words: str) -> str:
    """The query as it is searched: white space folded.

    Raises:
        QueryError: it is empty, has no letter or digit, or is longer than a question can be.
    """
    folded = " ".join(words.split())
    if not folded:
        raise QueryError("the query is empty; say in a few words what the code should do")
    if len(folded) > MAX_QUERY_CHARACTERS:
        raise QueryError(
            f"the query has {len(folded):,} characters; shorten it to {MAX_QUERY_CHARACTERS:,}"
        )
    if not any(character.isalnum() for character in folded):
        raise QueryError(f"there is no word in the query {folded!r}; add one to search for")
    return folded
