from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dowse.model.evaluation.beir import load_dataset
from dowse.model.training.data.collecting import split
from dowse.model.training.data.pairs import Pair, read_pairs
from dowse.server.cli import main


def ran(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    try:
        status = main(["train", "collect", *(str(argument) for argument in arguments)])
    except SystemExit as stopped:
        status = int(stopped.code or 0)
    shown = capsys.readouterr()
    return status, shown.out, shown.err


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    rows = [
        {"query": f"make number {word} larger", "code": f"grow('{word}', by={n})",
         "language": "python", "source": "made", "license": "MIT" if n else "GPL-3.0-only"}
        for n, word in enumerate(("apple", "bread", "cream", "dough"))
    ]  # fmt: skip
    path = tmp_path / "made.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def test_it_collects_and_writes_files_and_a_card(pairs, folder, tmp_path, capsys) -> None:
    code = 'def total(xs):\n    """Add up the prices of things."""\n    return sum(xs)\n'
    root = folder({"a.py": code, "pyproject.toml": '[project]\nlicense = "MIT"\n'})
    status, out, _ = ran(capsys, pairs, root, "--out", tmp_path / "out", "--json")
    shown = json.loads(out)
    assert status == 0
    assert shown["source"] == {"made": 3, "docstring": 1}
    assert shown["dropped"] == {"licence not allowed": 1}
    written = [
        pair
        for name in ("train", "development")
        for pair in read_pairs(tmp_path / "out" / f"{name}.jsonl.gz")
    ]
    assert len(written) == shown["train"] + shown["development"] == 4
    card = (tmp_path / "out" / "CARD.md").read_text()
    assert "| MIT | 4 |" in card
    assert "*Add up the prices of things*" in card


def test_what_is_held_out_as_a_test_is_an_evaluation_set(pairs, tmp_path, capsys) -> None:
    judged = {"query": "make number apple larger", "code": "shrink('apple', by=1)", "label": 0}
    more = {"language": "python", "source": "made", "license": "MIT"}
    with pairs.open("a") as file:
        file.write("\n" + json.dumps({**judged, **more}))
    status, _, _ = ran(
        capsys, pairs, "--out", tmp_path / "out", "--license", "any", "--test", "1",
        "--development", "0",
    )  # fmt: skip
    dataset = load_dataset(tmp_path / "out" / "test")
    assert status == 0
    assert set(dataset.queries.values()) == {
        f"make number {word} larger" for word in ("apple", "bread", "cream", "dough")
    }
    assert sorted(gain for gains in dataset.relevance.values() for gain in gains.values()) == [
        *(0, 1, 1, 1, 1)
    ]
    assert {origin.language for origin in dataset.origins.values()} == {"python"}


@pytest.mark.parametrize("share", ["2", "-0.1", "many"])
def test_a_share_that_is_none_is_bad_usage(pairs, tmp_path, capsys, share) -> None:
    status, _, err = ran(capsys, pairs, "--out", tmp_path / "out", f"--test={share}")
    assert status == 2
    assert "--test" in err


def test_no_repository_gives_more_than_its_share(tmp_path, capsys) -> None:
    rows = [
        {"query": f"turn {word} number {n} into bread", "code": f"bake({word!r}, oven={n}, {n})",
         "language": "python", "repository": word, "license": "MIT"}
        for word, count in (("flour", 40), ("water", 3))
        for n in range(count)
    ]  # fmt: skip
    path = tmp_path / "made.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    _, shown, _ = ran(capsys, path, "--out", tmp_path / "out", "--most", "5", "--json")
    found = json.loads(shown)
    assert found["pairs found"] == 43
    assert found["repository"]["flour"] + found["dropped"].get("near duplicate", 0) == 5
    assert found["repository"]["water"] == 3


@pytest.mark.parametrize("beside", ["src/index.js", "README.md"])
def test_a_package_with_its_manifest_is_no_folder_of_data(folder, tmp_path, capsys, beside) -> None:
    code = "/** Adds up the prices of things. */\nfunction total(xs) { return sum(xs); }\n"
    root = folder({"package.json": '{"license": "MIT"}', beside: code})
    status, _, err = ran(capsys, root, "--out", tmp_path / "out")
    assert status == 0, err


def test_a_second_run_mines_nothing_again_and_writes_the_same(pairs, tmp_path, capsys) -> None:
    out = tmp_path / "out"
    ran(capsys, pairs, "--out", out)
    before = (out / "train.jsonl.gz").read_bytes()
    _, shown, _ = ran(capsys, pairs, "--out", out, "--json")
    assert json.loads(shown)["sources taken from an earlier run"] == 1
    assert (out / "train.jsonl.gz").read_bytes() == before


def test_a_source_that_changed_is_read_again(pairs, tmp_path, capsys) -> None:
    ran(capsys, pairs, "--out", tmp_path / "out")
    pairs.write_text(pairs.read_text().splitlines()[1])
    _, shown, _ = ran(capsys, pairs, "--out", tmp_path / "out", "--json")
    assert json.loads(shown)["pairs found"] == 1


def test_licences_and_languages_are_chosen(pairs, tmp_path, capsys) -> None:
    for options, kept in (
        (["--license", "any"], 4),
        (["--license", "GPL-3.0-only"], 1),
        (["--license", "permissive", "--license", "GPL-3.0-only"], 4),
        (["--language", "go"], 0),
    ):
        _, shown, _ = ran(capsys, pairs, "--out", tmp_path / "out", "--json", *options)
        found = json.loads(shown)
        assert found["train"] + found["development"] == kept


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["missing.jsonl"], "there is no folder"),
        (["package:nothing-like-this"], "is not installed"),
        ([".", "--language", "klingon"], "no language"),
    ],
)
def test_a_mistake_is_one_line(tmp_path, capsys, arguments, words) -> None:
    status, _, err = ran(capsys, *arguments, "--out", tmp_path / "out")
    assert status == 1
    assert words in err
    assert err.count("\n") == 1


def test_no_repository_is_on_both_sides_of_a_split() -> None:
    rows = [Pair(f"q {n}", "c", repository=f"r{n % 40}==1.{n}") for n in range(400)]
    parts = split(rows, 1, 0.3, 0.2)
    sides = [{pair.repository.partition("==")[0] for pair in side} for side in parts]
    assert sum(map(len, sides)) == len(set().union(*sides))
    assert all(sides)
    assert split(rows, 2, 0.3, 0.2) != parts


@pytest.mark.parametrize(("rank", "loaded"), [(20, ["torch"]), (0, ["torch", "llama_cpp"])])
def test_collecting_imports_no_torch_and_no_model_that_is_not_asked_for(
    pairs, tmp_path, rank, loaded
) -> None:
    code = (
        "import sys; from dowse.server.cli import main; "
        f"main(['train', 'collect', {str(pairs)!r}, '--out', {str(tmp_path / 'out')!r}, "
        f"'--consistent', '{rank}']); sys.exit(any(each in sys.modules for each in {loaded}))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_code_that_a_model_does_not_find_for_its_query_is_dropped(tmp_path, capsys) -> None:
    things = ("sort a list", "read a file", "send an e-mail", "draw a circle", "open a window")
    codes = ("xs.sort(key=len)", "open(path).read()", "smtp.send_message(mail)",
             "canvas.draw_circle(x, y, radius)", "window = gui.Window(title)")  # fmt: skip
    rows = [
        {"query": f"how to {thing}", "code": code, "language": "python", "license": "MIT"}
        for thing, code in (*zip(things, codes, strict=True), (things[0], codes[3]))
    ]
    rows[-1]["query"] = "sort the elements of an array by length"
    path = tmp_path / "made.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    options = path, "--out", tmp_path / "out", "--development", "0", "--json", "--consistent"
    for rank, dropped in (("1", 1), ("0", 0)):
        _, shown, _ = ran(capsys, *options, rank)
        found = json.loads(shown)
        assert found["dropped"].get("code not found for the query", 0) == dropped
        assert found["train"] == len(rows) - dropped


def test_a_model_that_is_not_there_is_told(pairs, tmp_path, capsys) -> None:
    status, _, err = ran(capsys, pairs, "--out", tmp_path / "out", "--model", "no-such-model")
    assert status == 1
    assert "no-such-model" in err
    assert err.count("\n") == 1
