"""What varying whole functions does to a small training: docstrings go, or a path stands above.

`FUNCTIONS=FILE EVALUATION=FOLDER python -m benchmarks augmentations_of_functions` reads pairs whose
code has its docstrings, a path and a name, as queries written for functions have them and mined
docstrings do not. A fifth of the repositories is held out, and trainings on the others are compared
as `augmentations` does it. Beside the sets below EVALUATION, what was held out is asked for twice:
as dowse's index shows code to the model, below its path and name, and without docstrings.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.augmentations import RECIPE, SHARE, after, figures, open_sets, ranks
from dowse.context.shard import embedding_text
from dowse.model.evaluation.metrics import Dataset
from dowse.model.training.code_changes import without_docstring
from dowse.model.training.data.collecting import as_dataset, split
from dowse.model.training.data.pairs import Pair, read_pairs, write_pairs
from dowse.model.training.encoder import Encoder

SWITCHES = ("augment_no_docstring", "augment_place")
HELD_OUT = 0.2
"""Of the repositories."""
QUESTIONS = 1_000
"""Of those held out, at most."""


def measure() -> dict[str, Any]:
    """MRR of every training, and its differences from the one without any switch."""
    pairs = [pair for pair in read_pairs(Path(os.environ["FUNCTIONS"])) if pair.path]
    trained, held = split(pairs, RECIPE.seed, HELD_OUT)
    sets = [*open_sets(), *_asked(held[:QUESTIONS])]
    base = ranks(Encoder(RECIPE), sets)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "trained.jsonl.gz")
        write_pairs(file, trained)
        recipes = {name: replace(RECIPE, **{name: SHARE}) for name in SWITCHES}
        trainings = {"nothing varied": RECIPE, **recipes}
        found = {name: after(recipe, file, sets) for name, recipe in trainings.items()}
    return figures(base, found)


def _asked(pairs: Sequence[Pair]) -> Iterator[Dataset]:
    for name, text in (("below path and name", _placed), ("without docstrings", _bare)):
        yield replace(as_dataset([replace(pair, code=text(pair)) for pair in pairs]), name=name)


def _placed(pair: Pair) -> str:
    return embedding_text(pair.path, pair.symbol, pair.code)


def _bare(pair: Pair) -> str:
    return without_docstring(pair.code, pair.language) or pair.code
