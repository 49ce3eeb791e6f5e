"""Emacs with eglot, which asks for no edit later and counts characters as UTF-16 or code points."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .support import COMMENT, EDITORS, HERE, Sample, environment, program, run

pytestmark = pytest.mark.editor


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_an_action_in_eglot(newline: str, tmp_path: Path) -> None:
    sample = Sample.make(tmp_path, newline)
    original, place = sample.file.read_bytes().decode(), sample.place
    report = tmp_path / "report.json"
    command = [program("emacs"), "--batch", "--eval", "(package-initialize)"]
    command += ["-l", str(EDITORS / "emacs" / "dowse.el")]
    command += ["-l", str(HERE / "emacs" / "session.el")]
    given = {
        "DOWSE_FILE": str(sample.file),
        "DOWSE_COMMENT": COMMENT,
        "DOWSE_REPORT": str(report),
    }
    run(command, {**environment(tmp_path), **given}, tmp_path)
    seen = json.loads(report.read_text())
    insertions = [title for title in seen["titles"] if title.startswith("Insert: ")]
    assert len(insertions) == 3  # as the session's own settings say
    assert seen["completions"]
    assert sample.file.read_bytes() == sample.expected(original, place, insertions[0])
