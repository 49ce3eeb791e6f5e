"""WordPiece exactly as the models of the BERT family were trained with it.

They were trained with the Hugging Face tokenizer (`BertNormalizer`, `BertPreTokenizer` and
`WordPiece` of the Rust crate `tokenizers`). llama.cpp's own splitter drops vowel signs, knows other
tables of punctuation and control characters, and has no limit on the length of a word; so texts
are split here, and llama.cpp is given token ids.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from dowse.context.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_WORD_CHARS = 100
"""A longer word is unknown as a whole (`max_input_chars_per_word` of WordPiece)."""

MAX_TEXT_CHARS = 2**20
"""What stands further back is not looked at, so that 50 MB of blanks cost nothing."""

WORD_START = "▁"
"""GGUF's mark of a piece that begins a word; Hugging Face marks the other pieces, by `##`."""

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
"""Tokens that stand for themselves wherever a text spells them."""

_FIND_SPECIAL = re.compile("|".join(map(re.escape, SPECIAL)))

_CACHED_WORDS = 2**14
"""Code repeats its words: nine in ten of a package's are among so many."""

_CJK = (
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B920, 0x2CEAF),
    (0x2F800, 0x2FA1F),
)
"""Ideographs, each a word of its own; the one from U+2B920 is the crate's, not Unicode's."""


class WordPiece:
    """Turns texts into token ids, for one uncased vocabulary."""

    def __init__(self, tokens: Sequence[str]) -> None:
        """Take over a vocabulary.

        Args:
            tokens: all pieces by id, as they stand in a GGUF file.

        Raises:
            ModelError: one of `SPECIAL` is missing.
        """
        self._ids = {token: number for number, token in enumerate(tokens)}
        if missing := [token for token in SPECIAL if token not in self._ids]:
            raise ModelError(f"the model's vocabulary lacks {missing[0]}; choose another model")
        self._longest = max(map(len, tokens))
        self._pieces = lru_cache(_CACHED_WORDS)(self._split_word)

    def tokens(self, text: str, limit: int) -> list[int]:
        """Turn a text into at least 2 and at most `limit` ids, `[CLS]` first and `[SEP]` last."""
        room = limit - 2
        ids: list[int] = []
        for word in words(text, room):
            ids += self._pieces(word)
            if len(ids) >= room:
                break
        return [self._ids["[CLS]"], *ids[:room], self._ids["[SEP]"]]

    def _split_word(self, word: str) -> tuple[int, ...]:
        """Take the longest known piece again and again; a word with an unknown rest is unknown."""
        if word in SPECIAL:
            return (self._ids[word],)
        pieces: list[int] = []
        rest = WORD_START + word
        while rest and len(word) <= MAX_WORD_CHARS:
            known = (
                n for n in range(min(len(rest), self._longest), 0, -1) if rest[:n] in self._ids
            )
            length = next(known, 0)
            # The mark of a word's start alone may be a piece, but never begins a word.
            if length < (1 if pieces else 2):
                break
            pieces.append(self._ids[rest[:length]])
            rest = rest[length:]
        return tuple(pieces) if pieces and not rest else (self._ids["[UNK]"],)


def words(text: str, limit: int) -> list[str]:
    """Split the start of a text into words, each of which is at least one token.

    Args:
        text: anything at all.
        limit: how many words are wanted.

    Returns:
        At most `limit` words; fewer when the text, or its first `MAX_TEXT_CHARS`, has no more.
    """
    text = text[:MAX_TEXT_CHARS]
    size = 16 * limit + 64
    while True:
        found = _split(text[:size])
        # The last words of a prefix may be parts of a longer word, or `[MA` of `[MASK]`.
        if len(found) > limit + max(map(len, SPECIAL)) or size >= len(text):
            return found[:limit]
        size *= 4


def _split(text: str) -> list[str]:
    found: list[str] = []
    end = 0
    for match in _FIND_SPECIAL.finditer(text):
        found += text[end : match.start()].translate(_TABLE).split()
        found.append(match[0])
        end = match.end()
    return found + text[end:].translate(_TABLE).split()


class _Table(dict[int, str]):
    """A `str.translate` table that works a character out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = replacement = _normalized(chr(code))
        return replacement


_TABLE = _Table()


def _normalized(char: str) -> str:
    """Clean, take the accents off, and lower one character; blanks around what is a word alone."""
    if _vanishes(char):
        return ""
    if char.isspace():
        return " "
    alone = any(first <= ord(char) <= last for first, last in _CJK)
    # Rust lowers character by character, so a final sigma is no special case as in str.lower.
    parts = [part.lower() for part in _without_accents(char)]
    return "".join(f" {p} " if alone or _is_punctuation(p) else p for p in parts)


def _vanishes(char: str) -> bool:
    """Whether the cleaning step drops a character: NUL, U+FFFD, control, format, private use."""
    if char in "\t\n\r":
        return False
    return char == "\ufffd" or unicodedata.category(char) in ("Cc", "Cf", "Co", "Cs")


def _without_accents(char: str) -> str:
    parts = unicodedata.normalize("NFD", char)
    return "".join(part for part in parts if unicodedata.category(part) != "Mn")


def _is_punctuation(char: str) -> bool:
    """ASCII's 32 signs, mathematical ones included, and Unicode's categories P."""
    ascii_sign = "!" <= char <= "~" and not char.isalnum()
    return ascii_sign or unicodedata.category(char[0]).startswith("P")
