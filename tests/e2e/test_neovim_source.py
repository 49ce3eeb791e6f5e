"""The Lua of the Neovim plugin and of its tests, and the plugin's help, as they are written."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from .support import EDITORS, HERE, environment, program, run

pytestmark = pytest.mark.editor

PLUGIN = EDITORS / "neovim"
HELP = PLUGIN / "doc" / "dowse.txt"
LUA = sorted([*PLUGIN.rglob("*.lua"), *(HERE / "neovim").glob("*.lua")])


def test_luacheck_has_nothing_to_say() -> None:
    arguments = [program("luacheck"), "--config", str(PLUGIN / ".luacheckrc"), "--no-color", *LUA]
    done = subprocess.run(arguments, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_stylua_would_change_nothing() -> None:
    if not (HERE / "stylua" / "node_modules").is_dir():
        pytest.fail("StyLua is missing: run tests/e2e/install.sh")
    script = [program("node"), str(HERE / "stylua" / "format.mjs"), str(PLUGIN / "stylua.toml")]
    done = subprocess.run([*script, *LUA], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def names(pattern: str, file: Path, until: str = "\0") -> list[str]:
    return re.findall(pattern, file.read_text("utf-8").partition(until)[0], re.MULTILINE)


def test_every_command_option_and_function_is_in_the_help() -> None:
    text = HELP.read_text("utf-8")
    modules = PLUGIN / "lua" / "dowse"
    commands = names(r"^  (\w+) = \{", modules / "command.lua")
    options = names(r"^---@field (\w+)\?", modules / "meta.lua", until="dowse.Options")
    functions = names(r"^function M\.(\w+)", modules / "init.lua")
    maps = names(r'^map\("\w", "(\w+)"', PLUGIN / "plugin" / "dowse.lua")
    assert min(map(len, (commands, options, functions, maps))) > 3
    for name in commands:
        assert f"*:Dowse-{name}*" in text
    for name in functions:
        assert f"*dowse.{name}()*" in text
    for name in maps:
        assert f"<Plug>(dowse-{name})" in text
    for name in options:
        assert re.search(rf"\b{name}\b", text), name


def test_the_help_has_tags_and_no_link_that_leads_nowhere(tmp_path: Path) -> None:
    folder = tmp_path / "doc"
    folder.mkdir()
    (folder / HELP.name).write_bytes(HELP.read_bytes())
    script = f"helptags {folder}"
    nvim = [program("nvim"), "--headless", "-u", "NONE", "-i", "NONE", "-c", script, "-c", "qall"]
    run(nvim, environment(tmp_path), tmp_path)
    tags = {row.split("\t")[0] for row in (folder / "tags").read_text("utf-8").splitlines()}
    links = set(re.findall(r"\|([^|\s]*(?:dowse|Dowse)[^|\s]*)\|", HELP.read_text("utf-8")))
    assert len(links) > 10
    assert links <= tags
