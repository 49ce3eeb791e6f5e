"""A screen as an SVG picture: what Neovim drew, character by character.

`python -m tests.e2e.picture` draws docs/images/neovim.svg from the real thing.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from html import escape
from itertools import groupby
from pathlib import Path

from .person import Person
from .screen import Cell, Screen
from .support import HERE, Sample

_WIDTH, _HEIGHT, _SIZE, _MARGIN = 8.43, 16.5, 14, 12
_FONT = "'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', monospace"


def svg(screen: Screen, title: str) -> str:
    """The whole screen, on the background that Neovim has."""
    width = screen.columns * _WIDTH + 2 * _MARGIN
    height = screen.rows * _HEIGHT + 2 * _MARGIN
    background = _colour(screen.default, "background")
    body = "\n".join(line for row in range(screen.rows) for line in _row(screen, row))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}"'
        f' width="{width:g}" height="{height:g}" role="img">\n'
        f"<title>{escape(title)}</title>\n"
        f'<rect width="100%" height="100%" rx="8" fill="{background}"/>\n'
        f'<g transform="translate({_MARGIN} {_MARGIN})" font-family="{_FONT}"'
        f' font-size="{_SIZE}" xml:space="preserve">\n{body}\n{_cursor(screen)}</g>\n</svg>\n'
    )


def _row(screen: Screen, row: int) -> Iterator[str]:
    column = 0
    for highlight, run in groupby(screen.lines[row], key=lambda cell: cell.highlight):
        cells = list(run)
        yield from _run(screen, row, column, cells, highlight)
        column += len(cells)


def _run(screen: Screen, row: int, column: int, cells: list[Cell], highlight: int) -> Iterator[str]:
    """Cells that look alike: their background, then their text."""
    look = {**screen.default, **screen.highlights.get(highlight, {})}
    names = ("background", "foreground") if look.get("reverse") else ("foreground", "background")
    foreground, background = (_colour(look, name) for name in names)
    x, width = column * _WIDTH, len(cells) * _WIDTH
    if background != _colour(screen.default, "background"):
        yield (
            f'<rect x="{x:g}" y="{row * _HEIGHT:g}" width="{width:g}" height="{_HEIGHT}"'
            f' fill="{background}"/>'
        )
    text = "".join(cell.text for cell in cells)
    for words in re.finditer(r"\S+( \S+)*", text):  # browsers draw several blanks as one
        yield (
            f'<text x="{x + words.start() * _WIDTH:g}" y="{row * _HEIGHT + _SIZE - 1:g}"'
            f' textLength="{len(words.group()) * _WIDTH:g}" fill="{foreground}"{_style(look)}>'
            f"{escape(words.group())}</text>"
        )


def _cursor(screen: Screen) -> str:
    row, column = screen.cursor
    x, colour = column * _WIDTH, _colour(screen.default, "foreground")
    return f'<rect x="{x:g}" y="{row * _HEIGHT:g}" width="2" height="{_HEIGHT}" fill="{colour}"/>\n'


def _style(look: dict[str, object]) -> str:
    bold = ' font-weight="bold"' if look.get("bold") else ""
    return bold + (' font-style="italic"' if look.get("italic") else "")


def _colour(look: object, name: str) -> str:
    assert isinstance(look, dict)
    return f"#{look[name]:06x}"


def main() -> None:
    """Ask in a real file, wait for the model, and draw the candidates."""
    picture = HERE.parents[1] / "docs" / "images" / "neovim.svg"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        sample = Sample.make(Path(folder), path="iniconfig/_parse.py")
        person = Person(Path(folder), {"settings": {"maxResults": 3}}, screen=Screen(128, 40))
        try:
            person.nvim.command(f"cd {sample.root}")
            person.opens(sample.file.relative_to(sample.root))
            person.waits_for(lambda: person.status()["tier"] == "full", "the tier `full`")
            person.presses("gg/^    return <CR>:nohlsearch<CR>")
            person.presses("O    # find: retry a request with backoff<Esc>zt3<C-y><Space>c")
            person.sees("│ Likeness in meaning")
            picture.write_text(
                svg(person.screen, "Candidates for a find comment in Neovim"), "utf-8"
            )
        finally:
            person.leaves()


if __name__ == "__main__":
    main()
