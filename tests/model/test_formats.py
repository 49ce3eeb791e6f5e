from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dowse.model.engine import load_embedder
from dowse.model.formats import fastest_copy
from dowse.model.llama import llama
from dowse.model.registry import bundled_model
from dowse.model.settings import EngineSettings

TEXTS = ["def add(a, b):\n    return a + b\n", "parse an ISO date with time zone"]

needs_bfloat16 = pytest.mark.skipif(
    "AVX512_BF16 = 1" not in llama().llama_print_system_info().decode(),
    reason="the CPU does not multiply bfloat16",
)


def vectors(folder: Path | None) -> tuple[np.ndarray, str, str]:
    model = bundled_model()
    embedder = load_embedder(model.path, EngineSettings(copies=folder), model.manifest)
    found = np.stack(list(embedder.embed_documents(TEXTS)))
    told = embedder.backend().format, embedder.fingerprint
    embedder.close()
    return found, *told


@needs_bfloat16
def test_a_copy_that_multiplies_faster_has_the_same_vectors_and_fingerprint(tmp_path: Path) -> None:
    own, own_format, own_fingerprint = vectors(None)
    copied, format_, fingerprint = vectors(tmp_path / "copies")
    assert (own_format, format_) == ("Q8_0", "BF16")
    assert fingerprint == own_fingerprint
    assert (own * copied).sum(axis=1).min() > 0.9997


@needs_bfloat16
def test_a_damaged_copy_is_made_again(tmp_path: Path) -> None:
    vectors(tmp_path)
    (copy,) = tmp_path.glob("*.gguf")
    whole = copy.read_bytes()
    flipped = bytearray(whole)
    flipped[-1_000] ^= 0xFF
    for damaged in (b"garbage", whole[:9_000_000], bytes(flipped)):
        copy.write_bytes(damaged)
        assert vectors(tmp_path)[1] == "BF16"
        assert copy.read_bytes() == whole


@needs_bfloat16
def test_a_copy_is_made_once_and_comes_back_when_it_is_deleted(tmp_path: Path) -> None:
    model = bundled_model()
    copy = fastest_copy(model.path, model.manifest, tmp_path)
    made = copy.stat().st_ino
    assert fastest_copy(model.path, model.manifest, tmp_path).stat().st_ino == made
    for file in tmp_path.iterdir():
        file.unlink()
    assert fastest_copy(model.path, model.manifest, tmp_path).is_file()
    assert {file.suffix for file in tmp_path.iterdir()} == {".gguf", ".sha256"}


@needs_bfloat16
def test_copies_of_other_models_are_removed_when_they_pile_up(tmp_path: Path) -> None:
    for number in range(6):
        old = tmp_path / f"{number}-BF16.gguf"
        old.write_bytes(b"")
        os.utime(old, (number, number))
    model = bundled_model()
    copy = fastest_copy(model.path, model.manifest, tmp_path)
    assert {file.name for file in tmp_path.glob("*.gguf")} == {
        copy.name,
        *(f"{number}-BF16.gguf" for number in (3, 4, 5)),
    }


def test_what_bfloat16_does_not_speed_up_is_not_copied(tmp_path: Path) -> None:
    model = bundled_model()
    small = replace(model.manifest, quantization="Q4_0")
    large = replace(model.manifest, bytes=600_000_000)
    assert fastest_copy(model.path, small, tmp_path) == model.path
    assert fastest_copy(model.path, large, tmp_path) == model.path
    assert not list(tmp_path.iterdir())


def test_where_no_copy_can_be_written_the_model_runs_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    model = bundled_model()
    assert fastest_copy(model.path, model.manifest, tmp_path / "file" / "copies") == model.path
