from __future__ import annotations

import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from dowse.context.errors import ExportError, ModelError, SettingsError
from dowse.model.engine import LlamaEmbedder, load_embedder
from dowse.model.quantizer import quantize
from dowse.model.registry import bundled_model
from dowse.model.settings import EngineSettings

if TYPE_CHECKING:
    from pathlib import Path

    from dowse.context.types import Embedder
    from dowse.model.manifest import Model


@pytest.fixture(scope="module")
def reference(base_folder: Path, texts: list[str]) -> np.ndarray:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(base_folder), device="cpu")
    clean = [text.encode("utf-8", "ignore").decode() for text in texts]
    return np.asarray(model.encode(clean, normalize_embeddings=True, batch_size=16))


def load(model: Model, **settings: int) -> LlamaEmbedder:
    return load_embedder(model.path, EngineSettings(**settings), model.manifest)


def agreement(model: Model, texts: list[str], reference: np.ndarray) -> float:
    """The least cosine between a file's vectors and the reference's."""
    embedder = load(model)
    vectors = np.stack(list(embedder.embed_documents(texts)))
    embedder.close()
    assert vectors.shape == (len(texts), 384)
    return float((vectors * reference).sum(axis=1).min())


def test_f16_vectors_agree_with_sentence_transformers(
    exported: dict[str, Model], reference: np.ndarray, texts: list[str]
) -> None:
    assert agreement(exported["F16"], texts, reference) >= 0.999


@pytest.mark.parametrize(
    ("kind", "least"), [("Q6_K", 0.98), ("Q5_K_M", 0.95), ("Q4_K_M", 0.85), ("Q4_0", 0.8)]
)
def test_smaller_types_stay_near(
    exported: dict[str, Model], reference: np.ndarray, texts: list[str], kind: str, least: float
) -> None:
    assert agreement(exported[kind], texts[::8], reference[::8]) >= least


def test_bundled_vectors_agree_and_have_unit_length(
    embedder: LlamaEmbedder, reference: np.ndarray, texts: list[str]
) -> None:
    vectors = np.stack(list(embedder.embed_documents(texts)))
    assert (vectors * reference).sum(axis=1).min() >= 0.99
    assert np.isfinite(vectors).all()
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_it_is_an_embedder_of_the_context(embedder: LlamaEmbedder) -> None:
    seam: Embedder = embedder
    assert seam.dimensions == 384
    assert len(seam.fingerprint) == 64
    assert seam.embed_query("sort a list").dtype == np.float32


def test_query_and_document_of_one_text_have_one_meaning(embedder: LlamaEmbedder) -> None:
    query = embedder.embed_query("sort a list")
    (document,) = embedder.embed_documents(["sort a list"])
    assert query @ document > 0.9995


def test_texts_that_share_a_batch_keep_their_own_vectors(
    embedder: LlamaEmbedder, texts: list[str]
) -> None:
    alone = np.stack([next(embedder.embed_documents([text])) for text in texts[::3]])
    together = np.stack(list(embedder.embed_documents(texts[::3])))
    assert (alone * together).sum(axis=1).min() > 0.999


def test_documents_come_in_order_across_windows(embedder: LlamaEmbedder) -> None:
    words = [f"word{number} " * (1 + 7 * number % 40) for number in range(150)]
    vectors = np.stack(list(embedder.embed_documents(words)))
    assert len(vectors) == 150
    for place in (0, 63, 64, 127, 128, 149):
        (alone,) = embedder.embed_documents([words[place]])
        assert (vectors @ alone).argmax() == place


def test_nearest_is_the_right_function(embedder: LlamaEmbedder) -> None:
    documents = [
        "def area(radius): ...",
        "def retry(call, attempts, backoff): ...",
        "class Stack: ...",
    ]
    vectors = np.stack(list(embedder.embed_documents(documents)))
    assert (vectors @ embedder.embed_query("try a call again with growing delays")).argmax() == 1


def test_longest_text_fills_the_context_and_no_more(embedder: LlamaEmbedder) -> None:
    for length in (252, 253, 254, 255, 256, 257, 5_000):
        text = "word " * length
        assert len(embedder.tokenize(text)) == min(length + 2, 256)
        assert np.isfinite(embedder.embed_query(text)).all()


def test_fifty_megabytes_are_embedded(embedder: LlamaEmbedder) -> None:
    assert np.isfinite(embedder.embed_query("def f(): pass\n" * 3_500_000)).all()


def test_cancelled_between_documents(embedder: LlamaEmbedder) -> None:
    seen: list[np.ndarray] = []
    for vector in embedder.embed_documents(["a", "b", "c", "d"], lambda: len(seen) >= 2):
        seen.append(vector)
    assert len(seen) == 2
    assert list(embedder.embed_documents(["a"], lambda: True)) == []


def test_two_threads_embed_what_one_does(embedder: LlamaEmbedder, texts: list[str]) -> None:
    alone = list(embedder.embed_documents(texts[:24]))
    results: dict[int, list[np.ndarray]] = {}

    def work(number: int) -> None:
        source = (
            embedder.embed_documents(texts[:24])
            if number % 2
            else map(embedder.embed_query, texts[:24])
        )
        results[number] = list(source)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    queries, documents = (results[0], results[2]), (results[1], results[3])
    for vectors in documents:
        assert np.array_equal(vectors, alone)
    assert np.array_equal(*queries)
    assert (np.stack(queries[0]) * np.stack(alone)).sum(axis=1).min() > 0.999


def test_documents_of_a_search_do_not_wait_for_those_that_are_filled_in(
    embedder: LlamaEmbedder, texts: list[str]
) -> None:
    filled: list[int] = []
    enough = threading.Event()

    def fill() -> None:
        vectors = embedder.embed_documents(texts * 20, enough.is_set)
        filled.extend(number for number, _ in enumerate(vectors))

    filler = threading.Thread(target=fill)
    filler.start()
    try:
        while not filled:
            threading.Event().wait(0.01)
        waited = []
        for _ in range(10):
            before = len(filled)
            next(embedder.embed_documents(["def urgent(): pass"]))
            waited.append(len(filled) - before)
    finally:
        enough.set()
        filler.join()
    # In turns, each core finishes the batch of up to four texts that it is at, and one more.
    assert sorted(waited)[5] <= 16, waited


def test_query_does_not_wait_for_documents(embedder: LlamaEmbedder) -> None:
    stop = threading.Event()
    texts = ["for item in items: process(item)\n" * 60] * 100_000
    worker = threading.Thread(target=lambda: list(embedder.embed_documents(texts, stop.is_set)))
    worker.start()
    time.sleep(0.2)
    times = []
    for _ in range(20):
        start = time.perf_counter()
        embedder.embed_query("retry an HTTP request with backoff")
        times.append(time.perf_counter() - start)
    assert worker.is_alive()
    stop.set()
    worker.join()
    # Behind the documents' lock this would be without end; a shared core makes it some 10 ms.
    assert sorted(times)[10] < 0.25


def test_query_is_answered_while_a_document_generator_is_held(embedder: LlamaEmbedder) -> None:
    held = embedder.embed_documents(["a", "b"])
    next(held)
    assert embedder.embed_query("a").shape == (384,)
    (other,) = embedder.embed_documents(["c"])
    assert other.shape == (384,)
    held.close()


def test_close_twice_then_clear_errors() -> None:
    embedder = load(bundled_model())
    waiting = embedder.embed_documents(["word " * 300] * 300)
    next(waiting)
    embedder.close()
    embedder.close()
    for call in (
        lambda: embedder.embed_query("a"),
        lambda: list(waiting),
        lambda: embedder.tokenize("a"),
    ):
        with pytest.raises(ModelError, match="closed"):
            call()


def test_close_while_others_embed() -> None:
    embedder = load(bundled_model())
    ends: list[str] = []

    def work() -> None:
        try:
            for _ in embedder.embed_documents(["some text"] * 10_000):
                embedder.embed_query("a query")
        except ModelError as error:
            ends.append(str(error))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    embedder.close()
    for thread in threads:
        thread.join()
    assert len(ends) == 3


def test_backend_says_what_it_runs_on() -> None:
    embedder = load(bundled_model(), threads=1)
    backend = embedder.backend()
    embedder.close()
    assert backend.total_layers == 7
    assert 0 <= backend.offloaded_layers <= 7
    assert (backend.name == "CPU") == (backend.offloaded_layers == 0)
    assert backend.threads == 1
    assert "=" in backend.system


def test_smaller_context_cuts_and_changes_the_fingerprint(embedder: LlamaEmbedder) -> None:
    small = load(bundled_model(), context_size=16)
    assert len(small.tokenize("word " * 50)) == 16
    assert small.fingerprint != embedder.fingerprint
    assert np.isfinite(small.embed_query("word " * 50)).all()
    small.close()


def test_larger_context_than_positions_is_refused() -> None:
    with pytest.raises(SettingsError, match="at most 512"):
        load(bundled_model(), context_size=513)


@pytest.mark.parametrize(
    "settings",
    [
        {"threads": 0},
        {"threads": -1},
        {"threads": 10**9},
        {"threads": "2"},
        {"threads": True},
        {"gpu_layers": -2},
        {"gpu_layers": None},
        {"context_size": 0},
        {"context_size": 7},
        {"context_size": 10**9},
    ],
)
def test_senseless_settings_are_refused(settings: dict[str, int]) -> None:
    with pytest.raises(SettingsError, match=next(iter(settings))):
        EngineSettings(**settings)


def test_quantize_refuses_unknown_types_and_quantized_sources(gguf: Path) -> None:
    with pytest.raises(ExportError, match="Q9_9"):
        quantize(gguf, gguf.with_name("out.gguf"), "Q9_9")
    with pytest.raises(ExportError, match="cannot quantize"):
        quantize(gguf, gguf.with_name("out.gguf"), "Q4_0")
    assert [path.name for path in gguf.parent.iterdir()] == [gguf.name]


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_importing_the_engine_imports_nothing_heavy() -> None:
    modules = (
        "dowse.model.engine, dowse.model.registry, dowse.model.hub, dowse.model.evaluation.metrics"
    )
    heavy = "{'llama_cpp', 'numpy', 'torch', 'huggingface_hub', 'gguf', 'transformers'}"
    done = run(f"import sys, {modules}\nassert not {heavy} & set(sys.modules), sys.modules")
    assert done.returncode == 0, done.stderr


def test_embedding_prints_nothing_and_exits_without_close() -> None:
    done = run(
        "from dowse.model.engine import load_embedder\n"
        "from dowse.model.registry import bundled_model\n"
        "model = bundled_model()\n"
        "embedder = load_embedder(model.path, manifest=model.manifest)\n"
        "embedder.embed_query('a'), list(embedder.embed_documents(['b']))"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_documents_that_a_query_stops_are_embedded_after_all() -> None:
    model = bundled_model()
    texts = [f"def work_{n}(x):\n" + "    x = x * 2 + 1\n" * 60 for n in range(12)]
    embedder = load_embedder(model.path, EngineSettings(threads=2), model.manifest)
    undisturbed = np.stack(list(embedder.embed_documents(texts)))
    asking = threading.Event()

    def ask() -> None:
        while not asking.wait(0.03):
            embedder.embed_query("double a number")

    person = threading.Thread(target=ask)
    person.start()
    try:
        disturbed = embedder.embed_documents(texts)
        first = [next(disturbed) for _ in range(2)]
    finally:
        asking.set()
    person.join()
    np.testing.assert_allclose(np.stack([*first, *disturbed]), undisturbed, atol=1e-6)
    embedder.close()
