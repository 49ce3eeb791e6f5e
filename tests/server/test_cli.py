from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dowse.model.registry import BUNDLED, SMALL
from dowse.server.cli import COMMANDS, main

FILES = {
    "pkg/dates.py": "def parse_date(text):\n    return [int(part) for part in text.split('-')]\n",
    "net.py": "import time\n\n\ndef attempt(call):\n    for turn in range(3):\n        try:\n"
    "            return call()\n        except OSError:\n            time.sleep(2**turn)\n",
    "data.bin": "\0",
}


@pytest.fixture
def root(folder) -> Path:
    return folder(FILES, "my project #1")


def ran(capsys, *arguments: object) -> tuple[int, str, str]:
    try:
        status = main([str(argument) for argument in arguments])
    except SystemExit as stopped:
        status = int(stopped.code or 0)
    shown = capsys.readouterr()
    return status, shown.out, shown.err


def test_index_says_what_it_did_and_left_out(root, capsys) -> None:
    status, out, _ = ran(capsys, "index", root, "--tier", "lexical", "--json")
    summary = json.loads(out)
    assert status == 0
    assert (summary["files"], summary["snippets"], summary["vectors"]) == (2, 2, None)
    assert summary["left_out"] == {"unknown language": 1}


def test_a_log_is_told_how_far_long_work_is(root, capsys, monkeypatch) -> None:
    monkeypatch.setattr("dowse.server.cli.workspace._LOGGED_EVERY", 0.0)
    assert "embedding passages, 2 of 2\n" in ran(capsys, "index", root)[2]


def test_find_by_meaning_after_a_full_index(root, capsys) -> None:
    assert json.loads(ran(capsys, "index", root, "--json")[1])["vectors"] == 2
    status, out, _ = ran(capsys, "find", "retry with exponential backoff", root, "--json")
    found = json.loads(out)
    assert status == 0
    assert found.keys() == {"query", "elapsed_ms", "hits"}
    hit = found["hits"][0]
    shown = {"path": "net.py", "start_line": 4, "end_line": 9, "symbol": "attempt"}
    assert {key: hit[key] for key in shown} == shown
    assert hit.keys() == {*shown, "language", "source", "package", "version"} | {
        "license",
        "score",
        "why",
        "copies",
    }
    assert (hit["source"], hit["why"]["tier"]) == ("workspace", "full")


def test_many_queries_give_one_line_each(root, tmp_path, capsys) -> None:
    queries = tmp_path / "queries.txt"
    queries.write_text("parse a date\n\nattempt a call\n???\n", encoding="utf-8")
    status, out, _ = ran(capsys, "find", "--queries", queries, root, "-k", 1, "--lexical")
    answers = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert [answer["query"] for answer in answers] == ["parse a date", "attempt a call", "???"]
    symbols = [[hit["symbol"] for hit in answer["hits"]] for answer in answers]
    assert symbols == [["parse_date"], ["attempt"], []]
    assert "no word" in answers[2]["error"]


def test_queries_come_from_standard_input_too(root) -> None:
    command = [sys.executable, "-m", "dowse.server", "find", "--queries", "-", root, "--lexical"]
    done = subprocess.run(command, input=b"parse date\n", capture_output=True, check=True)
    assert json.loads(done.stdout)["hits"][0]["path"] == "pkg/dates.py"


def test_find_for_a_person_shows_code_and_reasons(root, capsys) -> None:
    _, out, _ = ran(capsys, "find", "parse date", root, "--lexical")
    assert "parse_date — pkg/dates.py:1" in out
    assert "Words: parse, date." in out
    assert "    def parse_date(text):" in out


def test_find_shows_a_method_at_the_margin(folder, capsys) -> None:
    source = "class Clock:\n    def wind(self):\n        if self.spring:\n            return 1\n"
    _, out, _ = ran(capsys, "find", "wind", folder({"clock.py": source}), "--lexical")
    method = "def wind(self):\n    if self.spring:\n        return 1".replace("\n", "\n    ")
    assert f"    {method}\n" in out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["find"],
        ["find", "x", "/no/such/folder"],
        ["find", "x", ".", "-k", "0"],
        ["find", "x", "--queries", "y", "z"],
        ["find", "x", ".", "--language", "klingon"],
        ["index", "--tier", "half"],
        ["serve", "--tcp", "nowhere"],
        ["serve", "--stdio", "--tcp", "127.0.0.1:1"],
        ["export"],
        ["models"],
    ],
)
def test_bad_usage_exits_with_2_and_says_why(arguments: list[str], capsys) -> None:
    status, out, err = ran(capsys, *arguments)
    assert (status, out) == (2, "")
    assert "error:" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["find", "???", "."],
        ["find", "", "."],
        ["find", "--queries", "/no/such/file", "."],
        ["find", "words", ".", "--model", "/no/such/model.gguf"],
        ["models", "verify", "no-such-model"],
        ["models", "use", "no-such-model"],
        ["export", "/no/such/folder", "--out", "x"],
    ],
)
def test_a_failure_exits_with_1_and_one_line(arguments, root, capsys, monkeypatch) -> None:
    monkeypatch.chdir(root)
    status, out, err = ran(capsys, *arguments)
    assert (status, out) == (1, "")
    assert err.startswith("dowse: ")
    assert len(err.splitlines()) == 1


def test_a_busy_port_is_told(capsys) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        status, _, err = ran(capsys, "serve", "--tcp", f"127.0.0.1:{taken.getsockname()[1]}")
    assert status == 1
    assert "name another port" in err


def test_a_cache_folder_that_cannot_be_written_is_told(root, capsys, monkeypatch) -> None:
    monkeypatch.setenv("DOWSE_CACHE", str(root / "net.py" / "cache"))
    status, _, err = ran(capsys, "index", root, "--tier", "lexical")
    assert status == 1
    assert "DOWSE_CACHE" in err


def test_doctor_says_what_the_model_runs_on(capsys) -> None:
    status, out, _ = ran(capsys, "doctor", "--json")
    findings = json.loads(out)
    assert status == 0
    assert findings["model"]["name"] == BUNDLED
    assert 0 <= findings["model"]["offloaded_layers"] <= findings["model"]["total_layers"] == 7


@pytest.mark.timeout(600)
def test_the_demonstration_answers_by_meaning(capsys) -> None:
    status, out, _ = ran(capsys, "demo", "--json")
    shown = json.loads(out)
    assert status == 0
    assert len(shown["lexical"]) == len(shown["full"]) == 5
    assert not any(title.endswith("(words only)") for title in shown["full"])
    assert shown["full"][0].startswith(f"Insert: {shown['completions'][0]} — ")
    assert shown["completions"][0].rpartition(".")[2] in shown["inserted"]


@pytest.mark.parametrize("name", [BUNDLED, SMALL])
def test_models_lists_verifies_and_chooses_those_of_the_package(capsys, name: str) -> None:
    assert ran(capsys, "models", "verify", name)[0] == 0
    assert ran(capsys, "models", "use", name)[0] == 0
    listed = json.loads(ran(capsys, "models", "list", "--json")[1])
    assert [(each["name"], each["license"]) for each in listed] == [
        (BUNDLED, "Apache-2.0"),
        (SMALL, "Apache-2.0"),
    ]
    assert [each["name"] for each in listed if each["chosen"]] == [name]


def test_every_command_explains_itself(capsys) -> None:
    for name in COMMANDS:
        status, out, _ = ran(capsys, name, "--help")
        assert status == 0
        assert "".join(COMMANDS[name][1:].split()) in "".join(out.split())


def test_the_server_starts_without_the_heavy_libraries() -> None:
    code = (
        "import sys, dowse.server.language_server, dowse.server.cli.serve\n"
        "heavy = {'torch', 'llama_cpp', 'numpy', 'tantivy', 'tree_sitter', 'huggingface_hub'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_no_root_hides_the_other_two() -> None:
    top = Path(__file__).parents[2]
    assert not [*top.glob("*/dowse/__init__.py")]


def test_a_named_folder_is_searched_alone_and_sources_can_be_named(root, capsys) -> None:
    ask = ("find", "call a function again after an attempt fails", root, "--lexical", "--json")
    alone = json.loads(ran(capsys, *ask)[1])["hits"]
    both = json.loads(ran(capsys, *ask, "--source", "workspace,cookbook")[1])["hits"]
    assert {hit["source"] for hit in alone} == {"workspace"}
    assert {hit["source"] for hit in both} == {"workspace", "cookbook"}
    assert all(hit["license"] == "CC0-1.0" for hit in both if hit["source"] == "cookbook")
    assert ran(capsys, *ask, "--source", "attic")[0] == 2


def test_without_an_index_a_search_embeds_its_best_candidates(root, capsys) -> None:
    hits = json.loads(ran(capsys, "find", "attempt a call", root, "--json")[1])["hits"]
    assert hits[0]["why"]["similarity"] is not None


def test_prune_removes_the_indexes_of_folders_that_are_gone(folder, capsys) -> None:
    gone, there = folder(FILES, "gone"), folder(FILES, "there")
    for path in (gone, there):
        ran(capsys, "index", path, "--tier", "lexical")
    shutil.rmtree(gone)
    status, out, _ = ran(capsys, "index", "--prune", "--json")
    pruned = json.loads(out)
    assert (status, pruned["removed"]) == (0, [str(gone)])
    assert pruned["bytes"] > 0
    assert json.loads(ran(capsys, "index", "--prune", "--json")[1])["removed"] == []
    again = json.loads(ran(capsys, "index", there, "--tier", "lexical", "--json")[1])
    assert again["changed"] == 0
