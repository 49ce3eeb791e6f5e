"""Neovim's part of `editors`: an embedded Neovim, its keys and the screen that it draws.

The plugin asks for ghost text 75 ms after the last key (`ghost_text.delay`); the menu of code
actions opens as soon as there is an answer.
"""

from __future__ import annotations

import itertools
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.e2e.person import Person

from benchmarks.round_trip import WORDS, percentiles

TURNS = 40
_POLL = 0.001
_PATIENCE = 60.0


def measure(file: Path, sources: Sequence[str]) -> dict[str, Any]:
    """The time from a key to what it brings on the screen, once every vector is there."""
    options = {"settings": {"sources": sources}}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        person = Person(Path(folder), options, {"DOWSE_CACHE": os.environ["DOWSE_CACHE"]})
        try:
            return _session(person, file)
        finally:
            person.leaves()


def _session(person: Person, file: Path) -> dict[str, Any]:
    person.opens(file)
    while person.status()["tier"] != "full":
        time.sleep(0.5)
    words = itertools.cycle(WORDS)
    turns = [_turn(person, f"# find: {next(words)} {turn}") for turn in range(TURNS)]
    ghost_text, actions = (list(times) for times in zip(*turns, strict=True))
    return {
        "version": person.lua("return vim.fn.execute('version'):match('v([%d.]+)')"),
        "turns": TURNS,
        "key_to_ghost_text": percentiles(ghost_text),
        "key_to_code_actions": percentiles(actions),
    }


def _turn(person: Person, comment: str) -> tuple[float, float]:
    """From the last key of a comment to its ghost text, and from that of `gra` to the menu."""
    person.nvim.current.buffer[:] = [comment[:-1]]
    person.waits_for(lambda: _second_row(person) == "~", "a screen without ghost text")
    ghost_text = _milliseconds(person, f"A{comment[-1]}", lambda: _second_row(person) != "~")
    person.presses("<Esc>")
    person.waits_for(lambda: _second_row(person) == "~", "a screen without ghost text")
    actions = _milliseconds(person, "gra", lambda: "\n1: Insert: " in person.screen.text)
    person.presses("<CR>")
    person.no_longer_sees("1: Insert: ")
    return ghost_text, actions


def _second_row(person: Person) -> str:
    return person.screen.text.split("\n")[1]


def _milliseconds(person: Person, keys: str, seen: Callable[[], bool]) -> float:
    start = time.perf_counter()
    person.presses(keys)
    while not seen():
        assert time.perf_counter() - start < _PATIENCE, person.screen.text
        time.sleep(_POLL)
    return 1e3 * (time.perf_counter() - start)
