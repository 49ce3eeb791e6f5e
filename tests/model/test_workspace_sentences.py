from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dowse.model.evaluation.sentences import (
    MAX_WORDS,
    commit_sentence,
    first_sentence,
    repeats_name,
)


@pytest.mark.parametrize(
    ("description", "symbol", "sentence"),
    [
        ('"""Return the user\'s name.\n\n    More words."""', "f", "Return the user's name"),
        ("r'''Escape all signs in it'''", "f", "Escape all signs in it"),
        ("/** Gets the {@link Foo user name} here. Then more. */", "f", "Gets the user name here"),
        (
            "/**\n * Draws a line\n * on the canvas.\n * @param x where\n */",
            "f",
            "Draws a line on the canvas",
        ),
        ("/*! @brief Draws a line now. \\param x */", "f", "Draws a line now"),
        (
            "// ParseDate parses a date, e.g. 2020-01-01.",
            "ParseDate",
            "parses a date, e.g. 2020-01-01",
        ),
        ("/// Returns [`Foo`] of the bar.\n///\n/// # Examples", "f", "Returns Foo of the bar"),
        (
            '/// <summary>\n/// Reads <see cref="T:Foo"/> from &lt;disk&gt; now\n/// </summary>',
            "Read",
            "Reads Foo from <disk> now",
        ),
        ("# rubocop:disable all\n# Lists the parsed words", "f", "Lists the parsed words"),
        (
            "--- Opens a file **quickly** for reading.\n-- @param x",
            "f",
            "Opens a file quickly for reading",
        ),
        (
            '"""Open a :class:`~http.Client` for ``url``:\n\n:param url: x"""',
            "f",
            "Open a http.Client for url",
        ),
        ('"""Größe der Datei lesen"""', "f", "Größe der Datei lesen"),
    ],
)
def test_first_sentences_are_cleaned(description: str, symbol: str, sentence: str) -> None:
    assert first_sentence(description, symbol) == sentence


@pytest.mark.parametrize(
    "description",
    [
        "",
        '""""""',
        '"""Two words."""',
        '"""Constructor of the class."""',
        "/** Default constructor of this. */",
        "/** {@inheritDoc} */",
        "// See the other function.",
        "// TODO: write this at some time",
        "// Deprecated: use the other thing",
        "# Copyright 2020 by some people here",
        "// foo(bar, 1); baz = qux[2];",
        "// =====================================",
        '"""Args:\n    x: the first of the numbers."""',
        '"""' + "word " * (MAX_WORDS + 1) + '"""',
        '"""' + "🎉" * 50 + '"""',
    ],
)
def test_what_is_no_question_is_dropped(description: str) -> None:
    assert first_sentence(description, "f") is None


@pytest.mark.parametrize(
    ("subject", "sentence"),
    [
        ("fix(parser)!: handle empty input lines (#123)", "handle empty input lines"),
        ("[core] [JIRA-12] Add support for zip files", "Add support for zip files"),
        ("net/http: close the idle connections. Fixes #12", "close the idle connections"),
        ("JIRA-77: speed up the tokenizer twice", "speed up the tokenizer twice"),
        (":bug: stop the leak of sockets", "stop the leak of sockets"),
        ("gh-123: Fix a crash in `parse` (GH-1234)", "Fix a crash in parse"),
        ("Use UTF-8 to read SHA-256 files", "Use UTF-8 to read SHA-256 files"),
    ],
)
def test_commit_subjects_lose_prefixes_and_issue_numbers(subject: str, sentence: str) -> None:
    assert commit_sentence(subject) == sentence


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "Merge branch 'x' into y",
        'Revert "Add support for zip files"',
        "Initial commit of all files",
        "fixup! add the new parser",
        "docs: update the README",
        "Bump requests from 2.0 to 2.1",
        "Release version 1.2.3 to everyone",
        "v1.2.3 is out now",
        "Fix typos in the docs",
        "chore: run black on all files",
        "Address review comments of the maintainers",
        "minor fixes",
        "wip",
    ],
)
def test_commits_that_say_nothing_of_code_are_dropped(subject: str) -> None:
    assert commit_sentence(subject) is None


def test_repeating_the_name_is_noticed() -> None:
    assert repeats_name("Parse the date", "Reader.parse_date")
    assert not repeats_name("Turn a text into a day of the calendar", "parse_date")


@given(st.text(), st.text())
def test_any_text_gives_a_clean_line_or_nothing(text: str, symbol: str) -> None:
    for sentence in (first_sentence(text, symbol), commit_sentence(text)):
        if sentence is not None:
            assert sentence == " ".join(sentence.split())
            assert len(sentence.split()) >= 3


@pytest.mark.parametrize("sign", ["<a", "{@a ", ":a", "[x](", "`*", "fix ", "the ", "#1 "])
def test_a_text_made_to_be_slow_is_cut(sign: str) -> None:
    # Without the cut, some of these would take minutes, and the test's time limit.
    first_sentence("// " + sign * 300_000, "f")
    commit_sentence(sign * 300_000)
