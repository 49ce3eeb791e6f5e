"""Every kind of document and of question: what is inserted, and where nothing is said."""

from __future__ import annotations

import statistics
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from lsprotocol import types as lsp

from .support.clients import KINDS, VSCODE, Kind
from .support.editor import Buffer, Editor, session
from .support.samples import RETRY, SMALL, laid_out, made

pytestmark = pytest.mark.asyncio(loop_scope="module")

ASK = "# find: retry a request"
CODE = RETRY.rstrip("\n").split("\n")
LATIN_1 = b'''def parse_menu(text):
    """Caf\xe9 menu to a table."""
    return text.split("\xa7")
'''


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("small"), {**SMALL, "menu.py": LATIN_1})


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=KINDS, ids=lambda k: k.name)
async def editor(
    request: pytest.FixtureRequest, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Editor]:
    """One editor of each kind for all documents, which are opened under names of their own."""
    kind: Kind = request.param
    cache = {"DOWSE_CACHE": str(tmp_path_factory.mktemp("cache"))}
    async with session(kind, root, environment=cache) as editor:
        await editor.indexed()
        yield editor


@dataclass(frozen=True, slots=True)
class Layout:
    """A document around the comment, and how code must be laid out in it."""

    head: str
    tail: str = "after = 2\n"
    indentation: str = ""
    indent: str = "    "
    newline: str = "\n"
    typed: str = ASK
    """What is typed as the comment's line, its line end left out."""

    @property
    def code(self) -> str:
        rows = [_with_indent(row, self.indent) for row in CODE]
        return laid_out(rows, self.indentation, self.newline)


def _with_indent(row: str, indent: str) -> str:
    text = row.lstrip(" ")
    return indent * ((len(row) - len(text)) // 4) + text


LAYOUTS = {
    "lf": Layout("before = 1\n"),
    "crlf": Layout("before = '𝄞'\r\n", "after = 2\r\n", newline="\r\n"),
    "cr": Layout("before = '𝄞'\r", "after = 2\r", newline="\r"),
    "mixed, mostly crlf": Layout("a = 1\nb = 2\r\nc = 3\r\n", "d = 4\r\n", newline="\r\n"),
    "mixed, mostly lf": Layout("a = 1\r\nb = 2\nc = 3\n", "d = 4\n\re = 5\n"),
    "byte order mark": Layout("\ufeffbefore = '𝄞'\n"),
    "byte order mark before the comment": Layout("\ufeff"),
    "form feed line": Layout("before = 1\n\x0c\nbetween = 2\n"),
    "form feed in the line": Layout("before = 1\n\x0cbetween = 2\n", typed=f"x = '\x0c'  {ASK}"),
    "line separator": Layout("before = 'a\u2028b\u2029c\x85d\x0be\x1c'\n"),
    "line separator in the line": Layout("", typed=f"before = '🚀\u2028\x85'  {ASK}"),
    "tabs": Layout(
        "class A:\n\tdef f(self):\n\t\tx = '𝄞'\n",
        "\t\treturn x\n",
        indentation="\t\t",
        indent="\t",
    ),
    "two spaces": Layout("def f():\n  x = 1\n", "  return x\n", indentation="  ", indent="  "),
    "code before the comment": Layout("", indentation="", typed=f"x = '𝄞🚀'  {ASK}"),
    "combining characters": Layout("", typed=f"x = 'e\u0301\u200d👩‍🚀'  {ASK}"),
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
async def test_the_code_takes_the_layout_of_the_document(
    editor: Editor, layout: Layout, tmp_path: Path
) -> None:
    file = tmp_path / "document.py"
    file.write_bytes((layout.head + layout.tail).encode())
    buffer = editor.open(file)
    comment = layout.indentation + layout.typed + layout.newline
    buffer.type(len(layout.head), comment)
    await _accept_first(buffer, "# find:")
    buffer.save(file)
    expected = layout.head + comment + layout.code + layout.tail
    assert file.read_bytes() == expected.encode()


async def test_a_file_without_a_final_line_end_gets_none(editor: Editor, tmp_path: Path) -> None:
    file = tmp_path / "document.py"
    file.write_bytes(b"before = 1\r\n")
    buffer = editor.open(file)
    buffer.type(len(buffer.text), f"x = '𝄞'  {ASK}")
    typed = buffer.text
    await _accept_first(buffer, "# find:")
    buffer.save(file)
    assert file.read_bytes() == (typed + "\r\n" + "\r\n".join(CODE)).encode()


async def test_the_blank_line_on_which_the_caret_waits_is_used(
    editor: Editor, tmp_path: Path
) -> None:
    head, tail = f"def f():\n    x = '𝄞'\n    {ASK}\n", "\n\nlast = 1\n"
    buffer = editor.open(tmp_path / "document.py", f"{head}    {tail}")
    (first, *_) = await buffer.insertions(buffer.line("# find:") + 1)
    await buffer.accept(first)
    assert buffer.text == head + laid_out(CODE, "    ", "\n").rstrip("\n") + tail


async def test_a_comment_over_several_lines_is_one_question(editor: Editor, tmp_path: Path) -> None:
    comment = "# 𝄞\n\n# find: retry\n# a request\n# 🚀 that failed\n"
    buffer = editor.open(tmp_path / "document.py", f"{comment}after = 1\n")
    (first, *_) = await buffer.insertions(buffer.line("# find:"))
    await buffer.accept(first)
    assert buffer.text == f"{comment}{RETRY}after = 1\n"


async def test_code_from_a_file_that_is_not_utf8(editor: Editor, tmp_path: Path) -> None:
    text = "x = '𝄞'  # find: menu to a table\n"
    buffer = editor.open(tmp_path / "document.py", text)
    await _accept_first(buffer, "# find:")
    assert buffer.text == text + LATIN_1.decode("utf-8", "replace")


async def test_a_document_without_a_file(editor: Editor) -> None:
    buffer = editor.open_uri("untitled:Untitled-1", f"x = '𝄞'  {ASK}\n")
    await _accept_first(buffer, "# find:")
    assert buffer.text == f"x = '𝄞'  {ASK}\n{RETRY}"


async def test_a_language_that_the_editor_names_otherwise(editor: Editor, tmp_path: Path) -> None:
    buffer = editor.open(tmp_path / "document.py", f"{ASK}\n", language="mode-of-mine")
    assert await buffer.insertions(0)


async def test_a_document_nested_twenty_thousand_deep(editor: Editor, tmp_path: Path) -> None:
    deep = "x = " + "[" * 20_000 + "]" * 20_000 + "\n"
    buffer = editor.open(tmp_path / "document.py", f"{deep}{ASK}\ny = '𝄞'  {ASK}\n{deep}")
    for line in (1, 2):
        assert await buffer.insertions(line)
    assert await buffer.hover(buffer.end_of(1)) is not None


async def test_a_document_of_fifty_megabytes(root: Path, tmp_path: Path) -> None:
    async with session(VSCODE, root) as editor:
        await editor.indexed()
        row = f"x = '{'no person wrote this 𝄞' * 500}'\n"
        rows = 50_000_000 // len(row.encode())
        huge = editor.open(tmp_path / "huge.py", f"{ASK}\n{row * rows}")
        small = editor.open(tmp_path / "document.py", f"{ASK}\n")
        huge.type(0, "#\n")
        assert await huge.actions(1) == []
        assert await huge.completions(huge.end_of(1)) == []
        assert await huge.hover(lsp.Position(1, 3)) is None
        assert await small.insertions(0)


# --- silence --------------------------------------------------------------------------------

SILENT = {
    "code": "x = find(retry, request)",
    "blank": "",
    "string": "x = '# find: retry a request'",
    "docstring": '"""find: retry a request"""',
    "longer string": '"""\n# find: retry a request\n"""',
    "longer word": "# finding: retry a request",
    "no colon": "# find retry a request",
    "two colons": "# find::retry a request",
    "in the middle": "# to do: find: retry a request",
    "no words": "# find:   ",
    "two lines below": "# find: retry a request\nx = '𝄞'\n\n",
    "line above": "x = '𝄞'\n# find: retry a request",
}
SILENT_LINES = {"longer string": 1, "two lines below": 2}


@pytest.mark.parametrize("name", SILENT)
async def test_silence_where_nothing_is_asked(editor: Editor, name: str, tmp_path: Path) -> None:
    buffer = editor.open(tmp_path / "document.py", f"{SILENT[name]}\n")
    await _is_silent(buffer, SILENT_LINES.get(name, 0))


@pytest.mark.parametrize("language", ["brainfuck", "plaintext", "log"])
async def test_silence_in_unknown_languages(editor: Editor, language: str, tmp_path: Path) -> None:
    buffer = editor.open(tmp_path / "document.unknown", f"{ASK}\n", language)
    await _is_silent(buffer, 0)


async def _is_silent(buffer: Buffer, line: int) -> None:
    caret = buffer.end_of(line)
    assert await buffer.actions(line) == []
    assert await buffer.completions(caret) == []
    assert await buffer.inline(caret) == []
    assert await buffer.hover(caret) is None


async def test_silence_costs_nothing(editor: Editor, tmp_path: Path) -> None:
    row = "total = sum(value for value in values)  # 𝄞 add them\n"
    buffer = editor.open(tmp_path / "document.py", row * 20_000)
    times = []
    for line in range(0, 20_000, 1_000):
        start = time.perf_counter()
        assert await buffer.actions(line) == []
        times.append(time.perf_counter() - start)
    assert statistics.median(times) < 0.25


# --- questions that cannot be answered ------------------------------------------------------

BAD_WORDS = {
    "punctuation": ("?!… ((¿", "no word"),
    "five thousand characters": ("retry " * 900, "shorten"),
}


@pytest.mark.parametrize(("words", "reason"), BAD_WORDS.values(), ids=BAD_WORDS.keys())
async def test_a_question_without_an_answer_says_why(
    editor: Editor, words: str, reason: str, tmp_path: Path
) -> None:
    text = f"x = '𝄞'  # find: {words}\n"
    buffer = editor.open(tmp_path / "document.py", text)
    caret = buffer.end_of(0)
    actions = await buffer.actions(0)
    if editor.kind is VSCODE:  # the one that shows actions that cannot be taken
        (action,) = actions
        assert action.edit is None
        assert action.disabled is not None
        assert reason in action.disabled.reason
    else:
        assert actions == []
    hover = await buffer.hover(caret)
    assert hover is not None
    assert isinstance(hover.contents, lsp.MarkupContent)
    assert reason in hover.contents.value
    assert await buffer.completions(caret) == []
    assert await buffer.inline(caret) == []


async def _accept_first(buffer: Buffer, part: str) -> None:
    (first, *_) = await buffer.insertions(buffer.line(part))
    await buffer.accept(first)
