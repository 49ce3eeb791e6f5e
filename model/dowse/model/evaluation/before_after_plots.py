"""Draws a model before and after fine-tuning as SVG: quality, robustness, keyword stuffing.

Grey is before and blue after; every point carries a 95 % bootstrap interval.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dowse.model.evaluation.findings import CHANGED, NAMES, SIDES, WAYS
from dowse.model.evaluation.plots import ZERO, as_svg, canvas, points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dowse.model.evaluation.findings import Effect, Paired, Quality, Robustness
    from dowse.model.evaluation.metrics import Difference

_COLORS = {"before": "#9a9a9a", "after": "#0072B2"}
_MARKERS = {"before": "o", "after": "s"}
_AFTER = {"color": _COLORS["after"], "marker": _MARKERS["after"]}
_ROWS = 16
"""Sets and languages in one plot; more would not be read."""
_BAR = 0.36
"""Height of a bar, where a row has 1."""
_NAME = 30
"""Letters of a row's name."""


def quality(found: Sequence[Quality]) -> str:
    """MRR of every set and language before and after, and the paired difference."""
    found = found[:_ROWS]
    names = [f"{_name(each.title)}\n(n = {each.queries:,})" for each in found]
    reach = _reach([each.ways[way]["MRR"].difference for each in found for way in WAYS])
    with canvas(len(WAYS), 2, 10, len(WAYS) * (0.62 * len(found) + 0.9) + 0.5) as (figure, axes):
        for (left, right), way in zip(axes, WAYS, strict=True):
            pairs = [each.ways[way]["MRR"] for each in found]
            _bars(left, pairs, names, f"MRR by {NAMES[way]}")
            points(right, [each.difference for each in pairs], range(len(pairs)), "", _AFTER)
            right.axvline(0, color=ZERO, linewidth=1)
            right.set_xlim(-reach, reach)
            _rows(right, [""] * len(pairs), "after minus before")
        axes[-1][0].set_xlabel("MRR from 0 to 100, 95 % intervals")
        axes[-1][1].set_xlabel("points of MRR, paired 95 % intervals")
        _legend(figure, axes[0][0])
        return as_svg(figure)


def stuffing(found: Sequence[Robustness]) -> str:
    """Share of attacked queries whose answer stands below the attacker."""
    attacked = [each for each in found if each.change == "stuffing"][:_ROWS]
    names = [f"{_name(each.dataset)}\n(n = {each.queries:,})" for each in attacked]
    with canvas(1, len(WAYS), 10, 0.62 * len(attacked) + 1.4) as (figure, axes):
        for number, (axis, way) in enumerate(zip(axes[0], WAYS, strict=True)):
            pairs = [pair for each in attacked if (pair := each.ways[way].outranked)]
            _bars(axis, pairs, names if number == 0 else [""] * len(names), NAMES[way])
            axis.set_xlabel("attacker above every answer, % of queries")
        _legend(figure, axes[0][0])
        return as_svg(figure)


def robustness(found: Sequence[Robustness]) -> str:
    """MRR as it is and changed, a row of panels for each set and a line for each model."""
    sets = list(dict.fromkeys(each.dataset for each in found))
    kept = [[each for each in found if each.dataset == name] for name in sets]
    height = sum(0.5 * len(rows) + 0.75 for rows in kept) + 0.6
    with canvas(len(sets), len(WAYS), 10, height) as (figure, axes):
        for line, (name, rows) in enumerate(zip(sets, kept, strict=True)):
            names = [CHANGED[each.change] for each in rows]
            for axis, way in zip(axes[line], WAYS, strict=True):
                _slopes(axis, [each.ways[way] for each in rows])
                _rows(axis, names if way == WAYS[0] else [""] * len(rows), f"{_name(name)}, {way}")
        for axis in axes[-1]:
            axis.set_xlabel("MRR: as it is (hollow), changed (filled)")
        _legend(figure, axes[0][0])
        return as_svg(figure)


def _bars(axis: Any, pairs: Sequence[Paired], names: Sequence[str], title: str) -> None:
    for n, side in enumerate(SIDES):
        scores = [getattr(pair, side) for pair in pairs]
        means = [100 * score.mean for score in scores]
        ends = [
            [100 * (score.mean - score.low) for score in scores],
            [100 * (score.high - score.mean) for score in scores],
        ]
        places = [row + _BAR * (n - 0.5) for row in range(len(pairs))]
        error = {"capsize": 2.5, "elinewidth": 1.2, "ecolor": "#333333"}
        axis.barh(places, means, _BAR, xerr=ends, label=side, color=_COLORS[side], error_kw=error)
    axis.set_xlim(0, 103)
    _rows(axis, names, title)


def _slopes(axis: Any, effects: Sequence[Effect]) -> None:
    for n, side in enumerate(SIDES):
        color, places = _COLORS[side], [row + 0.3 * (n - 0.5) for row in range(len(effects))]
        clean = [100 * getattr(effect.clean, side).mean for effect in effects]
        changed = [getattr(effect.changed, side) for effect in effects]
        means = [100 * score.mean for score in changed]
        axis.hlines(places, clean, means, color=color, linewidth=6, alpha=0.3)
        hollow = {"markerfacecolor": "white", "markersize": 6.5, "zorder": 3}
        axis.plot(clean, places, _MARKERS[side], color=color, **hollow)
        points(axis, changed, places, side, {"color": color, "marker": _MARKERS[side]})
    axis.set_xlim(-1, 102)


def _reach(differences: Sequence[Difference]) -> float:
    """How far an axis of points goes to both sides, so that all panels compare."""
    ends = (abs(100 * end) for each in differences for end in (each.low, each.high))
    return 1.08 * max(1.0, *ends)


def _rows(axis: Any, names: Sequence[str], title: str) -> None:
    axis.set_yticks(range(len(names)), names)
    axis.set_ylim(len(names) - 0.5, -0.5)
    axis.grid(visible=False, axis="y")
    axis.set_title(title, loc="left")
    for row in range(1, len(names)):
        axis.axhline(row - 0.5, color="#cccccc", linewidth=0.6)


def _legend(figure: Any, axis: Any) -> None:
    figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=2)


def _name(text: str) -> str:
    """The end of a long name: folders of sets differ there."""
    return text if len(text) <= _NAME else f"…{text[1 - _NAME :]}"
