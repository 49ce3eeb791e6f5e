"""Averages trained weights with those of the base."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    State = Mapping[str, Any]
    """Name to torch.Tensor."""


def interpolate(base: State, tuned: State, share: float) -> dict[str, Any]:
    """Weights on the straight line from the base's to the trained ones.

    w = (1 - a) w_base + a w_tuned keeps more of what the base knew of other tasks than the trained
    weights do (WiSE-FT: Wortsman et al. 2022, arXiv:2109.01903, equation 1).

    Args:
        base: weights before training.
        tuned: weights of the same names and shapes after it.
        share: a, from 0 to 1; 1 gives the trained weights exactly.
    """
    if share == 1:
        return dict(tuned)
    return {
        name: value.lerp(tuned[name].to(value), share) if value.is_floating_point() else value
        for name, value in base.items()
    }
