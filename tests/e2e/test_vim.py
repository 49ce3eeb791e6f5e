"""Vim with ALE, which asks for no edit later: a person in a terminal chooses an action."""

from __future__ import annotations

import os
import pty
import select
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from .person import CODE, MAIN, small_project
from .support import EDITORS, HERE, environment, program

pytestmark = pytest.mark.editor

ALE = Path("/usr/share/vim-ale")
_PATIENCE = 120.0
_PAUSE = 1.0


class Terminal:
    """Vim in a terminal of its own: keys go in, and what is drawn is kept."""

    def __init__(self, arguments: list[str], environment: dict[str, str]) -> None:
        self.drawn = ""
        self._process_id, self._terminal = pty.fork()
        if self._process_id == 0:
            os.execvpe(arguments[0], arguments, environment)

    def presses(self, keys: str) -> None:
        os.write(self._terminal, keys.encode())

    def looks(self, seconds: float) -> None:
        """Take what is drawn within this time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self._terminal], [], [], left)[0]:
                with suppress(OSError):  # the end of Vim
                    self.drawn += os.read(self._terminal, 65_536).decode("utf-8", "replace")

    def leaves(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._process_id, signal.SIGKILL)
        os.waitpid(self._process_id, 0)
        os.close(self._terminal)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return small_project(tmp_path)


@pytest.fixture
def vim(tmp_path: Path, file: Path) -> Iterator[Terminal]:
    if not ALE.is_dir():
        pytest.fail("ALE is missing: run tests/e2e/install.sh")
    (tmp_path / "home").mkdir()
    variables = {**environment(tmp_path), "TERM": "xterm", "DOWSE_EDITORS": str(EDITORS)}
    rc = str(HERE / "vim" / "vimrc")
    terminal = Terminal([program("vim"), "-Nn", "-u", rc, "-i", "NONE", str(file)], variables)
    yield terminal
    terminal.leaves()


def test_an_action_in_ale(vim: Terminal, file: Path) -> None:
    vim.looks(_PAUSE)
    end = time.monotonic() + _PATIENCE
    while (
        "1) Insert: retry_request" not in vim.drawn
    ):  # until the server runs and has read the folder
        assert time.monotonic() < end, vim.drawn
        vim.presses("\x1b:5\r:ALECodeAction\r")
        vim.looks(_PAUSE)
    vim.presses("1\r")
    vim.looks(_PAUSE)
    vim.presses("\x1b:w\r")
    rows = MAIN.splitlines()
    expected = "".join(f"{row}\n" for row in [*rows[:5], *CODE, *rows[5:]])
    while file.read_text() != expected:
        assert time.monotonic() < end, file.read_text()
        vim.looks(_PAUSE)
