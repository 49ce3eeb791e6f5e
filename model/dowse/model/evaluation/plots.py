"""Draws an evaluation as SVG: quality by language, recall by depth, quality by size of the model.

Points carry 95 % bootstrap intervals. Colours are those of Okabe and Ito (2008), which people with
any colour vision tell apart, and each has a marker of its own.
"""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dowse.context.errors import DowseError
from dowse.model.evaluation.comparison import BOTH, MEANING, METHODS, TESTED, WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dowse.model.evaluation.comparison import GroupScores, ModelScores
    from dowse.model.evaluation.metrics import Difference, Score

    Curve = Mapping[int, Score]
    """Depth to recall."""

_STYLE = {
    WORDS: {"color": "#E69F00", "marker": "o"},
    MEANING: {"color": "#0072B2", "marker": "s"},
    BOTH: {"color": "#009E73", "marker": "D"},
}
_NAMES = {WORDS: "words (BM25)", MEANING: "meaning (vectors)", BOTH: "both (dowse)"}
ZERO = "#555555"
"""Colour of the line that stands for no difference."""
_ROWS = 12
"""Languages in one plot; more would not be read."""
_SETTINGS: Any = {
    "svg.hashsalt": "dowse",  # equal figures give equal bytes
    "text.parse_math": False,  # a `$` in a name is a `$`
    "font.size": 10,
    "font.family": "DejaVu Sans",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e4e4e4",
    "lines.markersize": 5.5,
    "legend.frameon": False,
}


def require_matplotlib() -> None:
    """Check that plots can be drawn, before hours of work.

    Raises:
        DowseError: the extra `report` is not installed.
    """
    try:
        import matplotlib as _  # noqa: F401
    except ImportError:
        raise DowseError('a report needs matplotlib; `pip install "dowse[report]"`') from None


@contextmanager
def canvas(rows: int, columns: int, width: float, height: float) -> Iterator[tuple[Any, Any]]:
    """A figure and its axes, shape (rows, columns), in inches."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_SETTINGS):
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure, figure.subplots(rows, columns, squeeze=False)


def as_svg(figure: Any) -> str:
    """A figure's SVG; equal figures give equal texts."""
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": "dowse"})
    return file.getvalue()


def quality(groups: Sequence[GroupScores]) -> str:
    """MRR and NDCG@10 of every language, a row of panels for each kind of query."""
    kinds = list(dict.fromkeys(scores.group.kind for scores in groups))
    shown = {kind: [s for s in groups if s.group.kind == kind][: _ROWS + 1] for kind in kinds}
    rows = [len(found) for found in shown.values()]
    height = sum(0.55 * count + 0.9 for count in rows) + 0.5
    with canvas(len(kinds), len(TESTED), 9, height) as (figure, axes):
        for line, (kind, found) in enumerate(shown.items()):
            for axis, metric in zip(axes[line], TESTED, strict=True):
                _languages(axis, found, metric, first=metric == TESTED[0])
                axis.set_title(f"{metric}, {kind or 'all'} queries", loc="left")
        axes[0][0].get_gridspec().set_height_ratios([0.55 * count + 0.6 for count in rows])
        for axis in axes[-1]:
            axis.set_xlabel("score from 0 to 100, 95 % intervals")
        figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
        return as_svg(figure)


def _languages(axis: Any, found: Sequence[GroupScores], metric: str, *, first: bool) -> None:
    for n, way in enumerate(METHODS):
        places = [row + 0.22 * (n - 1) for row in range(len(found))]
        points(axis, [s.methods[way][metric] for s in found], places, _NAMES[way], _STYLE[way])
    names = [
        f"{s.group.language or s.group.only or 'all'} (n = {len(s.group.queries):,})" for s in found
    ]
    axis.set_yticks(range(len(found)), names if first else [""] * len(found))
    axis.set_ylim(len(found) - 0.5, -0.5)
    axis.set_xlim(-1, 102)
    axis.grid(visible=False, axis="y")
    for row in range(1, len(found)):
        axis.axhline(row - 0.5, color="#cccccc", linewidth=0.6)


def points(
    axis: Any,
    scores: Sequence[Score | Difference],
    places: Sequence[float],
    name: str,
    style: Mapping[str, str],
) -> None:
    """Means with their intervals, a line each."""
    means = [100 * s.mean for s in scores]
    ends = [[100 * (s.mean - s.low) for s in scores], [100 * (s.high - s.mean) for s in scores]]
    axis.errorbar(
        means, places, xerr=ends, label=name, linestyle="", linewidth=1.5, capsize=2.5, **style
    )


def recall(curves: Mapping[str, Mapping[str, Curve]]) -> str:
    """Share of the answers among the first k, by k.

    Args:
        curves: kind of query to method to curve.
    """
    with canvas(1, len(curves), 4.5 * len(curves) + 1.2, 3.9) as (figure, axes):
        for axis, (kind, methods) in zip(axes[0], curves.items(), strict=True):
            for way, curve in methods.items():
                _curve(axis, curve, _NAMES[way], _STYLE[way])
            axis.set_title(f"Recall@k, {kind or 'all'} queries", loc="left")
            axis.set_xscale("log")
            depths = list(next(iter(methods.values())))
            ticks = [depth for depth in (1, 2, 5, 10, 20, 50, 100) if depth in depths]
            axis.set_xticks(ticks, [str(depth) for depth in ticks])
            axis.minorticks_off()
            axis.set_xlabel("k, results looked at (log scale)")
            axis.set_ylim(0, 102)
        axes[0][0].set_ylabel("answers found, %")
        figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
        return as_svg(figure)


def _curve(axis: Any, curve: Curve, name: str, style: Mapping[str, str]) -> None:
    depths = list(curve)
    low, high = ([100 * getattr(s, end) for s in curve.values()] for end in ("low", "high"))
    axis.plot(depths, [100 * s.mean for s in curve.values()], label=name, **style)
    axis.fill_between(depths, low, high, color=style["color"], alpha=0.15, linewidth=0)


def sizes(models: Sequence[ModelScores], reference: str) -> str:
    """NDCG@10 of meaning alone against the file's size, and the paired difference to the reference.

    Args:
        models: largest first, the reference among them.
        reference: name of the reference.
    """
    kinds = [scores.group.kind or "all" for scores in models[0].groups]
    height = len(kinds) * (0.4 * len(models) + 1.2) + 0.5
    with canvas(len(kinds), 2, 10, height) as (figure, axes):
        for line, kind in enumerate(kinds):
            _against_size(axes[line][0], models, line)
            axes[line][0].set_title(f"NDCG@10 by meaning, {kind} queries", loc="left")
            _differences(axes[line][1], models, line, reference)
            axes[line][1].set_title("Difference to the reference", loc="left")
        axes[-1][0].set_xlabel("size of the file in MB (log scale)")
        axes[-1][1].set_xlabel("points of NDCG@10, 95 % intervals")
        legend = axes[0][1].get_legend_handles_labels()
        figure.legend(*legend, loc="outside lower right", ncols=2)
        return as_svg(figure)


def _against_size(axis: Any, models: Sequence[ModelScores], line: int) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    found = [each.model.manifest.bytes / 1e6 for each in models]
    for number, (size, each) in enumerate(zip(found, models, strict=True), 1):
        score = each.groups[line].methods[MEANING]["NDCG@10"]
        mean = 100 * score.mean
        ends = [[mean - 100 * score.low], [100 * score.high - mean]]
        axis.errorbar(size, mean, yerr=ends, color="#0072B2", alpha=0.35, capsize=2.5)
        axis.plot(size, mean, color="#0072B2", marker="o", markersize=11, linestyle="")
        place = {"ha": "center", "va": "center", "color": "white", "fontsize": 8}
        axis.annotate(str(number), (size, mean), **place)
    axis.set_xscale("log")
    axis.set_xlim(0.92 * min(found), 1.08 * max(found))
    axis.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axis.xaxis.set_major_formatter(FuncFormatter(lambda size, _: f"{size:g}"))
    axis.minorticks_off()
    axis.set_ylabel("NDCG@10 with 95 % interval")


def _differences(axis: Any, models: Sequence[ModelScores], line: int, reference: str) -> None:
    for n, way in enumerate((MEANING, BOTH)):
        compared = [
            (row + 0.3 * (n - 0.5), found[n].difference)
            for row, each in enumerate(models)
            if (found := [c for c in each.groups[line].comparisons if c.metric == "NDCG@10"])
        ]
        places, differences = zip(*compared, strict=True)
        points(axis, differences, places, _NAMES[way], _STYLE[way])
    axis.axvline(0, color=ZERO, linewidth=1)
    axis.set_yticks(range(len(models)), [_label(*each, reference) for each in enumerate(models, 1)])
    axis.set_ylim(len(models) - 0.5, -0.5)


def _label(number: int, scores: ModelScores, reference: str) -> str:
    name, size = scores.model.manifest.name, scores.model.manifest.bytes / 1e6
    about = "reference" if name == reference else f"{size:.1f} MB"
    return f"{number}  {short(name)} ({about})"


def short(name: str) -> str:
    """The end of a long name, which tells the quantization."""
    return name if len(name) <= 28 else f"…{name[-27:]}"
