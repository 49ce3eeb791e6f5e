"""Turns texts into the tokens of a model: by dowse's own WordPiece, or by llama.cpp."""

from __future__ import annotations

import ctypes
import threading
from typing import TYPE_CHECKING

from dowse.context.errors import ModelError
from dowse.model.llama import llama
from dowse.model.wordpiece import WordPiece

if TYPE_CHECKING:
    from dowse.model.contexts import Weights
    from dowse.model.gguf import Header

_CHARS_PER_TOKEN = 16
"""Tokenizers other than WordPiece see so much text a token; code has 3 to 4 characters a token."""


class Tokenizer:
    """Gives the tokens of a text, never more than asked for, the closing one always among them.

    Args:
        weights: of the model; hold `lock` to free them.
        header: of its file.
    """

    def __init__(self, weights: Weights, header: Header) -> None:
        self._weights = weights
        self._wordpiece = WordPiece(header.tokens) if header.tokenizer == "bert" else None
        self.lock = threading.Lock()

    def tokens(self, text: str, limit: int) -> list[int]:
        """Turn a text into at most `limit` tokens.

        Raises:
            ModelError: the model is closed.
        """
        with self.lock:
            if not self._weights.pointer:
                raise ModelError("the model is closed; load it again")
            if self._wordpiece:
                return self._wordpiece.tokens(text, limit)
            tokens = self._by_llama(text[: limit * _CHARS_PER_TOKEN].encode("utf-8", "replace"))
        # The closing token is kept: the model never saw a text without it.
        return tokens if len(tokens) <= limit else [*tokens[: limit - 1], tokens[-1]]

    def _by_llama(self, text: bytes) -> list[int]:
        room = len(text) + 8
        buffer = (ctypes.c_int32 * room)()
        vocabulary = self._weights.vocabulary
        count = llama().llama_tokenize(vocabulary, text, len(text), buffer, room, True, True)
        return buffer[: max(count, 0)]
