from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types as lsp

from dowse.context.lines import Lines
from dowse.server.documents import Positions, Snapshot

ENCODINGS = [
    lsp.PositionEncodingKind.Utf8,
    lsp.PositionEncodingKind.Utf16,
    lsp.PositionEncodingKind.Utf32,
]
TEXTS = st.text(st.sampled_from("ab é𝄞🚀\t\f\x85\u2028\r\n"), max_size=40)


@pytest.mark.parametrize(("encoding", "expected"), [*zip(ENCODINGS, [8, 5, 4], strict=True)])
def test_characters_are_counted_in_the_units_of_the_client(encoding, expected: int) -> None:
    positions = Positions(Lines("x\né𝄞ab".encode()), encoding)
    assert positions.position(len("x\né𝄞ab".encode())) == lsp.Position(1, expected)
    assert positions.byte(lsp.Position(1, expected)) == len("x\né𝄞ab".encode())


@given(TEXTS, st.sampled_from(ENCODINGS))
def test_every_character_has_its_place(text: str, encoding) -> None:
    source = text.encode()
    positions = Positions(Lines(source), encoding)
    for index in range(len(text) + 1):
        byte = len(text[:index].encode())
        if text[index - 1 : index + 1] == "\r\n":
            continue  # between CR and LF there is no position
        assert positions.byte(positions.position(byte)) == byte


@given(TEXTS, TEXTS, st.sampled_from(ENCODINGS), st.data())
def test_an_incremental_change_is_a_replacement(text, new, encoding, data) -> None:
    snapshot = Snapshot("file:///x.py", 1, "python", text.encode(), encoding)
    cuts = [i for i in range(len(text) + 1) if text[i - 1 : i + 1] != "\r\n" or not i]
    start, end = sorted(data.draw(st.tuples(st.sampled_from(cuts), st.sampled_from(cuts))))
    at = [snapshot.positions.position(len(text[:i].encode())) for i in (start, end)]
    change = lsp.TextDocumentContentChangePartial(lsp.Range(*at), new)
    after = snapshot.changed(change, 2)
    assert after.source.decode() == text[:start] + new + text[end:]
    assert (after.version, after.uri, snapshot.source) == (2, snapshot.uri, text.encode())


def test_positions_beyond_a_line_or_the_text_mean_their_end() -> None:
    positions = Positions(Lines(b"ab\ncd"), lsp.PositionEncodingKind.Utf16)
    assert positions.byte(lsp.Position(0, 99)) == 2
    assert positions.byte(lsp.Position(9, 0)) == 5
