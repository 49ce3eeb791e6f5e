"""Which tensors an encoder of each architecture has to have, and of which shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ARCHITECTURES = frozenset(
    {
        "bert",
        "eurobert",
        "jina-bert-v2",
        "jina-bert-v3",
        "modern-bert",
        "neo-bert",
        "nomic-bert",
        "nomic-bert-moe",
    }
)
"""Encoders that the bundled llama.cpp (llama-cpp-python 0.3.36) pools to one vector a text."""

_MAX_LAYERS = 1_000
"""The deepest encoders in use have 48 layers."""


def check_tensors(
    architecture: str,
    sizes: Mapping[str, int],
    vocabulary: int,
    shapes: Mapping[str, tuple[int, ...]],
) -> str | None:
    """Compare the tensors of a file with what its metadata promises.

    Args:
        architecture: one of `ARCHITECTURES`.
        sizes: `embedding_length`, `block_count`, `context_length`, `feed_forward_length` and
            `attention.head_count` of the metadata.
        vocabulary: number of tokens in the token list.
        shapes: tensor name to shape, the fastest-running dimension first.

    Returns:
        What is wrong, as the middle of a sentence; None when everything fits.
    """
    if sizes["block_count"] > _MAX_LAYERS:
        return f"it claims {sizes['block_count']} layers"
    width, heads = sizes["embedding_length"], sizes["attention.head_count"]
    if width % heads:
        return f"{width} dimensions cannot be shared by {heads} heads"
    wanted = _bert(sizes, vocabulary) if architecture == "bert" else _any(sizes, vocabulary)
    for names, shape in wanted:
        if problem := _compare(names, shape, shapes):
            return problem
    return _check_layers(sizes["block_count"], shapes)


def _compare(
    name: str, shape: tuple[int, ...], shapes: Mapping[str, tuple[int, ...]]
) -> str | None:
    found = shapes.get(name)
    if found is None:
        return f"the tensor {name!r} is missing"
    if found != shape:
        return f"the tensor {name!r} has the shape {found}, and its metadata asks for {shape}"
    return None


def _check_layers(count: int, shapes: Mapping[str, tuple[int, ...]]) -> str | None:
    present = {name.split(".")[1] for name in shapes if name.startswith("blk.")}
    wanted = {str(layer) for layer in range(count)}
    if absent := sorted(wanted - present):
        return f"layer {absent[0]} of {count} is missing"
    # llama.cpp would leave them out without a word, and give other vectors.
    if extra := sorted(present - wanted):
        return f"layer {extra[0]} is there, and its metadata counts {count}"
    return None


def _any(sizes: Mapping[str, int], vocabulary: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield "token_embd.weight", (sizes["embedding_length"], vocabulary)


def _bert(sizes: Mapping[str, int], vocabulary: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    width = sizes["embedding_length"]
    yield "token_embd.weight", (width, vocabulary)
    yield "position_embd.weight", (width, sizes["context_length"])
    yield from _affine("token_embd_norm", (width,))
    for layer in range(sizes["block_count"]):
        yield from _bert_layer(f"blk.{layer}.", width, sizes["feed_forward_length"])


def _bert_layer(prefix: str, width: int, inner: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
        yield from _affine(prefix + name, (width, width))
    yield from _affine(prefix + "attn_output_norm", (width,))
    yield from _affine(prefix + "ffn_up", (width, inner))
    yield from _affine(prefix + "ffn_down", (inner, width))
    yield from _affine(prefix + "layer_output_norm", (width,))


def _affine(name: str, shape: tuple[int, ...]) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.weight", shape
    yield f"{name}.bias", shape[-1:]
