"""Writes what an evaluation before and after fine-tuning found: card, plots and figures."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from dowse.context.errors import DatasetError
from dowse.model.evaluation import before_after_plots as plots
from dowse.model.evaluation.card_text import card_lines
from dowse.model.evaluation.findings import SIDES
from dowse.model.manifest import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from dowse.model.evaluation.findings import Findings


def read_training(folder: Path) -> dict[str, Any]:
    """Read the record that `dowse train fit` leaves in a model's folder.

    Raises:
        DatasetError: it is missing, unreadable, or no such record.
    """
    from dowse.model.training.fit import RECORD

    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except OSError as error:
        raise DatasetError(
            f"cannot read {folder / RECORD}: {error.strerror}; name the folder that "
            "`dowse train fit` wrote"
        ) from None
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict) or not isinstance(record.get("data"), dict):
        raise DatasetError(f"{folder / RECORD} is no record of a training; train again")
    return record


def as_json(found: Findings) -> dict[str, Any]:
    """The figures as `results.json` holds them, scores and shares from 0 to 1."""
    return {
        "before": asdict(found.before.manifest),
        "after": asdict(found.after.manifest),
        "quality": [asdict(each) for each in found.quality],
        "robustness": [asdict(each) for each in found.robustness],
        "speed": dict(zip(SIDES, map(asdict, found.speeds), strict=True)),
        "sample": found.sample,
        "seed": found.seed,
        "command": found.command,
    }


def write_card(found: Findings, training: Mapping[str, Any] | None, folder: Path) -> Path:
    """Write `card.md`, the plots in it as SVG files, and `results.json`.

    Args:
        found: what was measured.
        training: what `read_training` gives; None where it is not known.
        folder: made if need be; files of an earlier card are replaced.

    Returns:
        The path of the card.

    Raises:
        ModelError: the folder cannot be written.
    """
    attacked = any(each.change == "stuffing" for each in found.robustness)
    files = {
        "quality.svg": plots.quality(found.quality),
        "robustness.svg": plots.robustness(found.robustness),
        **({"stuffing.svg": plots.stuffing(found.robustness)} if attacked else {}),
        "results.json": json.dumps(as_json(found), indent=1, ensure_ascii=False) + "\n",
        # Last of all: who finds it finds everything that it shows.
        "card.md": "\n".join(card_lines(found, training)) + "\n",
    }
    for name, text in files.items():
        write_atomically(folder / name, text)
    return folder / "card.md"
