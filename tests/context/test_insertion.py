from __future__ import annotations

import pytest

from dowse.context.insertion import insertion_below
from dowse.context.languages import language_of_id
from dowse.context.lines import Lines
from dowse.context.triggers import find_trigger

PYTHON = language_of_id("python")


@pytest.mark.parametrize(
    ("text", "caret", "expected"),
    [
        ("# find: x\ny = 1\n", 0, "# find: x\nCODE\ny = 1\n"),
        ("# find: x", 0, "# find: x\nCODE"),
        ("# find: x\r\n", 0, "# find: x\r\nCODE\r\n"),
        ("# find: x\n", 0, "# find: x\nCODE\n"),
        ("# find: x\n\n\ny = 1\n", 0, "# find: x\nCODE\n\n\ny = 1\n"),
        ("# find: x\n    \ny = 1\n", 1, "# find: x\nCODE\ny = 1\n"),
        ("# find: x\n# and more\ny = 1\n", 0, "# find: x\n# and more\nCODE\ny = 1\n"),
        ("y = 1  # find: x\nz = 2\n", 0, "y = 1  # find: x\nCODE\nz = 2\n"),
    ],
)
def test_code_goes_under_the_comment(text: str, caret: int, expected: str) -> None:
    assert PYTHON is not None
    source = text.encode()
    trigger = find_trigger(source, PYTHON, caret)
    assert trigger is not None
    change = insertion_below(Lines(source), trigger.end_line, "CODE", caret)
    after = source[: change.start] + change.text.encode() + source[change.end :]
    assert after.decode() == expected
