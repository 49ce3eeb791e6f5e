from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import load_file
from tests.model.training.made_up import NOUNS, RECIPE, VERBS, made_up_pairs

from dowse.context.errors import DatasetError, DowseError, SettingsError
from dowse.model.engine import load_embedder
from dowse.model.training.export import export
from dowse.model.training.fit import fit
from dowse.model.training.recipe import Recipe
from dowse.model.training.training_set import read_training_set

if TYPE_CHECKING:
    from dowse.model.training.fit import Fitted, Progress
    from dowse.model.training.training_set import TrainingSet


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> TrainingSet:
    return read_training_set([made_up_pairs(tmp_path_factory.mktemp("pairs") / "pairs.jsonl")])


@pytest.fixture(scope="module")
def recipe(two_layers: Path) -> Recipe:
    return replace(RECIPE, base=str(two_layers))


@pytest.fixture(scope="module")
def fitted(recipe: Recipe, data: TrainingSet, tmp_path_factory: pytest.TempPathFactory) -> Fitted:
    return fit(recipe, data, tmp_path_factory.mktemp("runs") / "tuned")


def weights(folder: Path) -> bytes:
    return (folder / "model.safetensors").read_bytes()


def test_the_loss_falls_and_what_was_held_out_moves_up(fitted: Fitted) -> None:
    losses = [point["loss"] for point in fitted.record["history"] if "loss" in point]
    assert len(losses) == 12
    assert sum(losses[-3:]) < 0.6 * sum(losses[:3])
    mrr = fitted.record["development_mrr"]
    assert mrr["after"] > mrr["before"] + 0.1


def test_the_record_says_what_was_done(fitted: Fitted, data: TrainingSet) -> None:
    record = json.loads((fitted.folder / "training.json").read_text())
    assert record == json.loads(json.dumps(fitted.record))
    assert record["recipe"]["learning_rate"] == 5e-4
    assert record["data"]["sha256"] == data.sha256
    assert record["data"]["development_pairs"] == 6
    assert record["data"]["languages"] == {"python": record["data"]["pairs"]}
    assert set(record["versions"]) == {"torch", "transformers", "sentence-transformers"}
    assert "<svg" in (fitted.folder / "training.svg").read_text()
    assert not (fitted.folder / "checkpoint.pt").exists()


def test_the_exported_model_agrees_with_pytorch(fitted: Fitted, tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    (model,) = export(str(fitted.folder), tmp_path, ["F16"])
    assert model.manifest.license == "Apache-2.0"
    texts = [f"{verb} a {NOUNS[0]}" for verb in VERBS]
    expected = SentenceTransformer(str(fitted.folder), device="cpu").encode(texts)
    embedder = load_embedder(model.path, manifest=model.manifest)
    try:
        for text, vector in zip(texts, expected, strict=True):
            assert float(embedder.embed_query(text) @ vector) > 0.9999
    finally:
        embedder.close()


def test_a_stopped_run_goes_on_to_the_same_weights(
    fitted: Fitted, recipe: Recipe, data: TrainingSet, tmp_path: Path
) -> None:
    steps: list[int] = []

    def stop(progress: Progress) -> None:
        steps.append(progress.step)
        if progress.step == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(recipe, data, tmp_path, report=stop)
    assert (tmp_path / "checkpoint.pt").exists()
    steps.clear()
    fit(recipe, data, tmp_path, report=lambda progress: steps.append(progress.step))
    assert steps[0] == 6, "the last checkpoint was after step 5, within an epoch"
    assert weights(tmp_path) == weights(fitted.folder)


def test_a_run_that_goes_on_varies_its_pairs_in_the_same_way(
    recipe: Recipe, data: TrainingSet, tmp_path: Path
) -> None:
    def stop(progress: Progress) -> None:
        if progress.step == 5:
            raise KeyboardInterrupt

    plain = replace(recipe, development_pairs=0, epochs=2, checkpoint_every=2)
    varied = replace(plain, augment_typos=0.5)
    with pytest.raises(KeyboardInterrupt):
        fit(varied, data, tmp_path / "stopped", report=stop)
    for name, used in (("stopped", varied), ("whole", varied), ("plain", plain)):
        fit(used, data, tmp_path / name)
    assert weights(tmp_path / "stopped") == weights(tmp_path / "whole")
    assert weights(tmp_path / "whole") != weights(tmp_path / "plain")


def test_a_checkpoint_of_another_run_or_a_broken_one_is_refused(
    recipe: Recipe, data: TrainingSet, tmp_path: Path
) -> None:
    def stop(progress: Progress) -> None:
        if progress.step == 3:
            raise KeyboardInterrupt

    plain = replace(recipe, development_pairs=0, hard_negatives=0, checkpoint_every=2)
    with pytest.raises(KeyboardInterrupt):
        fit(plain, data, tmp_path, report=stop)
    with pytest.raises(DowseError, match="another recipe"):
        fit(replace(plain, seed=1), data, tmp_path)
    (tmp_path / "checkpoint.pt").write_bytes(b"nothing")
    with pytest.raises(DowseError, match="broken; start anew with --restart"):
        fit(plain, data, tmp_path)
    done = fit(replace(plain, epochs=1), data, tmp_path, restart=True)
    assert done.record["development_mrr"] == {"before": None, "after": None}
    with pytest.raises(DowseError, match="finished model"):
        fit(plain, data, tmp_path)


def test_lora_trains_and_its_adapter_gives_the_same_vectors(
    recipe: Recipe, data: TrainingSet, tmp_path: Path
) -> None:
    import torch

    peft = pytest.importorskip("peft")
    from sentence_transformers import SentenceTransformer

    lora = replace(
        recipe, lora_rank=4, learning_rate=5e-3, epochs=2, averages=(0.5,), cache_gradients=True
    )
    done = fit(lora, data, tmp_path)
    merged = SentenceTransformer(str(tmp_path), device="cpu").encode(list(VERBS))
    base = SentenceTransformer(recipe.base, device="cpu")
    plain = base.encode(list(VERBS))
    assert abs(plain - merged).max() > 0.01
    base[0].model.load_adapter(str(tmp_path / "adapter"))
    adapted = base.encode(list(VERBS))
    assert torch.allclose(torch.tensor(adapted), torch.tensor(merged), atol=1e-5)
    assert done.record["share"] == 0.5
    assert peft is not None


def test_fewer_layers_learn_from_the_base(
    recipe: Recipe, data: TrainingSet, tmp_path: Path
) -> None:
    fit(replace(recipe, layers=1, distillation=1.0, epochs=2), data, tmp_path / "small")
    assert len(weights(tmp_path / "small")) < len(weights(Path(recipe.base)))
    (model,) = export(str(tmp_path / "small"), tmp_path, ["Q8_0"])
    assert model.manifest.dimensions == 384


def test_frozen_layers_and_the_word_vectors_stay_as_they_are(
    recipe: Recipe, data: TrainingSet, tmp_path: Path
) -> None:
    fit(replace(recipe, frozen_layers=1, epochs=1), data, tmp_path / "tuned")
    before, after = (
        load_file(f / "model.safetensors") for f in (Path(recipe.base), tmp_path / "tuned")
    )
    same = {name for name in before if torch.equal(before[name], after[name])}
    frozen = {n for n in before if n.startswith(("embeddings.", "encoder.layer.0."))}
    assert len(frozen) > 10
    assert frozen <= same
    assert not {n for n in same if n.startswith("encoder.layer.1.") and n.endswith(".weight")}


def test_the_best_average_on_the_development_pairs_is_kept(
    recipe: Recipe, data: TrainingSet, tmp_path: Path
) -> None:
    done = fit(replace(recipe, averages=(0.5, 1.0), epochs=1), data, tmp_path).record
    assert done["share"] == max((0.5, 1.0), key=lambda s: (done["averages"][f"{s:g}"], s))
    assert done["development_mrr"]["after"] == max(done["averages"].values())


@pytest.mark.parametrize(
    "change",
    [
        {"device": "cuda:99"},
        {"layers": 7},
        {"frozen_layers": 2},
        {"lora_rank": 2, "lora_modules": ("nothing",)},
    ],
)
def test_what_does_not_fit_the_base_or_the_machine_is_told(
    recipe: Recipe, data: TrainingSet, tmp_path: Path, change: dict[str, object]
) -> None:
    with pytest.raises(SettingsError):
        fit(replace(recipe, **change), data, tmp_path)  # type: ignore[arg-type]


def test_one_pair_is_too_few(recipe: Recipe, tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    path.write_text('{"query": "q", "code": "c"}')
    with pytest.raises(DatasetError, match="give more pairs"):
        fit(recipe, read_training_set([path]), tmp_path / "out")
