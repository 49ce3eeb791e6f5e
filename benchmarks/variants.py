"""Size, speed and quality of the forms that a model can be shipped in.

`MODELS="A.gguf B.gguf …" EVALUATION=FOLDER python -m benchmarks variants` searches the sets in BEIR
format below EVALUATION with every model, by meaning alone, and compares each with the first, paired
by query. Of a larger set 1,000 documents are searched, the answers first: MRR is higher than among
all, and what a form loses is the same to see. Speeds are those of embedding at the model's own
limit of tokens, taken in turns, so that what else the machine does slows all alike.
`results/variants.svg` draws what each loses.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from statistics import mean
from typing import Any

from benchmarks.__main__ import RESULTS
from benchmarks.augmentations import open_sets
from dowse.model.engine import load_embedder
from dowse.model.evaluation.comparison import MEANING, contest
from dowse.model.evaluation.metrics import Dataset, compare
from dowse.model.evaluation.plots import as_svg, canvas
from dowse.model.evaluation.robustness import sample
from dowse.model.evaluation.speed import Speed, in_turns
from dowse.model.folders import cache_folder
from dowse.model.manifest import Model
from dowse.model.registry import find_model

DOCUMENTS = 1_000
"""Of each set, at most."""
Ranks = Mapping[str, Sequence[float]]
"""Name of a set to the reciprocal rank of each of its queries."""


def measure() -> dict[str, Any]:
    """What every model weighs, how fast it is, and what it finds."""
    models = [find_model(name) for name in os.environ["MODELS"].split()]
    sets = [sample(dataset, DOCUMENTS) for dataset in open_sets()]
    speeds = _speeds(models, sets[0])
    found = _searched(models, sets)
    figures = {
        model.manifest.name: _figures(model, speed, ranks, found[0])
        for model, speed, ranks in zip(models, speeds, found, strict=True)
    }
    (RESULTS / "variants.svg").write_text(picture(figures), encoding="utf-8")
    return {"documents": DOCUMENTS, "models": figures}


def _speeds(models: Sequence[Model], dataset: Dataset) -> list[Speed]:
    texts = list(dataset.corpus.values()), list(dataset.queries.values())
    with ExitStack() as stack:
        loaded = [load_embedder(model.path, manifest=model.manifest) for model in models]
        for each in loaded:
            stack.enter_context(closing(each))
        return in_turns(loaded, *texts, lambda done, count: _told("timing", done, count))


def _searched(models: Sequence[Model], sets: Sequence[Dataset]) -> list[Ranks]:
    """For each model what it finds in every set."""
    ranks: list[dict[str, list[float]]] = [{} for _ in models]
    for dataset in sets:
        for own, each in zip(ranks, contest(dataset, models, cache_folder(), _told), strict=True):
            own[dataset.name] = list(each.scores[MEANING]["MRR"].values())
    return ranks


def _told(step: str, done: int, count: int) -> None:
    if done == count:
        print(" ", step, file=sys.stderr, flush=True)


def _figures(model: Model, speed: Speed, ranks: Ranks, first: Ranks) -> dict[str, Any]:
    differences = {name: compare(ranks[name], first[name]) for name in ranks}
    return {
        "megabytes": round(model.manifest.bytes / 1e6, 1),
        "documents_per_second": round(speed.documents_per_second, 1),
        "milliseconds_per_query": round(speed.milliseconds_per_query, 2),
        "mrr": {name: round(mean(values), 4) for name, values in ranks.items()},
        "difference": {
            name: [round(value, 4) for value in (each.mean, each.low, each.high)]
            for name, each in differences.items()
        },
    }


def picture(figures: Mapping[str, Mapping[str, Any]]) -> str:
    """SVG: for each set the difference to the first model, with 95 % intervals, above the size."""
    sets = list(next(iter(figures.values()))["mrr"])
    with canvas(1, len(sets), 11, 0.45 * len(figures) + 1.2) as (figure, axes):
        for axis, name in zip(axes[0], sets, strict=True):
            for row, each in enumerate(figures.values()):
                middle, low, high = (100 * value for value in each["difference"][name])
                axis.plot([low, high], [row, row], color="#0072B2", alpha=0.4)
                axis.plot(middle, row, color="#0072B2", marker="o")
            axis.axvline(0, color="#555555", linewidth=1)
            axis.set_ylim(len(figures) - 0.5, -0.5)
            axis.set_yticks(range(len(figures)), [""] * len(figures))
            axis.set_title(name, loc="left")
            axis.set_xlabel("points of MRR")
        axes[0][0].set_yticks(range(len(figures)), [_label(*each) for each in figures.items()])
        return as_svg(figure)


def _label(name: str, figures: Mapping[str, Any]) -> str:
    return f"{name}, {figures['megabytes']} MB, {figures['documents_per_second']:.0f} docs/s"
