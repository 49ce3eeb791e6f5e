"""What each way to vary pairs, and the check of their consistency, does to a small training.

`PAIRS=FILE EVALUATION=FOLDER python -m benchmarks augmentations` trains once on pairs of the file
as they are, and once more for each switch, always by the same recipe, from the same seed and on as
many pairs. Compared is the MRR by meaning alone of the weights as training leaves them (nothing is
averaged with the base's), in PyTorch, at the 128 tokens that are trained on, on the sets in BEIR
format below EVALUATION; differences are paired by query. A second seed without any switch tells
what chance does.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from statistics import mean
from typing import Any

from dowse.model.evaluation.beir import load_dataset
from dowse.model.evaluation.metrics import Dataset, compare
from dowse.model.training.data.consistency import Consistency, check
from dowse.model.training.data.pairs import read_pairs, write_pairs
from dowse.model.training.encoder import Encoder
from dowse.model.training.fit import fit
from dowse.model.training.recipe import Recipe, read_recipe
from dowse.model.training.training_set import read_training_set
from dowse.server.model import load_model
from dowse.server.settings import Settings

PAIRS_TRAINED = 1_500
SHARE = 0.4
"""Of the pairs that are varied."""
WORD_SHARE = 0.05
"""Of the words of a query that are dropped, doubled, switched or mistyped."""
SWITCHES = {
    "augment_question": SHARE,
    "augment_name": SHARE,
    "augment_words": WORD_SHARE,
    "augment_typos": WORD_SHARE,
    "augment_rename": SHARE,
    "augment_dead_comments": SHARE,
}
"""Those that change something here: mined docstrings are the queries and no longer in the code, and
`augmentations_of_functions` measures what needs them."""
RECIPE = read_recipe(
    "general",
    {
        "max_pairs": PAIRS_TRAINED,
        "quotas": {},
        "batch_size": 64,
        "averages": [1.0],
        "augment_question": 0.0,
        "augment_name": 0.0,
        "evaluate_every": 10_000,
        "checkpoint_every": 10_000,
        "development_pairs": 100,
    },
)
Ranks = Mapping[str, Sequence[float]]
"""Name of a set to the reciprocal rank of each of its queries."""


def measure() -> dict[str, Any]:
    """MRR of every training, and its differences from the one without any switch."""
    pairs = Path(os.environ["PAIRS"])
    sets = open_sets()
    return figures(ranks(Encoder(RECIPE), sets), dict(_trained(pairs, sets)))


def open_sets() -> list[Dataset]:
    """The sets below the folder that EVALUATION names."""
    corpora = sorted(Path(os.environ["EVALUATION"]).glob("*/corpus.jsonl*"))
    return [load_dataset(path.parent) for path in corpora]


def figures(base: Ranks, trainings: Mapping[str, Ranks]) -> dict[str, Any]:
    """MRR of the base and of each training, with differences from the one without any switch."""
    plain = trainings["nothing varied"]
    return {
        "pairs": PAIRS_TRAINED,
        "base": _mrr(base),
        "trainings": {
            name: {"mrr": _mrr(found), "difference": _differences(found, plain)}
            for name, found in trainings.items()
        },
    }


def _trained(pairs: Path, sets: Sequence[Dataset]) -> Iterator[tuple[str, Ranks]]:
    yield "nothing varied", after(RECIPE, pairs, sets)
    yield "another seed", after(replace(RECIPE, seed=1), pairs, sets)
    for name, share in SWITCHES.items():
        yield name, after(replace(RECIPE, **{name: share}), pairs, sets)
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder, "consistent.jsonl.gz")
        _keep_consistent(pairs, kept)
        yield "consistent pairs alone", after(RECIPE, kept, sets)


def _keep_consistent(pairs: Path, kept: Path) -> None:
    embedder, _ = load_model(Settings())
    with closing(embedder):
        write_pairs(kept, check(list(read_pairs(pairs)), Consistency(embedder)).kept)


def after(recipe: Recipe, pairs: Path, sets: Sequence[Dataset]) -> Ranks:
    """Ranks of an encoder that the recipe trains on a file of pairs."""
    with tempfile.TemporaryDirectory() as folder:
        fitted = fit(recipe, read_training_set([pairs]), Path(folder, "tuned"))
        found = ranks(Encoder(replace(recipe, base=str(fitted.folder))), sets)
    print(" ", _mrr(found), file=sys.stderr, flush=True)
    return found


def ranks(encoder: Encoder, sets: Sequence[Dataset]) -> Ranks:
    """Reciprocal ranks of an encoder's answers, by set."""
    return {dataset.name: _reciprocal_ranks(encoder, dataset) for dataset in sets}


def _reciprocal_ranks(encoder: Encoder, dataset: Dataset) -> list[float]:
    """Documents that tie with the best right one stand before it."""
    names, asked = list(dataset.corpus), list(dataset.queries)
    codes = encoder.codes([dataset.corpus[name] for name in names], RECIPE)
    queries = encoder.queries([dataset.queries[name] for name in asked], RECIPE)
    documents = encoder.vectors(codes, RECIPE.chunk_size)
    cosines = encoder.vectors(queries, RECIPE.chunk_size) @ documents.T
    found = []
    for query, row in zip(asked, cosines, strict=True):
        gains = dataset.relevance[query]
        right = [place for place, name in enumerate(names) if gains.get(name, 0) > 0]
        found.append(1 / max(1, int((row >= row[right].max()).sum())))
    return found


def _mrr(found: Ranks) -> dict[str, float]:
    return {name: round(mean(values), 4) for name, values in found.items()}


def _differences(found: Ranks, plain: Ranks) -> dict[str, dict[str, float]]:
    return {
        name: {"mean": round(by.mean, 4), "p": round(by.p, 4)}
        for name in found
        for by in [compare(found[name], plain[name])]
    }
