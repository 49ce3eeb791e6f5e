from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import pytest

from dowse.context.errors import ModelError
from dowse.model import registry
from dowse.model.folders import weights_folder
from dowse.model.manifest import fingerprint, manifest_path, read_manifest, write_manifest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DOWSE_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def installed(folder: Path, name: str, **changes: object) -> None:
    """Put the bundled model into the data folder under another name."""
    source = registry.bundled_model()
    path = folder / "models" / f"{name}.gguf"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(source.path.read_bytes())
    manifest = dataclasses.replace(source.manifest, name=name, file=path.name, **changes)
    write_manifest(manifest, manifest_path(path))


def test_models_of_the_package_are_intact_and_licensed() -> None:
    default, small = registry.list_models()
    assert default == registry.bundled_model()
    for model in (default, small):
        registry.verify(model)
        assert model.manifest.license == "Apache-2.0"
        assert model.manifest.token_limit == 256
    assert small.manifest.bytes < 0.55 * default.manifest.bytes < 15_000_000
    name = registry.BUNDLED.removesuffix("-Q8_0")
    assert (weights_folder() / f"LICENSE-{name}").is_file()
    assert default.manifest.sha256 in (weights_folder() / f"card-{name}" / "card.md").read_text()


def test_found_by_name_by_last_part_and_by_path(data: Path, gguf: Path) -> None:
    installed(data, "someone/repo/coder")
    assert registry.find_model(registry.BUNDLED) == registry.bundled_model()
    assert registry.find_model("coder") == registry.find_model("someone/repo/coder")
    by_path = registry.find_model(str(gguf))
    assert by_path.path == gguf
    assert by_path.manifest.token_limit == 512, "without a manifest the file's own metadata count"
    assert [m.manifest.name for m in registry.list_models()] == [
        registry.BUNDLED,
        registry.SMALL,
        "someone/repo/coder",
    ]


def test_manifest_beside_a_path_counts(gguf: Path) -> None:
    manifest = dataclasses.replace(
        registry.bundled_model().manifest, file=gguf.name, token_limit=99
    )
    write_manifest(manifest, manifest_path(gguf))
    assert registry.find_model(str(gguf)).manifest.token_limit == 99


def test_two_models_of_one_name_are_asked_about(data: Path) -> None:
    installed(data, "one/repo/coder")
    installed(data, "two/repo/coder")
    with pytest.raises(ModelError, match="one/repo/coder, two/repo/coder"):
        registry.find_model("coder")


@pytest.mark.parametrize("name", ["nothing", "", "missing.gguf", "../../etc", "a\x00b"])
def test_unknown_models(name: str) -> None:
    with pytest.raises(ModelError):
        registry.find_model(name)


def test_choice_is_kept(data: Path, gguf: Path) -> None:
    assert registry.chosen_model() == registry.bundled_model()
    installed(data, "someone/repo/coder")
    registry.use("coder")
    assert registry.chosen_model().manifest.name == "someone/repo/coder"
    registry.use(str(gguf))
    assert registry.chosen_model().path == gguf
    gguf.unlink()
    with pytest.raises(ModelError, match=r"model\.gguf"):
        registry.chosen_model()
    with pytest.raises(ModelError):
        registry.use("nothing")


def test_damaged_choice(data: Path) -> None:
    data.mkdir()
    for text in ("", "[]", '{"model"', "{}"):
        (data / "model.json").write_text(text)
        with pytest.raises(ModelError, match="models use"):
            registry.chosen_model()


def test_verify_notices_one_bit(gguf: Path) -> None:
    manifest = registry.bundled_model().manifest
    model = dataclasses.replace(registry.bundled_model(), path=gguf)
    registry.verify(model)
    content = bytearray(gguf.read_bytes())
    content[20_000_000] ^= 4
    gguf.write_bytes(content)
    with pytest.raises(ModelError, match="changed or damaged"):
        registry.verify(model)
    gguf.unlink()
    with pytest.raises(ModelError, match="missing"):
        registry.verify(model)
    assert manifest == registry.bundled_model().manifest


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: [],
        lambda data: {**data, "sha256": 1},
        lambda data: {**data, "token_limit": 0},
        lambda data: {**data, "token_limit": True},
        lambda data: {**data, "query_prompt": "no place"},
        lambda data: {**data, "tensor_types": []},
        lambda data: {key: value for key, value in data.items() if key != "base"},
    ],
)
def test_malformed_manifests(tmp_path: Path, spoil: object) -> None:
    data = dataclasses.asdict(registry.bundled_model().manifest)
    (tmp_path / "m.json").write_text(json.dumps(spoil(data)))
    with pytest.raises(ModelError, match=r"m\.json"):
        read_manifest(tmp_path / "m.json")


def test_a_broken_download_does_not_hide_the_others(data: Path) -> None:
    installed(data, "a/b/good")
    (data / "models" / "bad.json").write_text("{")
    installed(data, "a/b/outside")
    path = data / "models" / "a" / "b" / "outside.json"
    path.write_text(path.read_text().replace("outside.gguf", "../good.gguf"))
    assert [m.manifest.name for m in registry.list_models()][2:] == ["a/b/good"]


def test_fingerprint_follows_what_decides_a_vector() -> None:
    manifest = registry.bundled_model().manifest
    base = fingerprint(manifest)
    for change in (
        {"sha256": "0" * 64},
        {"pooling": "cls"},
        {"token_limit": 128},
        {"query_prompt": "query: {text}"},
        {"document_prompt": "passage: {text}"},
    ):
        assert fingerprint(dataclasses.replace(manifest, **change)) != base
    assert fingerprint(dataclasses.replace(manifest, name="x", license=None, command=None)) == base
    assert fingerprint(manifest, 128) == fingerprint(dataclasses.replace(manifest, token_limit=128))


def test_read_only_folder_is_said(data: Path) -> None:
    data.write_text("a file where a folder should be")
    with pytest.raises(ModelError, match="cannot write"):
        registry.use(registry.BUNDLED)
