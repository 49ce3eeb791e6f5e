"""Where a training run stands, on disk, so that a stopped one goes on as if it had not stopped."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dowse.context.errors import DowseError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """All that the next step depends on; what chance decides follows from seed and step."""

    run: str
    """Hash of recipe and data; another run cannot go on from here."""
    step: int
    """Steps done."""
    weights: dict[str, Any]
    """Name to trained torch.Tensor."""
    optimizer: dict[str, Any]
    """AdamW's state."""
    negatives: list[tuple[str, ...]]
    """Hard negatives a pair, mined by weights that are gone."""
    history: list[dict[str, Any]]
    """Step, loss, and where it was measured `mrr`."""
    seconds: float


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint, all of it or nothing.

    Raises:
        DowseError: the folder cannot be written or the disk is full.
    """
    import torch

    temporary = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save({n: getattr(checkpoint, n) for n in Checkpoint.__slots__}, temporary)
        os.replace(temporary, path)
    except (OSError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise DowseError(f"cannot write {path}: {reason}; free or unlock its folder") from None
    finally:
        temporary.unlink(missing_ok=True)


def load_checkpoint(path: Path, run: str) -> Checkpoint | None:
    """Read the checkpoint of a run; None where there is none.

    Raises:
        DowseError: it is broken, or of another recipe or other data.
    """
    import torch

    if not path.exists():
        return None
    try:
        # `weights_only` keeps a file that somebody sent from running code.
        found = Checkpoint(**torch.load(path, map_location="cpu", weights_only=True))
    except Exception:
        raise DowseError(f"the checkpoint {path} is broken; start anew with --restart") from None
    if found.run != run:
        raise DowseError(
            f"the checkpoint {path} is of another recipe or other data; take them again, choose "
            "another folder, or start anew with --restart"
        )
    return found
