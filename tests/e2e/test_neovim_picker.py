"""Looking at hits in Neovim before one is inserted: candidates, search while typing, reasons."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from .person import CODE, MAIN, Person, small_project
from .test_neovim import BRANCHES, NEWLINES

pytestmark = pytest.mark.editor

AT_THE_MARGIN = "│ def retry_request(url, attempts):"
"""How the code starts in the preview."""
FETCH = "def fetch(url):"


@BRANCHES
@NEWLINES
def test_candidates_are_looked_at_and_one_is_inserted(
    branch: str, newline: str, sits_down: Callable[..., Person], tmp_path: Path
) -> None:
    file = small_project(tmp_path, newline)
    person = sits_down(branch)
    person.opens(file)
    person.presses("5G<Space>c")
    person.sees(AT_THE_MARGIN)
    person.sees("2 hits by words only")
    person.sees("│ workspace · no licence stated")
    person.sees("│ Words: retry, a, request.")
    assert "network/requests.py:4" in person.row_with("2 hits")
    person.presses("<CR>")
    person.waits_for(lambda: person.buffer[5 : 5 + len(CODE)] == CODE, "the code")
    assert (person.mode, person.cursor) == ("n", (5 + len(CODE), len(CODE[-1]) - 1))
    person.no_longer_sees("<CR> insert")
    lines = MAIN.splitlines()
    expected = [*lines[:5], *CODE, *lines[5:]]
    assert person.writes(file) == "".join(f"{row}{newline}" for row in expected).encode()
    person.presses("u")
    person.waits_for(lambda: person.buffer == lines, "the text of before")


def test_the_preview_follows_the_cursor(sits_down: Callable[..., Person], tmp_path: Path) -> None:
    person = sits_down()
    person.opens(small_project(tmp_path))
    person.presses("5G<Space>c")
    person.sees(AT_THE_MARGIN)
    person.presses("j")
    person.no_longer_sees(AT_THE_MARGIN)
    person.presses("k")
    person.sees(AT_THE_MARGIN)
    person.presses("<Esc>")
    person.no_longer_sees("<CR> insert")
    assert person.buffer == MAIN.splitlines()


def test_the_source_of_a_candidate_is_opened(
    sits_down: Callable[..., Person], tmp_path: Path
) -> None:
    file = small_project(tmp_path)
    person = sits_down()
    person.opens(file)
    person.presses("5G<Space>c")
    person.sees(AT_THE_MARGIN)
    person.presses("o")
    source = str(file.parent / "network" / "requests.py")
    person.waits_for(lambda: person.nvim.current.buffer.name == source, "the source")
    assert person.cursor == (4, 0)
    person.presses("<C-o>")
    person.waits_for(lambda: person.nvim.current.buffer.name == str(file), "the way back")


@BRANCHES
def test_code_is_found_while_words_are_typed(
    branch: str, sits_down: Callable[..., Person], tmp_path: Path
) -> None:
    person = sits_down(branch)
    person.opens(small_project(tmp_path))
    person.presses("3G<Space>f")
    person.sees("Say what the code does.")
    person.presses("spell a number")
    person.sees("│ def roman_numeral(value):")
    person.presses("<C-u>retry a request")
    person.sees("│ def retry_request(url, attempts):")
    person.presses("<CR>")
    person.waits_for(lambda: "def retry_request(url, attempts):" in person.buffer, "the code")
    assert person.buffer[2] == "def retry_request(url, attempts):"  # in place of the blank line
    assert person.buffer[2 + len(CODE)] == FETCH
    assert (person.mode, person.cursor[0]) == ("n", 2 + len(CODE))


def test_a_search_starts_with_the_words_of_the_command(
    sits_down: Callable[..., Person], tmp_path: Path
) -> None:
    person = sits_down()
    person.opens(small_project(tmp_path))
    person.presses(":Dowse find spell a number<CR>")
    person.sees("│ def roman_numeral(value):")
    person.presses("<C-n><C-p><Esc>")
    person.no_longer_sees("<CR> insert")
    assert person.buffer == MAIN.splitlines()


def test_a_search_without_hits_says_so(sits_down: Callable[..., Person], tmp_path: Path) -> None:
    person = sits_down()
    person.opens(small_project(tmp_path))
    person.presses(":Dowse find xylophone<CR>")
    person.sees("│ Nothing found.")


def test_code_like_the_selection_is_found(sits_down: Callable[..., Person], tmp_path: Path) -> None:
    file = small_project(tmp_path)
    file.write_text(f"{MAIN}\n\ndef again(url, attempts):\n    return send(url, pause=attempts)\n")
    person = sits_down()
    person.opens(file)
    person.presses("9GVj<Space>l")
    row = person.row_with("│ retry_request ")
    assert "requests.py:4" in row
    assert "│ again " not in person.screen.text  # it does not find itself


@BRANCHES
def test_the_hits_are_explained(
    branch: str, sits_down: Callable[..., Person], tmp_path: Path
) -> None:
    person = sits_down(branch)
    person.opens(small_project(tmp_path))
    person.presses("5G<Space>e")
    person.sees("found by words only")
    person.sees("│retry_request ")
    person.sees("│  Words: retry, a, request.")
    person.presses("1G")
    person.no_longer_sees("│retry_request ")
    person.presses(":Dowse explain<CR>")
    person.sees("dowse: no find comment is here; write one: # find: parse an ISO date")


def test_the_hits_are_chosen_by_vim_ui_select(
    sits_down: Callable[..., Person], tmp_path: Path
) -> None:
    """Chosen from Neovim's own list, looked at, and only then inserted."""
    person = sits_down(picker="select")
    person.opens(small_project(tmp_path))
    person.presses("5G<Space>c")
    person.sees("1: retry_request  network/requests.py:4")
    person.presses("1<CR>")
    person.sees(AT_THE_MARGIN)
    assert person.buffer == MAIN.splitlines()
    person.presses("<CR>")
    person.waits_for(lambda: person.buffer[5 : 5 + len(CODE)] == CODE, "the code")


def test_words_are_asked_for_where_the_picker_cannot_follow_them(
    sits_down: Callable[..., Person], tmp_path: Path
) -> None:
    person = sits_down(picker="select")
    person.opens(small_project(tmp_path))
    person.presses("3G<Space>f")
    person.sees("Find code:")
    person.presses("retry a request<CR>")
    person.sees("1: retry_request  network/requests.py:4")
    person.presses("<CR>")
    person.no_longer_sees("1: retry_request")
    assert person.buffer == MAIN.splitlines()


def with_snacks(person: Person) -> Person:
    found = find_spec("nvim_zsh_profile")
    if found is None or not found.submodule_search_locations:
        pytest.fail("snacks.nvim is missing: run tests/e2e/install.sh")
    folder = Path(found.submodule_search_locations[0], "assets", "nvim-lazy", "snacks.nvim")
    person.lua("vim.opt.runtimepath:append(...)", str(folder))
    return person


@BRANCHES
def test_candidates_are_looked_at_in_snacks(
    branch: str, sits_down: Callable[..., Person], tmp_path: Path
) -> None:
    person = with_snacks(sits_down(branch, picker="snacks"))
    person.opens(small_project(tmp_path))
    person.presses("5G<Space>c")
    person.sees("│ retry_request  network/requests.py:4")
    person.sees("- workspace · no licence stated")
    person.sees("def retry_request(url, attempts):")
    assert person.buffer == MAIN.splitlines()
    person.presses("<CR>")
    person.waits_for(lambda: person.buffer[5 : 5 + len(CODE)] == CODE, "the code")


def test_code_is_found_in_snacks_while_words_are_typed(
    sits_down: Callable[..., Person], tmp_path: Path
) -> None:
    file = small_project(tmp_path)
    person = with_snacks(sits_down(picker="snacks"))
    person.opens(file)
    person.presses("3G<Space>f")
    person.sees("Find code")
    person.presses("spell a number")
    person.sees("def roman_numeral(value):")
    person.presses("<C-u>retry a request")
    person.sees("def retry_request(url, attempts):")
    person.presses("<C-o>")
    source = str(file.parent / "network" / "requests.py")
    person.waits_for(lambda: person.nvim.current.buffer.name == source, "the source")


def test_a_picker_that_is_not_installed_is_told_and_replaced(
    sits_down: Callable[..., Person], tmp_path: Path
) -> None:
    person = sits_down(picker="telescope")
    person.opens(small_project(tmp_path))
    person.presses("5G<Space>c")
    person.sees(AT_THE_MARGIN)
    person.sees("dowse: the picker telescope is not installed; dowse's own is shown")
