from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dowse.context.crowding import NEAREST, crowding, restore
from dowse.context.library import Library
from dowse.context.types import Query, Tier
from dowse.context.vectors import quantize
from dowse.model.engine import LlamaEmbedder, load_embedder
from dowse.model.questions import TOKENS, questions
from dowse.model.registry import bundled_model
from dowse.model.training.export import export

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dowse.model.manifest import Model


@pytest.fixture(scope="module")
def shipped() -> Iterator[LlamaEmbedder]:
    model = bundled_model()
    embedder = load_embedder(model.path, manifest=model.manifest)
    yield embedder
    embedder.close()


@pytest.fixture(scope="module")
def other(two_layers: Path, tmp_path_factory: pytest.TempPathFactory) -> Model:
    """A model that did not come with the vectors of the questions."""
    (model,) = export(str(two_layers), tmp_path_factory.mktemp("other"), ["Q8_0"])
    return model


def some(seed: int, count: int, dimensions: int = 16) -> np.ndarray:
    drawn = np.random.default_rng(seed).normal(size=(count, dimensions)).astype(np.float32)
    return quantize(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32), st.integers(1, 700), st.integers(1, 100))
def test_crowding_is_the_mean_of_the_nearest_cosines(seed: int, count: int, asked: int) -> None:
    vectors, bank = some(seed, count), some(seed + 1, asked)
    unit = [v / np.linalg.norm(v, axis=1, keepdims=True) for v in (vectors.astype(float), bank)]
    nearest = np.sort(unit[0] @ unit[1].T, axis=1)[:, -NEAREST:]
    np.testing.assert_allclose(crowding(vectors, restore(bank)), nearest.mean(axis=1), atol=1e-5)


def test_the_questions_differ_and_none_is_cut(shipped: LlamaEmbedder) -> None:
    assert len({text.lower() for text in questions()}) == len(questions()) == 8_192
    assert max(len(shipped.tokenize(text)) for text in questions()) <= TOKENS


def test_the_shipped_model_brings_the_vectors_of_all_questions(shipped: LlamaEmbedder) -> None:
    assert shipped.prepared, "other questions or another model: copy the cache's file to weights"
    places = range(0, len(questions()), 500)
    asked = np.stack([shipped.embed_query(questions()[place]) for place in places])
    own = shipped._questions[list(places)]
    assert (own * asked).sum(axis=1).min() > 0.99


def test_code_of_no_use_to_anybody_is_less_crowded(shipped: LlamaEmbedder) -> None:
    codes = ["def read(path):\n    return open(path).read()", "zq9 = 0x7f3a ^ 0x1100\n_ = zq9"]
    asked, unasked = shipped.crowding(quantize(np.stack([*shipped.embed_documents(codes)])))
    assert asked > unasked


def test_questions_are_embedded_once_for_another_model(other: Model, folder, tmp_path) -> None:
    embedder = load_embedder(other.path, manifest=other.manifest)
    library = Library(tmp_path / "index")
    library.open(folder({"a.py": "def parse_date(text):\n    return text.split('-')\n"})).refresh()
    library.attach(embedder)
    assert not embedder.prepared
    answer = library.search(Query("parse a date"), patience=5)
    assert answer.tier is Tier.LEXICAL, "nobody waits for the questions"
    seen: list[int] = []
    assert not embedder.prepare(lambda: len(seen) > 10 or seen.append(1))
    assert not embedder.prepared, "half of them are none"
    library.fill()
    assert library.search(Query("parse a date")).hits[0].why.similarity is not None
    embedder.close()

    again = load_embedder(other.path, manifest=other.manifest)
    assert again.prepared
    again.close()


def test_damaged_vectors_of_questions_are_computed_again(other: Model, tmp_path, monkeypatch):
    monkeypatch.setenv("DOWSE_CACHE", str(tmp_path))
    embedder = load_embedder(other.path, manifest=other.manifest)
    assert embedder.prepare()
    (file,) = (tmp_path / "questions").iterdir()
    whole = file.read_bytes()
    for damaged in (b"", b"PK\3\4 no archive", whole[: len(whole) // 2]):
        file.write_bytes(damaged)
        again = load_embedder(other.path, manifest=other.manifest)
        assert not again.prepared
        again.close()
    assert embedder.crowding(quantize(np.ones((1, embedder.dimensions), np.float32))).shape == (1,)
    embedder.close()
