"""What the editor tests share: their programs, their sample, and what must stand on disk."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from dowse.context.units import COOKBOOK

from ..server.support.editor import Title
from ..server.support.samples import copied, definition, laid_out

HERE = Path(__file__).parent
EDITORS = HERE.parents[1] / "editors"
BIN = Path(sys.executable).parent
PATIENCE = 150
"""Seconds for a whole session; the waits inside it are shorter."""

WORDS = "user cache directory"
COMMENT = f'    label = "𝄞🚀é"  # find: {WORDS}'
"""Text outside the BMP stands before the caret, where the encodings differ."""


def program(name: str) -> str:
    """The path of a program of the virtual environment or of the machine."""
    found = shutil.which(name, path=f"{BIN}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        pytest.fail(f"{name} is missing: run tests/e2e/install.sh with VENV={BIN.parent}")
    return found


@dataclass(frozen=True, slots=True)
class Sample:
    """A copy of real packages, and a file of theirs in which a comment is typed."""

    root: Path
    file: Path
    newline: str = "\n"

    @classmethod
    def make(cls, folder: Path, newline: str = "\n", path: str = "pygls/uris.py") -> Sample:
        """Copy the package of the file; beside pygls the one that has what is asked for."""
        package = path.partition("/")[0]
        more = ["platformdirs"] if package == "pygls" else []
        root = copied(folder / "packages", package, *more)
        (root / ".git").mkdir()  # what editors take for the root of a project
        file = root / path
        file.write_bytes(file.read_bytes().replace(b"\n", newline.encode()))
        return cls(root, file, newline)

    @property
    def place(self) -> int:
        """Where the comment's line is put in: before the first `return`."""
        return self.file.read_bytes().decode().index("\n    return ") + 1

    def expected(self, original: str, place: int, title: str) -> bytes:
        """The file once the comment was typed and the action of that title was taken."""
        chosen = Title.parse(title)
        code = definition(_source(self.root, chosen.file), chosen.line)
        inserted = f"{COMMENT}{self.newline}{laid_out(code, '    ', self.newline)}"
        return (original[:place] + inserted + original[place:]).encode()


def environment(folder: Path) -> dict[str, str]:
    """Environment in which every program is the tests' own and nothing of the person's is read."""
    home = folder / "home"
    own = {
        name: str(home) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
    }
    return {
        **os.environ,
        **own,
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "LC_ALL": "C.UTF-8",
        "DOWSE_CACHE": str(folder / "cache"),
        "DOWSE_DATA": str(folder / "data"),
    }


def run(
    command: list[str],
    environment: Mapping[str, str],
    folder: Path,
    patience: float = PATIENCE,
) -> str:
    """Run a program to its end, which must be a success; its output."""
    (folder / "home").mkdir(exist_ok=True)
    done = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, timeout=patience
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def _source(root: Path, named: str) -> Path:
    """The file that a title names: of the folder, or of the cookbook that comes with dowse."""
    recipe = named.removeprefix("cookbook, ")
    return COOKBOOK / recipe if recipe != named else root / named
