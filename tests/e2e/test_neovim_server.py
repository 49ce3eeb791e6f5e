"""The server behind Neovim: killed, missing, restarted, in two folders, given odd options."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from dowse.model.registry import BUNDLED

from ..model.test_hub import FILE, REPO, serving
from .person import CODE, COMMENT, MAIN, WORDS_ONLY, Person, small_project
from .screen import Screen
from .test_neovim import BRANCHES
from .test_neovim_ghost_text import SEEN

pytestmark = pytest.mark.editor


def narrow() -> Screen:
    """A terminal of old, in which a long message waits for Enter and hides the next one."""
    return Screen(80, 24)


def servers(person: Person) -> list[psutil.Process]:
    """The language servers that are running for somebody."""
    return [each for each in psutil.Process(person.process_id).children() if _lives(each)]


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # it ended while somebody looked
        return False


_ASKED = "return next(vim.lsp.get_clients({ name = 'dowse' })[1].requests) ~= nil"


_SETTING = "return vim.lsp.get_clients({ name = 'dowse' })[1].settings.dowse[...]"


def kills_the_server(person: Person) -> None:
    for server in servers(person):
        with suppress(psutil.NoSuchProcess):
            server.kill()


@BRANCHES
def test_killed_in_mid_request_it_is_started_again(
    branch: str, sits_down: Callable[..., Person], tmp_path: Path
) -> None:
    person = sits_down(branch, narrow())
    person.opens(small_project(tmp_path))
    (server,) = servers(person)
    server.send_signal(signal.SIGSTOP)  # it takes the request and does not answer
    person.presses("5G<Space>c")
    person.waits_for(lambda: person.lua(_ASKED), "the request")
    server.kill()
    person.sees("dowse: the server stopped (signal 9) and is started again")
    assert "Client dowse quit" not in person.screen.text
    person.waits_until_indexed()  # which it could not be if a message waited for Enter
    assert [each.pid for each in servers(person)] != [server.pid]
    person.presses("5GA")
    person.sees(SEEN)


@BRANCHES
def test_dying_again_and_again_it_stays_off_until_it_is_asked_for(
    branch: str, sits_down: Callable[..., Person], tmp_path: Path
) -> None:
    person = sits_down(branch, narrow())
    person.opens(small_project(tmp_path))
    for _ in range(4):
        person.waits_for(lambda: servers(person), "the server")
        kills_the_server(person)
        person.waits_for(lambda: not servers(person), "its end")
    person.sees("dowse: the server stopped 4 times; :Dowse log, :Dowse restart")
    person.presses(":Dowse restart<CR>")
    person.waits_until_indexed()


def test_restarting_it_takes_new_options(sits_down: Callable[..., Person], tmp_path: Path) -> None:
    person = sits_down()
    person.opens(small_project(tmp_path))
    (before,) = servers(person)
    person.lua("vim.g.dowse = { settings = ... }", {**WORDS_ONLY, "word": "search"})
    person.presses(":Dowse restart<CR>")
    person.waits_for(lambda: not _lives(before), "its end")
    person.waits_until_indexed()
    person.presses("5G<Space>c")
    person.sees("dowse: no search comment is here; write one: # search: parse an ISO date")


def test_stopped_it_stays_off_and_a_search_starts_it(
    sits_down: Callable[..., Person], tmp_path: Path
) -> None:
    person = sits_down()
    person.opens(small_project(tmp_path))
    person.presses(":Dowse stop<CR>")
    person.waits_for(lambda: not servers(person), "its end")
    person.presses(f":edit {tmp_path}/project/network/requests.py<CR>")
    person.sees("import socket")
    assert not servers(person)
    person.presses(":Dowse find spell a number<CR>")
    person.waits_until_indexed()
    person.presses("s")
    person.sees("│ def roman_numeral(value):")


@BRANCHES
def test_missing_it_is_told_what_to_do(
    branch: str, sits_down: Callable[..., Person], tmp_path: Path
) -> None:
    person = sits_down(branch, cmd=["/nowhere/dowse", "serve"])
    file = small_project(tmp_path)
    person.presses(f":edit {file}<CR>")
    told = "dowse: there is no program /nowhere/dowse (:help dowse-install)"
    person.sees(told)
    person.presses(":echo<CR>")
    person.no_longer_sees(told)
    person.presses(":Dowse candidates<CR>")
    person.sees(told)
    person.presses(":Dowse find words<CR>")
    person.sees("│ there is no program /nowhere/dowse (:help dow")


@BRANCHES
def test_two_folders_share_one_server(
    branch: str, sits_down: Callable[..., Person], tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    small_project(first)
    (second / ".git").mkdir(parents=True)
    other = second / "other.py"
    other.write_text(f"def fetch(url):\n{COMMENT}\n    return url\n")
    person = sits_down(branch)
    person.opens(first / "project" / "main.py")
    person.opens(other)
    person.waits_for(lambda: len(person.status()["folders"]) == 2, "the second folder")
    assert len(servers(person)) == 1
    person.waits_until_indexed()
    person.presses("2G<Space>c")
    person.sees("│ def retry_request(url, attempts):")
    person.presses("<CR>")
    person.waits_for(lambda: person.buffer[2 : 2 + len(CODE)] == CODE, "the code")


def test_options_that_cannot_be_used_are_told(
    sits_down: Callable[..., Person], tmp_path: Path
) -> None:
    person = sits_down(ghost_text={"delay": "soon"}, colour="red")
    person.presses(f":edit {small_project(tmp_path)}<CR>")
    wrong = 'vim.g.dowse.ghost_text.delay must be a whole number from 0, not "soon"'
    person.sees(f"dowse: {wrong} (1 more, :checkhealth dowse)")
    person.waits_for(lambda: servers(person), "the server, all the same")
    person.presses("<CR>:checkhealth dowse<CR>")
    person.sees(wrong)
    person.sees("there is no vim.g.dowse.colour; there are autostart, cmd, ghost_text, picker,")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("3", "dowse: vim.g.dowse must be a table or a function, not 3"),
        ("function() error('no such team') end", "dowse: the function in vim.g.dowse failed: "),
        ("function() return { autostart = 1 } end", "vim.g.dowse.autostart must be true or false"),
    ],
)
def test_odd_values_of_the_whole_are_told(
    given: str, told: str, sits_down: Callable[..., Person], tmp_path: Path
) -> None:
    person = sits_down()
    person.lua(f"vim.g.dowse = {given}")
    person.presses(f":edit {small_project(tmp_path)}<CR>")
    person.sees(told)


def test_a_function_gives_the_options(sits_down: Callable[..., Person], tmp_path: Path) -> None:
    person = sits_down()
    person.lua(
        "local settings = ...; vim.g.dowse = function() return { settings = settings } end",
        {**WORDS_ONLY, "maxResults": 1},
    )
    person.opens(small_project(tmp_path))
    person.presses("5G<Space>c")
    person.sees("1 hit by words only")


@BRANCHES
def test_health_is_checked(branch: str, sits_down: Callable[..., Person], tmp_path: Path) -> None:
    person = sits_down(branch)
    person.opens(small_project(tmp_path))
    person.presses(":checkhealth dowse<CR>")
    person.sees(f"started by vim.lsp.{branch}")
    person.sees("OK every option can be used")
    person.sees("OK the server runs")
    person.sees("answers  found by words only")
    assert "ERROR" not in person.screen.text
    assert "WARNING" not in person.screen.text


def test_status_is_shown(sits_down: Callable[..., Person], tmp_path: Path) -> None:
    person = sits_down()
    file = small_project(tmp_path)
    person.opens(file)
    person.presses(":Dowse status<CR>")
    person.sees("│answers  found by words only")
    person.sees("│index    3 snippets in 3 files")
    person.sees(f"│folder   {file.parent}")
    line = "return require('dowse').status()"
    person.waits_for(lambda: person.lua(line) == "dowse (words only)", "the status line")


def test_the_command_is_completed_and_explains_itself(
    sits_down: Callable[..., Person], tmp_path: Path
) -> None:
    person = sits_down()
    complete = "return vim.fn.getcompletion(..., 'cmdline')"
    assert person.lua(complete, "Dowse re") == ["restart"]
    assert person.lua(complete, "Dowse! f") == ["find"]
    (tmp_path / "mine.gguf").write_bytes(b"GGUF")
    (tmp_path / "other.txt").write_bytes(b"")
    folder = f"{tmp_path}{os.sep}"
    assert f"{folder}mine.gguf" in person.lua(complete, f"Dowse adapter {folder}")
    assert f"{folder}other.txt" not in person.lua(complete, f"Dowse adapter {folder}")
    person.presses(":Dowse dig<CR>")
    person.sees("dowse: there is no :Dowse dig; :Dowse <Tab> lists what there is")
    person.presses(":Dowse pull<CR>")
    person.sees("dowse: :Dowse pull owner/name file.gguf [revision]")


def test_models_are_listed_and_an_adapter_has_to_be_there(
    sits_down: Callable[..., Person], tmp_path: Path
) -> None:
    person = sits_down()
    person.opens(small_project(tmp_path))
    person.presses(":Dowse model<CR>")
    person.sees(f"1: {BUNDLED}  25 MB  Apache-2.0  (chosen)")
    person.presses("<CR>:Dowse adapter /nowhere.gguf<CR>")
    person.sees("dowse: there is no file /nowhere.gguf")
    person.presses(":Dowse adapter<CR>")
    person.sees("dowse: adapter: none")


def test_a_model_is_pulled_and_chosen(sits_down: Callable[..., Person], tmp_path: Path) -> None:
    person = sits_down()
    name = f"{REPO}/{FILE.removesuffix('.gguf')}"
    with serving() as address:
        person.lua("vim.env.HF_ENDPOINT = ...", address)
        person.opens(small_project(tmp_path))
        person.presses(f":Dowse pull {REPO} {FILE}<CR>")
        person.sees(f"dowse: pulled {name}; :Dowse model {name} makes it answer")
    person.presses(f":Dowse model {name}<CR>")
    person.sees(f"dowse: the model {name} is loaded; vim.g.dowse.settings.model keeps the choice")
    assert person.lua(_SETTING, "model") == name


def test_an_adapter_is_put_on_the_model_and_taken_off(
    sits_down: Callable[..., Person], tmp_path: Path
) -> None:
    adapter = tmp_path / "mine.gguf"
    adapter.write_bytes(b"GGUF")
    person = sits_down()
    person.opens(small_project(tmp_path))
    person.presses(f":Dowse adapter {adapter}<CR>")
    person.waits_for(lambda: person.lua(_SETTING, "adapter") == str(adapter), "the adapter")
    person.presses("<CR>:Dowse adapter none<CR>")
    person.waits_for(lambda: person.lua(_SETTING, "adapter") == "", "the model alone")


def test_the_log_is_opened(sits_down: Callable[..., Person], tmp_path: Path) -> None:
    person = sits_down()
    person.opens(small_project(tmp_path))
    person.presses(":Dowse log<CR>")
    person.waits_for(lambda: person.nvim.current.buffer.name.endswith("lsp.log"), "the log")


def test_nothing_but_the_command_is_loaded_at_the_start(sits_down: Callable[..., Person]) -> None:
    person = sits_down()
    loaded = """
    local names = vim.tbl_filter(
      function(name) return vim.startswith(name, "dowse") end, vim.tbl_keys(package.loaded))
    return { #names, vim.fn.exists(":Dowse"), vim.fn.maparg("<Tab>", "i") }
    """
    assert person.lua(loaded)[:2] == [0, 2]
    assert "dowse" not in person.lua(loaded)[2]


def test_a_line_with_nothing_to_find_is_left_alone(
    sits_down: Callable[..., Person], tmp_path: Path
) -> None:
    person = sits_down()
    file = small_project(tmp_path)
    person.opens(file)
    person.presses("1GA  # parse an ISO date<Esc>gra")
    person.sees("No code actions available")
    assert (
        person.writes(file)
        == MAIN.replace("requests\n", "requests  # parse an ISO date\n", 1).encode()
    )
