"""Trials of a search and what comes next, kept by Optuna in one file of the search's folder."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dowse.context.errors import DowseError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from dowse.model.training.search_space import Dimension

    Study = Any
    """An optuna.Study; Optuna is imported only where it is used."""

_STUDY = "study.log"
_LOCK = "tune.lock"
LOOKS = 4
"""A trial that goes on is compared with others after each such part of its steps."""

_FIRST_PRUNED = LOOKS // 2
"""Look from which on trials are stopped; before, a high learning rate looks worse than it is."""
_UNPRUNED = 3
"""Trials that run to their end before others are measured by their median."""
_RANDOM = 4
"""Trials before suggestions follow from what was found; a budget pays for a dozen or two."""
_REPEATS = 20
"""Suggestions in a row that were tried before, after which nothing new is expected."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One choice of settings, and how far it came."""

    number: int
    """From 1; those that would have repeated another are left out."""
    state: str
    """`done`, `stopped` where it ranked worse than others halfway, or `failed`."""
    score: float
    """Development MRR, 0 to 1, at the end or where it was stopped; 0 where it failed."""
    settings: Mapping[str, Any]
    looks: Mapping[int, float]
    """Development MRR after each of the `LOOKS` parts of its steps."""
    seconds: float
    failure: str
    """Why it failed; else empty."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other searches out, so that a trial that has not ended is one that was stopped.

    Raises:
        DowseError: another one works there, or the folder holds other files or cannot be written.
    """
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
        found = {path.name for path in folder.iterdir()}
        lock = FileLock(folder / _LOCK, timeout=0)
    except OSError as error:
        raise DowseError(f"cannot write {folder}: {error.strerror}; choose another one") from None
    if found - {_LOCK} and _STUDY not in found:
        raise DowseError(f"{folder} holds other files; choose a new folder")
    try:
        lock.acquire()
    except Timeout:
        raise DowseError(f"another search works in {folder}; wait for it") from None
    with lock:
        yield


def open_study(folder: Path, run: str, own: Mapping[str, Any]) -> Study:
    """Open the study in a folder, or begin one.

    Args:
        folder: of the search.
        run: what tells this search from others.
        own: settings that the first trial has; those missing are suggested.

    Raises:
        DowseError: the study in the folder is of another search or broken.
    """
    import optuna
    from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    path = str(folder / _STUDY)
    try:
        study = optuna.create_study(
            storage=optuna.storages.JournalStorage(
                JournalFileBackend(path, JournalFileOpenLock(path))
            ),
            study_name="tune",
            direction="maximize",
            load_if_exists=True,
            pruner=optuna.pruners.MedianPruner(_UNPRUNED, _FIRST_PRUNED),
        )
    except (ValueError, KeyError):
        raise DowseError(f"{path} is broken; choose another folder for a new search") from None
    if study.user_attrs.get("run", run) != run:
        raise DowseError(
            f"{folder} holds a search of another recipe, other data or other values; "
            "take them again or choose another folder"
        )
    if not study.user_attrs:
        study.enqueue_trial(dict(own))
        study.set_user_attr("run", run)
    return study


def ask(study: Study, space: Mapping[str, Dimension], seed: int) -> tuple[Any, dict[str, Any]]:
    """Begin a trial, or take up the one that was stopped.

    What is suggested depends on the seed and the trials before, and not on where it was stopped.

    Returns:
        The optuna.Trial, and its settings.
    """
    import optuna

    running = study.get_trials(states=[optuna.trial.TrialState.RUNNING])
    before = sum(trial.state.is_finished() for trial in study.trials)
    study.sampler = optuna.samplers.TPESampler(n_startup_trials=_RANDOM, seed=seed + before)
    trial = optuna.trial.Trial(study, running[0]._trial_id) if running else study.ask()
    return trial, {name: dimension.suggest(trial, name) for name, dimension in space.items()}


def repeats(study: Study, trial: Any) -> bool:
    """Tell the result of a trial whose settings were tried before: they give the same weights."""
    for old in study.trials[: trial.number]:
        if old.params == trial.params:
            trial.set_user_attr("repeats", old.number + 1)
            for look, score in old.intermediate_values.items():
                trial.report(score, look)
            done = old.state.name == "COMPLETE"
            study.tell(trial, old.value if done else None, None if done else old.state)
            return True
    return False


def exhausted(study: Study) -> bool:
    """Whether the last suggestions were none but those tried before."""
    last = study.trials[-_REPEATS:]
    return len(last) == _REPEATS and all("repeats" in trial.user_attrs for trial in last)


def tell(study: Study, trial: Any, seconds: float, score: float | None = None) -> None:
    """End a trial: with a score where it is done, else because it ranks worse than others."""
    import optuna

    trial.set_user_attr("seconds", round(seconds, 1))
    study.tell(trial, score, None if score is not None else optuna.trial.TrialState.PRUNED)


def trials_of(study: Study) -> tuple[Trial, ...]:
    """Trials that have ended, in their order, none twice."""
    return tuple(
        Trial(
            number=trial.number + 1,
            state=_state(trial),
            score=trial.value,
            settings=trial.params,
            looks=trial.intermediate_values,
            seconds=trial.user_attrs.get("seconds", 0.0),
            failure=trial.user_attrs.get("failure", ""),
        )
        for trial in study.trials
        if trial.state.is_finished() and "repeats" not in trial.user_attrs
    )


def _state(trial: Any) -> str:
    if "failure" in trial.user_attrs:
        return "failed"
    return "done" if trial.state.name == "COMPLETE" else "stopped"
