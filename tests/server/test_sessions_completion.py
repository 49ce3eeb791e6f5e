"""Completion, ghost text, hover and commands, as the kinds of editors ask for them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from .support.clients import EMACS, KINDS, PLAIN, VSCODE, Kind
from .support.editor import Buffer, Editor, session
from .support.edits import applied
from .support.samples import RETRY, SMALL, laid_out, made

pytestmark = pytest.mark.asyncio(loop_scope="module")

HEAD = "def f():\n    # 🚀\n    x = '𝄞'  # find: retry a request"
TAIL = "\n    return x\n"
CODE = laid_out(RETRY.rstrip("\n").split("\n"), "    ", "\n").rstrip("\n")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("small"), SMALL)


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=[*KINDS, PLAIN], ids=lambda kind: kind.name
)
async def editor(
    request: pytest.FixtureRequest, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Editor]:
    kind: Kind = request.param
    cache = {"DOWSE_CACHE": str(tmp_path_factory.mktemp("cache"))}
    async with session(kind, root, environment=cache) as editor:
        await editor.indexed()
        yield editor


@pytest.fixture
def buffer(editor: Editor, tmp_path: Path) -> Buffer:
    """A document whose caret-to-be stands at the end of the comment."""
    opened = editor.open(tmp_path / "document.py", HEAD[:-7] + TAIL)
    opened.type(len(HEAD) - 7, HEAD[-7:])
    return opened


@pytest.fixture
def below(editor: Editor, tmp_path: Path) -> Buffer:
    """A document whose caret-to-be waits, indented, on the blank line below the comment."""
    opened = editor.open(tmp_path / "document.py", HEAD + TAIL)
    opened.type(len(HEAD), "\n    ")
    return opened


async def test_completion_at_the_end_of_the_comment(buffer: Buffer) -> None:
    items = await buffer.completions(buffer.end_of(2))
    assert items[0].label == "retry_request"
    assert _taken(buffer, items[0]) == f"{HEAD}\n{CODE}{TAIL}"


async def test_completion_on_the_line_below(below: Buffer) -> None:
    items = await below.completions(below.end_of(3))
    assert items[0].label == "retry_request"
    assert _taken(below, items[0]) == f"{HEAD}\n{CODE}{TAIL}"


async def test_completion_takes_words_that_have_just_been_typed(
    editor: Editor, tmp_path: Path
) -> None:
    buffer = editor.open(tmp_path / "document.py", "y = '🚀'  # find: ")
    for words, label in (("spell a number", "roman_numeral"), (" — retry a request", "retry_")):
        buffer.type(len(buffer.text), words)
        items = await buffer.completions(buffer.end_of(0))
        assert any(item.label.startswith(label) for item in items)


async def test_an_item_is_explained_when_it_is_looked_at(buffer: Buffer) -> None:
    (item, *_) = await buffer.completions(buffer.end_of(2))
    assert item.documentation is None
    resolved = await buffer.editor.client.completion_item_resolve_async(item)
    shown = resolved.documentation
    text = shown.value if isinstance(shown, lsp.MarkupContent) else shown
    assert text is not None
    for part in ("network/requests.py:4", "workspace", "no licence stated", "Words: retry"):
        assert part in text
    assert "def retry_request(url, attempts):" in text
    if buffer.editor.kind in (EMACS, PLAIN):  # they name no format that they can show
        assert not isinstance(shown, lsp.MarkupContent) or shown.kind == lsp.MarkupKind.PlainText


async def test_an_item_that_is_unknown_stays_as_it_is(editor: Editor) -> None:
    item = lsp.CompletionItem("other", data={"token": "gone", "hit": 0})
    assert (await editor.client.completion_item_resolve_async(item)).documentation is None


async def test_ghost_text_at_the_end_of_the_comment(buffer: Buffer) -> None:
    (item, *_) = await buffer.inline(buffer.end_of(2))
    assert _shown(buffer, item) == f"{HEAD}\n{CODE}{TAIL}"


async def test_ghost_text_on_the_line_below(below: Buffer) -> None:
    (item, *_) = await below.inline(below.end_of(3))
    assert _shown(below, item) == f"{HEAD}\n{CODE}{TAIL}"


async def test_code_that_is_too_long_to_be_drawn_is_no_ghost_text(tmp_path: Path) -> None:
    steps = "".join(f"    value = step_{number}(value)\n" for number in range(200))
    long = f"def climb_many_stairs(value):\n{steps}    return value\n"
    folder = made(tmp_path / "project", {**SMALL, "long.py": long})
    async with session(VSCODE, folder) as editor:
        buffer = editor.open(folder / "a.py", "# find: climb many stairs\n")
        await editor.indexed()
        labels = [item.label for item in await buffer.completions(buffer.end_of(0))]
        assert labels[0] == "climb_many_stairs"
        ghosts = await buffer.inline(buffer.end_of(0))
        assert not any("climb_many_stairs" in str(ghost.insert_text) for ghost in ghosts)


async def test_no_completion_where_it_would_tear_code_apart(buffer: Buffer) -> None:
    assert await buffer.completions(buffer.end_of(3)) == []
    assert await buffer.inline(buffer.end_of(3)) == []


async def test_hover_explains_the_hits(buffer: Buffer) -> None:
    hover = await buffer.hover(buffer.end_of(2))
    assert hover is not None
    assert isinstance(hover.contents, lsp.MarkupContent)
    plain = buffer.editor.kind is PLAIN
    expected = lsp.MarkupKind.PlainText if plain else lsp.MarkupKind.Markdown
    assert hover.contents.kind == expected
    assert "def retry_request(url, attempts):" in hover.contents.value
    assert "ound by words alone" in hover.contents.value
    assert hover.range is not None
    span = buffer.offset(hover.range.start), buffer.offset(hover.range.end)
    assert buffer.text[slice(*span)] == "# find: retry a request"


async def test_search_from_a_command(editor: Editor, root: Path) -> None:
    answer = await editor.command("search", {"words": "retry a request", "limit": 1})
    (hit,) = answer["hits"]
    assert answer["tier"] == "lexical"
    assert (hit["symbol"], hit["kind"], hit["language"]) == ("retry_request", "function", "python")
    assert hit["uri"] == (root / "network" / "requests.py").as_uri()
    assert (hit["path"], hit["startLine"], hit["endLine"]) == ("network/requests.py", 3, 12)
    assert hit["text"] + "\n" == RETRY


@pytest.mark.parametrize(
    ("language", "found"),
    [
        ("rust", False),
        ("python", True),
        ("typescriptreact", False),  # as editors call it
        ("markdown", True),  # which has no snippets of its own
        ("of nobody", True),
    ],
)
async def test_search_in_one_language(editor: Editor, language: str, found: bool) -> None:
    question = {"words": "retry a request", "language": language}
    assert bool((await editor.command("search", question))["hits"]) == found


@pytest.mark.parametrize(
    ("command", "argument"),
    [
        ("search", {"words": ""}),
        ("search", {"words": "?!"}),
        ("search", {"words": "retry " * 1_000}),
        ("search", {"words": 5}),
        ("search", {"words": "retry", "limit": "many"}),
        ("search", None),
        ("open", {"uri": "untitled:Untitled-1"}),
        ("open", {"uri": "file:///x.py", "start": -1}),
        ("open", 7),
    ],
    ids=str,
)
async def test_a_command_with_bad_arguments_says_what_it_takes(
    editor: Editor, command: str, argument: object
) -> None:
    with pytest.raises(JsonRpcException) as refused:
        await editor.command(command, argument)
    assert refused.value.code == lsp.ErrorCodes.InvalidParams.value
    assert refused.value.message
    editor.log.clear()  # pygls logs the refusal with a traceback


async def test_index_from_a_command(editor: Editor) -> None:
    (done,) = await editor.command("index")
    assert (done["files"], done["changed"], done["removed"]) == (2, 0, 0)


async def test_open_where_the_editor_cannot_be_asked_to(editor: Editor, root: Path) -> None:
    uri = (root / "text" / "numbers.py").as_uri()
    opened = await editor.command("open", {"uri": uri, "start": 0, "end": 2})
    assert opened is (editor.kind.name in {"vscode", "neovim"})
    if not opened:
        assert "numbers.py, line 1" in await editor.told("numbers.py")


async def test_completion_is_offered_to_editors_that_read_the_capabilities() -> None:
    """Ghost text is asked for only where it is advertised."""
    async with session(VSCODE) as editor:
        assert editor.server.capabilities.inline_completion_provider
        assert editor.server.capabilities.completion_provider


def _taken(buffer: Buffer, item: lsp.CompletionItem) -> str:
    assert isinstance(item.text_edit, lsp.TextEdit)
    assert item.insert_text_format in (None, lsp.InsertTextFormat.PlainText)
    return applied(buffer.text, [item.text_edit], buffer.editor.kind.encoding)


def _shown(buffer: Buffer, item: lsp.InlineCompletionItem) -> str:
    assert isinstance(item.insert_text, str)
    assert item.range is not None
    edit = lsp.TextEdit(item.range, item.insert_text)
    return applied(buffer.text, [edit], buffer.editor.kind.encoding)
