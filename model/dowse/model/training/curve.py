"""Draws how loss and ranking went during a training run."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_SMOOTHING = 0.1
"""Weight of the newest loss in the running mean; single batches differ much."""


def draw_curve(history: Sequence[dict[str, Any]]) -> str | None:
    """Loss and development MRR by step, as SVG; None where matplotlib is not installed."""
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError:
        return None
    losses = [(point["step"], point["loss"]) for point in history if "loss" in point]
    ranks = [(point["step"], 100 * point["mrr"]) for point in history if "mrr" in point]
    # Equal figures give equal bytes.
    with matplotlib.rc_context({"svg.hashsalt": "dowse", "font.family": "DejaVu Sans"}):
        figure = Figure(figsize=(9, 3.6), layout="constrained")
        left, right = figure.subplots(1, 2)
        left.plot(*zip(*losses, strict=True), color="#0072B2", alpha=0.3, label="each batch")
        left.plot(*zip(*_smooth(losses), strict=True), color="#0072B2", label="running mean")
        left.set(xlabel="step", ylabel="loss", title="Training loss")
        left.legend(frameon=False)
        if ranks:
            right.plot(*zip(*ranks, strict=True), color="#009E73", marker="D")
        right.set(xlabel="step", ylabel="MRR", title="Development pairs")
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": "dowse"})
    return file.getvalue()


def _smooth(points: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    smoothed: list[tuple[int, float]] = []
    for step, loss in points:
        before = smoothed[-1][1] if smoothed else loss
        smoothed.append((step, before + _SMOOTHING * (loss - before)))
    return smoothed
