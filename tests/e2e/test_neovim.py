"""Neovim, by the protocol and by the keys that a person presses."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import pytest

from .support import COMMENT, EDITORS, HERE, Sample, environment, program, run

pytestmark = pytest.mark.editor
T = TypeVar("T")

COLUMNS, ROWS = 120, 40
_PATIENCE = 120.0
_POLL = 0.02


def _command() -> list[str]:
    runtime = f"set runtimepath^={EDITORS / 'neovim'}"
    return [program("nvim"), "--headless", "-u", "NONE", "-i", "NONE", "-n", "--cmd", runtime]


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_an_action_by_the_protocol(newline: str, tmp_path: Path) -> None:
    sample = Sample.make(tmp_path, newline)
    original, place = sample.file.read_bytes().decode(), sample.place
    report = tmp_path / "report.json"
    given = {
        "DOWSE_FILE": str(sample.file),
        "DOWSE_COMMENT": COMMENT,
        "DOWSE_REPORT": str(report),
    }
    script = f"luafile {HERE / 'neovim' / 'protocol.lua'}"
    command = [*_command(), "--cmd", "filetype on", "-c", script]
    run(command, {**environment(tmp_path), **given}, tmp_path)
    seen = json.loads(report.read_text())
    assert seen["encoding"] == "utf-8"
    assert len(seen["titles"]) == 4  # three insertions, as the session's settings say
    assert sample.file.read_bytes() == sample.expected(original, place, seen["titles"][0])


class Screen:
    """The grid of characters that a person would see."""

    def __init__(self) -> None:
        self._rows = [[" "] * COLUMNS for _ in range(ROWS)]

    def redraw(self, events: list[Any]) -> None:
        for name, *calls in events:
            for call in calls:
                getattr(self, f"_{name}", lambda *_: None)(*call)

    def _grid_line(self, grid: int, row: int, column: int, cells: list[Any], *_: Any) -> None:
        for text, *more in cells:
            for _repeat in range(more[1] if len(more) > 1 else 1):
                self._rows[row][column] = text
                column += 1

    def _grid_clear(self, grid: int) -> None:
        self._rows = [[" "] * COLUMNS for _ in range(ROWS)]

    def _grid_scroll(
        self, grid: int, top: int, bottom: int, left: int, right: int, rows: int, columns: int
    ) -> None:
        kept = [row[left:right] for row in self._rows]
        for row in range(max(top, top - rows), min(bottom, bottom - rows)):
            self._rows[row][left:right] = kept[row + rows]

    @property
    def text(self) -> str:
        return "\n".join("".join(row).rstrip() for row in self._rows)


class Person:
    """Somebody at an embedded Neovim: presses keys, looks at the screen, waits."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        import pynvim

        for name, value in environment(folder).items():
            monkeypatch.setenv(name, value)
        (folder / "home").mkdir()
        self.nvim = pynvim.attach("child", argv=[*_command(), "--embed"])
        self.screen = Screen()
        # a connection of its own keeps what is drawn apart from what is asked
        self._ui = pynvim.attach("socket", path=self.nvim.eval("serverstart()"))
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        def attach() -> None:
            self._ui.ui_attach(COLUMNS, ROWS, rgb=True, ext_linegrid=True)

        def notified(name: str, events: list[Any]) -> None:
            if name == "redraw":
                self.screen.redraw(events)

        with suppress(OSError, EOFError):  # the end of Neovim
            self._ui.run_loop(lambda *_: None, notified, setup_cb=attach)

    def presses(self, keys: str) -> None:
        self.nvim.input(keys)

    def waits_for(self, look: Callable[[], T], what: str) -> T:
        end = time.monotonic() + _PATIENCE
        while not (seen := look()):
            assert time.monotonic() < end, f"{what} did not come:\n{self.screen.text}"
            time.sleep(_POLL)
        return seen

    def sees(self, text: str) -> None:
        self.waits_for(lambda: text in self.screen.text, repr(text))

    def opens(self, file: Path, settings: dict[str, Any]) -> None:
        self.nvim.command("filetype on")
        self.nvim.command("set hidden completeopt=menuone,noselect nofixendofline noautoindent")
        configure = "vim.lsp.config('dowse', {settings = {dowse = ...}}); vim.lsp.enable('dowse')"
        self.nvim.exec_lua(configure, settings)
        self.nvim.command(f"edit {file}")
        self.waits_for(lambda: self.status().get("files"), "the index")
        self.waits_for(lambda: not self.status()["indexing"], "the end of indexing")
        assert self.nvim.exec_lua("return #vim.lsp.get_clients()") == 1

    def status(self) -> dict[str, Any]:
        return dict(self.nvim.exec_lua(_STATUS) or {})

    def takes_the_first_action(self) -> str:
        """Open the menu by its key, choose, wait for the code; the title that was chosen."""
        before = len(self.nvim.current.buffer)
        self.presses("gra")
        self.sees("4: Open source: ")
        row = next(row for row in self.screen.text.splitlines() if row.startswith("1: "))
        self.presses("1<CR>")
        self.waits_for(lambda: len(self.nvim.current.buffer) > before, "the code")
        return row.removeprefix("1: ")

    def writes(self, file: Path) -> bytes:
        self.presses("<Esc>:w<CR>")
        self.waits_for(lambda: not self.nvim.eval("&modified"), "the file on disk")
        return file.read_bytes()

    def leaves(self) -> None:
        with suppress(OSError, EOFError):  # it ends before it answers
            self.nvim.command("qall!")
        self.nvim.close()


_STATUS = """
local client = vim.lsp.get_clients({ name = "dowse", bufnr = 0 })[1]
if not (client and client.initialized) then return vim.empty_dict() end
local answer = client:request_sync("workspace/executeCommand", { command = "dowse.status" }, 60000)
return answer and answer.result or vim.empty_dict()
"""


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Person]:
    somebody = Person(tmp_path, monkeypatch)
    yield somebody
    somebody.leaves()


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_an_action_by_keys(newline: str, person: Person, tmp_path: Path) -> None:
    sample = Sample.make(tmp_path, newline)
    original, place = sample.file.read_bytes().decode(), sample.place
    person.opens(sample.file, {"vectors": False, "maxResults": 3})
    person.presses(f"gg/^    return <CR>O{COMMENT}<Esc>")
    title = person.takes_the_first_action()
    assert title.endswith("(words only)")
    assert person.writes(sample.file) == sample.expected(original, place, title)


def test_an_action_by_keys_once_the_model_has_read_everything(
    person: Person, tmp_path: Path
) -> None:
    sample = Sample.make(tmp_path, path="iniconfig/_parse.py")
    original, place = sample.file.read_bytes().decode(), sample.place
    person.opens(sample.file, {"maxResults": 3})
    person.waits_for(lambda: person.status()["tier"] == "full", "the tier `full`")
    person.presses(f"gg/^    return <CR>O{COMMENT}<Esc>")
    title = person.takes_the_first_action()
    assert not title.endswith("(words only)")
    assert person.writes(sample.file) == sample.expected(original, place, title)


def test_completion_by_keys(person: Person, tmp_path: Path) -> None:
    """The menu shows what was found; Neovim 0.11 itself takes one word of an item at most."""
    sample = Sample.make(tmp_path)
    original, place = sample.file.read_bytes().decode(), sample.place
    person.opens(sample.file, {"vectors": False, "maxResults": 3})
    person.presses(f"gg/^    return <CR>O{COMMENT}")
    person.presses("<C-x><C-o>")
    person.sees(".user_cache_dir")
    person.sees("platformdirs/")
    person.presses("<C-e>")
    expected = f"{original[:place]}{COMMENT}\n{original[place:]}"
    assert person.writes(sample.file) == expected.encode()
