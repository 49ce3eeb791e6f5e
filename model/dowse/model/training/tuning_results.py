"""Writes what a search has found: the best recipe, all trials, and a plot of them."""

from __future__ import annotations

import io
import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from dowse.model.manifest import write_atomically
from dowse.model.training.recipe import Recipe
from dowse.model.training.search_space import Choice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from dowse.model.training.search_space import Dimension
    from dowse.model.training.study import Trial

_STYLE: Mapping[str, dict[str, Any]] = {
    "done": {"color": "#0072B2", "marker": "o", "label": "trained to the end"},
    "stopped": {"color": "#E69F00", "marker": "X", "label": "stopped halfway"},
}
_BEST = {"color": "#009E73", "linewidth": 1.2}
_SETTINGS: Any = {
    "svg.hashsalt": "dowse",  # equal figures give equal bytes
    "text.parse_math": False,  # a `$` in a name is a `$`
    "font.family": "DejaVu Sans",
    "legend.frameon": False,
}
_COLUMNS = 3


@dataclass(frozen=True, slots=True)
class Tuned:
    """What a search has found until now."""

    folder: Path
    best: Trial
    model: Path
    """Folder of the best trial's model."""
    recipe: Recipe
    """The one searched from, with the best trial's settings."""
    trials: tuple[Trial, ...]
    seconds: float
    """That all runs of the search took."""
    end: str
    """Why it does not go on."""


def write_results(tuned: Tuned, space: Mapping[str, Dimension]) -> None:
    """Write `best.toml`, `trials.json` and, where matplotlib is installed, `tuning.svg`.

    Raises:
        ModelError: the folder cannot be written.
    """
    write_atomically(tuned.folder / "best.toml", _toml(tuned, space))
    text = json.dumps(as_json(tuned, space), indent=1, ensure_ascii=False) + "\n"
    write_atomically(tuned.folder / "trials.json", text)
    if (plot := draw_trials(tuned.trials, space)) is not None:
        write_atomically(tuned.folder / "tuning.svg", plot)


def as_json(tuned: Tuned, space: Mapping[str, Dimension]) -> dict[str, Any]:
    """All of a search, for programs."""
    return {
        "best": tuned.best.number,
        "model": str(tuned.model.relative_to(tuned.folder)),
        "end": tuned.end,
        "seconds": tuned.seconds,
        "search": {name: str(dimension) for name, dimension in space.items()},
        "trials": [asdict(trial) for trial in tuned.trials],
    }


def _toml(tuned: Tuned, space: Mapping[str, Dimension]) -> str:
    head = (
        f"# The best of {len(tuned.trials):,} trials by `dowse train tune`: "
        f"MRR {100 * tuned.best.score:.1f} on the development pairs."
    )
    lines = [head]
    for item in fields(Recipe):
        note = f"  # searched: {space[item.name]}" if item.name in space else ""
        lines.append(f"{item.name} = {_value(getattr(tuned.recipe, item.name), item.name)}{note}")
    return "\n".join(lines) + "\n"


def _value(value: Any, name: str) -> str:
    """A value as TOML spells it; but for tables that is as JSON does."""
    if name == "quotas":
        return f"{{{', '.join(f'{json.dumps(k, ensure_ascii=False)} = {v}' for k, v in value)}}}"
    return json.dumps(value, ensure_ascii=False)


def draw_trials(trials: Sequence[Trial], space: Mapping[str, Dimension]) -> str | None:
    """MRR by trial and by each setting, as SVG; None where matplotlib is not installed."""
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError:
        return None
    rows = -(-(1 + len(space)) // _COLUMNS)
    with matplotlib.rc_context(_SETTINGS):
        figure = Figure(figsize=(3.6 * _COLUMNS, 3 * rows + 0.4), layout="constrained")
        axes = figure.subplots(rows, _COLUMNS, squeeze=False).flat
        _by_trial(next(axes), trials)
        for name, dimension in space.items():
            _by_setting(next(axes), trials, name, dimension)
        for axis in axes:
            axis.set_axis_off()
        handles = figure.axes[0].get_legend_handles_labels()
        figure.legend(*handles, loc="outside lower center", ncols=3)
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": "dowse"})
    return file.getvalue()


def _by_trial(axis: Any, trials: Sequence[Trial]) -> None:
    _points(axis, trials, {trial.number: trial.number for trial in trials})
    done = [trial for trial in trials if trial.state == "done"]
    best = [max(t.score for t in done[:count]) for count in range(1, len(done) + 1)]
    numbers, scores = [trial.number for trial in done], [100 * score for score in best]
    axis.step(numbers, scores, where="post", label="best until then", **_BEST)
    axis.set(xlabel="trial", ylabel="MRR", title="Development pairs")
    axis.xaxis.get_major_locator().set_params(integer=True)


def _by_setting(axis: Any, trials: Sequence[Trial], name: str, dimension: Dimension) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator

    values = {trial.number: trial.settings[name] for trial in trials}
    if isinstance(dimension, Choice):
        axis.set_xticks(range(len(dimension.values)), [str(value) for value in dimension.values])
        values = {n: dimension.values.index(value) for n, value in values.items()}
    elif dimension.log:
        axis.set_xscale("log")
        axis.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.minorticks_off()
    _points(axis, trials, values)
    axis.set(xlabel=name, ylabel="MRR")


def _points(axis: Any, trials: Sequence[Trial], places: Mapping[int, Any]) -> None:
    for state, style in _STYLE.items():
        shown = [trial for trial in trials if trial.state == state]
        x, y = [places[trial.number] for trial in shown], [100 * trial.score for trial in shown]
        axis.plot(x, y, linestyle="", alpha=0.8, **style)
