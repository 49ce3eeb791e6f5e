from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from dowse.context.errors import ExportError
from dowse.model.evaluation.variants import QUANTIZATIONS, quantizations
from dowse.model.manifest import Model, derive_manifest
from dowse.model.registry import bundled_model


def silent(step: str, done: int, total: int) -> None:
    """Nobody watches."""


def kinds(models: list[Model]) -> list[str]:
    return [model.manifest.quantization for model in models]


def test_a_model_is_made_again_from_the_package_in_its_manifest(
    tmp_path: Path, exported: dict[str, Model]
) -> None:
    made = quantizations(exported["Q8_0"], None, tmp_path, silent)
    assert kinds(made) == ["F16", *QUANTIZATIONS]
    # Equal files, so that it is not measured twice.
    assert made[1].manifest.sha256 == exported["Q8_0"].manifest.sha256


def test_another_base_keeps_its_own_name(tmp_path: Path, base_folder: Path) -> None:
    strange = replace(bundled_model().manifest, base_sha256="0" * 64)
    shutil.copytree(base_folder, tmp_path / "mine")
    model = replace(bundled_model(), manifest=strange)
    made = quantizations(model, str(tmp_path / "mine"), tmp_path, silent)
    assert made[0].manifest.name == "mine-F16"


@pytest.mark.parametrize("named", [True, False])
def test_an_f16_file_is_quantized_as_it_is(
    tmp_path: Path, exported: dict[str, Model], named: bool
) -> None:
    path = exported["F16"].path
    plain = Model(path, derive_manifest(path))
    source = exported["F16"] if named else plain
    made = quantizations(source, None, tmp_path, silent)
    assert kinds(made) == ["F16", *QUANTIZATIONS]
    assert made[0] is source
    assert made[1].manifest.token_limit == source.manifest.token_limit
    weights = source.manifest.base_sha256 or source.manifest.sha256
    assert {model.manifest.base_sha256 for model in made[1:]} == {weights}
    assert made[5].manifest.bytes < made[1].manifest.bytes < made[0].manifest.bytes


@pytest.mark.parametrize(
    "command",
    [
        None,
        "",
        "dowse export",
        "dowse export elsewhere/model",
        "dowse export package:no-such-thing",
    ],
)
def test_without_anything_to_quantize_the_message_says_what_to_do(
    tmp_path: Path, command: str | None
) -> None:
    model = bundled_model()
    model = replace(model, manifest=replace(model.manifest, command=command))
    with pytest.raises(ExportError, match=r"--base FOLDER.*F16 file"):
        quantizations(model, None, tmp_path, silent)
    assert not list(tmp_path.iterdir())
