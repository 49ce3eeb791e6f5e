"""Windows of VS Code with somebody at the keyboard; vscode/run.mjs plays what they do."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from ..server.support.samples import SMALL, made
from .support import BIN, HERE, Sample, environment, program

SCRIPTS = HERE / "vscode"
WORDS_ONLY = {"dowse.vectors": False, "dowse.maxResults": 3}
_TYPING = {
    "editor.autoIndent": "none",
    "editor.autoClosingBrackets": "never",
    "editor.autoClosingQuotes": "never",
}
_FAREWELL = 30.0


def _pictures(folder: Path) -> Path:
    """Where pictures go: DOWSE_SCREENSHOTS, or a folder of the test."""
    wanted = os.environ.get("DOWSE_SCREENSHOTS")
    return Path(wanted).resolve() if wanted else folder / "screenshots"


class Window:
    """A window of VS Code on a folder or on a `.code-workspace` file.

    Args:
        folder: where the home folder, the caches and the pictures are.
        opened: what the window shows.
        extensions: the folder with what is installed.
        variables: more of the environment.
        settings: of the person.
    """

    def __init__(
        self,
        folder: Path,
        opened: Path,
        extensions: Path,
        variables: Mapping[str, str] | None = None,
        settings: Mapping[str, object] | None = None,
    ) -> None:
        known = {**environment(folder), **(variables or {})}
        given = {
            "folder": str(opened),
            "settings": {"dowse.server.path": str(BIN / "dowse"), **_TYPING, **(settings or {})},
            "extensions": str(extensions),
            "shots": str(_pictures(folder)),
        }
        (folder / "home").mkdir(exist_ok=True)
        plan = folder / "plan.json"
        plan.write_text(json.dumps(given))
        command = [program("node"), str(SCRIPTS / "run.mjs"), str(plan)]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            command, env=known, cwd=folder, stdin=pipe, stdout=pipe, text=True
        )

    def plays(self, name: str, *files: Path, **plan: Any) -> dict[str, Any]:
        """Open the files, play a scenario, and return what was seen.

        What concerns the start (`environment`, `viewport`) counts in the first plan only.
        """
        assert self._process.stdin
        assert self._process.stdout
        given = {"scenario": name, "files": [str(each) for each in files], **plan}
        self._process.stdin.write(f"{json.dumps(given)}\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline() or '{"failure": "the window has gone"}')
        if "failure" in answer:
            pytest.fail(answer["failure"])
        return dict(answer["seen"])

    def close(self) -> None:
        """Close it, with all that runs in it."""
        assert self._process.stdin
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(_FAREWELL)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Desk:
    """A window that tests share, on packages that are searched by words; each asks in its own file.

    After a failure another window is opened.
    """

    def __init__(self, folder: Path, extensions: Path) -> None:
        self._folder, self._extensions = folder, extensions
        self._sample = Sample.make(folder)
        self._text = self._sample.file.read_text("utf-8")
        made(self._sample.root, SMALL)
        self._window: Window | None = None
        self._files: list[Path] = []

    def file(self, text: str) -> Path:
        """A file of its own for a test, named as no other before it."""
        file = self._sample.file.with_name(f"asking_{len(self._files)}.py")
        file.write_bytes(text.encode())
        self._files.append(file)
        return file

    def sample(self, newline: str = "\n") -> Sample:
        """The sample's file under a name of its own."""
        file = self.file(self._text.replace("\n", newline))
        return Sample(self._sample.root, file, newline)

    def plays(self, name: str, file: Path, **plan: Any) -> dict[str, Any]:
        """Play a scenario in a file of this desk."""
        if self._window is None:
            root = self._sample.root
            self._window = Window(self._folder, root, self._extensions, settings=WORDS_ONLY)
        try:
            return self._window.plays(name, file, **plan)
        except BaseException:
            self.close()
            raise

    def tidy(self) -> None:
        """Remove the files of a test, so that nobody finds the code that it inserted."""
        for file in self._files:
            file.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the window, if one is open."""
        if self._window is not None:
            self._window.close()
        self._window = None
