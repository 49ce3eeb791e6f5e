"""What editors ask beside the standard requests: candidates, likeness, models, status, cells."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from ..model.test_hub import CONTENT, FILE, REPO, serving
from .support.clients import KINDS, VSCODE, Kind
from .support.editor import WORDS_ONLY, Buffer, Editor, eventually, plain, session, started
from .support.edits import applied, text_edits
from .support.samples import NUMERAL, RETRY, SMALL, made

COPY = f"LIMIT = 3\n\n\n{RETRY.replace('retry_request', 'send_until_it_works')}"
ASK = "# find: retry a request\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return made(tmp_path / "project", SMALL)


async def _inserted(buffer: Buffer, line: int, hit: dict[str, Any]) -> str:
    """The text once a hit was put at a line."""
    fields = {"uri": buffer.uri, "line": line, "hit": hit}
    answer = await buffer.editor.command("insertion", fields)
    edit = buffer.editor.client.protocol._converter.structure(answer, lsp.WorkspaceEdit)
    edits = text_edits(edit, buffer.uri, buffer.version)
    return applied(buffer.text, edits, buffer.editor.kind.encoding)


# --- candidates -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_a_candidate_is_looked_at_and_inserted(kind: Kind, root: Path) -> None:
    async with session(kind, root) as editor:
        await editor.indexed()
        buffer = editor.open(root / "a.py", f"label = '𝄞é'  {ASK}after = 1\n")
        seen = await editor.command("candidates", {"uri": buffer.uri, "line": 0})
        assert seen["words"] == "retry a request"
        assert seen["state"] == "Found by words alone, without the model."
        (best, *_) = seen["hits"]
        assert best["location"] == "network/requests.py:4"
        assert "Words: retry, a, request." in best["why"]
        text = await _inserted(buffer, 0, best)
        assert text == f"label = '𝄞é'  {ASK}{RETRY}after = 1\n"


async def test_no_candidates_where_no_trigger_is(root: Path) -> None:
    async with session(VSCODE, root) as editor:
        await editor.indexed()
        buffer = editor.open(root / "a.py", "after = 1\n")
        assert await editor.command("candidates", {"uri": buffer.uri, "line": 0}) is None


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("one = 1\n\ntwo = 2\n", 1, f"one = 1\n{RETRY}two = 2\n"),
        ("one = 1\ntwo = 2\n", 0, f"one = 1\n{RETRY}two = 2\n"),
        ("", 0, RETRY.rstrip("\n")),
        ("one = 1\r\n", 0, f"one = 1\r\n{RETRY}".replace("\r\n", "\n").replace("\n", "\r\n")),
    ],
    ids=["blank line", "line of code", "empty file", "CRLF"],
)
async def test_a_hit_of_a_search_is_inserted(
    text: str, line: int, expected: str, root: Path
) -> None:
    async with session(VSCODE, root) as editor:
        await editor.indexed()
        (hit, *_) = (await editor.command("search", {"words": "retry a request"}))["hits"]
        buffer = editor.open(root / "a.py", text)
        assert await _inserted(buffer, line, hit) == expected


async def test_a_hit_takes_the_indentation_of_its_new_place(root: Path) -> None:
    async with session(VSCODE, root) as editor:
        await editor.indexed()
        (hit, *_) = (await editor.command("search", {"words": "roman numeral"}))["hits"]
        buffer = editor.open(root / "a.py", "class Numbers:\n    \n")
        inside = "".join(f"    {row}\n" for row in NUMERAL.rstrip("\n").split("\n"))
        assert await _inserted(buffer, 1, hit) == f"class Numbers:\n{inside}"


# --- likeness -------------------------------------------------------------------------------


async def test_code_is_found_by_code_like_it(root: Path) -> None:
    made(root, {"copy.py": COPY})
    async with session(VSCODE, root) as editor:
        await editor.indexed()
        here = {"uri": (root / "network" / "requests.py").as_uri(), "line": 5}
        answer = await editor.command("search", {"like": RETRY, "at": here})
        symbols = [hit["symbol"] for hit in answer["hits"]]
        assert symbols[0] == "send_until_it_works"
        assert "retry_request" not in symbols  # that is the code itself


@pytest.mark.parametrize(
    ("command", "argument"),
    [
        ("search", {"like": ""}),
        ("search", {"like": 3}),
        ("candidates", {"uri": "file:///a.py"}),
        ("candidates", {"uri": "file:///a.py", "line": True}),
        ("insertion", {"uri": "file:///a.py", "line": 0}),
        ("insertion", {"uri": "file:///a.py", "line": 0, "hit": {"text": "x"}}),
        ("pullModel", {"repository": "a/b"}),
    ],
    ids=str,
)
async def test_what_a_command_cannot_take_is_told(
    command: str, argument: object, root: Path
) -> None:
    async with session(VSCODE, root) as editor:
        with pytest.raises(JsonRpcException) as refused:
            await editor.command(command, argument)
        assert refused.value.code == lsp.ErrorCodes.InvalidParams.value
        assert refused.value.message
        editor.log.clear()  # pygls logs the refusal with a traceback


# --- models ---------------------------------------------------------------------------------


@pytest.fixture
def hub() -> Iterator[str]:
    with serving() as address:
        yield address


async def test_a_model_is_pulled_and_then_at_hand(hub: str, root: Path, tmp_path: Path) -> None:
    environment = {"HF_ENDPOINT": hub, "DOWSE_DATA": str(tmp_path / "data")}
    async with session(VSCODE, root, environment=environment) as editor:
        bundled, small = await editor.command("models")
        assert (bundled["chosen"], small["chosen"]) == (True, False)
        pulled = await editor.command("pullModel", {"repository": REPO, "file": FILE})
        assert pulled["bytes"] == len(CONTENT)
        names = [model["name"] for model in await editor.command("models")]
        assert names == [bundled["name"], small["name"], pulled["name"]]


async def test_a_download_that_fails_says_why(root: Path) -> None:
    async with session(VSCODE, root, environment={"DOWSE_OFFLINE": "1"}) as editor:
        with pytest.raises(JsonRpcException) as failed:
            await editor.command("pullModel", {"repository": REPO, "file": FILE})
        assert "downloads are off" in failed.value.message
        editor.log.clear()


# --- status ---------------------------------------------------------------------------------


async def _told_status(editor: Editor) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []

    @editor.client.feature("dowse/status")
    def status(params: Any) -> None:
        told.append(plain(params))

    return told


async def test_the_status_is_told_to_clients_that_ask_for_it(root: Path) -> None:
    wishes = copy.deepcopy(VSCODE.capabilities)
    wishes.experimental = {"dowseStatus": True}
    async with started(Kind("vscode", "utf-16", wishes)) as editor:
        told = await _told_status(editor)
        await editor.initialize([root], WORDS_ONLY)

        async def last() -> dict[str, Any]:
            return told[-1] if told else {}

        status = await eventually(last, lambda s: s.get("files") == len(SMALL), "the status")
        assert (status["indexing"], status["model"], status["backend"]) == (False, "off", None)
        assert status == await editor.status()
        made(root, {"more.py": NUMERAL})
        (await editor.command("index"))
        await eventually(last, lambda s: s["files"] == len(SMALL) + 1, "the next status")
        assert all(before != after for before, after in pairwise(told))
        await editor.client.shutdown_session()


async def test_the_status_tells_until_when_the_cookbook_is_missing(root: Path) -> None:
    async with started(VSCODE) as editor:
        await editor.initialize([root], {**WORDS_ONLY, "sources": ["workspace", "cookbook"]})
        await eventually(editor.status, lambda s: s["cookbookWaits"], "word of the cookbook")
        await eventually(
            editor.status, lambda s: s["files"] and not s["cookbookWaits"], "the cookbook"
        )
        hits = (await editor.command("search", {"words": "flatten a list", "limit": 5}))["hits"]
        assert "cookbook" in [hit["source"] for hit in hits]
        await editor.client.shutdown_session()


async def test_the_status_is_not_told_unasked(root: Path) -> None:
    async with session(VSCODE, root) as editor:
        told = await _told_status(editor)
        await editor.indexed()
        await editor.command("index")
        assert told == []


# --- languages that are off -----------------------------------------------------------------


@pytest.mark.parametrize("off", ["python", "Python"], ids=["its id", "another name"])
async def test_a_language_can_be_turned_off(off: str, root: Path) -> None:
    settings = {**WORDS_ONLY, "disabledLanguages": [off, "cobol"]}
    async with session(VSCODE, root, settings=settings) as editor:
        await editor.indexed()
        offered = await editor.open(root / "a.py", ASK).insertions(0)
        assert bool(offered) == (off != "python")


# --- notebooks ------------------------------------------------------------------------------

ROMAN = """def roman_numeral(value):
    \"\"\"Spell a number the way that Romans did.\"\"\"
    letters = []
    for worth, letter in ((10, "X"), (5, "V"), (1, "I")):
        letters.append(letter * (value // worth))
        value %= worth
    return "".join(letters)
"""
IMPORTS = {"from text import numbers": "text/numbers.py", "import history.rome": "history/rome.py"}


@pytest.mark.parametrize("before", [True, False], ids=["cell before", "cell after"])
@pytest.mark.parametrize("imported", IMPORTS)
async def test_the_cells_of_a_notebook_are_one_text(
    imported: str, before: bool, root: Path
) -> None:
    """What another cell imports is preferred, and code goes into the cell that asks."""
    made(root, {"history/rome.py": ROMAN})
    asks = ("python", "value = '𝄞é'  # find: roman numeral of a number\n")
    others = [("markdown", "# find: roman numeral\n"), ("python", f"{imported}\n")]
    texts = [*others, asks] if before else [asks, *others]
    async with session(VSCODE, root) as editor:
        await editor.indexed()
        cells = _notebook(editor, root, texts)
        cell = cells[texts.index(asks)]
        (first, *_) = await cell.insertions(0)
        assert IMPORTS[imported] in first.title
        await cell.accept(first)
        assert cell.text == asks[1] + (ROMAN if "history" in first.title else NUMERAL)
        assert await cells[texts.index(others[0])].insertions(0) == []


def _notebook(editor: Editor, root: Path, texts: list[tuple[str, str]]) -> list[Buffer]:
    path = (root / "study.ipynb").as_posix()
    uris = [f"vscode-notebook-cell:{path}#cell{n}" for n in range(len(texts))]
    code, markup = lsp.NotebookCellKind.Code, lsp.NotebookCellKind.Markup
    cells = [
        lsp.NotebookCell(markup if language == "markdown" else code, uri)
        for uri, (language, _) in zip(uris, texts, strict=True)
    ]
    documents = [
        lsp.TextDocumentItem(uri, language, 1, text)
        for uri, (language, text) in zip(uris, texts, strict=True)
    ]
    notebook = lsp.NotebookDocument(f"file://{path}", "jupyter-notebook", 1, cells)
    opened = lsp.DidOpenNotebookDocumentParams(notebook, documents)
    editor.client.notebook_document_did_open(opened)
    return [Buffer(editor, each.uri, each.text) for each in documents]
