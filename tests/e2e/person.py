"""Somebody at a real Neovim: presses keys, looks at the screen, waits."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from textwrap import indent
from typing import Any, TypeVar

import psutil

from ..server.support.samples import RETRY, SMALL, made
from .screen import Screen
from .support import EDITORS, HERE, environment, program

T = TypeVar("T")

PATIENCE = 120.0
_POLL = 0.02
_FAREWELL = 10.0

WORDS_ONLY = {"vectors": False, "sources": ["workspace"], "maxResults": 3}
"""Settings with which the small folder is answered at once."""
COMMENT = '    label = "𝄞🚀é"  # find: retry a request'
"""Text outside the BMP stands before the caret, where the encodings differ."""
MAIN = f"import network.requests\n\n\ndef fetch(url):\n{COMMENT}\n    return url\n"
CODE = [row.rstrip() for row in indent(RETRY, "    ").splitlines()]
"""What is found for the comment, as it stands under it."""

_STATUS = """
local dowse = require("dowse.client")
local client = dowse.get()
if not (client and client.initialized) then return vim.empty_dict() end
local params = { command = "dowse.status" }
-- a server that dies meanwhile never answers
local answer = dowse.call(client, "request_sync", "workspace/executeCommand", params, 5000, 0)
return answer and answer.result or vim.empty_dict()
"""


def command() -> list[str]:
    """Neovim with the plugin and an `init.lua` of its own, and nothing else of a person's."""
    script = HERE / "neovim" / "init.lua"
    return [program("nvim"), "--headless", "-u", str(script), "-i", "NONE", "-n"]


def small_project(folder: Path, newline: str = "\n", name: str = "project") -> Path:
    """The file in which a person writes, in a folder where `retry a request` has one answer."""
    files = {**SMALL, "main.py": MAIN.replace("\n", newline), ".git/HEAD": ""}
    return made(folder / name, files) / "main.py"


class Person:
    """Somebody at an embedded Neovim.

    Args:
        folder: where the home folder and the caches are.
        options: what `vim.g.dowse` is set to.
        given: variables of the environment; `DOWSE_BRANCH=start` takes from Neovim what 0.10 lacks.
        screen: what is drawn on.
    """

    def __init__(
        self,
        folder: Path,
        options: object = None,
        given: Mapping[str, str] | None = None,
        screen: Screen | None = None,
    ) -> None:
        import pynvim

        variables = {
            **environment(folder),
            "DOWSE_PLUGIN": str(EDITORS / "neovim"),
            "DOWSE_OPTIONS": json.dumps(options),
            **(given or {}),
        }
        (folder / "home").mkdir(exist_ok=True)
        set_ = [f"{name}={value}" for name, value in variables.items()]
        self.nvim = pynvim.attach("child", argv=["env", "-i", *set_, *command(), "--embed"])
        self.process_id = int(self.nvim.eval("getpid()"))
        self.screen = screen or Screen()
        # a connection of its own keeps what is drawn apart from what is asked
        self._ui = pynvim.attach("socket", path=self.nvim.eval("serverstart()"))
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        def attach() -> None:
            size = self.screen.columns, self.screen.rows
            self._ui.ui_attach(*size, rgb=True, ext_linegrid=True)

        def notified(name: str, events: list[Any]) -> None:
            if name == "redraw":
                self.screen.redraw(events)

        with suppress(OSError, EOFError):  # the end of Neovim
            self._ui.run_loop(lambda *_: None, notified, setup_cb=attach)

    # --- hands and eyes -----------------------------------------------------------------------

    def presses(self, keys: str) -> None:
        self.nvim.input(keys)

    def waits_for(self, look: Callable[[], T], what: str) -> T:
        end = time.monotonic() + PATIENCE
        while not (seen := look()):
            assert time.monotonic() < end, f"{what} did not come:\n{self.screen.text}"
            time.sleep(_POLL)
        return seen

    def sees(self, text: str) -> None:
        self.waits_for(lambda: text in self.screen.text, repr(text))

    def no_longer_sees(self, text: str) -> None:
        self.waits_for(lambda: text not in self.screen.text, f"the end of {text!r}")

    def row_with(self, text: str) -> str:
        self.sees(text)
        return next(row for row in self.screen.text.splitlines() if text in row)

    # --- files --------------------------------------------------------------------------------

    def opens(self, file: Path) -> None:
        """Open a file and wait until its folder is indexed."""
        self.nvim.command(f"edit {file}")
        self._opened = self.nvim.current.buffer
        self.waits_until_indexed()

    def waits_until_indexed(self) -> None:
        self.waits_for(lambda: self.status().get("files"), "the index")
        self.waits_for(lambda: not self.status()["indexing"], "the end of indexing")

    def status(self) -> dict[str, Any]:
        return dict(self.nvim.exec_lua(_STATUS) or {})

    def lua(self, code: str, *arguments: Any) -> Any:
        return self.nvim.exec_lua(code, *arguments)

    @property
    def buffer(self) -> list[str]:
        """The lines of the file that was opened last."""
        return list(self._opened)

    @property
    def cursor(self) -> tuple[int, int]:
        """Line from 1, byte from 0."""
        row, column = self.nvim.current.window.cursor
        return row, column

    @property
    def mode(self) -> str:
        return str(self.nvim.api.get_mode()["mode"])

    def writes(self, file: Path) -> bytes:
        self.presses("<Esc>:w<CR>")
        self.waits_for(lambda: not self.nvim.eval("&modified"), "the file on disk")
        return file.read_bytes()

    def leaves(self) -> None:
        """Leave whatever is asked, and Neovim."""
        with suppress(OSError, EOFError):  # it ends before it answers
            self.nvim.input("<C-c>")  # which throws away what is typed right after it
            time.sleep(_POLL)
            self.nvim.input("<C-\\><C-n>:qall!<CR>")
        end = time.monotonic() + _FAREWELL
        while _lives(self.process_id) and time.monotonic() < end:
            time.sleep(_POLL)
        with suppress(ProcessLookupError):
            os.kill(self.process_id, signal.SIGKILL)
        self.nvim.close()


def _lives(process_id: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(process_id).status() != psutil.STATUS_ZOMBIE
    return False
