from __future__ import annotations

import json
from pathlib import Path

from dowse.model.training.data.pairs import Pair, read_pairs, write_pairs
from dowse.model.training.data.paraphrases import SOURCE, paraphrased
from dowse.server.cli import main

EXTENSION = Pair(
    "Return the extension of a file",
    "def suffix(name):\n    return name.rpartition('.')[2]",
    "python",
    source="docstring",
    license="MIT",
    repository="files",
)
PAIRS = [
    EXTENSION,
    Pair("Visitor for the second lowering pass", "class Lower:\n    pass", "python"),
    Pair("Return the extension of a path", "exit()", "python", label=0),
]
ASKED = ["how to get a file's extension in python", "stock prices of last week"]


def test_a_question_finds_the_code_whose_description_says_the_same(embedder) -> None:
    (pair,) = paraphrased(PAIRS, ASKED, embedder, 9, 0.6)
    assert (pair.query, pair.source) == (ASKED[0], SOURCE)
    assert (pair.license, pair.repository) == ("MIT", "files")
    assert pair.code == (
        'def suffix(name):\n    """Return the extension of a file."""\n'
        "    return name.rpartition('.')[2]"
    )


def test_nothing_is_paraphrased_by_itself(embedder) -> None:
    assert paraphrased(PAIRS, [EXTENSION.query.upper()], embedder, 9, 0.0) != []
    assert paraphrased([EXTENSION], [EXTENSION.query.upper()], embedder, 9, 0.0) == []
    assert paraphrased([], ASKED, embedder, 9, 0.0) == []


def test_the_nearest_come_first_and_nothing_rules(embedder) -> None:
    questions = [f"{ASKED[0]} {n}" for n in range(5)]
    codes = [Pair(f"Return the extension of file {n}", f"f({n})", "python") for n in range(6)]
    made = paraphrased(codes, questions, embedder, 100, 0.5)
    assert max(sum(pair.query == asked for pair in made) for asked in questions) <= 3
    assert max(sum(pair.code == each.code for pair in made) for each in codes) <= 2
    assert paraphrased(codes, questions, embedder, 2, 0.5) == made[:2]


def test_select_writes_paraphrases(tmp_path: Path, capsys) -> None:
    write_pairs(tmp_path / "pairs.jsonl", PAIRS)
    (tmp_path / "asked.txt").write_text("\n".join(ASKED))
    out = tmp_path / "asked.jsonl.gz"
    files = [str(tmp_path / "pairs.jsonl"), "--like", str(tmp_path / "asked.txt")]
    limits = ["--keep", "9", "--paraphrase", "0.6"]
    assert main(["train", "select", *files, *limits, "--out", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["kept"] == 1
    assert [pair.query for pair in read_pairs(out)] == [ASKED[0]]
