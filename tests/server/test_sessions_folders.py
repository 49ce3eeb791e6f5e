"""Folders, files and unsaved texts that come, move and go while the editor runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from lsprotocol import types as lsp

from .support.clients import KINDS, VSCODE, Kind
from .support.editor import SERVER, WORDS_ONLY, Editor, Title, eventually, session
from .support.samples import RETRY, SMALL, made

NEW = 'def decode_morse(signal):\n    """Dots and dashes to letters."""\n    return signal\n'
RETRY_LINE = 4
"""Of the definition in its file, from 1."""
FULL_DISK = ("bash", "-c", 'ulimit -f 16; exec "$@"', "server", *SERVER)
"""The server with a limit on the size of every file that it writes."""
Told = Callable[[Editor, Path, Path | None], None]


def _by_the_editor(editor: Editor, file: Path, moved_to: Path | None) -> None:
    """The editor did it itself and says so."""
    client, uri = editor.client, file.as_uri()
    if moved_to is not None:
        renames = [lsp.FileRename(uri, moved_to.as_uri())]
        client.workspace_did_rename_files(lsp.RenameFilesParams(renames))
    elif file.exists():
        client.workspace_did_create_files(lsp.CreateFilesParams([lsp.FileCreate(uri)]))
    else:
        client.workspace_did_delete_files(lsp.DeleteFilesParams([lsp.FileDelete(uri)]))


def _by_the_watcher(editor: Editor, file: Path, moved_to: Path | None) -> None:
    """Something else did it; the editor saw it on disk."""
    kind = lsp.FileChangeType.Created if file.exists() else lsp.FileChangeType.Deleted
    events = [lsp.FileEvent(file.as_uri(), kind)]
    if moved_to is not None:
        events.append(lsp.FileEvent(moved_to.as_uri(), lsp.FileChangeType.Created))
    params = lsp.DidChangeWatchedFilesParams(events)
    editor.client.workspace_did_change_watched_files(params)


@pytest.mark.parametrize("told", [_by_the_editor, _by_the_watcher], ids=lambda f: f.__name__[1:])
async def test_files_come_move_and_go(told: Told, tmp_path: Path) -> None:
    root = made(tmp_path / "project", SMALL)
    file, renamed = root / "morse.py", root / "signals" / "code.py"
    async with session(VSCODE, root) as editor:
        await editor.indexed()
        file.write_text(NEW)
        told(editor, file, None)
        await editor.found("morse", lambda symbols: "decode_morse" in symbols)
        renamed.parent.mkdir()
        file.rename(renamed)
        told(editor, file, renamed)
        await _found_in(editor, "signals/code.py")
        renamed.unlink()
        told(editor, renamed, None)
        await editor.found("morse", lambda symbols: "decode_morse" not in symbols)
        await eventually(editor.status, lambda status: status["files"] == 2, "the index")


async def _found_in(editor: Editor, path: str) -> None:
    async def paths() -> list[str]:
        answer = await editor.command("search", {"words": "morse"})
        return [hit["path"] for hit in answer["hits"]]

    await eventually(paths, lambda found: path in found and "morse.py" not in found, path)


async def test_a_whole_folder_is_moved(tmp_path: Path) -> None:
    root = made(tmp_path / "project", {**SMALL, "signals/morse.py": NEW})
    async with session(VSCODE, root) as editor:
        await editor.indexed()
        (root / "signals").rename(root / "codes")
        _by_the_editor(editor, root / "signals", root / "codes")
        await _found_in(editor, "codes/morse.py")


async def test_the_server_asks_to_be_told_of_files(tmp_path: Path) -> None:
    async with session(VSCODE, made(tmp_path / "project", SMALL)) as editor:
        await editor.indexed()

        async def methods() -> set[str]:
            return {registration.method for registration in editor.registered}

        wanted = {lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES, lsp.WORKSPACE_DID_CHANGE_CONFIGURATION}
        await eventually(methods, lambda found: found == wanted, "the registrations")
        workspace = editor.server.capabilities.workspace
        assert workspace is not None
        assert workspace.file_operations is not None
        assert workspace.file_operations.did_rename is not None


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_unsaved_text_is_found(kind: Kind, tmp_path: Path) -> None:
    root = made(tmp_path / "project", SMALL)
    async with session(kind, root) as editor:
        await editor.indexed()
        draft = editor.open(root / "text" / "numbers.py")
        draft.type(len(draft.text), f"\n\nNOTE = '𝄞🚀'\n\n\n{NEW}")
        asking = editor.open(root / "network" / "requests.py")
        asking.type(0, "x = '𝄞'  # find: decode morse\n")
        (first, *_) = await asking.insertions(0)
        assert Title.of(first).file == "text/numbers.py"
        await asking.accept(first)
        assert asking.text.startswith(f"x = '𝄞'  # find: decode morse\n{NEW}")
        asking.close()
        draft.close()
        await editor.found("morse", lambda symbols: "decode_morse" not in symbols)


async def test_a_snippet_moves_with_the_unsaved_lines_above_it(tmp_path: Path) -> None:
    root = made(tmp_path / "project", SMALL)
    async with session(VSCODE, root) as editor:
        await editor.indexed()
        source = editor.open(root / "network" / "requests.py")
        source.type(0, "# one\n# two\n")
        asking = editor.open(root / "text" / "numbers.py", "# find: retry a request\n")
        (first, *_) = await asking.insertions(0)
        assert Title.of(first).line == RETRY_LINE + 2
        await asking.accept(first)
        assert asking.text == f"# find: retry a request\n{RETRY}"


async def test_two_folders_with_the_same_name(tmp_path: Path) -> None:
    first = made(tmp_path / "one" / "library", SMALL)
    second = made(tmp_path / "two" / "library", {"morse.py": NEW})
    async with session(VSCODE, first, second) as editor:
        status = await editor.indexed(folders=2)
        assert status["folders"] == [str(first), str(second)]
        await editor.found("decode morse", lambda symbols: "decode_morse" in symbols)
        buffer = editor.open(second / "morse.py", "x = '𝄞'  # find: retry a request\n")
        action, *_ = await buffer.insertions(0)
        await buffer.accept(action)
        assert buffer.text == f"x = '𝄞'  # find: retry a request\n{RETRY}"
        *_, opening = await buffer.actions(0)
        assert opening.command is not None
        assert opening.command.arguments is not None
        await editor.command("open", *opening.command.arguments)
        (shown,) = editor.client.shown_documents
        assert shown.uri == (first / "network" / "requests.py").as_uri()


async def test_folders_are_added_and_removed(tmp_path: Path) -> None:
    first = made(tmp_path / "first", SMALL)
    second = made(tmp_path / "second", {"morse.py": NEW})
    async with session(VSCODE, first) as editor:
        await editor.indexed()
        folder = lsp.WorkspaceFolder(second.as_uri(), second.name)
        _change_folders(editor, added=[folder])
        await editor.indexed(folders=2)
        await editor.found("morse", lambda symbols: "decode_morse" in symbols)
        _change_folders(editor, removed=[folder])
        await editor.found("morse", lambda symbols: "decode_morse" not in symbols)
        assert (await editor.status())["folders"] == [str(first)]


def _change_folders(
    editor: Editor,
    added: list[lsp.WorkspaceFolder] | None = None,
    removed: list[lsp.WorkspaceFolder] | None = None,
) -> None:
    event = lsp.WorkspaceFoldersChangeEvent(added or [], removed or [])
    params = lsp.DidChangeWorkspaceFoldersParams(event)
    editor.client.workspace_did_change_workspace_folders(params)


async def test_a_server_without_a_folder_answers_nothing(tmp_path: Path) -> None:
    async with session(VSCODE) as editor:
        buffer = editor.open(tmp_path / "document.py", "# find: retry a request\n")
        assert await buffer.insertions(0) == []
        assert (await editor.status())["folders"] == []


async def test_an_index_outlives_its_server(tmp_path: Path) -> None:
    root = made(tmp_path / "project", SMALL)
    async with session(VSCODE, root) as editor:
        await editor.indexed()
    (root / "morse.py").write_text(NEW)
    (root / "text" / "numbers.py").unlink()
    async with session(VSCODE, root) as editor:
        await editor.indexed()
        await editor.found("morse", lambda symbols: "decode_morse" in symbols)
        await editor.found("spell a number", lambda symbols: "roman_numeral" not in symbols)
        (done,) = await editor.command("index")
        assert (done["files"], done["changed"]) == (2, 0)


async def test_two_servers_on_one_folder(tmp_path: Path) -> None:
    root = made(tmp_path / "project", SMALL)
    async with session(VSCODE, root) as one, session(VSCODE, root) as other:
        for editor in (one, other):
            await editor.indexed()
        file = root / "morse.py"
        file.write_text(NEW)
        for editor in (one, other):
            _by_the_watcher(editor, file, None)
        for editor in (one, other):
            await editor.found("morse", lambda symbols: "decode_morse" in symbols)


ODD_NAMES = {
    "space": "my project/the requests.py",
    "quotes": 'it\'s "mine"/re\'quests".py',
    "hash": "c#/re#quests.py",
    "percent": "100%/re%20quests%.py",
    "plus and ampersand": "a+b & c=d/re?quests;v=1.py",
    "brackets": "[a]{b}(c)/re[quests]{}.py",
    "accents": "Prüfung/żądania.py",
    "wide": "プロジェクト/要求.py",
    "outside the bmp": "𝄞🚀/re𝄞quests.py",
    "decomposed": "e\u0301/re\u0301quests.py",
}


@pytest.mark.parametrize("name", ODD_NAMES.values(), ids=ODD_NAMES.keys())
async def test_paths_with_odd_names(name: str, tmp_path: Path) -> None:
    folder, _, file = name.partition("/")
    root = made(tmp_path / folder, {file: f"import socket\n\n\n{RETRY}"})
    asking = root / f"ask {file}"
    asking.write_text("after = 1\n")
    async with session(VSCODE, root) as editor:
        await editor.indexed()
        buffer = editor.open(asking)
        buffer.type(0, "x = '𝄞'  # find: retry a request\n")
        insertion, opening = await buffer.actions(0)
        assert Title.of(insertion).file == file
        await buffer.accept(insertion)
        buffer.save(asking)
        assert opening.command is not None
        assert opening.command.arguments is not None
        assert await editor.command("open", *opening.command.arguments) is True
        (shown,) = editor.client.shown_documents
        assert Path(_path(shown.uri)) == root / file
    text = f"x = '𝄞'  # find: retry a request\n{RETRY}after = 1\n"
    assert asking.read_bytes() == text.encode()


def _path(uri: str) -> str:
    parts = urlsplit(uri)
    assert not parts.query
    assert not parts.fragment
    return unquote(parts.path)


# --- the cache folder ------------------------------------------------------------------------


async def test_a_cache_folder_that_cannot_be_made(tmp_path: Path) -> None:
    root = made(tmp_path / "project", SMALL)
    (tmp_path / "file").write_text("in the way")
    cache = tmp_path / "file" / "cache"
    async with session(VSCODE, root, environment={"DOWSE_CACHE": str(cache)}) as editor:
        message = await editor.told(str(cache))
        assert "name another folder" in message
        buffer = editor.open(root / "text" / "numbers.py", "# find: retry a request\n")
        assert await buffer.insertions(0) == []
    assert (tmp_path / "file").read_text() == "in the way"


async def test_a_cache_folder_on_a_full_disk(tmp_path: Path) -> None:
    """`ulimit -f` lets every write beyond so many blocks fail, as a full disk does."""
    files = {f"module_{n}.py": NEW.replace("morse", f"code_{n}") for n in range(400)}
    root = made(tmp_path / "project", files)
    async with session(VSCODE, root, command=FULL_DISK) as editor:
        await editor.told("cache")
        buffer = editor.open(root / "module_1.py", "# find: dots and dashes\n")
        await buffer.actions(0)
        assert (await editor.status())["indexing"] is False


async def test_the_cache_folder_is_a_setting(tmp_path: Path) -> None:
    root, cache = made(tmp_path / "project", SMALL), tmp_path / "chosen ü"
    settings = {**WORDS_ONLY, "cacheFolder": str(cache)}
    async with session(VSCODE, root, settings=settings) as editor:
        await editor.indexed()
    assert any(cache.rglob("*"))
