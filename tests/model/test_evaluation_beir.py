from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

from dowse.context.errors import DatasetError
from dowse.model.evaluation.beir import load_dataset
from dowse.model.evaluation.metrics import Origin

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [{"_id": "d1", "title": "Titel", "text": "größe"}, {"id": 2, "text": "two"}]
    (tmp_path / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with gzip.open(tmp_path / "queries.jsonl.gz", "wt") as file:
        file.write('{"_id": "q1", "text": "one"}\n\n{"_id": "q2", "text": "unjudged"}\n')
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\t2\t0\n"
    )
    return tmp_path


def test_load(folder: Path) -> None:
    dataset = load_dataset(folder)
    assert dataset.name == folder.name
    assert dataset.corpus == {"d1": "Titel\ngröße", "2": "two"}
    assert dataset.queries == {"q1": "one"}
    assert dataset.relevance == {"q1": {"d1": 1, "2": 0}}
    assert load_dataset(folder, "test") == dataset


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("corpus.jsonl", '{"_id": "d1", "text": "a"}\n{nonsense\n', r"corpus.jsonl:2.*JSON"),
        ("corpus.jsonl", '["d1"]\n', r"corpus.jsonl:1.*object"),
        ("corpus.jsonl", '{"text": "a"}\n', r"corpus.jsonl:1.*_id"),
        ("corpus.jsonl", '{"_id": "d1"}\n', r"corpus.jsonl:1.*text"),
        ("corpus.jsonl", '{"_id": "d", "text": ""}\n' * 2, r"corpus.jsonl:2.*before"),
        ("corpus.jsonl", "[" * 100_000, r"corpus.jsonl:1.*JSON"),
        ("qrels/test.tsv", "q1\td1\t1\nq1\td9\t1\n", r"test.tsv:2.*'d9'"),
        ("qrels/test.tsv", "q9\td1\t1\n", r"test.tsv:1.*'q9'"),
        ("qrels/test.tsv", "a\tb\tc\nq1 d1 1\n", r"test.tsv:2.*TAB"),
        ("qrels/test.tsv", "q1\td1\tnan\nq1\td1\tnan\n", r"test.tsv:2"),
        ("queries.jsonl.gz", "not gzip", r"queries.jsonl.gz"),
    ],
)
def test_malformed_rows_are_named(folder: Path, file: str, content: str, message: str) -> None:
    (folder / file).write_text(content)
    with pytest.raises(DatasetError, match=message):
        load_dataset(folder)


@pytest.mark.parametrize("file", ["corpus.jsonl", "queries.jsonl.gz", "qrels/test.tsv"])
def test_missing_files_are_named(folder: Path, file: str) -> None:
    (folder / file).unlink()
    with pytest.raises(DatasetError, match="BEIR"):
        load_dataset(folder)


def test_bytes_that_are_no_text_and_a_cut_archive(folder: Path) -> None:
    archive = folder / "queries.jsonl.gz"
    archive.write_bytes(archive.read_bytes()[:-12])
    with pytest.raises(DatasetError, match="cannot be read"):
        load_dataset(folder)
    (folder / "corpus.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(DatasetError, match="UTF-8"):
        load_dataset(folder)


@pytest.mark.parametrize(
    ("row", "language"),
    [
        ({"language": "Go"}, "go"),
        ({"metadata": {"language": "rust"}}, "rust"),
        ({"language": 7, "metadata": "none"}, None),
        ({"language": ""}, None),
    ],
)
def test_a_document_may_carry_its_language(
    folder: Path, row: dict[str, object], language: str | None
) -> None:
    rows = [{"_id": "d1", "text": "a", **row}, {"_id": "2", "text": "b"}]
    (folder / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    expected = {"d1": Origin(language)} if language else {}
    assert load_dataset(folder).origins == expected
