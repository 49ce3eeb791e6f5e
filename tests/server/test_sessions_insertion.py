"""The main job in the editors' own terms: type, choose, save, compare the file on disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from .support.clients import KINDS, PLAIN, VSCODE, Kind
from .support.editor import WORDS_ONLY, Buffer, Title, session
from .support.samples import copied, definition, laid_out

WORDS = "user cache directory"


def comment(words: str) -> str:
    """What is typed: text outside the BMP stands above the comment and before it on its line."""
    return f'    # 🚀 above\n    label = "𝄞🚀é"  # find: {words}\n'


def typed(buffer: Buffer, words: str) -> tuple[int, int]:
    """Type the comment before the first `return`; give its line and the offset below it."""
    place = buffer.text.index("\n    return ") + 1
    buffer.type(place, comment(words))
    return buffer.line("# find:"), place + len(comment(words))


@pytest.mark.parametrize("kind", [*KINDS, PLAIN], ids=lambda kind: kind.name)
async def test_a_typed_comment_becomes_code_on_disk(kind: Kind, tmp_path: Path) -> None:
    packages = copied(tmp_path / "packages", "platformdirs", "pygls")
    file = packages / "pygls" / "uris.py"
    async with session(kind, packages) as editor:
        await editor.indexed()
        buffer = editor.open(file)
        line, below = typed(buffer, WORDS)
        actions = await buffer.insertions(line)
        titles = [Title.of(action) for action in actions]
        assert 1 < len(titles) <= 5
        assert all(title.words_only for title in titles)
        code = definition(packages / titles[0].file, titles[0].line)
        before = buffer.text
        await buffer.accept(actions[0])
        buffer.save(file)
    expected = before[:below] + laid_out(code, "    ", "\n") + before[below:]
    assert file.read_bytes() == expected.encode()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_the_model_finds_what_no_word_names(kind: Kind, tmp_path: Path) -> None:
    packages = copied(tmp_path / "packages", "iniconfig")
    file = packages / "iniconfig" / "_parse.py"
    async with session(kind, packages, settings=None) as editor:
        await editor.filled()
        assert (await editor.status())["model"] not in {"off", "loading", "failed"}
        buffer = editor.open(file)
        line, below = typed(buffer, "strip remarks from the end of each row")
        actions = await buffer.insertions(line)
        titles = [Title.of(action) for action in actions]
        assert not any(title.words_only for title in titles)
        chosen = next(n for n, title in enumerate(titles) if packages / title.file != file)
        code = definition(packages / titles[chosen].file, titles[chosen].line)
        before = buffer.text
        await buffer.accept(actions[chosen])
        buffer.save(file)
    expected = before[:below] + laid_out(code, "    ", "\n") + before[below:]
    assert file.read_bytes() == expected.encode()


async def test_the_last_action_opens_the_source(tmp_path: Path) -> None:
    packages = copied(tmp_path / "packages", "platformdirs")
    async with session(VSCODE, packages) as editor:
        await editor.indexed()
        buffer = editor.open(packages / "platformdirs" / "version.py", f"# find: {WORDS}\n")
        *insertions, last = await buffer.actions(0)
        first = Title.of(insertions[0])
        assert last.title == f"Open source: {first.symbol} — {first.file}:{first.line}"
        assert last.command is not None
        assert last.command.arguments is not None
        assert await editor.command("open", *last.command.arguments) is True
        (shown,) = editor.client.shown_documents
        assert shown.uri == (packages / first.file).as_uri()
        assert shown.selection is not None
        assert shown.selection.start == lsp.Position(first.line - 1, 0)


async def test_an_action_that_is_older_than_the_text_is_refused(tmp_path: Path) -> None:
    packages = copied(tmp_path / "packages", "platformdirs")
    async with session(VSCODE, packages) as editor:
        await editor.indexed()
        buffer = editor.open(packages / "platformdirs" / "version.py", f"# find: {WORDS}\n")
        (action, *_) = await buffer.insertions(0)
        buffer.type(0, "# one line more\n")
        with pytest.raises(JsonRpcException, match="open the menu again") as refused:
            await editor.client.code_action_resolve_async(action)
        assert refused.value.code == lsp.LSPErrorCodes.ContentModified.value
        assert await buffer.insertions(1)
        editor.log.clear()  # pygls logs the refusal with a traceback


@pytest.mark.parametrize(
    ("only", "offered"),
    [("quickfix", True), ("", True), ("refactor", False), ("source.organizeImports", False)],
)
async def test_only_the_wanted_kind_is_offered(only: str, offered: bool, tmp_path: Path) -> None:
    packages = copied(tmp_path / "packages", "iniconfig")
    async with session(VSCODE, packages, settings=WORDS_ONLY) as editor:
        await editor.indexed()
        buffer = editor.open(packages / "iniconfig" / "exceptions.py", "# find: parse lines\n")
        start = lsp.Position(0, 0)
        params = lsp.CodeActionParams(
            buffer.identifier, lsp.Range(start, start), lsp.CodeActionContext([], only=[only])
        )
        assert bool(await editor.client.text_document_code_action_async(params)) is offered
