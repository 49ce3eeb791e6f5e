"""Sources beside the folders: the cookbook, and packages of the folder's own environment."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .support.clients import VSCODE
from .support.editor import Editor, Title, eventually, session
from .support.samples import made

THEIRS = "def tune_guitar(strings):\n    '''Tune a guitar by ear.'''\n    return sorted(strings)\n"
SITE = ".venv/lib/python3.11/site-packages"
ENVIRONMENT = {
    ".venv/pyvenv.cfg": "home = /nowhere\nversion = 3.11.4\n",
    f"{SITE}/luthier.py": THEIRS,
    f"{SITE}/luthier-2.5.dist-info/METADATA": (
        "Metadata-Version: 2.4\nName: luthier\nVersion: 2.5\nLicense-Expression: MIT\n"
    ),
    f"{SITE}/luthier-2.5.dist-info/RECORD": (
        "luthier.py,,\nluthier-2.5.dist-info/METADATA,,\nluthier-2.5.dist-info/RECORD,,\n"
    ),
}
MANIFEST = {"pyproject.toml": '[project]\nname = "band"\ndependencies = ["luthier>=2"]\n'}
ASK = "# find: tune a guitar by ear\n"
SETTINGS = {"vectors": False, "sources": ["workspace", "dependency"]}


async def _offers(
    editor: Editor, file: Path, text: str, accept: Callable[[list[str]], bool]
) -> list[str]:
    buffer = editor.open(file, text)
    line = text.count("\n") - 1

    async def titles() -> list[str]:
        return [Title.of(action).file for action in await buffer.insertions(line)]

    found = await eventually(titles, accept, "an offer from elsewhere")
    buffer.close()
    return found


async def test_a_package_that_a_manifest_names_is_offered(tmp_path: Path) -> None:
    root = made(tmp_path / "band", {**ENVIRONMENT, **MANIFEST, "play.py": "import os\n"})
    async with session(VSCODE, root, settings=SETTINGS) as editor:
        (first, *_) = await _offers(editor, root / "play.py", ASK, bool)
        assert first == "luthier 2.5, luthier.py"


async def test_a_package_is_opened_once_a_file_that_asks_imports_it(tmp_path: Path) -> None:
    root = made(tmp_path / "band", {**ENVIRONMENT, "src/play.py": "import os\n"})
    async with session(VSCODE, root, settings=SETTINGS) as editor:
        await editor.indexed()
        buffer = editor.open(root / "src/play.py", ASK)
        assert await buffer.insertions(0) == []
        buffer.close()
        importing = f"import luthier\n\n{ASK}"
        (first, *_) = await _offers(editor, root / "src/play.py", importing, bool)
        assert first == "luthier 2.5, luthier.py"


@pytest.mark.parametrize("named", [["workspace"], ["workspace", "cookbook"]])
async def test_sources_that_are_not_named_are_not_searched(
    tmp_path: Path, named: list[str]
) -> None:
    own = "def tune_guitar_at_home(strings):\n    return strings\n"
    root = made(tmp_path / "band", {**ENVIRONMENT, **MANIFEST, "play.py": own})
    async with session(VSCODE, root, settings={"vectors": False, "sources": named}) as editor:
        await editor.indexed()
        found = await _offers(editor, root / "ask.py", ASK, lambda files: "play.py" in files)
        assert not any("luthier" in file for file in found)


async def test_the_cookbook_answers_in_an_empty_folder(tmp_path: Path) -> None:
    root = made(tmp_path / "new", {"main.py": ""})
    settings = {"vectors": False, "sources": ["workspace", "cookbook"]}
    async with session(VSCODE, root, settings=settings) as editor:
        ask = "# find: retry with exponential backoff\n"
        found = await _offers(editor, root / "main.py", ask, bool)
        assert all(file.startswith("cookbook, python/") for file in found)
