"""The grid that an embedded Neovim draws: characters, and how each of them looks."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Highlight = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """A place on the screen; the right half of a wide character has no text."""

    text: str = " "
    highlight: int = 0


class Screen:
    """What a person would see.

    Args:
        columns: width in characters.
        rows: height.
    """

    def __init__(self, columns: int = 120, rows: int = 40) -> None:
        self.columns, self.rows = columns, rows
        self.cursor = (0, 0)
        """Row and column."""
        self.highlights: dict[int, Highlight] = {0: {}}
        self.default: Highlight = {}
        """Colours of what has no highlight."""
        self._cells = self._blank()
        self._shown = self._cells
        self._lock = threading.Lock()

    def _blank(self) -> list[list[Cell]]:
        return [[Cell()] * self.columns for _ in range(self.rows)]

    def redraw(self, events: list[Any]) -> None:
        """Take what Neovim has drawn."""
        with self._lock:
            for name, *calls in events:
                for call in calls:
                    getattr(self, f"_{name}", lambda *_: None)(*call)

    @property
    def lines(self) -> list[list[Cell]]:
        """The cells as they were when Neovim had last finished drawing."""
        with self._lock:
            return self._shown

    @property
    def text(self) -> str:
        return "\n".join("".join(cell.text for cell in row).rstrip() for row in self.lines)

    def _flush(self, *_: Any) -> None:
        self._shown = [list(row) for row in self._cells]

    def _grid_line(self, grid: int, row: int, column: int, cells: list[Any], *_: Any) -> None:
        highlight = 0
        for text, *more in cells:
            highlight = more[0] if more else highlight
            for _repeat in range(more[1] if len(more) > 1 else 1):
                self._cells[row][column] = Cell(text, highlight)
                column += 1

    def _grid_clear(self, grid: int) -> None:
        self._cells = self._blank()

    def _grid_cursor_goto(self, grid: int, row: int, column: int) -> None:
        self.cursor = (row, column)

    def _grid_scroll(
        self, grid: int, top: int, bottom: int, left: int, right: int, rows: int, columns: int
    ) -> None:
        kept = [row[left:right] for row in self._cells]
        for row in range(max(top, top - rows), min(bottom, bottom - rows)):
            self._cells[row][left:right] = kept[row + rows]

    def _hl_attr_define(self, number: int, highlight: Highlight, *_: Any) -> None:
        self.highlights[number] = highlight

    def _default_colors_set(self, foreground: int, background: int, *_: Any) -> None:
        self.default = {"foreground": foreground, "background": background}
