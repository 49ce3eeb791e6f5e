"""Searches settings of a recipe that rank the development pairs best, within a budget of time.

Optuna suggests values by a tree-structured Parzen estimator (Bergstra et al. 2011, "Algorithms for
Hyper-Parameter Optimization") and stops a trial that ranks worse, from halfway on, than the median
of those before (Golovin et al. 2017, "Google Vizier", section 3.2.2). Suggestions depend on the
recipe's seed and the trials before alone, so a search goes on as if it had not been stopped.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from dowse.context.errors import DatasetError, DowseError, ExportError, SettingsError
from dowse.model.training.fit import RECORD, fit
from dowse.model.training.loss import DivergenceError
from dowse.model.training.recipe import resolve
from dowse.model.training.search_space import check_space
from dowse.model.training.study import (
    LOOKS,
    ask,
    exhausted,
    locked,
    open_study,
    repeats,
    tell,
    trials_of,
)
from dowse.model.training.tuning_results import Tuned, write_results

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from dowse.model.training.fit import Progress
    from dowse.model.training.recipe import Recipe
    from dowse.model.training.search_space import Dimension
    from dowse.model.training.study import Trial
    from dowse.model.training.training_set import TrainingSet

_MODELS = "trials"
"""Folder of the trials' models."""


class _BudgetUsedError(Exception):
    """The time is over in the middle of a trial."""


def tune(
    recipe: Recipe,
    data: TrainingSet,
    folder: Path,
    space: Mapping[str, Dimension],
    *,
    minutes: float,
    most: int | None = None,
    development: TrainingSet | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
    told: Callable[[Trial], None] = lambda trial: None,
) -> Tuned:
    """Train with one choice of settings after another, or go on with a search that was stopped.

    The first trial has the recipe's own settings, where they lie within what is searched. `folder`
    gets `best.toml`, `trials.json`, `tuning.svg` where matplotlib is installed, and the model of
    the best trial; models of other trials are deleted.

    Args:
        recipe: every setting; those searched are replaced.
        data: pairs to train on.
        folder: new or empty, or that of the same search stopped before.
        space: name of each setting that is searched, and between which values.
        minutes: how long all runs of this search together may take.
        most: trials that all runs together may make; None for no limit.
        development: pairs that trials are compared by, instead of some held out of `data`.
        report: called as `fit` does.
        told: called after each trial.

    Raises:
        DatasetError: there are too few pairs.
        ExportError: the base is none that can be trained, or the extra `train` is not installed.
        SettingsError: a value that could be tried makes no sense.
        DowseError: the folder holds something else or cannot be written, or no trial has ended.
    """
    if not recipe.development_pairs:
        raise SettingsError("development_pairs is 0, so nothing tells the best trial; raise it")
    check_space(recipe, space)
    try:
        import optuna
        import torch
    except ImportError as error:
        raise ExportError(f'tuning needs {error.name}; `pip install "dowse[train]"`') from None
    del optuna, torch
    with locked(folder):
        search = _Search(recipe, data, folder, space, development, report, told)
        return search.run(60 * minutes, most)


class _Search:
    def __init__(
        self,
        recipe: Recipe,
        data: TrainingSet,
        folder: Path,
        space: Mapping[str, Dimension],
        development: TrainingSet | None,
        report: Callable[[Progress], None],
        told: Callable[[Trial], None],
    ) -> None:
        self._recipe, self._data, self._folder, self._space = recipe, data, folder, space
        self._development, self._report, self._told = development, report, told
        own = {n: getattr(recipe, n) for n in space if space[n].holds(getattr(recipe, n))}
        self._study = open_study(folder, self._id(), own)
        self._spent = float(self._study.user_attrs.get("seconds", 0.0))
        self._started = time.monotonic()
        self._budget = 0.0

    def _id(self) -> str:
        development = self._development and self._development.sha256
        space = {name: repr(dimension) for name, dimension in self._space.items()}
        parts = [asdict(self._recipe), space, self._data.sha256, development]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def run(self, budget: float, most: int | None) -> Tuned:
        """Try settings for so many seconds, those of earlier runs included."""
        self._budget = budget
        try:
            while (end := self._end(most)) is None:
                self._next()
        except _BudgetUsedError:
            end = "the budget is used up"
        finally:
            self._study.set_user_attr("seconds", self._seconds())
        if self._best() is None:
            raise DowseError(f"no trial has ended and {end}; raise the budget, and it goes on")
        return self._write(end)

    def _seconds(self) -> float:
        return round(self._spent + time.monotonic() - self._started, 1)

    def _end(self, most: int | None) -> str | None:
        """Why no trial begins any more; None when one does."""
        trials, left = trials_of(self._study), self._budget - self._seconds()
        if left <= 0:
            return "the budget is used up"
        if left < min((t.seconds for t in trials if t.state == "done"), default=0.0):
            return "what is left of the budget is too short for a trial"
        if most is not None and len(trials) >= most:
            return f"{len(trials):,} trials were asked for"
        return "all values were tried" if exhausted(self._study) else None

    def _next(self) -> None:
        trial, settings = ask(self._study, self._space, self._recipe.seed)
        if repeats(self._study, trial):
            return
        self._train(trial, settings)
        self._study.set_user_attr("seconds", self._seconds())
        self._delete_others()
        self._told(trials_of(self._study)[-1])
        if self._best() is not None:
            self._write("it goes on")

    def _train(self, trial: Any, settings: dict[str, Any]) -> None:
        import optuna
        import torch

        before = self._seconds()
        try:
            record = self._fit(trial, settings)
        except optuna.TrialPruned:
            tell(self._study, trial, self._seconds() - before)
        except (DivergenceError, torch.OutOfMemoryError) as error:
            trial.set_user_attr("failure", str(error).splitlines()[0])
            # A score, though the worst: what Optuna takes for no result it suggests again.
            tell(self._study, trial, self._seconds() - before, 0.0)
        else:
            tell(self._study, trial, record["seconds"], record["development_mrr"]["after"])

    def _fit(self, trial: Any, settings: dict[str, Any]) -> dict[str, Any]:
        """What `training.json` holds at the end of the trial's training."""
        folder = self._place(trial.number + 1)
        # A search may be stopped after a training ended, but before the study was told.
        if (path := folder / RECORD).exists():
            return dict(json.loads(path.read_text(encoding="utf-8")))
        recipe = self._looked_at(self._with(settings))
        watch, held = self._watch(trial), self._development
        done = fit(recipe, self._data, folder, development=held, report=watch)
        if done.record["development_mrr"]["after"] is None:
            raise DatasetError("there are too few pairs to hold some out; give more")
        return done.record

    def _with(self, settings: Mapping[str, Any]) -> Recipe:
        return resolve({**asdict(self._recipe), **settings}, "the search")

    def _looked_at(self, recipe: Recipe) -> Recipe:
        """Measured after the same shares of its steps as other trials, however many it has."""
        own = self._recipe
        steps = (recipe.epochs / recipe.batch_size) / (own.epochs / own.batch_size)
        return replace(recipe, evaluate_every=max(1, round(own.evaluate_every * steps)))

    def _watch(self, trial: Any) -> Callable[[Progress], None]:
        import optuna

        seen = set(self._study.trials[trial.number].intermediate_values)

        def watch(progress: Progress) -> None:
            self._report(progress)
            if self._seconds() > self._budget:
                raise _BudgetUsedError
            look = LOOKS * progress.step // max(1, progress.steps)
            if progress.mrr is not None and look and look not in seen:
                seen.add(look)
                trial.report(progress.mrr, look)
                if trial.should_prune():
                    raise optuna.TrialPruned

        return watch

    def _place(self, number: int) -> Path:
        return self._folder / _MODELS / str(number)

    def _best(self) -> Trial | None:
        done = (trial for trial in trials_of(self._study) if trial.state == "done")
        return max(done, key=lambda trial: trial.score, default=None)

    def _delete_others(self) -> None:
        """Keep the weights of the best trial only, so that the disk does not fill."""
        best = self._best()
        for place in (self._folder / _MODELS).glob("*"):
            if best is None or place != self._place(best.number):
                shutil.rmtree(place)

    def _write(self, end: str) -> Tuned:
        best = self._best()
        assert best is not None
        tuned = Tuned(
            folder=self._folder,
            best=best,
            model=self._place(best.number),
            recipe=self._with(best.settings),
            trials=trials_of(self._study),
            seconds=self._seconds(),
            end=end,
        )
        write_results(tuned, self._space)
        return tuned
