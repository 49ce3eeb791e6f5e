"""The two spellings of a BERT: its tensors and word pieces in transformers and in ggml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dowse.context.errors import ExportError
from dowse.model.wordpiece import WORD_START

if TYPE_CHECKING:
    from collections.abc import Mapping

_OUTER = {
    "embeddings.word_embeddings.weight": "token_embd.weight",
    "embeddings.position_embeddings.weight": "position_embd.weight",
    "embeddings.token_type_embeddings.weight": "token_types.weight",
    "embeddings.LayerNorm": "token_embd_norm",
}
_INNER = {
    "attention.self.query": "attn_q",
    "attention.self.key": "attn_k",
    "attention.self.value": "attn_v",
    "attention.output.dense": "attn_output",
    "attention.output.LayerNorm": "attn_output_norm",
    "intermediate.dense": "ffn_up",
    "output.dense": "ffn_down",
    "output.LayerNorm": "layer_output_norm",
}


@dataclass(frozen=True, slots=True)
class _Translation:
    """From one spelling to the other."""

    layer: re.Pattern[str]
    """A tensor of a layer: the layer's number, the part, and `weight` or `bias`."""
    layers: str
    """How the other side spells it, from the same three."""
    inner: Mapping[str, str]
    outer: Mapping[str, str]

    def of(self, name: str) -> str:
        if match := self.layer.fullmatch(name):
            number, part, kind = match.groups()
            if part in self.inner:
                return self.layers.format(number, self.inner[part], kind)
        if name in self.outer:
            return self.outer[name]
        part, _, kind = name.rpartition(".")
        if part in self.outer:
            return f"{self.outer[part]}.{kind}"
        raise ExportError(f"the tensor {name!r} belongs to no BERT; take another model")


_TO_GGML = _Translation(
    re.compile(r"encoder\.layer\.(\d+)\.(.+)\.(weight|bias)"), "blk.{}.{}.{}", _INNER, _OUTER
)
_FROM_GGML = _Translation(
    re.compile(r"blk\.(\d+)\.(.+)\.(weight|bias)"),
    "encoder.layer.{}.{}.{}",
    {ggml: name for name, ggml in _INNER.items()},
    {ggml: name for name, ggml in _OUTER.items()},
)


def tensor_name(name: str) -> str:
    """Translate the name that a BERT's tensor has in transformers to the one it has in ggml.

    Raises:
        ExportError: a BERT encoder has no such tensor.
    """
    return _TO_GGML.of(name)


def original_name(name: str) -> str:
    """Translate the name that a BERT's tensor has in ggml to the one it has in transformers.

    Raises:
        ExportError: a BERT encoder has no such tensor.
    """
    return _FROM_GGML.of(name)


def ggml_piece(token: str) -> str:
    """Spell a piece as llama.cpp does: it marks the first of a word, WordPiece all the others."""
    if token.startswith("[") and token.endswith("]"):
        return token
    return token.removeprefix("##") if token.startswith("##") else WORD_START + token


def original_piece(piece: str) -> str:
    """Spell a piece of a GGUF file as WordPiece does."""
    if piece.startswith("[") and piece.endswith("]"):
        return piece
    return piece.removeprefix(WORD_START) if piece.startswith(WORD_START) else f"##{piece}"
