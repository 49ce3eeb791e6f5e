from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dowse.context.cookbook.python import subprocesses as recipes


def python(code: str) -> list[str]:
    return [sys.executable, "-S", "-c", code]


def test_output_and_failure(tmp_path: Path) -> None:
    out = recipes.run_command(python("import os; print(os.getcwd())"), tmp_path)
    assert Path(out.strip()).samefile(tmp_path)
    with pytest.raises(RuntimeError, match=r"failed \(3\): oh"):
        recipes.run_command(python("import sys; sys.stderr.write('oh'); sys.exit(3)"))
    with pytest.raises(subprocess.TimeoutExpired):
        recipes.run_command(python("import time; time.sleep(60)"), timeout=0.2)


def test_input_and_environment() -> None:
    upper = python("import sys; print(sys.stdin.read().upper())")
    assert recipes.run_with_input(upper, "ä\n") == "Ä\n\n"
    check = python("import os, sys; sys.exit(int(os.environ['CODE']) + ('PATH' not in os.environ))")
    assert recipes.run_with_environment(check, {"CODE": "5"}) == 5


def test_lines_and_pipes() -> None:
    lines = recipes.output_lines(python("print('a'); print('b'); raise SystemExit(2)"))
    assert [next(lines), next(lines)] == ["a", "b"]
    with pytest.raises(subprocess.CalledProcessError):
        next(lines)
    count = python("import sys; print(len(sys.stdin.read()))")
    assert recipes.run_pipeline(python("print('abc')"), count).strip() == "4"
    with pytest.raises(subprocess.CalledProcessError):
        recipes.run_pipeline(python("raise SystemExit(1)"), count)


def test_stopping() -> None:
    assert recipes.run_and_kill_group(python("pass"), 30) == 0
    assert recipes.run_and_kill_group(python("import time; time.sleep(60)"), 0.1) is None
    with subprocess.Popen(python("import time; time.sleep(60)")) as process:
        assert recipes.stop_process(process) != 0
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); "
    with subprocess.Popen(python(deaf + "time.sleep(60)"), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert recipes.stop_process(process, patience=0.1) == -9


def test_background(tmp_path: Path) -> None:
    process = recipes.start_in_background(python("print('hello')"), tmp_path / "log")
    assert process.wait(30) == 0
    assert (tmp_path / "log").read_text().strip() == "hello"


def test_programs_are_found() -> None:
    assert Path(recipes.require_program("sh")).is_absolute()
    with pytest.raises(RuntimeError, match="no-such-program is not installed"):
        recipes.require_program("no-such-program")


async def test_async_commands() -> None:
    code, out, err = await recipes.run_command_async(*python("print('a'); raise SystemExit('b')"))
    assert (code, out.strip(), err.strip()) == (1, "a", "b")
    with pytest.raises(TimeoutError):
        await recipes.run_command_async(*python("import time; time.sleep(60)"), timeout=0.1)
