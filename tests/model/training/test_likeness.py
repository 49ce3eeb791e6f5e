from __future__ import annotations

import json
from pathlib import Path

import pytest

from dowse.context.errors import DatasetError
from dowse.model.training.data.likeness import likenesses, likest, read_queries
from dowse.model.training.data.pairs import Pair, read_pairs, write_pairs
from dowse.server.cli import main

NEAR = ("Return the extension of a file", "Parse a date from a string", "Sort a list of numbers")
FAR = (
    "Visitor for the second lowering pass",
    "Registry of plugin hooks of the daemon",
    "Sentinel that marks an unset tenant",
)
ASKED = ["python get file extension", "parse date string in python", "how to sort a list"]
PAIRS = [Pair(query, f"def f{n}(): return {n}", "python") for n, query in enumerate((*FAR, *NEAR))]


def test_pairs_near_to_real_queries_are_kept_in_their_order(embedder) -> None:
    kept = likest(PAIRS, ASKED, embedder, 3)
    assert [pair.query for pair in kept] == list(NEAR)
    assert likest(PAIRS, ASKED, embedder, 100) == PAIRS


def test_a_wrong_answer_stays_where_its_query_stays(embedder) -> None:
    wrong = [Pair(NEAR[0], "exit()", "python", label=0), Pair(FAR[0], "exit()", "python", label=0)]
    kept = likest([*wrong, *PAIRS], ASKED, embedder, 3)
    assert kept == [wrong[0], *PAIRS[3:]]


def test_the_name_of_a_language_makes_no_query_alike(embedder) -> None:
    queries = ["sort a list", "sort a list in python", "python"]
    found = likenesses(queries, ASKED, embedder, None, lambda *told: None)
    assert found[0] == pytest.approx(found[1], abs=1e-6)
    assert found[2] < found[0]


def test_queries_are_read_from_pairs_and_from_lines(tmp_path: Path) -> None:
    write_pairs(tmp_path / "pairs.jsonl.gz", PAIRS)
    assert read_queries(tmp_path / "pairs.jsonl.gz") == [pair.query for pair in PAIRS]
    (tmp_path / "lines.txt").write_text("one query\n\n one query \nanother ü\n")
    assert read_queries(tmp_path / "lines.txt") == ["one query", "another ü"]
    (tmp_path / "lines.txt").write_text("\n")
    with pytest.raises(DatasetError, match="has no query; name another file"):
        read_queries(tmp_path / "lines.txt")
    with pytest.raises(DatasetError, match=r"cannot read .*missing\.txt"):
        read_queries(tmp_path / "missing.txt")


def test_select_writes_what_it_keeps(tmp_path: Path, capsys) -> None:
    write_pairs(tmp_path / "pairs.jsonl", PAIRS)
    (tmp_path / "asked.txt").write_text("\n".join(ASKED))
    out = tmp_path / "new" / "chosen.jsonl.gz"
    arguments = [
        str(tmp_path / "pairs.jsonl"),
        "--like",
        str(tmp_path / "asked.txt"),
        "--keep",
        "3",
    ]
    assert main(["train", "select", *arguments, "--out", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"pairs": 6, "queries": 3, "kept": 3}
    assert [pair.query for pair in read_pairs(out)] == list(NEAR)
