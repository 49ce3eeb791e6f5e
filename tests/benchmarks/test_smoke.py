"""The benchmarks run; what they measure is for a quiet machine to tell."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest
from benchmarks import (
    augmentations,
    augmentations_of_functions,
    engines,
    first_answer,
    functions,
    memory,
    peers,
    repositories,
    round_trip,
    scale,
    startup,
    throughput,
    variants,
)
from benchmarks.corpus import copy_snippets, fresh_cache

from dowse.context.library import Library
from dowse.context.ranking import Candidate
from dowse.model import registry
from dowse.model.evaluation.beir import write_dataset
from dowse.model.training.data.collecting import as_dataset
from dowse.model.training.data.pairs import Pair, write_pairs


def test_startup(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup, "ROUNDS", 1)
    assert startup.measure().keys() == {"bare pygls_ms", "dowse_ms", "ratio"}


def test_first_answer(tmp_path) -> None:
    copy_snippets(tmp_path, 300)
    with fresh_cache():
        first, whole = asyncio.run(first_answer.seconds_to_answers(tmp_path))
    assert 0 < first <= whole


def test_round_trip(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(round_trip, "REQUESTS", 3)
    copy_snippets(tmp_path, 150)
    with fresh_cache():
        figures = asyncio.run(round_trip.session(tmp_path))
    assert figures.keys() == {"while_filling", "when_idle", "idle_cpu_percent"}


def test_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "SIZES", (100,))
    assert memory.measure()["100"]["in_use_mb"] > 0


def test_throughput_reads_the_same_documents_with_every_engine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(throughput, "DOCUMENTS", 4)
    texts = throughput.documents()
    ours, theirs = throughput.dowse(threads=1)(texts), throughput.sentence_transformers()(texts)
    assert len(texts) == 4
    assert (ours * theirs).sum(axis=1).min() > 0.99


@pytest.mark.parametrize("benchmark", [augmentations, augmentations_of_functions])
def test_ways_to_vary_pairs_are_compared(
    benchmark: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = [_pair(number) for number in range(60)]
    write_pairs(tmp_path / "pairs.jsonl.gz", pairs)
    write_dataset(tmp_path / "sets" / "tiny", as_dataset(pairs[:5]))
    quick = {"layers": 1, "batch_size": 8, "max_pairs": 16, "development_pairs": 4}
    monkeypatch.setattr(augmentations, "RECIPE", replace(augmentations.RECIPE, **quick))
    monkeypatch.setattr(augmentations_of_functions, "RECIPE", augmentations.RECIPE)
    monkeypatch.setattr(augmentations, "SWITCHES", {"augment_rename": 1.0})
    for name in ("PAIRS", "FUNCTIONS"):
        monkeypatch.setenv(name, str(tmp_path / "pairs.jsonl.gz"))
    monkeypatch.setenv("EVALUATION", str(tmp_path / "sets"))
    trainings = benchmark.measure()["trainings"]
    same = {"mean": 0.0, "p": 1.0}
    assert all(each == same for each in trainings["nothing varied"]["difference"].values())
    assert len(trainings) >= 3


def test_variants_of_a_model_are_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_dataset(tmp_path / "tiny", as_dataset([_pair(number) for number in range(5)]))
    monkeypatch.setenv("EVALUATION", str(tmp_path))
    monkeypatch.setenv("MODELS", f"{registry.BUNDLED} {registry.SMALL}")
    monkeypatch.setattr(variants, "RESULTS", tmp_path)
    default, small = variants.measure()["models"].values()
    assert default["difference"] == {"tiny": [0.0, 0.0, 0.0]}
    assert small["megabytes"] < 0.55 * default["megabytes"]
    drawn = ElementTree.fromstring((tmp_path / "variants.svg").read_text())
    assert drawn.tag.endswith("svg")


def _pair(number: int) -> Pair:
    code = f'def add_{number}(price):\n    """Raise a price."""\n    return price + {number}\n'
    place = {"repository": f"shop{number}", "path": f"shop/price_{number}.py"}
    return Pair(f"add {number} to a price", code, "python", symbol=f"add_{number}", **place)


def test_averages_are_of_packages_first() -> None:
    found = Candidate("snippet", 0.5, 0.5, "found.py")

    def question(category: str, relevant: str) -> repositories.Question:
        return repositories.Question("words", category, frozenset({relevant}), (found,))

    right, wrong = question("symbol", "found.py"), question("symbol", "missing.py")
    asked = {"a": [right, wrong], "b": [right]}
    for order in repositories.VARIANTS.values():
        figures = repositories.summary(asked, order)
        assert figures["ndcg_at_10"] == 0.75
        assert figures["packages"] == {"a": 0.5, "b": 1.0}
        assert figures["categories"]["symbol"][0] == 0.667


def test_a_function_is_known_by_its_code_and_scored_by_its_place(tmp_path: Path) -> None:
    (tmp_path / "clock.py").write_text("def wind(spring):\n    return spring + 1\n")
    (tmp_path / "other.py").write_text("def unwind(spring):\n    return spring - 1\n")
    with fresh_cache() as cache:
        library = Library(cache)
        shard = library.open(tmp_path)
        shard.refresh()
        code = functions.squeezed("def wind(spring):\n  return spring + 1")
        right = frozenset(functions.snippets(shard)[code])
        queries = list(functions.asked(library, None, [("wind", right), ("gone", right)]))
    for order in repositories.VARIANTS.values():
        assert functions.score(queries, order) == {"mrr": 50.0, "recall_at_5": 50.0}


def test_scale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scale, "HNSW_UP_TO", 0)
    figures = scale.measure_size(50)
    assert figures["snippets"] >= 50
    assert figures["query_ms"]["words and meaning"]["p50"] > 0
    assert figures["saved_ms"] > 0


@pytest.mark.parametrize("name", ["ripgrep", "bm25s", "dowse, words alone"])
def test_a_peer_finds_the_file_that_holds_the_words(tmp_path, name: str) -> None:
    if name in engines.missing():
        pytest.skip(f"{name} is not installed")
    root = tmp_path / "code"
    root.mkdir()
    (root / "clock.py").write_text("def read(text):\n    # a timestamp\n    return int(text)\n")
    (root / "color.py").write_text("def blend(first, second):\n    return first + second\n")
    package = engines.Package("sample", str(root), peers.passages(root), [])
    peer = engines.PEERS[name](tmp_path / "peer")
    peer.index(package)
    assert peer.search(package, "timestamp", 10)[0] == "clock.py"


def test_what_is_drawn_of_the_peers_is_svg() -> None:
    figures = {
        "ndcg_at_10": 0.5,
        "embedding_s": 1.0,
        "indexing_s": 2.0,
        "query_ms": {"p50": 3.0, "p95": 4.0},
        "peak_mb": 5,
    }
    drawn = ElementTree.fromstring(peers.picture({"dowse": figures}))
    assert [each.text for each in drawn if each.text and "dowse" in each.text] == ["dowse"]
