from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dowse.context.lines import Lines

TEXTS = st.text("ab\r\n\f\u2028\U0001f600").map(str.encode)


def test_only_lf_crlf_and_cr_end_a_line() -> None:
    lines = Lines("a\r\nb\rc\nd\fe\u2028f\x0b".encode())
    assert [lines.text(line) for line in range(len(lines))] == ["a", "b", "c", "d\fe\u2028f\x0b"]


def test_text_after_the_last_line_end_is_a_line() -> None:
    assert len(Lines(b"")) == 1
    assert len(Lines(b"a\n")) == 2
    assert Lines(b"a\n").span(1) == (2, 2)


def test_a_line_beyond_the_text_is_an_error() -> None:
    with pytest.raises(IndexError):
        Lines(b"a").span(1)


def test_undecodable_bytes_are_replaced() -> None:
    assert Lines(b"\xff\xfea").text(0) == "\ufffd\ufffda"


@pytest.mark.parametrize(
    ("source", "newline"),
    [(b"", "\n"), (b"a\r\nb\r\nc\n", "\r\n"), (b"a\rb\rc\n", "\r"), (b"a\nb\r\n", "\n")],
)
def test_newline_is_the_one_used_most(source: bytes, newline: str) -> None:
    assert Lines(source).newline == newline


@given(TEXTS)
def test_lines_cover_the_text(source: bytes) -> None:
    lines = Lines(source)
    assert lines.starts[0] == 0
    assert lines.starts == sorted(set(lines.starts))
    spans = [lines.span(line) for line in range(len(lines))]
    ends = [*lines.starts[1:], len(source)]
    for (start, stop), end in zip(spans, ends, strict=True):
        assert start <= stop <= end
        assert source[stop:end] in (b"", b"\n", b"\r\n", b"\r")


@given(TEXTS, st.integers(0, 50))
def test_line_of_a_byte_holds_it(source: bytes, byte: int) -> None:
    lines = Lines(source)
    line = lines.line_of(min(byte, len(source)))
    assert lines.starts[line] <= min(byte, len(source))
    assert line + 1 == len(lines) or byte < lines.starts[line + 1]
