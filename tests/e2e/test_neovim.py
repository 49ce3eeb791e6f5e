"""Neovim, by the protocol and by the keys that a person presses: actions and completions."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .person import CODE, MAIN, Person, command, small_project
from .support import COMMENT, EDITORS, HERE, Sample, environment, run

pytestmark = pytest.mark.editor

BRANCHES = pytest.mark.parametrize("branch", ["enable", "start"])
"""How the server is started: as 0.11 can, and as 0.10 has to."""
NEWLINES = pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])


@NEWLINES
def test_an_action_by_the_protocol(newline: str, tmp_path: Path) -> None:
    """Without the plugin's own start: the server is enabled as any other is."""
    sample = Sample.make(tmp_path, newline)
    original, place = sample.file.read_bytes().decode(), sample.place
    report = tmp_path / "report.json"
    given = {
        "DOWSE_FILE": str(sample.file),
        "DOWSE_COMMENT": COMMENT,
        "DOWSE_REPORT": str(report),
        "DOWSE_PLUGIN": str(EDITORS / "neovim"),
        "DOWSE_OPTIONS": json.dumps({"autostart": False}),
    }
    script = f"luafile {HERE / 'neovim' / 'protocol.lua'}"
    run([*command(), "-c", script], {**environment(tmp_path), **given}, tmp_path)
    seen = json.loads(report.read_text())
    assert seen["encoding"] == "utf-8"
    assert len(seen["titles"]) == 4  # three insertions, as the session's settings say
    assert sample.file.read_bytes() == sample.expected(original, place, seen["titles"][0])


def takes_the_first_action(person: Person) -> str:
    """Open the menu by its key, choose, wait for the code; the title that was chosen."""
    before = len(person.buffer)
    person.presses("gra")
    person.sees("4: Open source: ")
    row = next(row for row in person.screen.text.splitlines() if row.startswith("1: "))
    person.presses("1<CR>")
    person.waits_for(lambda: len(person.buffer) > before, "the code")
    return row.removeprefix("1: ")


@BRANCHES
@NEWLINES
def test_an_action_by_keys(
    branch: str, newline: str, sits_down: Callable[..., Person], tmp_path: Path
) -> None:
    sample = Sample.make(tmp_path, newline)
    original, place = sample.file.read_bytes().decode(), sample.place
    person = sits_down(branch)
    person.opens(sample.file)
    assert person.lua("return #vim.lsp.get_clients()") == 1
    person.presses(f"gg/^    return <CR>O{COMMENT}<Esc>")
    title = takes_the_first_action(person)
    assert title.endswith("(words only)")
    assert person.writes(sample.file) == sample.expected(original, place, title)


def test_an_action_by_keys_once_the_model_has_read_everything(
    sits_down: Callable[..., Person], tmp_path: Path
) -> None:
    sample = Sample.make(tmp_path, path="iniconfig/_parse.py")
    original, place = sample.file.read_bytes().decode(), sample.place
    person = sits_down(settings={"vectors": True})
    person.opens(sample.file)
    person.waits_for(lambda: person.status()["tier"] == "full", "the tier `full`")
    person.presses(f"gg/^    return <CR>O{COMMENT}<Esc>")
    title = takes_the_first_action(person)
    assert not title.endswith("(words only)")
    assert person.writes(sample.file) == sample.expected(original, place, title)


def test_one_undo_takes_an_action_back(sits_down: Callable[..., Person], tmp_path: Path) -> None:
    person = sits_down(settings={"maxResults": 1})
    person.opens(small_project(tmp_path))
    before = person.buffer
    person.presses("5Ggra")
    person.sees("2: Open source: ")
    person.presses("1<CR>")
    person.waits_for(lambda: CODE[0] in person.buffer, "the code")
    person.presses("u")
    person.waits_for(lambda: person.buffer == before, "the text of before")


@BRANCHES
@NEWLINES
def test_a_completion_by_keys(
    branch: str, newline: str, sits_down: Callable[..., Person], tmp_path: Path
) -> None:
    """The menu shows what was found, and all of its code is inserted, not its first word."""
    file = small_project(tmp_path, newline)
    person = sits_down(branch, ghost_text=False)
    person.opens(file)
    person.presses("5GA<C-x><C-o>")
    person.sees("network/requests.py:4")
    person.presses("<C-n><C-y>")
    person.waits_for(lambda: person.buffer[5 : 5 + len(CODE)] == CODE, "the code")
    assert person.cursor == (5 + len(CODE), len(CODE[-1]))
    person.presses("<Esc>u")
    person.waits_for(lambda: person.buffer == MAIN.splitlines(), "the text of before")
    person.presses("<C-r>")
    person.waits_for(lambda: CODE[0] in person.buffer, "the code again")
    rows = MAIN.splitlines()
    expected = [*rows[:5], *CODE, *rows[5:]]
    assert person.writes(file) == "".join(f"{row}{newline}" for row in expected).encode()


def test_a_completion_that_is_given_up_leaves_the_text(
    sits_down: Callable[..., Person], tmp_path: Path
) -> None:
    file = small_project(tmp_path)
    person = sits_down(ghost_text=False)
    person.opens(file)
    person.presses("5GA<C-x><C-o>")
    person.sees("network/requests.py:4")
    person.presses("<C-n><C-e>")
    person.no_longer_sees("network/requests.py:4")
    assert person.writes(file) == MAIN.encode()
