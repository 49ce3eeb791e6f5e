from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dowse.context.vectors import VectorCache, VectorTable, content_key


def unit(seed: int, dimensions: int = 8) -> np.ndarray:
    vector = np.random.default_rng(seed).normal(size=dimensions).astype(np.float32)
    return vector / np.linalg.norm(vector)


def test_the_cache_keeps_vectors_between_processes(tmp_path) -> None:
    vectors = {content_key(str(n)): unit(n) for n in range(2_000)}
    VectorCache(tmp_path / "v.sqlite").put(vectors)
    found = VectorCache(tmp_path / "v.sqlite").get([*vectors, content_key("other")])
    assert found.keys() == vectors.keys()
    worst = min(float(found[key] @ vector) for key, vector in vectors.items())
    assert worst > 0.999


def test_a_text_has_one_address() -> None:
    assert content_key("a") == content_key("a") != content_key("b")
    assert len(content_key("\ud800 lone surrogate")) == 16


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 50), max_size=60), st.integers(0, 99), st.integers(1, 20))
def test_the_table_finds_what_a_full_sort_finds(seeds: list[int], asked: int, limit: int) -> None:
    table = VectorTable(8)
    for seed in seeds:
        table.add({content_key(str(seed)): unit(seed)})
    query = unit(asked + 1_000)
    scores = {content_key(str(seed)): float(unit(seed) @ query) for seed in set(seeds)}
    best = sorted(scores.values(), reverse=True)[:limit]
    found = table.nearest(query, limit)
    np.testing.assert_allclose([score for _, score in found], best, atol=1e-6)
    for key, score in table.cosines(query, scores).items():
        np.testing.assert_allclose(score, scores[key], atol=1e-6)


def test_the_table_grows() -> None:
    table = VectorTable(8)
    table.add({content_key(str(n)): unit(n) for n in range(3_000)})
    assert len(table) == 3_000
    assert table.nearest(unit(2_999), 1)[0][0] == content_key("2999")
