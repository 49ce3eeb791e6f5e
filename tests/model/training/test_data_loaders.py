from __future__ import annotations

import gzip
import json
import pickle
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dowse.context.errors import DatasetError
from dowse.model.training.data.loaders import load_pairs, read_plain_pickle
from dowse.model.training.data.pairs import Pair, as_pair, read_pairs, write_pairs


def lines(path: Path, *rows: object) -> Path:
    text = "\n".join(map(json.dumps, rows))
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


@pytest.mark.parametrize("name", ["pairs.jsonl", "pairs.jsonl.gz"])
def test_pairs_are_read_as_they_were_written(tmp_path: Path, name: str) -> None:
    pairs = [Pair("größe of a file", "f()", "python", "s", "MIT", 0, "r", "p", "f"), Pair("q", "c")]
    assert write_pairs(tmp_path / name, pairs) == 2
    assert list(read_pairs(tmp_path / name)) == pairs
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_equal_pairs_are_written_as_equal_bytes(tmp_path: Path) -> None:
    for name in ("a.jsonl.gz", "b.jsonl.gz"):
        write_pairs(tmp_path / name, [Pair("q", "c")])
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()


@pytest.mark.parametrize("row", [{}, {"query": 3, "code": "c"}, {"query": " ", "code": "c"}])
def test_a_row_without_query_or_code_is_named(row: dict[str, object]) -> None:
    with pytest.raises(DatasetError, match="here:1: "):
        as_pair(row, "here:1")


@given(st.binary(max_size=200))
def test_broken_files_raise_no_other_error(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes
) -> None:
    folder = tmp_path_factory.mktemp("noise")
    for name in ("a.jsonl", "a.jsonl.gz", "a.json", "a.csv", "python_code.pickle"):
        (folder / name).write_bytes(noise)
        with suppress(DatasetError):
            list(load_pairs(folder / name))


def test_codesearchnet_gives_the_first_sentence_and_the_place(tmp_path: Path) -> None:
    row = {
        "repo": "a/b", "path": "c.py", "func_name": "A.f", "language": "python",
        "code": "def f(): ...", "docstring": "Open the door slowly.\n\nMore words.",
    }  # fmt: skip
    (pair,) = load_pairs(lines(tmp_path / "train_0.jsonl.gz", row))
    assert (pair.query, pair.repository, pair.symbol) == ("Open the door slowly", "a/b", "A.f")


def test_cosqa_keeps_what_people_judged(tmp_path: Path) -> None:
    rows = [{"doc": "q one", "code": "c", "label": 1}, {"doc": "q two", "code": "c", "label": 0}]
    path = tmp_path / "cosqa.json"
    path.write_text(json.dumps(rows))
    assert [pair.label for pair in load_pairs(path)] == [1, 0]


@pytest.mark.parametrize("name", ["conala-train.json", "conala-mined.jsonl"])
def test_conala_gives_both_wordings(tmp_path: Path, name: str) -> None:
    row = {"intent": "sort it", "rewritten_intent": "sort `x`", "snippet": "x.sort()",
           "question_id": 7}  # fmt: skip
    path = lines(tmp_path / name, row) if name.endswith("l") else tmp_path / name
    if path.suffix == ".json":
        path.write_text(json.dumps([row, {**row, "rewritten_intent": None}]))
    found = list(load_pairs(path))
    assert {pair.query for pair in found} == {"sort it", "sort `x`"}
    assert {pair.repository for pair in found} == {"stackoverflow:7"}


def test_staqc_pairs_titles_with_the_code_that_was_chosen(tmp_path: Path) -> None:
    def put(name: str, value: object) -> Path:
        (tmp_path / name).write_bytes(pickle.dumps(value))
        return tmp_path / name

    put("python_qid_to_title.pickle", {1: "title one", 2: "title two"})
    put("python_multi_code_iids.txt", {(1, 0)})
    put("python_iid_to_label.pickle", {(2, 0): 0})
    multiple = put("python_iid_to_code.pickle", {(1, 0): "a", (1, 1): "b", (2, 0): "c"})
    single = put("python_qid_to_code.pickle", {2: "d"})
    assert [(p.query, p.code, p.label) for p in load_pairs(multiple)] == [
        ("title one", "a", 1),
        ("title two", "c", 0),
    ]
    assert [pair.code for pair in load_pairs(single)] == ["d"]


def test_staqc_as_csv(tmp_path: Path) -> None:
    path = tmp_path / "staqc.csv"
    path.write_text('Question ID,Question Title,Code,Language\n5,read it,"a\nb",SQL\n')
    assert list(load_pairs(path)) == [
        Pair("read it", "a\nb", "sql", "StaQC", "CC-BY-4.0", 1, "stackoverflow:5")
    ]


class _Harmful:
    def __reduce__(self) -> object:
        return (Path.touch, (Path("harm"),))


@pytest.mark.parametrize("value", [_Harmful(), Path("x"), [print]])
def test_a_pickle_with_more_than_plain_data_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: object
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.pickle").write_bytes(pickle.dumps(value))
    with pytest.raises(DatasetError, match="no pickle of plain data"):
        read_plain_pickle(tmp_path / "x.pickle")
    assert not (tmp_path / "harm").exists()
