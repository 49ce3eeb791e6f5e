from __future__ import annotations

import time
import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from dowse.context.errors import ModelError
from dowse.model.wordpiece import MAX_TEXT_CHARS, WordPiece, words

if TYPE_CHECKING:
    from pathlib import Path

    from dowse.model.engine import LlamaEmbedder


@pytest.fixture(scope="module")
def reference(base_folder: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(base_folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)
    return tokenizer


def expected(reference: Tokenizer, text: str) -> list[int]:
    # The reference refuses lone surrogates; in the engine they vanish like other control codes.
    return list(reference.encode(text.encode("utf-8", "ignore").decode()).ids)


def test_tokens_agree(embedder: LlamaEmbedder, reference: Tokenizer, texts: list[str]) -> None:
    assert len(texts) == 200
    for text in texts:
        assert embedder.tokenize(text) == expected(reference, text), text[:80]


@settings(max_examples=500, deadline=None)
@given(
    text=st.text(
        st.characters(max_codepoint=0x33FF, categories=("L", "N", "P", "S", "Z", "C")), max_size=60
    )
)
def test_any_text_gives_the_reference_tokens_or_holds_a_later_character(
    embedder: LlamaEmbedder, reference: Tokenizer, text: str
) -> None:
    if not any(map(is_disputed, text)):
        assert embedder.tokenize(text) == expected(reference, text)


def is_disputed(char: str) -> bool:
    """Categories differ for some characters newer than the crate's tables."""
    return (
        unicodedata.category(char) in ("Cf", "Mn", "Mc", "Po", "Pd", "Ps", "Pe", "So")
        and char > "\u02ff"
    )


def test_every_character_splits_as_in_the_reference(
    embedder: LlamaEmbedder, reference: Tokenizer
) -> None:
    chars = [chr(c) for c in range(0x2FA20) if not 0xD800 <= c < 0xE000]
    theirs = reference.encode_batch([f"a{char}b" for char in chars])
    ours = [embedder.tokenize(f"a{char}b") for char in chars]
    differing = {c for c, a, b in zip(chars, ours, theirs, strict=True) if a != b.ids}
    assert len(differing) < 600, "characters newer than the reference's tables"
    known = {char for piece in reference.get_vocab() for char in piece}
    assert not differing & known, "a character that the model knows"
    assert not {c for c in differing if unicodedata.category(c)[0] in "LNZ"}, "a letter"


@given(text=st.text(max_size=300), limit=st.integers(1, 40))
@settings(max_examples=200, deadline=None)
def test_words_of_a_prefix_are_a_prefix_of_the_words(text: str, limit: int) -> None:
    assert words(text * 30, limit) == words(text * 30, 10_000)[:limit]


@pytest.mark.parametrize("shift", range(200))
def test_special_tokens_are_found_whole_at_the_edge_of_what_is_looked_at(shift: int) -> None:
    found = words("b" * shift + " [MASK] c" * 40, 7)
    assert "[MASK]" in found
    assert not {"[", "mask", "]"} & set(found)


def test_a_vocabulary_without_special_tokens_is_refused() -> None:
    with pytest.raises(ModelError, match=r"\[PAD\]"):
        WordPiece(["▁a", "b"])


@pytest.mark.parametrize(
    "text",
    ["x" * 50_000_000, " " * 50_000_000, "ab " * 16_000_000, "é" * 25_000_000, "\x00" * 50_000_000],
    ids=["word", "blanks", "words", "accents", "nothing"],
)
def test_fifty_megabytes_are_cut_quickly(embedder: LlamaEmbedder, text: str) -> None:
    start = time.perf_counter()
    tokens = embedder.tokenize(text)
    assert time.perf_counter() - start < 2
    assert 2 <= len(tokens) <= 256
    assert (tokens[0], tokens[-1]) == (101, 102)


def test_text_beyond_the_limit_of_characters_is_not_looked_at() -> None:
    assert words(" " * MAX_TEXT_CHARS + "abc", 5) == []
    assert words(" " * (MAX_TEXT_CHARS - 3) + "abc", 5) == ["abc"]
