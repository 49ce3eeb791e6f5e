"""Lines as editors count them (LSP 3.18, "Text Documents"): ended by LF, CRLF or CR, nothing else.

`str.splitlines` also breaks at form feeds and U+2028, and tree-sitter's rows break at LF alone;
both would put an edit on the wrong line of some real files. `bytes.splitlines` has it right.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from itertools import accumulate


class Lines:
    """Line starts of one UTF-8 text, computed once."""

    __slots__ = ("__dict__", "source")

    def __init__(self, source: bytes) -> None:
        self.source = source

    @cached_property
    def starts(self) -> list[int]:
        """Byte at which each line starts; the text after the last line end is a line too."""
        ends = list(accumulate(map(len, self.source.splitlines(keepends=True))))
        if ends and not self.source.endswith((b"\n", b"\r")):
            ends.pop()
        return [0, *ends]

    def __len__(self) -> int:
        return len(self.starts)

    def line_of(self, byte: int) -> int:
        """The line that holds the byte offset."""
        return bisect_right(self.starts, byte) - 1

    def span(self, line: int) -> tuple[int, int]:
        """Start and end byte of a line, its line end left out.

        Raises:
            IndexError: there is no such line.
        """
        start = self.starts[line]
        end = self.starts[line + 1] if line + 1 < len(self.starts) else len(self.source)
        return start, start + len(self.source[start:end].rstrip(b"\r\n"))

    def text(self, line: int) -> str:
        """A line without its line end; undecodable bytes become U+FFFD."""
        start, end = self.span(line)
        return self.source[start:end].decode("utf-8", "replace")

    @cached_property
    def newline(self) -> str:
        """The line end used most; LF for a text of one line."""
        crlf = self.source.count(b"\r\n")
        lf = self.source.count(b"\n") - crlf
        cr = self.source.count(b"\r") - crlf
        return max((lf, "\n"), (crlf, "\r\n"), (cr, "\r"), key=lambda pair: pair[0])[1]
