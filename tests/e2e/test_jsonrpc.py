"""Microsoft's own protocol library, which shares no code with the server's."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from .support import COMMENT, HERE, Sample, environment, program, run

pytestmark = pytest.mark.editor


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_every_answer_is_of_its_type(newline: str, tmp_path: Path) -> None:
    node, library = program("node"), HERE / "jsonrpc" / "node_modules"
    if not library.is_dir():
        pytest.fail("vscode-languageserver-protocol is missing: run tests/e2e/install.sh")
    sample = Sample.make(tmp_path, newline)
    original, place = sample.file.read_bytes().decode(), sample.place
    script = [node, str(HERE / "jsonrpc" / "check.mjs"), sys.executable]
    arguments = [str(sample.root), str(sample.file), COMMENT + newline.removesuffix("\n")]
    output = run([*script, *arguments], environment(tmp_path), tmp_path)
    titles = json.loads(output)["titles"]
    assert sample.file.read_bytes() == sample.expected(original, place, titles[0])
