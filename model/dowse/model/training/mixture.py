"""Averages the weights of models that were trained from the same base."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from dowse.context.errors import ExportError, SettingsError
from dowse.model.training.base import base_name, find_folder, read_base
from dowse.model.training.encoder_folder import (
    new_encoder,
    read_tensors,
    write_json,
    write_with_weights,
)
from dowse.model.training.export import require_extra

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from dowse.model.training.base import Base

    State = Mapping[str, Any]
    """Name to torch.Tensor."""

RECORD = "mixture.json"
_UNUSED = ("pooler.", "embeddings.position_ids")
"""Weights that some files hold, and on which no vector depends."""


@dataclass(frozen=True, slots=True)
class Part:
    """A model in a mixture."""

    name: str
    sha256: str
    """Of its weights, as an adapter of it would name them."""
    share: float


def average(shares: Sequence[tuple[str, float]], out: Path) -> list[Part]:
    """Write the average of models, w = Σ a_i w_i.

    Trainings that start at the same weights end in one valley of the loss, so the average of their
    weights is a model too, and often a better one (Wortsman et al. 2022, arXiv:2203.05482).

    Args:
        shares: models, as `find_folder` takes them, and their a_i, which add up to 1. Vocabulary,
            settings and licence are those of the first.
        out: folder that gets the average; it may be there if it is empty.

    Returns:
        What went into it; `mixture.json` in the folder holds the same.

    Raises:
        ExportError: a model cannot be found or read, two differ in vocabulary or shape, `out` holds
            files or cannot be written, or the extra `train` is not installed.
        SettingsError: the shares do not add up to 1.
    """
    require_extra()
    total = sum(share for _, share in shares)
    if abs(total - 1) > 1e-6:
        raise SettingsError(f"the shares add up to {total:g}, not to 1; change one of them")
    sources = [_read(model) for model, _ in shares]
    parts = [
        Part(source.name, source.sha256, share)
        for source, (_, share) in zip(sources, shares, strict=True)
    ]
    with new_encoder(out) as folder:
        write_with_weights(sources[0], folder, _averaged(sources, parts))
        write_json(folder / RECORD, {"parts": [asdict(part) for part in parts]})
    return parts


def _read(model: str) -> Base:
    folder = find_folder(model)
    return read_base(folder, base_name(model, folder))


def _averaged(sources: Sequence[Base], parts: Sequence[Part]) -> dict[str, Any]:
    """Summed up one model after the other: never are more than two in memory."""
    first, *others = sources
    found = {name: value * parts[0].share for name, value in _used(first).items()}
    for source, part in zip(others, parts[1:], strict=True):
        weights = _used(source)
        _check(first, source, found, weights)
        for name, value in weights.items():
            found[name] += part.share * value
    return found


def _used(source: Base) -> dict[str, Any]:
    """Weights in float32 by the names that they have in every file."""
    named = {name.removeprefix("bert."): tensor for name, tensor in read_tensors(source).items()}
    return {name: t.float() for name, t in named.items() if not name.startswith(_UNUSED)}


def _check(first: Base, other: Base, found: State, weights: State) -> None:
    shapes, its = ({name: t.shape for name, t in state.items()} for state in (found, weights))
    for what, same in (
        ("weights", shapes == its),
        ("a vocabulary", first.vocabulary == other.vocabulary),
        ("a pooling", first.pooling == other.pooling),
    ):
        if not same:
            raise ExportError(
                f"{other.name} has {what} unlike {first.name}'s; average models that were trained "
                "from the same base"
            )
