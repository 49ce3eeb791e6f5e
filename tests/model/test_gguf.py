from __future__ import annotations

import struct
from contextlib import suppress
from typing import TYPE_CHECKING

import gguf as reference
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dowse.context.errors import ModelError
from dowse.model.engine import load_embedder
from dowse.model.folders import cache_folder
from dowse.model.ggml import FILE_TYPES, TENSOR_TYPES
from dowse.model.gguf import read_header
from dowse.model.manifest import derive_manifest
from dowse.model.registry import bundled_model

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dowse.model.manifest import Model

ORIGINAL = bundled_model().path.read_bytes()
HEADER_BYTES = 640_000
"""The bundled model's metadata and tensor table end a little before this."""


def tiny(path: Path, architecture: str = "bert", **changes: object) -> Path:
    """A BERT of one layer and a few numbers, spoilt as the changes say."""
    width, inner, positions = 32, 64, 64
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "▁a", "b", "▁c"] * 16
    tokens = [f"{token}{n // 8}" if n > 7 else token for n, token in enumerate(tokens)]
    values = {
        "context_length": positions,
        "embedding_length": width,
        "block_count": 1,
        "feed_forward_length": inner,
        "attention.head_count": 2,
        "pooling_type": 1,
        **changes,
    }
    writer = reference.GGUFWriter(path, architecture)
    for key, value in values.items():
        if isinstance(value, int):
            writer.add_uint32(f"{architecture}.{key}", value)
    writer.add_layer_norm_eps(1e-12)
    writer.add_causal_attention(False)
    writer.add_tokenizer_model("bert")
    writer.add_token_list(changes.get("tokens", tokens))
    writer.add_token_type_count(2)
    for role, number in {"bos": 2, "eos": 3, "sep": 3, "unk": 1, "pad": 0, "mask": 4}.items():
        getattr(writer, f"add_{role}_token_id")(changes.get(role, number))
    shapes = {
        "token_embd.weight": (len(tokens), width),
        "position_embd.weight": (positions, width),
        "token_types.weight": (2, width),
        "token_embd_norm": (width,),
        **{
            f"blk.0.{name}": (width, width)
            for name in ("attn_q", "attn_k", "attn_v", "attn_output")
        },
        "blk.0.attn_output_norm": (width,),
        "blk.0.ffn_up": (inner, width),
        "blk.0.ffn_down": (width, inner),
        "blk.0.layer_output_norm": (width,),
    }
    random = np.random.default_rng(1)
    for name, shape in shapes.items():
        affine = {f"{name}.weight": shape, f"{name}.bias": shape[:1]}
        parts = {name: shape} if name.endswith(".weight") else affine
        for part, size in parts.items():
            if part != changes.get("without"):
                data = random.normal(size=changes.get(part, size)).astype(np.float32)
                writer.add_tensor(part, data * np.float32(changes.get("scale", 1)))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_the_tables_are_those_of_ggml() -> None:
    for number, (name, block, size) in TENSOR_TYPES.items():
        kind = reference.GGMLQuantizationType(number)
        assert (kind.name, reference.GGML_QUANT_SIZES[kind]) == (name, (block, size))
    for number, name in FILE_TYPES.items():
        assert reference.LlamaFileType(number).name.removeprefix("MOSTLY_") in (name, f"ALL_{name}")


def test_header_of_the_bundled_model() -> None:
    header = read_header(bundled_model().path)
    assert (header.architecture, header.dimensions, header.layers) == ("bert", 384, 6)
    assert (header.token_limit, header.pooling, header.tokenizer) == (512, "mean", "bert")
    assert (header.file_type, dict(header.tensor_types)) == ("Q8_0", {"F32": 64, "Q8_0": 37})
    assert (header.license, len(header.tokens)) == ("Apache-2.0", 30522)


def test_header_agrees_with_the_reference_reader(exported: dict[str, Model]) -> None:
    for model in exported.values():
        tensors = reference.GGUFReader(model.path).tensors
        names = [tensor.tensor_type.name for tensor in tensors]
        assert read_header(model.path).tensor_types == {n: names.count(n) for n in names}


def test_a_tiny_model_of_another_tool_works(tmp_path: Path) -> None:
    embedder = load_embedder(tiny(tmp_path / "tiny.gguf"))
    assert embedder.dimensions == 32
    assert embedder.embed_query("a ab c").shape == (32,)
    assert len(embedder.tokenize("a " * 500)) == 64
    embedder.close()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"architecture": "llama"}, "architecture is 'llama'"),
        ({"pooling_type": 4}, "pooling type is 4"),
        ({"pooling_type": None}, "pooling type is None"),
        ({"embedding_length": 48}, "token_embd.weight"),
        ({"embedding_length": 0}, "embedding_length"),
        ({"context_length": 65}, "position_embd.weight"),
        ({"block_count": 2}, "blk.1"),
        ({"block_count": 2**31}, "block_count"),
        ({"block_count": 2**31 - 1}, "2147483647 layers"),
        ({"attention.head_count": 3}, "heads"),
        ({"feed_forward_length": 63}, "ffn_up"),
        ({"without": "blk.0.attn_k.weight"}, "blk.0.attn_k.weight"),
        ({"blk.0.ffn_down.weight": (32, 65)}, "ffn_down"),
        ({"tokens": ["a"]}, "token"),
        ({"bos": 128}, "bos_token_id"),
    ],
    ids=str,
)
def test_contradictions_are_named(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    path = tiny(tmp_path / "odd.gguf", **changes)
    with pytest.raises(ModelError, match=r"odd\.gguf is not a usable model") as error:
        read_header(path)
    assert message in str(error.value)


def test_missing_folder_and_unreadable(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model file"):
        load_embedder(tmp_path / "none.gguf")
    with pytest.raises(ModelError, match="is a folder"):
        load_embedder(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="cannot read"):
        load_embedder(tmp_path / "file" / "inside.gguf")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"GG", "does not start"),
        (b"{json}", "does not start"),
        (b"GGUF", "cut off"),
        (b"GGUF" + struct.pack("<IQQ", 1, 0, 0), "version 1"),
        (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "version 50331648"),
        (b"GGUF" + struct.pack("<IQQ", 3, 2**63, 0), "tensors"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 2**40), "metadata entries"),
        (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 2**62), "a text of"),
        (b"GGUF" + struct.pack("<IQQQ1sIIQ", 3, 0, 1, 1, b"k", 9, 4, 2**60), "elements"),
        (b"GGUF" + struct.pack("<IQQQ1sIIQ", 3, 0, 1, 1, b"k", 9, 9, 1), "type 9"),
        (b"GGUF" + struct.pack("<IQQQ1sI", 3, 0, 1, 1, b"k", 99), "type 99"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 0), "general.architecture"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_malformed_starts(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "bad.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=message):
        read_header(path)


def survives(path: Path, step: Callable[[Path], object]) -> None:
    """Either it works or it is a ModelError; anything else fails the test."""
    with suppress(ModelError):
        step(path)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(length=st.integers(0, len(ORIGINAL) - 1))
def test_truncated_anywhere(tmp_path: Path, length: int) -> None:
    path = tmp_path / "cut.gguf"
    path.write_bytes(ORIGINAL[:length])
    with pytest.raises(ModelError):
        read_header(path)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    flips=st.lists(
        st.tuples(st.integers(0, 2_000) | st.integers(0, HEADER_BYTES - 1), st.integers(0, 255)),
        max_size=8,
    )
)
def test_flipped_bytes(tmp_path: Path, flips: list[tuple[int, int]]) -> None:
    content = bytearray(ORIGINAL[:HEADER_BYTES])
    for place, value in flips:
        content[place] = value
    path = tmp_path / "flipped.gguf"
    with path.open("wb") as file:
        file.write(content)
        file.truncate(len(ORIGINAL))
    survives(path, read_header)


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(tail=st.binary(max_size=400), counts=st.tuples(st.integers(0, 3), st.integers(0, 3)))
def test_noise_after_a_good_start(tmp_path: Path, tail: bytes, counts: tuple[int, int]) -> None:
    path = tmp_path / "noise.gguf"
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, *counts) + tail)
    with pytest.raises(ModelError):
        read_header(path)


@pytest.mark.parametrize("seed", range(6))
def test_flipped_files_through_the_whole_load(gguf: Path, seed: int) -> None:
    random = np.random.default_rng(seed)
    content = bytearray(ORIGINAL)
    for place in random.integers(24, HEADER_BYTES if seed % 2 else 1_500, 3):
        content[place] ^= 1 << int(random.integers(8))
    gguf.write_bytes(content)
    survives(gguf, lambda path: load_embedder(path).close())


def test_weights_that_are_no_numbers_fail_in_the_trial(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not numbers"):
        load_embedder(tiny(tmp_path / "nan.gguf", scale=float("nan")))


def test_a_file_that_crashes_llama_is_an_error(tmp_path: Path) -> None:
    # Heads of another length than width / heads: llama.cpp asserts while it builds the graph.
    path = tiny(tmp_path / "crash.gguf", **{"attention.key_length": 24})
    with pytest.raises(ModelError, match=r"crash\.gguf crashes llama\.cpp"):
        load_embedder(path)


def test_the_reason_of_llama_is_passed_on(tmp_path: Path) -> None:
    path = tiny(tmp_path / "heads.gguf", **{"attention.head_count_kv": 1})
    with pytest.raises(ModelError, match=r"cannot load heads\.gguf: error loading model"):
        load_embedder(path)


def test_a_passed_trial_is_remembered(tmp_path: Path) -> None:
    path = tiny(tmp_path / "mine.gguf", scale=0.5)
    load_embedder(path).close()
    marks = list((cache_folder() / "trials").glob(f"{derive_manifest(path).sha256}-*"))
    assert len(marks) == 1


def test_the_bundled_model_needs_no_trial(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOWSE_CACHE", str(tmp_path))
    load_embedder(bundled_model().path).close()
    assert not list(tmp_path.iterdir())


def test_another_file_than_the_manifest_says_is_refused(gguf: Path) -> None:
    content = bytearray(ORIGINAL)
    content[-1] ^= 1
    gguf.write_bytes(content)
    with pytest.raises(ModelError, match="SHA-256"):
        load_embedder(gguf, manifest=bundled_model().manifest)
