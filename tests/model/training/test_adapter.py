from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gguf as reference
import numpy as np
import pytest
from tests.model.training.made_up import CALLS, RECIPE, VERBS, made_up_pairs

from dowse.context.errors import ExportError, ModelError
from dowse.model.adapters import Adapter, read_adapter
from dowse.model.engine import load_embedder
from dowse.model.manifest import manifest_path, sha256_of, write_manifest
from dowse.model.registry import bundled_model
from dowse.model.settings import EngineSettings
from dowse.model.training.adapter import export_adapter
from dowse.model.training.export import export
from dowse.model.training.fit import fit
from dowse.model.training.training_set import read_training_set
from dowse.server.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable

    from dowse.model.manifest import Model

pytest.importorskip("peft")

TEXTS = [
    *(f"{verb} a ledger" for verb in VERBS),
    "def add(a, b):\n    return a + b\n",
    "read every line of a file and count the words in it, " * 20,
]
LORA = replace(RECIPE, epochs=2, learning_rate=5e-3, averages=(0.5,), lora_rank=4)


@pytest.fixture(scope="module")
def tuned(two_layers: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `dowse train fit` writes: the merged model with LoRA weights beside it."""
    folder = tmp_path_factory.mktemp("runs") / "tuned"
    pairs = made_up_pairs(folder.parent / "pairs.jsonl")
    fit(replace(LORA, base=str(two_layers)), read_training_set([pairs]), folder)
    return folder


@pytest.fixture(scope="module")
def models(two_layers: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Model]:
    made = export(str(two_layers), tmp_path_factory.mktemp("models"), ["F16", "Q8_0"])
    return {model.manifest.quantization: model for model in made}


@pytest.fixture(scope="module")
def adapter(tuned: Path, tmp_path_factory: pytest.TempPathFactory) -> Adapter:
    return export_adapter(tuned, tmp_path_factory.mktemp("adapters"))


@pytest.fixture
def copied(adapter: Adapter, tmp_path: Path) -> Adapter:
    """A copy to be spoilt."""
    for path in (adapter.path, manifest_path(adapter.path)):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return replace(adapter, path=tmp_path / adapter.path.name)


def vectors(model: Model, adapter: Path | None, copies: Path | None = None) -> np.ndarray:
    """Of queries above those of documents."""
    settings = EngineSettings(adapter=adapter, copies=copies)
    embedder = load_embedder(model.path, settings, model.manifest)
    try:
        queries = [embedder.embed_query(text) for text in TEXTS]
        return np.stack([*queries, *embedder.embed_documents(TEXTS)])
    finally:
        embedder.close()


def by_torch(folder: Path) -> np.ndarray:
    from sentence_transformers import SentenceTransformer

    found = SentenceTransformer(str(folder), device="cpu").encode(TEXTS, normalize_embeddings=True)
    return np.concatenate([found, found])


@pytest.mark.parametrize(("kind", "least"), [("F16", 0.9999), ("Q8_0", 0.995)])
def test_the_adapter_on_its_base_agrees_with_the_merged_model_of_pytorch(
    models: dict[str, Model],
    adapter: Adapter,
    tuned: Path,
    two_layers: Path,
    kind: str,
    least: float,
) -> None:
    found = vectors(models[kind], adapter.path)
    cosines = (found * by_torch(tuned)).sum(axis=1)
    moved = (found * by_torch(two_layers)).sum(axis=1)
    assert cosines.min() > least
    assert moved.max() < 0.99
    assert moved.mean() < 0.96
    assert (vectors(models[kind], None) * by_torch(two_layers)).sum(axis=1).min() > least


def test_a_copy_that_multiplies_faster_takes_the_adapter_too(
    models: dict[str, Model], adapter: Adapter, tmp_path: Path
) -> None:
    own = vectors(models["Q8_0"], adapter.path)
    assert (own * vectors(models["Q8_0"], adapter.path, tmp_path)).sum(axis=1).min() > 0.999


def test_the_manifest_says_where_the_adapter_comes_from(adapter: Adapter, two_layers: Path) -> None:
    said = adapter.manifest
    assert read_adapter(adapter.path) == adapter
    assert (said.name, said.base, said.license) == ("tuned-adapter", "two-layers", "Apache-2.0")
    assert said.base_sha256 == sha256_of(two_layers / "model.safetensors")
    assert (said.rank, said.alpha) == (4, 16.0), "half of alpha, because half was averaged away"
    assert said.command == "dowse export tuned --adapter"


def test_equal_weights_give_equal_bytes(adapter: Adapter, tuned: Path, tmp_path: Path) -> None:
    again = export_adapter(tuned, tmp_path / "new", name="tuned")
    assert again.path.read_bytes() == adapter.path.read_bytes()
    assert {path.name for path in again.path.parent.iterdir()} == {
        "tuned-adapter.gguf",
        "tuned-adapter.json",
    }


def test_vectors_with_and_without_an_adapter_never_mix(
    models: dict[str, Model], adapter: Adapter
) -> None:
    model = models["F16"]
    names = set()
    for path in (None, adapter.path):
        embedder = load_embedder(model.path, EngineSettings(adapter=path), model.manifest)
        names.add(embedder.fingerprint)
        embedder.close()
    assert len(names) == 2


def test_another_base_is_refused(adapter: Adapter, models: dict[str, Model]) -> None:
    settings, unknown = EngineSettings(adapter=adapter.path), models["F16"].path
    other = bundled_model()
    with pytest.raises(ModelError, match=r"trained on the weights of two-layers .* from others"):
        load_embedder(other.path, settings, other.manifest)
    with pytest.raises(ModelError, match="does not say what it was made from; take a model"):
        load_embedder(unknown, settings)


def test_a_damaged_or_lonely_file_is_told(copied: Adapter) -> None:
    whole = copied.path.read_bytes()
    for damaged in (b"", b"garbage", whole[:-100], whole[:200], bytes([*whole[:-1], 1])):
        copied.path.write_bytes(damaged)
        with pytest.raises(ModelError, match="SHA-256 differs; export it again"):
            read_adapter(copied.path)
    manifest_path(copied.path).write_text("{}")
    with pytest.raises(ModelError, match=r"tuned-adapter\.json has None as 'name'"):
        read_adapter(copied.path)
    manifest_path(copied.path).unlink()
    with pytest.raises(ModelError, match="beside it, which names its base"):
        read_adapter(copied.path)
    copied.path.unlink()
    with pytest.raises(ModelError, match="there is no adapter file"):
        read_adapter(copied.path)


def signed(adapter: Adapter) -> Path:
    """Make the manifest vouch for whatever the file holds now."""
    manifest = replace(adapter.manifest, sha256=sha256_of(adapter.path))
    write_manifest(manifest, manifest_path(adapter.path))
    return adapter.path


def rewritten(adapter: Adapter, change: Callable[[Any], None], **keys: Any) -> Path:
    """The adapter with other tensors or metadata, its manifest still vouching for it."""
    tensors = {t.name: np.array(t.data) for t in reference.GGUFReader(adapter.path).tensors}
    change(tensors)
    writer = reference.GGUFWriter(adapter.path, keys.get("architecture", "bert"))
    writer.add_string("general.type", keys.get("kind", "adapter"))
    writer.add_string("adapter.type", "lora")
    getattr(writer, keys.get("add", "add_float32"))("adapter.lora.alpha", keys.get("alpha", 16.0))
    for name, values in tensors.items():
        writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return signed(adapter)


QUERY = "blk.0.attn_q.weight.lora_"


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"kind": "model"}, "general.type is 'model', not 'adapter'"),
        ({"architecture": "llama"}, "architecture is 'llama'"),
        ({"alpha": 32.0}, "alpha is 32.0, and its manifest says 16.0"),
        ({"alpha": float("nan")}, "alpha is nan"),
        ({"alpha": 16, "add": "add_uint32"}, "alpha is 16,"),
        # llama.cpp aborts on it: only the trial can tell it from the right one
        ({"add": "add_float64"}, "crashes llama.cpp"),
    ],
)
def test_hostile_metadata_is_an_error_and_no_crash(
    copied: Adapter, models: dict[str, Model], keys: dict[str, Any], words: str
) -> None:
    path = rewritten(copied, lambda tensors: None, **keys)
    with pytest.raises(ModelError, match=words):
        vectors(models["F16"], path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.clear(), "holds no tensors"),
        (lambda t: t.pop(f"{QUERY}a"), "is missing one component"),
        (lambda t: t.update({f"{QUERY}b": np.ones((384, 5), np.float32)}), "not of rank 4"),
        (lambda t: t.update({f"{QUERY}b": np.ones((2, 384, 4), np.float32)}), "not of rank 4"),
        (lambda t: t.update({f"{QUERY}b": np.ones((99, 4), np.float32)}), "incorrect shape"),
        (lambda t: t.update({f"{QUERY}b": np.full((384, 4), np.nan, np.float32)}), "not numbers"),
        (lambda t: t.update({"a_norm.weight": np.ones(4, np.float32)}), "changes no matrix"),
        (lambda t: t.update({"token_embd.weight.lora_a": t[f"{QUERY}a"]}), "changes no matrix"),
        (lambda t: t.update({"blk.7.x.weight.lora_a": t[f"{QUERY}a"]}), "missing one component"),
        (
            lambda t: t.update({f"blk.7.x.weight.lora_{p}": t[QUERY + p] for p in "ab"}),
            "does not exist in base model",
        ),
    ],
)
def test_hostile_tensors_are_an_error_and_no_crash(
    copied: Adapter, models: dict[str, Model], change: Callable[[Any], None], words: str
) -> None:
    path = rewritten(copied, change)
    with pytest.raises(ModelError, match=words):
        vectors(models["F16"], path)


def test_a_file_that_is_cut_off_but_vouched_for_is_told(copied: Adapter) -> None:
    whole = copied.path.read_bytes()
    for damaged in (b"", b"garbage", whole[:-100], whole[:200]):
        copied.path.write_bytes(damaged)
        with pytest.raises(ModelError, match="not a usable model"):
            read_adapter(signed(copied))


def test_what_cannot_be_an_adapter_is_not_exported(
    tuned: Path, two_layers: Path, tmp_path: Path
) -> None:
    from safetensors.torch import load_file, save_file

    with pytest.raises(ExportError, match=r"holds no adapter; .* where lora_rank is set"):
        export_adapter(two_layers, tmp_path)
    spoilt = tmp_path / "spoilt"
    (spoilt / "adapter").mkdir(parents=True)
    for name in ("training.json", "adapter/adapter_config.json"):
        (spoilt / name).write_bytes((tuned / name).read_bytes())
    with pytest.raises(ExportError, match=r"cannot read .* train again"):
        export_adapter(spoilt, tmp_path)
    weights = load_file(tuned / "adapter" / "adapter_model.safetensors")
    for name in ("embeddings.word_embeddings.lora_embedding_A", "pooler.dense.lora_A.weight"):
        more = {**weights, name: next(iter(weights.values())).clone()}
        save_file(more, spoilt / "adapter" / "adapter_model.safetensors")
        with pytest.raises(ExportError, match=name.partition(".lora")[0]):
            export_adapter(spoilt, tmp_path)
    (spoilt / "adapter" / "adapter_config.json").write_text('{"r": "4"}')
    with pytest.raises(ExportError, match="lacks r or lora_alpha"):
        export_adapter(spoilt, tmp_path)
    (spoilt / "training.json").write_text("{}")
    with pytest.raises(ExportError, match="older version; train again"):
        export_adapter(spoilt, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["spoilt"], "nothing half-done is left"


def test_it_is_exported_and_evaluated_from_the_command_line(
    tuned: Path, models: dict[str, Model], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(tuned), "--out", str(tmp_path), "--adapter", "--json"]) == 0
    merged, alone = map(json.loads, capsys.readouterr().out.splitlines())
    assert (merged["file"], alone["file"]) == ("tuned-Q8_0.gguf", "tuned-adapter.gguf")
    assert alone == asdict(read_adapter(tmp_path / alone["file"]).manifest)

    dataset(tmp_path)
    model = ["--model", str(models["F16"].path)]
    file = ["--adapter", str(tmp_path / alone["file"])]
    assert main(["evaluate", str(tmp_path), *model, *file, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    both = "two-layers-F16 + tuned-adapter"
    assert (shown["model"], shown["reference"]) == (both, "two-layers-F16")
    assert [each["name"] for each in shown["models"]] == [both, "two-layers-F16"]
    against = shown["models"][0]["groups"][0]["comparisons"][0]
    assert against["one"] == f"{both}: meaning"
    assert against["difference"]["mean"] > 0.1, "it was trained on these very verbs"
    assert shown["models"][0]["mean_cosine"] is None

    assert main(["evaluate", str(tmp_path), *file]) == 1
    assert "was trained on the weights of two-layers" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["evaluate", str(tmp_path), "--models", "a,b", *file])


def dataset(folder: Path) -> None:
    """Questions that only what was trained can answer."""
    (folder / "qrels").mkdir()
    corpus = [{"_id": call, "text": f"{call}(ledger)"} for call in CALLS.values()]
    queries = [{"_id": verb, "text": f"{verb} a ledger"} for verb in VERBS]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, corpus)))
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    judged = (f"{verb}\t{call}\t1" for verb, call in CALLS.items())
    (folder / "qrels" / "test.tsv").write_text("\n".join(["query-id\tcorpus-id\tscore", *judged]))
