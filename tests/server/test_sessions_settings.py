"""Settings as clients send them: at the start, pulled, pushed, changed, and wrong."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp

from dowse.server.settings import KEYS, Settings

from .support.clients import KINDS, PLAIN, VSCODE, Kind
from .support.editor import WORDS_ONLY, Editor, eventually, session, started
from .support.samples import made

FILES = {
    f"module_{n}.py": f'def decode_code_{n}(signal):\n    """Dots and dashes."""\n'
    for n in range(9)
}
ASK = "# find: decode dots and dashes\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return made(tmp_path / "project", FILES)


async def _offered(editor: Editor, root: Path, expected: int, ask: str = ASK) -> None:
    buffer = editor.open(root / "module_0.py", ask)

    async def count() -> int:
        return len(await buffer.insertions(0))

    await eventually(count, lambda found: found == expected, f"{expected} insertions")
    buffer.close()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_settings_are_pulled_and_pulled_again(kind: Kind, root: Path) -> None:
    async with started(kind) as editor:
        editor.client.set_configuration({**WORDS_ONLY, "maxResults": 2}, section="dowse")
        await editor.initialize([root], {"maxResults": 4})
        await editor.indexed()
        await _offered(editor, root, 2)
        editor.client.set_configuration(3, section="dowse.maxResults")
        _say_changed(editor, None)
        await _offered(editor, root, 3)
        await editor.client.shutdown_session()


async def test_settings_come_with_initialize_where_none_can_be_pulled(root: Path) -> None:
    async with session(PLAIN, root, settings={**WORDS_ONLY, "maxResults": 2}) as editor:
        await editor.indexed()
        await _offered(editor, root, 2)


async def test_settings_come_with_initialize_where_the_client_has_none(root: Path) -> None:
    async with session(VSCODE, root, settings={**WORDS_ONLY, "maxResults": 2}) as editor:
        await editor.indexed()
        await _offered(editor, root, 2)


@pytest.mark.parametrize(
    "pushed",
    [
        {"dowse": {"vectors": False, "maxResults": 1, "word": "gimme"}},
        {"dowse.vectors": False, "dowse.maxResults": 1, "dowse.word": "gimme"},
    ],
    ids=["nested", "dotted"],
)
async def test_settings_are_pushed(root: Path, pushed: dict[str, Any]) -> None:
    async with session(PLAIN, root) as editor:
        await editor.indexed()
        _say_changed(editor, pushed)
        await _offered(editor, root, 1, ask="# gimme: decode dots and dashes\n")
        await _offered(editor, root, 0)


async def test_a_client_that_cannot_answer_is_asked_no_more(root: Path) -> None:
    """It states that it can be asked, and refuses; the settings of `initialize` are used."""
    async with started(VSCODE) as editor:
        del editor.client.protocol.fm.features[lsp.WORKSPACE_CONFIGURATION]
        await editor.initialize([root], {**WORDS_ONLY, "maxResults": 2})
        await editor.indexed()
        await _offered(editor, root, 2)
        await editor.client.shutdown_session()


def _say_changed(editor: Editor, settings: object) -> None:
    params = lsp.DidChangeConfigurationParams(copy.deepcopy(settings))
    editor.client.workspace_did_change_configuration(params)


WRONG: dict[str, tuple[object, str]] = {
    "text for a number": ({"maxResults": "many"}, "dowse.maxResults must be a whole number"),
    "number for a truth": ({"maxResults": True}, "dowse.maxResults must be a whole number"),
    "out of range": ({"maxResults": 0}, "from 1 to 50, not 0; 5 is used"),
    "list for a text": ({"word": ["find"]}, "dowse.word must be one word"),
    "two words": ({"word": "find me"}, "dowse.word must be one word"),
    "unknown key": ({"maxResult": 3}, "there is no setting dowse.maxResult"),
    "nested unknown key": ({"index": {"depth": 3}}, "there is no setting dowse.index.depth"),
    "null": ({"maxResults": None, "threads": "two"}, "dowse.threads must be a whole number"),
}


@pytest.mark.parametrize(("wrong", "message"), WRONG.values(), ids=WRONG.keys())
async def test_a_wrong_setting_is_told_and_its_default_used(
    root: Path, wrong: dict[str, Any], message: str
) -> None:
    async with session(VSCODE, root, settings={**WORDS_ONLY, **wrong}) as editor:
        await editor.told(message)
        await editor.indexed()
        await _offered(editor, root, 5)
        assert (await editor.status())["model"] == "off"


@pytest.mark.parametrize("settings", ["on", 5, ["vectors"], True], ids=repr)
async def test_settings_that_are_no_object(root: Path, settings: object) -> None:
    async with session(PLAIN, root, settings=settings) as editor:
        assert "must be an object" in await editor.told("settings")
        await editor.indexed()


async def test_vectors_cannot_be_switched_on_by_nonsense(root: Path) -> None:
    async with session(VSCODE, root, settings={"vectors": "off"}) as editor:
        await editor.told("dowse.vectors must be true or false, not 'off'; True is used")


async def test_a_model_that_is_missing_is_told(root: Path, tmp_path: Path) -> None:
    missing = tmp_path / "no such model.gguf"
    async with session(VSCODE, root, settings={"model": str(missing)}) as editor:
        assert "words alone are searched" in await editor.told(str(missing))
        await editor.indexed()
        await _offered(editor, root, 5)
        assert (await editor.status())["model"] == "failed"


async def test_a_model_that_is_broken_is_told(root: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + b"\0" * 1_000)
    async with session(VSCODE, root, settings={"model": str(broken)}) as editor:
        assert "words alone are searched" in await editor.told("broken.gguf")
        await editor.indexed()
        await _offered(editor, root, 5)


def test_the_table_for_editors_names_every_setting_with_its_default() -> None:
    readme = Path(__file__).parents[2] / "editors" / "README.md"
    rows = re.findall(r"^\| `dowse\.(\S+)` \| `(.+?)` \|", readme.read_text("utf-8"), re.MULTILINE)
    table = {name: json.loads(default) for name, default in rows}
    defaults = {name: getattr(Settings(), key.field) for name, key in KEYS.items()}
    assert table == {name: _listed(default) for name, default in defaults.items()}


def _listed(default: object) -> object:
    return list(default) if isinstance(default, tuple) else default
