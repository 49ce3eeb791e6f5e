from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from dowse.model.evaluation.findings import CHANGED
from dowse.model.registry import BUNDLED, bundled_model
from dowse.server.cli import main

pytest.importorskip("matplotlib")

CODE = {
    "sum": "def total(values):\n    result = 0\n    for value in values:\n        result += value\n"
    "    return result\n",
    "day": "func ParseDate(text string) time.Time {\n\tday := strip(text)\n"
    "\treturn time.Parse(layout, day)\n}\n",
    "odd": "%% neither ]] code |",
}


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return written(tmp_path / "a" / "test")


def written(data: Path) -> Path:
    (data / "qrels").mkdir(parents=True)
    corpus = [{"_id": name, "text": text} for name, text in CODE.items()]
    queries = [{"_id": "q", "text": "add up numbers"}, {"_id": "r", "text": "read a calendar day"}]
    (data / "corpus.jsonl").write_text("\n".join(map(json.dumps, corpus)))
    (data / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    (data / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\tsum\t1\nr\tday\t1\n")
    return data


@pytest.fixture
def training(tmp_path: Path) -> Path:
    folder = tmp_path / "tuned"
    folder.mkdir()
    record = {
        "base": "some-base",
        "license": "MIT",
        "recipe": {"augment_typos": 0.2, "augment_rename": 0.0},
        "data": {
            "pairs": 12_345,
            "development_pairs": 600,
            "languages": {"python": 12_000, **{f"l{n}": 1 for n in range(20)}},
            "sources": {"docstring | <b>": 9},
            "licenses": {"MIT": 9},
        },
    }
    (folder / "training.json").write_text(json.dumps(record))
    return folder


def ran(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    try:
        status = main(["train", "evaluate", *(str(argument) for argument in arguments)])
    except SystemExit as stopped:
        status = int(stopped.code or 0)
    shown = capsys.readouterr()
    return status, shown.out, shown.err


def test_a_model_against_itself_differs_in_nothing(dataset, training, tmp_path, capsys) -> None:
    out = tmp_path / "card"
    model = bundled_model().path
    status, shown, err = ran(capsys, model, dataset, "--out", out, "--training", training, "--json")
    found = json.loads(shown)
    assert status == 0, err
    assert found == json.loads((out / "results.json").read_text())
    (quality,) = found["quality"]
    assert (quality["dataset"], quality["queries"]) == ("test", 2)
    assert set(quality["ways"]) == {"meaning", "both"}
    metrics = {"MRR", "Recall@1", "Recall@5", "Recall@10", "NDCG@10", "MAP"}
    assert set(quality["ways"]["meaning"]) == metrics
    assert quality["ways"]["meaning"]["MRR"]["after"]["mean"] == 1.0
    assert {each["change"] for each in found["robustness"]} == set(CHANGED)
    for difference in differences(found):
        assert (difference["mean"], difference["low"], difference["high"]) == (0, 0, 0)
        assert difference["p"] == 1
    names = next(each for each in found["robustness"] if each["change"] == "names")
    assert (names["changed"], names["total"]) == (2, 3)
    assert all(speed > 0 for side in found["speed"].values() for speed in side.values())
    for name in ("quality", "robustness", "stuffing"):
        assert ElementTree.parse(out / f"{name}.svg").getroot().tag.endswith("svg")


def differences(found: dict[str, object]) -> list[dict[str, float]]:
    """All differences between the two models, wherever they stand."""
    own = [(key, value) for key, value in found.items() if isinstance(value, dict)]
    listed = [each for value in found.values() if isinstance(value, list) for each in value]
    here = [value for key, value in own if key in ("difference", "less_loss")]
    below = [value for key, value in own if key not in ("difference", "less_loss")]
    return [*here, *(d for each in (*below, *listed) for d in differences(each))]


def test_the_card_tells_what_got_worse_and_what_it_was_trained_on(
    dataset, training, tmp_path, capsys
) -> None:
    out = tmp_path / "card"
    model = bundled_model().path
    _, shown, err = ran(capsys, model, dataset, "--out", out, "--training", training)
    assert re.match(rf"before  {BUNDLED}, \d+\.\d MB\nafter   {BUNDLED}, ", shown)
    assert "\nNothing is worse at p < 0.05\n" in shown
    assert str(out / "card.md") in err
    card = (out / "card.md").read_text()
    assert card.startswith(f"# {BUNDLED}\n")
    for line in (
        "| base | some-base |",
        "| licence | MIT |",
        "12,345 pairs of a sentence and code;",
        "| sources | docstring \\| &lt;b> 9 |",
        "- Nothing is worse at p < 0.05.",
        "### test: 2 queries",
        "### test, both (dowse's ranking)",
        "The recipe turned on augment_typos: the model has seen",
    ):
        assert f"\n{line}\n" in card
    assert "9 others 9 |" in card
    for name in ("quality", "robustness", "stuffing"):
        assert f"({name}.svg)" in card


def test_a_card_without_a_training_says_so_and_sets_of_one_name_are_told_apart(
    dataset, tmp_path, capsys
) -> None:
    other = written(tmp_path / "b" / "test")
    model = bundled_model().manifest.name
    options = "--before", bundled_model().path, "--sample", 2, "--json"
    _, shown, _ = ran(capsys, model, dataset, other, "--out", tmp_path / "card", *options)
    found = json.loads(shown)
    assert [each["dataset"] for each in found["quality"]] == ["a/test", "b/test"]
    assert {each["total"] for each in found["robustness"]} == {2}
    assert "Not told; `--training FOLDER`" in (tmp_path / "card" / "card.md").read_text()


def test_a_set_without_wrong_documents_cannot_be_attacked(tmp_path, capsys) -> None:
    data = written(tmp_path / "right")
    judged = "".join(f"{query}\t{name}\t1\n" for query in "qr" for name in CODE)
    (data / "qrels" / "test.tsv").write_text(judged)
    out = tmp_path / "card"
    status, shown, err = ran(capsys, bundled_model().path, data, "--out", out, "--json")
    assert status == 0, err
    kinds = {each["change"] for each in json.loads(shown)["robustness"]}
    assert kinds == {"typos", "names", "comments"}
    assert "stuffing.svg" not in (out / "card.md").read_text()
    assert not (out / "stuffing.svg").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no-such-model", "{data}"], "there is no model 'no-such-model'"),
        (["{model}", "/no/such/set"], "is it a BEIR folder?"),
        (["{model}", "{data}", "--before", "/no/such.gguf"], "/no/such.gguf"),
        (["{model}", "{data}", "--training", "{data}"], "`dowse train fit` wrote"),
        (["{model}", "{data}", "--training", "{broken}"], "is no record of a training"),
    ],
)
def test_a_mistake_is_one_line_before_any_work(arguments, words, dataset, tmp_path, capsys) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "training.json").write_text("[1")
    filled = [
        part.format(data=dataset, model=bundled_model().path, broken=broken) for part in arguments
    ]
    status, out, err = ran(capsys, *filled, "--out", tmp_path / "card")
    assert (status, out) == (1, "")
    assert words in err
    assert err.startswith("dowse: ")
    assert err.count("\n") == 1


def test_a_folder_that_cannot_be_written_is_told_before_any_work(dataset, capsys) -> None:
    status, out, err = ran(capsys, bundled_model().path, dataset, "--out", dataset / "corpus.jsonl")
    assert (status, out) == (1, "")
    assert err.startswith("dowse: cannot write ")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments", [[], ["model"], ["model", "set"], ["m", "s", "--sample", "1"]]
)
def test_bad_usage_exits_with_2(arguments, capsys) -> None:
    status, out, err = ran(capsys, *arguments)
    assert (status, out) == (2, "")
    assert "error:" in err


def test_plots_without_matplotlib_are_refused_before_the_work(
    dataset, tmp_path, capsys, monkeypatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    status, out, err = ran(capsys, bundled_model().path, dataset, "--out", tmp_path / "card")
    assert (status, out) == (1, "")
    assert 'pip install "dowse[report]"' in err


def test_evaluating_imports_no_torch(dataset, tmp_path) -> None:
    code = (
        "import sys; from dowse.server.cli import main; "
        f"main(['train', 'evaluate', {bundled_model().manifest.name!r}, {str(dataset)!r}, "
        f"'--out', {str(tmp_path / 'card')!r}]); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
