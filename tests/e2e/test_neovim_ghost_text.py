"""Ghost text in Neovim below 0.12: seen on the screen, accepted by a key, taken back by one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .person import CODE, COMMENT, MAIN, Person, small_project
from .test_neovim import BRANCHES, NEWLINES

pytestmark = pytest.mark.editor

SEEN = "        if send(url, pause=2**attempt):"
"""A line of the code, as it stands on the screen and in no other place of it."""


@BRANCHES
@NEWLINES
def test_it_is_shown_below_the_comment_and_accepted(
    branch: str, newline: str, sits_down: Callable[..., Person], tmp_path: Path
) -> None:
    file = small_project(tmp_path, newline)
    person = sits_down(branch)
    person.opens(file)
    person.presses("5GA")
    person.sees(SEEN)
    assert CODE[0] not in person.buffer
    rows = person.screen.text.splitlines()
    assert rows[4].endswith("# find: retry a request")
    assert rows[5:7] == CODE[:2]
    person.presses("<C-l>")
    person.waits_for(lambda: person.buffer[5 : 5 + len(CODE)] == CODE, "the code")
    assert (person.mode, person.cursor) == ("i", (5 + len(CODE), len(CODE[-1])))
    lines = MAIN.splitlines()
    expected = [*lines[:5], *CODE, *lines[5:]]
    assert person.writes(file) == "".join(f"{row}{newline}" for row in expected).encode()


def test_one_undo_takes_the_code_back_and_leaves_what_was_typed(
    sits_down: Callable[..., Person], tmp_path: Path
) -> None:
    person = sits_down()
    person.opens(small_project(tmp_path))
    person.presses(f"5Gdd:set nohlsearch<CR>4Go{COMMENT}")
    person.sees(SEEN)
    person.presses("<C-l>")
    person.waits_for(lambda: CODE[0] in person.buffer, "the code")
    person.presses("<CR># typed after it<Esc>u")
    person.waits_for(lambda: "# typed after it" not in person.buffer, "the text of before")
    assert CODE[0] in person.buffer
    person.presses("u")
    person.waits_for(lambda: CODE[0] not in person.buffer, "the text of before")
    assert person.buffer == MAIN.splitlines()


def test_on_the_blank_line_below_the_code_takes_its_place(
    sits_down: Callable[..., Person], tmp_path: Path
) -> None:
    person = sits_down()
    person.opens(small_project(tmp_path))
    person.presses("5Go")
    person.sees(SEEN)
    person.presses("<C-l>")
    person.waits_for(lambda: CODE[0] in person.buffer, "the code")
    rows = MAIN.splitlines()
    assert person.buffer == [*rows[:5], *CODE, *rows[5:]]
    person.presses("<Esc>u")
    person.waits_for(lambda: person.buffer == [*rows[:5], "", *rows[5:]], "the blank line")


def test_it_goes_with_insert_mode_and_stays_while_words_are_typed(
    sits_down: Callable[..., Person], tmp_path: Path
) -> None:
    person = sits_down()
    person.opens(small_project(tmp_path))
    person.presses("5GA")
    person.sees(SEEN)
    person.presses(" again")
    person.sees("a request again")
    person.sees(SEEN)
    person.presses("<Esc>")
    person.no_longer_sees(SEEN)


def test_without_it_the_key_does_nothing(sits_down: Callable[..., Person], tmp_path: Path) -> None:
    person = sits_down()
    person.opens(small_project(tmp_path))
    person.presses("4GA<C-l>")
    assert person.lua("return require('dowse').accept()") is False
    assert person.buffer == MAIN.splitlines()


def test_another_hit_is_shown_and_counted(sits_down: Callable[..., Person], tmp_path: Path) -> None:
    file = small_project(tmp_path)
    (file.parent / "more.py").write_text("def retry_once(request):\n    return request()\n")
    person = sits_down(settings={"maxResults": 2})
    person.opens(file)
    person.presses("5GA")
    person.sees(SEEN)
    person.presses("<C-j>")
    person.sees("def retry_once(request):")
    assert "  2/2" in person.row_with("# find: ")
    person.presses("<C-k>")
    person.sees(SEEN)
    assert "  1/2" in person.row_with("# find: ")


def test_long_code_is_shown_in_part_and_inserted_whole(
    sits_down: Callable[..., Person], tmp_path: Path
) -> None:
    person = sits_down(ghost_text={"max_lines": 3})
    person.opens(small_project(tmp_path))
    person.presses("5GA")
    person.sees(f"… {len(CODE) - 3} more lines")
    assert SEEN not in person.screen.text
    person.presses("<C-l>")
    person.waits_for(lambda: CODE[-1] in person.buffer, "the code")


@pytest.mark.parametrize(
    "options",
    [{"ghost_text": False}, {"settings": {"disabledLanguages": ["python"]}}],
    ids=["option", "language"],
)
def test_it_can_be_switched_off(
    options: dict[str, object], sits_down: Callable[..., Person], tmp_path: Path
) -> None:
    person = sits_down(**options)
    person.opens(small_project(tmp_path))
    person.presses("5GA")
    person.sees("-- INSERT --")
    offered = person.lua(_ACTIONS)  # the server has answered by now, whatever ghost text asked
    assert SEEN not in person.screen.text
    assert (offered == 0) == ("settings" in options)


_ACTIONS = """
local client = require("dowse.client").get(0)
local params = vim.lsp.util.make_range_params(0, client.offset_encoding)
params.context = { diagnostics = {} }
local answer = client:request_sync("textDocument/codeAction", params, 60000, 0)
return #(answer.result or {})
"""
