from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.model.training.made_up import RECIPE, made_up_pairs
from tests.model.training.second_device import NAME, bring_it_up, fit_there

from dowse.model.training.fit import fit
from dowse.model.training.training_set import read_training_set

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def process() -> Iterator[ProcessPoolExecutor]:
    """A process with a second device."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, spawn, initializer=bring_it_up) as pool:
        yield pool


@pytest.mark.parametrize(
    "settings",
    [
        {"dropout": 0.1, "cache_gradients": True},
        {"lora_rank": 4},
        {"alike": 2, "distillation": 0.5, "hard_negatives": 0},
    ],
    ids=", ".join,
)
def test_a_run_on_another_device_is_the_same_run(
    settings: dict[str, Any], two_layers: Path, tmp_path: Path, process: ProcessPoolExecutor
) -> None:
    pairs = made_up_pairs(tmp_path / "pairs.jsonl")
    recipe = replace(RECIPE, base=str(two_layers), epochs=2, precision="float32", **settings)
    here = fit(recipe, read_training_set([pairs]), tmp_path / "here").record
    there = process.submit(fit_there, recipe, pairs, tmp_path / "there").result().record
    assert there["device"] == NAME
    assert there["averages"] == here["averages"]
    for one, other in zip(here["history"], there["history"], strict=True):
        assert other == pytest.approx(one, rel=1e-4)
