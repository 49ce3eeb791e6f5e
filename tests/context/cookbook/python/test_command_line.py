from __future__ import annotations

import argparse
import getpass
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dowse.context.cookbook.python import command_line as recipes


def answer(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_arguments() -> None:
    parsed = recipes.parse_arguments(["a.txt", "-n", "3", "--verbose"])
    assert (parsed.file, parsed.top, parsed.verbose) == (Path("a.txt"), 3, True)
    assert recipes.parse_arguments(["a.txt"]).top == 10
    with pytest.raises(SystemExit):
        recipes.parse_arguments([])


def test_subcommands() -> None:
    assert recipes.parse_subcommands(["add", "milk"]).title == "milk"
    assert recipes.parse_subcommands(["list", "--done"]).done
    with pytest.raises(SystemExit):
        recipes.parse_subcommands([])


def test_positive_integers() -> None:
    assert recipes.positive_int("3") == 3
    for broken in ("0", "-1", "x"):
        with pytest.raises(argparse.ArgumentTypeError):
            recipes.positive_int(broken)


def test_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, "a", "b")
    assert list(recipes.input_lines([])) == ["a", "b"]
    (tmp_path / "x").write_text("c\nd")
    assert list(recipes.input_lines([tmp_path / "x", tmp_path / "x"])) == ["c", "d"] * 2


def test_questions(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    answer(monkeypatch, "perhaps", "YES", "n", "")
    assert recipes.confirm("Go on?")
    assert not recipes.confirm("Go on?", default=True)
    assert recipes.confirm("Go on?", default=True)
    assert "Please answer yes or no." in capsys.readouterr().out
    answer(monkeypatch, "0", "x", "3", "2")
    assert recipes.choose("Which?", ["red", "green"]) == "green"


def test_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = iter(["a", "b", "", "c", "c"])
    monkeypatch.setattr(getpass, "getpass", lambda _: next(entries))
    assert recipes.ask_new_password() == "c"


def test_progress(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(recipes.progress_bar(["a", "b"], width=4)) == ["a", "b"]
    assert capsys.readouterr().err == "\r[    ] 0/2\r[##  ] 1/2\r[####] 2/2\n"
    assert list(recipes.progress_bar([])) == []


def test_tables() -> None:
    table = recipes.format_table(["name", "n"], [["apple", 5], ["fig", 12]])
    assert table.splitlines() == ["name   n", "-----  --", "apple   5", "fig    12"]
    assert recipes.format_table(["a"], []) == "a\n-"


def test_colors(monkeypatch: pytest.MonkeyPatch) -> None:
    assert recipes.colored("hi", "red") == "hi"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert recipes.colored("hi", "red") == "\x1b[31mhi\x1b[0m"
    monkeypatch.setenv("NO_COLOR", "1")
    assert recipes.colored("hi", "red") == "hi"


def test_terminal_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "5")
    assert [recipes.fit_to_terminal(line) for line in ("12345", "123456")] == ["12345", "1234…"]


def test_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    def fail(error: BaseException) -> None:
        raise error

    assert recipes.run_main(lambda: None) == 0
    assert recipes.run_main(lambda: 3) == 3
    assert recipes.run_main(lambda: fail(KeyboardInterrupt())) == 130
    assert recipes.run_main(lambda: fail(ValueError("bad port"))) == 1
    assert capsys.readouterr().err == "error: bad port\n"
    with pytest.raises(TypeError):
        recipes.run_main(lambda: fail(TypeError()))


def test_a_closed_pipe_is_no_error() -> None:
    code = "import sys; from dowse.context.cookbook.python.command_line import run_main; "
    code += "sys.exit(run_main(lambda: print('x' * 10**6, flush=True)))"
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.run([sys.executable, "-c", code], stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert (process.returncode, process.stderr) == (141, b"")
