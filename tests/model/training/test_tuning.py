from __future__ import annotations

import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.model.training import made_up
from tests.model.training.made_up import made_up_pairs

from dowse.context.errors import DowseError, SettingsError
from dowse.model.training.encoder import Encoder
from dowse.model.training.fit import fit
from dowse.model.training.pruning import corpus, prune_vocabulary
from dowse.model.training.recipe import Recipe, read_recipe
from dowse.model.training.search_space import (
    DEFAULT,
    Choice,
    Span,
    check_space,
    parse_search,
    read_space,
)
from dowse.model.training.training_set import read_training_set
from dowse.model.training.tuning import tune
from dowse.server.cli import main

if TYPE_CHECKING:
    from dowse.model.training.fit import Progress
    from dowse.model.training.training_set import TrainingSet
    from dowse.model.training.tuning_results import Tuned

RECIPE = replace(
    made_up.RECIPE,
    seed=2,  # suggests a fourth learning rate that is too small to learn anything
    epochs=2,
    hard_negatives=0,
    evaluate_every=2,
    checkpoint_every=2,
    averages=Recipe().averages,
)
SPACE = {"learning_rate": Span(1e-6, 1e-3, log=True), "temperature": Choice((0.05, 0.1))}


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_up_pairs(tmp_path_factory.mktemp("pairs") / "pairs.jsonl")


@pytest.fixture(scope="module")
def data(pairs: Path) -> TrainingSet:
    return read_training_set([pairs])


@pytest.fixture(scope="module")
def recipe(pairs: Path, tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    """Two layers of the real base and no words but the pairs': as right, and ten times faster."""
    folder = tmp_path_factory.mktemp("base")
    Encoder(Recipe(layers=2)).save(folder / "whole", "---\nlicense: apache-2.0\n---\n", 1.0)
    prune_vocabulary(folder / "whole", folder / "two-layers", corpus([pairs], []))
    return replace(RECIPE, base=str(folder / "two-layers"))


@pytest.fixture(scope="module")
def tuned(recipe: Recipe, data: TrainingSet, tmp_path_factory: pytest.TempPathFactory) -> Tuned:
    folder = tmp_path_factory.mktemp("searches") / "tuned"
    return tune(recipe, data, folder, SPACE, minutes=30, most=4)


@pytest.fixture
def copied(tuned: Tuned, tmp_path: Path) -> Path:
    """The search's folder, to go on in."""
    shutil.copytree(tuned.folder, tmp_path / "copied")
    return tmp_path / "copied"


def results(tuned: Tuned) -> list[tuple[Any, ...]]:
    """What has to be equal however often a search is stopped: all but the time it took."""
    return [(t.number, t.state, t.score, dict(t.settings), dict(t.looks)) for t in tuned.trials]


def test_the_first_trial_is_the_recipe_and_the_best_is_no_worse(
    tuned: Tuned, recipe: Recipe, data: TrainingSet, tmp_path: Path
) -> None:
    assert [trial.number for trial in tuned.trials] == [1, 2, 3, 4]
    first = tuned.trials[0]
    assert first.settings == {"learning_rate": 5e-4, "temperature": 0.05}
    alone = fit(recipe, data, tmp_path).record["development_mrr"]["after"]
    assert first.score == alone
    done = [trial.score for trial in tuned.trials if trial.state == "done"]
    assert tuned.best.score == max(done) >= alone
    assert all(1e-6 <= trial.settings["learning_rate"] <= 1e-3 for trial in tuned.trials)
    assert tuned.end == "4 trials were asked for"


def test_a_trial_that_ranks_worse_than_others_is_stopped_halfway(tuned: Tuned) -> None:
    assert [trial.state for trial in tuned.trials] == ["done", "done", "done", "stopped"]
    last = tuned.trials[-1]
    assert last.settings["learning_rate"] < 1e-5
    assert set(last.looks) == {1, 2}
    assert last.score == last.looks[2] < tuned.best.looks[2]


def test_the_best_recipe_can_be_read_and_only_its_weights_are_kept(
    tuned: Tuned, recipe: Recipe
) -> None:
    best = read_recipe(str(tuned.folder / "best.toml"))
    assert best == tuned.recipe == replace(recipe, **tuned.best.settings)
    text = (tuned.folder / "best.toml").read_text()
    assert f"MRR {100 * tuned.best.score:.1f}" in text
    assert "# searched: 1e-06..0.001" in text
    assert [path.name for path in (tuned.folder / "trials").iterdir()] == [str(tuned.best.number)]
    record = json.loads((tuned.model / "training.json").read_text())
    assert record["development_mrr"]["after"] == tuned.best.score
    assert "<svg" in (tuned.folder / "tuning.svg").read_text()
    written = json.loads((tuned.folder / "trials.json").read_text())
    assert written["best"] == tuned.best.number
    assert written["trials"] == json.loads(json.dumps([asdict(trial) for trial in tuned.trials]))


def test_every_setting_of_a_best_recipe_survives_its_file(tuned: Tuned, tmp_path: Path) -> None:
    from dowse.model.training.tuning_results import write_results

    recipe = replace(
        tuned.recipe, base='a "b" \\ ü', quotas=(("comment go", 5), ("x", 0)), averages=(0.5, 1.0)
    )
    write_results(replace(tuned, recipe=recipe, folder=tmp_path, model=tmp_path / "x"), SPACE)
    assert read_recipe(str(tmp_path / "best.toml")) == recipe


def test_trials_that_were_made_stay_made(
    tuned: Tuned, recipe: Recipe, data: TrainingSet, copied: Path
) -> None:
    steps: list[Progress] = []
    again = tune(recipe, data, copied, SPACE, minutes=30, most=4, report=steps.append)
    assert results(again) == results(tuned)
    assert not steps, "nothing was trained"
    more = tune(recipe, data, copied, SPACE, minutes=30, most=5)
    assert results(more)[:4] == results(tuned)
    assert len(more.trials) == 5
    assert more.seconds > tuned.seconds


def test_a_search_that_is_stopped_goes_on_to_the_same_trials(
    tuned: Tuned, recipe: Recipe, data: TrainingSet, tmp_path: Path
) -> None:
    told: list[int] = []

    def stop(progress: Progress) -> None:
        if len(told) == 2 and progress.step == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tune(
            recipe, data, tmp_path, SPACE, minutes=30, most=4, report=stop,
            told=lambda trial: told.append(trial.number),
        )  # fmt: skip
    assert (tmp_path / "trials" / "3" / "checkpoint.pt").exists()
    assert (tmp_path / "best.toml").exists(), "what was found until now is there"
    steps: list[int] = []
    again = tune(
        recipe, data, tmp_path, SPACE, minutes=30, most=4,
        report=lambda progress: steps.append(progress.step),
        told=lambda trial: told.append(trial.number),
    )  # fmt: skip
    assert steps[0] == 3, "the checkpoint was after step 2"
    assert told == [1, 2, 3, 4]
    assert results(again) == results(tuned)


def test_a_training_that_ended_before_the_study_was_told_is_not_repeated(
    tuned: Tuned, recipe: Recipe, data: TrainingSet, tmp_path: Path
) -> None:
    def stop(progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tune(recipe, data, tmp_path, SPACE, minutes=30, report=stop)
    fit(recipe, data, tmp_path / "trials" / "1")
    found = tune(recipe, data, tmp_path, SPACE, minutes=30, most=1, report=stop)
    assert found.best.score == tuned.trials[0].score


def test_when_the_budget_is_used_up_it_stops_and_says_so(
    tuned: Tuned, recipe: Recipe, data: TrainingSet, copied: Path, tmp_path: Path
) -> None:
    spent = tune(recipe, data, copied, SPACE, minutes=tuned.seconds / 60)
    assert "budget" in spent.end
    assert results(spent) == results(tuned)
    for _ in range(2):
        with pytest.raises(DowseError, match=r"no trial has ended .* raise the budget"):
            tune(recipe, data, tmp_path / "new", SPACE, minutes=0.001)
    found = tune(recipe, data, tmp_path / "new", SPACE, minutes=30, most=1)
    assert results(found) == results(tuned)[:1]


def test_a_training_that_breaks_down_has_failed_and_no_value_is_tried_twice(
    recipe: Recipe, data: TrainingSet, tmp_path: Path
) -> None:
    # cosines divided by so little are more than a float32 holds
    space = {"temperature": Choice((0.05, 1e-39))}
    found = tune(replace(recipe, epochs=1), data, tmp_path, space, minutes=30)
    assert found.end == "all values were tried"
    done, failed = found.trials
    assert (done.state, dict(done.settings)) == ("done", {"temperature": 0.05})
    assert (failed.state, failed.score) == ("failed", 0.0)
    assert failed.failure == "the loss is no number any more; lower learning_rate or use float32"
    assert [path.name for path in (tmp_path / "trials").iterdir()] == ["1"]


def test_another_search_or_other_files_are_left_alone(
    recipe: Recipe, data: TrainingSet, copied: Path, tmp_path: Path
) -> None:
    for other in (
        (replace(recipe, epochs=3), SPACE),
        (recipe, {**SPACE, "temperature": Choice((0.05, 0.2))}),
    ):
        with pytest.raises(DowseError, match="a search of another recipe, other data or other"):
            tune(other[0], data, copied, other[1], minutes=30)
    (copied / "study.log").write_text("nothing\n")
    with pytest.raises(DowseError, match="is broken; choose another folder"):
        tune(recipe, data, copied, SPACE, minutes=30)
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(DowseError, match="holds other files; choose a new folder"):
        tune(recipe, data, tmp_path, SPACE, minutes=30)


def test_one_search_at_a_time_works_in_a_folder(
    recipe: Recipe, data: TrainingSet, tmp_path: Path
) -> None:
    def second(progress: Progress) -> None:
        with pytest.raises(DowseError, match="another search works in"):
            tune(recipe, data, tmp_path, SPACE, minutes=30)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tune(recipe, data, tmp_path, SPACE, minutes=30, report=second)


def test_without_development_pairs_nothing_is_trained(
    recipe: Recipe, data: TrainingSet, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match="development_pairs is 0"):
        tune(replace(recipe, development_pairs=0), data, tmp_path / "out", SPACE, minutes=30)


def test_ranges_and_lists_are_read() -> None:
    assert parse_search("learning_rate=1e-5..1e-4") == (
        "learning_rate",
        Span(1e-5, 1e-4, log=True),
    )
    assert parse_search("temperature = 0.02,0.05, 0.1") == (
        "temperature",
        Choice((0.02, 0.05, 0.1)),
    )
    assert parse_search("batch_size=16..128") == ("batch_size", Span(16, 128, log=False))
    assert parse_search("warmup=0..1")[1] == Span(0.0, 1.0, log=False)
    assert parse_search("symmetric=true,false")[1] == Choice((True, False))
    assert parse_search("decay=linear,cosine")[1] == Choice(("linear", "cosine"))
    assert read_space([]) == DEFAULT
    check_space(read_recipe("small"), DEFAULT)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("learning_rate", "write name=low..high or name=one,other"),
        ("learning_rate=1e-5", "leaves nothing to search"),
        ("learning_rate=1e-4..1e-5", "is no range; write two numbers, the smaller one first"),
        ("learning_rate=0..1e-5", "a range on a log scale begins above 0"),
        ("learning_rate=1e-5..2", "learning_rate is 2.0; it has to be a number above 0 to 1"),
        ("learning_rate=small,large", "learning_rate is 'small'; it has to be a number"),
        ("learnin_rate=1e-5..1e-4", "did you mean learning_rate?"),
        ("batch_size=16.5..32", "batch_size is 16.5; it has to be a whole number"),
        ("batch_size=..", "is no range"),
        ("averages=[0.5],[1.0]", "lists and tables cannot be searched"),
        ("decay=a..b", "is no range"),
        ("seed=1,2", "seed decides how trials are compared"),
        ("negatives_depth=10,50", "it has to be more than negatives_skip"),
    ],
)
def test_a_bad_range_is_one_line_before_anything_is_trained(
    pairs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, words: str
) -> None:
    out = ["--out", str(tmp_path / "out"), "--set", "negatives_skip=20"]
    assert main(["train", "tune", str(pairs), *out, "--search", text]) == 1
    error = capsys.readouterr().err
    assert words in error
    assert error.startswith("dowse: ")
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--search", "epochs=1,2", "--set", "epochs=3"], "both searched and set"),
        (["--search", "epochs=1,2", "--search", "epochs=3,4"], "epochs is searched twice"),
        (["--recipe", "none"], "there is no readable recipe"),
        (["--development", "missing.jsonl"], "cannot read missing.jsonl"),
        (["--set", "lora_rank=4", "--search", "layers=0,2"], "both lora_rank and layers are set"),
    ],
)
def test_a_mistake_is_one_line(
    pairs: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    words: str,
) -> None:
    assert main(["train", "tune", str(pairs), "--out", str(tmp_path / "out"), *options]) == 1
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_the_command_line_searches_and_shows_a_table(
    recipe: Recipe, pairs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small = {"base": recipe.base, "query_tokens": 16, "code_tokens": 24, "development_pairs": 6}
    settings = [part for n, value in small.items() for part in ("--set", f"{n}={value}")]
    command = ["train", "tune", str(pairs), "--out", str(tmp_path / "out"), *settings]
    command += ["--search", "temperature=0.05,0.1", "--search", "batch_size=8,16"]
    assert main([*command, "--trials", "2"]) == 0
    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    assert lines[0].split() == ["trial", "MRR", "temperature", "batch_size", "minutes"]
    assert {line.split()[0] for line in lines[1:3]} == {"1", "2"}
    assert "2 trials were asked for" in lines[3]
    # transformers shows bars of its own
    told = [line for line in shown.err.splitlines() if line.startswith("trial ")]
    assert [line.partition(":")[0] for line in told] == ["trial 1", "trial 2"]
    assert read_recipe(str(tmp_path / "out" / "best.toml")).base == recipe.base
    assert main([*command, "--trials", "2", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["trials"]) == 2
