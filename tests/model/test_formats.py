from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dowse.model.engine import llama, load_embedder
from dowse.model.formats import fastest_copy
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
    for damage in (b"garbage", copy.read_bytes()[:9_000_000]):
        copy.write_bytes(damage)
        assert vectors(tmp_path)[1] in ("BF16", "Q8_0")
        assert vectors(tmp_path)[1] == "BF16"


def test_where_no_copy_can_be_written_the_model_runs_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    model = bundled_model()
    assert fastest_copy(model.path, model.manifest, tmp_path / "file" / "copies") == model.path
