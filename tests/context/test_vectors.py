from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dowse.context.vectors import VectorCache, VectorTable, content_key, quantize


def unit(seed: int, dimensions: int = 384) -> np.ndarray:
    vector = np.random.default_rng(seed).normal(size=dimensions).astype(np.float32)
    return vector / np.linalg.norm(vector)


def some(*seeds: int) -> dict[bytes, np.ndarray]:
    return {content_key(str(seed)): quantize(unit(seed)) for seed in seeds}


def crowds(vectors: np.ndarray) -> np.ndarray:
    """Something else for every vector."""
    return vectors[:, 0].astype(np.float32)


def keys(table: VectorTable) -> set[bytes]:
    return {key for key, _ in table.nearest(unit(0), 100_000)}


def test_the_cache_keeps_vectors_between_processes(tmp_path: Path) -> None:
    vectors = some(*range(2_000))
    VectorCache(tmp_path / "v.sqlite").put(vectors)
    found = VectorCache(tmp_path / "v.sqlite").get([*vectors, content_key("other")])
    assert found.keys() == vectors.keys()
    assert all((found[key] == vectors[key]).all() for key in vectors)


def test_a_text_has_one_address() -> None:
    assert content_key("a") == content_key("a") != content_key("b")
    assert len(content_key("\ud800 lone surrogate")) == 16


@given(st.integers(0, 2**32), st.integers(0, 2**32))
def test_rounding_to_8_bits_keeps_cosines(one: int, other: int) -> None:
    a, b = (quantize(unit(seed)).astype(np.float64) for seed in (one, other))
    cosine = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
    assert cosine == pytest.approx(float(unit(one) @ unit(other)), abs=0.01)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 50), max_size=60), st.integers(0, 99), st.integers(1, 20))
def test_the_table_finds_what_a_full_sort_finds(seeds: list[int], asked: int, limit: int) -> None:
    table = VectorTable(384, crowds)
    for seed in seeds:
        table.add(some(seed))
    query = unit(asked + 1_000)
    scores = {content_key(str(seed)): float(unit(seed) @ query) for seed in set(seeds)}
    found = table.nearest(query, limit)
    best = sorted(scores.values(), reverse=True)[:limit]
    np.testing.assert_allclose([cosine for _, cosine in found], best, atol=0.01)
    assert [cosine for _, cosine in found] == sorted((c for _, c in found), reverse=True)
    known = table.compare(query, [*scores, content_key("none")])
    assert known.keys() == scores.keys()
    vectors = some(*seeds)
    for key, (cosine, crowding) in known.items():
        assert cosine == pytest.approx(scores[key], abs=0.01)
        assert crowding == vectors[key][0]


@pytest.mark.parametrize("on_disk", [True, False])
def test_a_table_that_grows_past_its_tail_finds_every_key(tmp_path: Path, on_disk: bool) -> None:
    table = VectorTable(8, crowds, tmp_path / "v.bin" if on_disk else None)
    vectors = {content_key(str(n)): quantize(unit(n, 8)) for n in range(10_000)}
    wanted = list(vectors)
    for start in range(0, len(wanted), 700):
        table.add({key: vectors[key] for key in wanted[start : start + 700]})
    assert len(table) == 10_000
    assert table.missing([*wanted, b"?" * 16]) == [b"?" * 16]
    nearest = table.nearest(unit(9_999, 8), 1)[0]
    assert nearest[1] == pytest.approx(1, abs=0.001)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32), st.integers(1, 5_000), st.integers(1, 150), st.sampled_from([2, 300]))
def test_large_tables_give_the_best_rows_of_a_full_sort(
    seed: int, count: int, limit: int, different: int
) -> None:
    # few different vectors make ties across the borders of blocks
    drawn = np.random.default_rng(seed).integers(0, different, count)
    rows = np.stack([quantize(unit(n, 8)) for n in range(different)])[drawn]
    table = VectorTable(8, crowds)
    table.add({content_key(str(n)): row for n, row in enumerate(rows)})
    found = table.nearest(unit(seed % 1_000, 8), limit)
    everything = table.nearest(unit(seed % 1_000, 8), count)
    assert len(found) == min(limit, count)
    assert found == everything[:limit]
    cosines = [cosine for _, cosine in everything]
    assert cosines == sorted(cosines, reverse=True)


def test_a_table_is_there_again_after_a_restart(tmp_path: Path) -> None:
    VectorTable(384, crowds, tmp_path / "v.bin").add(some(1, 2, 3))
    again = VectorTable(384, crowds, tmp_path / "v.bin")
    again.add(some(3, 4))
    assert keys(again) == some(1, 2, 3, 4).keys()


def test_two_processes_add_to_one_table(tmp_path: Path) -> None:
    one, other = (VectorTable(384, crowds, tmp_path / "v.bin") for _ in range(2))
    one.add(some(1, 2))
    other.add(some(3))
    one.add(some(4))
    assert (
        keys(one) == keys(VectorTable(384, crowds, tmp_path / "v.bin")) == some(1, 2, 3, 4).keys()
    )


def test_a_record_that_a_crash_cut_short_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "v.bin"
    VectorTable(384, crowds, path).add(some(1, 2))
    with path.open("ab") as file:
        file.write(b"torn")
    table = VectorTable(384, crowds, path)
    table.add(some(3))
    assert keys(VectorTable(384, crowds, path)) == some(1, 2, 3).keys()


def test_a_table_of_mostly_forgotten_texts_shrinks(tmp_path: Path) -> None:
    path = tmp_path / "v.bin"
    table, other = VectorTable(384, crowds, path), VectorTable(384, crowds, path)
    table.add(some(*range(100)))
    table.keep(some(*range(60)))
    assert len(table) == 100, "most of it is still wanted"
    other.add(some(100))
    table.keep(some(*range(10)))
    assert keys(table) == some(*range(10)).keys()
    other.add(some(200))
    assert keys(other) == some(*range(10), 200).keys(), "the file was replaced under it"


def test_where_nothing_can_be_written_vectors_stay_in_memory(tmp_path: Path) -> None:
    table = VectorTable(384, crowds, tmp_path / "not a folder" / "v.bin")
    table.add(some(1, 2))
    assert keys(table) == some(1, 2).keys()
