"""The benchmarks run; what they measure is for a quiet machine to tell."""

from __future__ import annotations

import asyncio

import pytest
from benchmarks import first_answer, memory, repositories, round_trip, startup, throughput
from benchmarks.corpus import copy_snippets, fresh_cache


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
    ours, theirs = throughput.dowse(1)(texts), throughput.sentence_transformers()(texts)
    assert len(texts) == 4
    assert (ours * theirs).sum(axis=1).min() > 0.99


def test_averages_are_of_packages_first() -> None:
    found = {"a": {"symbol": [1.0, 0.0]}, "b": {"symbol": [1.0], "semantic": [0.0, 0.5]}}
    assert repositories.summary(found) == {
        "ndcg_at_10": 0.5,
        "packages": {"a": 0.5, "b": 0.5},
        "categories": {"symbol": 0.667, "semantic": 0.25},
    }
