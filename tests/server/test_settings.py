from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dowse.server.settings import KEYS, Settings, resolve

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)


def test_every_setting_has_a_key_and_a_default() -> None:
    assert {key.field for key in KEYS.values()} == {field.name for field in fields(Settings)}
    for name, key in KEYS.items():
        assert key.accepts(getattr(Settings(), key.field)), name


@pytest.mark.parametrize(
    "options",
    [
        {"index": {"maxFileSize": 5}, "word": "search"},
        {"dowse": {"index": {"maxFileSize": 5}, "word": "search"}},
        {"dowse.index.maxFileSize": 5, "dowse.word": "search"},
        {"index.maxFileSize": 5, "word": "search", "threads": None},
    ],
)
def test_keys_may_be_nested_or_dotted(options: dict[str, object]) -> None:
    assert resolve(options) == (Settings(word="search", max_file_bytes=5), [])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"maxResults": "five", "word": "search"}, "dowse.maxResults must be a whole number"),
        ({"vectors": 1, "word": "search"}, "dowse.vectors must be true or false, not 1"),
        ({"threads": True, "word": "search"}, "dowse.threads must be a whole number"),
        ({"word": "search", "index": 3}, "there is no setting dowse.index"),
        ({"word": "search", "colour": "red"}, "there is no setting dowse.colour"),
    ],
)
def test_one_bad_setting_is_told_and_costs_no_other(options: dict[str, object], told: str) -> None:
    settings, problems = resolve(options)
    assert settings == Settings(word="search")
    assert len(problems) == 1
    assert problems[0].startswith(told)


@pytest.mark.parametrize("word", ["", "two words", "a:b", 7, None, "\0"])
def test_the_word_of_triggers_is_one_word(word: object) -> None:
    assert resolve({"word": word})[0].word == "find"


@given(JSON)
def test_nothing_that_a_client_sends_breaks_the_settings(options: object) -> None:
    settings, _ = resolve(options)
    for key in KEYS.values():
        assert key.accepts(getattr(settings, key.field))
