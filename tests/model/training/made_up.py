"""Pairs that only training can tell apart, and a recipe that learns them in seconds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from dowse.model.training.recipe import Recipe

if TYPE_CHECKING:
    from pathlib import Path

VERBS = ("frobnicate", "wibble", "quux", "zork", "blarg", "snarf", "plugh", "xyzzy")
NOUNS = ("ledger", "turbine", "canvas", "parcel")
CALLS = dict(zip(VERBS, ("ax", "by", "cz", "dw", "ev", "fu", "gt", "hs"), strict=True))
"""Made-up verbs with made-up calls: nothing but training can tell which belongs to which."""

RECIPE = Recipe(
    batch_size=8,
    chunk_size=8,
    epochs=4,
    learning_rate=5e-4,
    query_tokens=16,
    code_tokens=24,
    development_pairs=6,
    evaluate_every=100,
    checkpoint_every=5,
    averages=(1.0,),
)


def made_up_pairs(path: Path) -> Path:
    """Write one pair for each verb and noun, and a wrong answer."""
    rows = [
        {"query": f"{verb} a {noun}", "code": f"{CALLS[verb]}({noun})", "language": "python"}
        for verb in VERBS
        for noun in NOUNS
    ]
    wrong = {"query": "quux a canvas", "code": "ax(ledger, canvas)", "label": 0}
    path.write_text("\n".join(json.dumps(row) for row in [*rows, wrong]))
    return path
