"""An editor as the server sees it: documents, keys that are typed, edits that are taken."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, Union

from cattrs import Converter
from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient as BareClient
from pygls.protocol import default_converter
from pytest_lsp import LanguageClient
from pytest_lsp.client import register_lsp_features

from .clients import Kind
from .edits import applied, offset_of, position_of, spans, text_edits

T = TypeVar("T")

SERVER = (sys.executable, "-m", "dowse.server", "serve")
PATIENCE = 120.0
"""Seconds until a state that has to come is given up; other work may hold the processor."""
_POLL = 0.02

WORDS_ONLY: Mapping[str, Any] = {"vectors": False}
ALONE: Mapping[str, Any] = {"sources": ["workspace"]}
"""Most promises are about the folder alone; those about other sources name them."""
_TITLE = re.compile(
    r"Insert: (?P<symbol>.+) — (?P<file>.+):(?P<line>\d+)(?P<note> \(words only\))?"
)


async def eventually(ask: Callable[[], Awaitable[T]], accept: Callable[[T], bool], what: str) -> T:
    """Ask until the answer is accepted."""
    end = time.monotonic() + PATIENCE
    while not accept(answer := await ask()):
        assert time.monotonic() < end, f"{what} did not come; the last answer was {answer!r}"
        await asyncio.sleep(_POLL)
    return answer


def _alone(settings: object) -> object:
    """Settings that search the folder alone, unless they say where to search."""
    if settings is None:
        return ALONE
    return {**ALONE, **settings} if isinstance(settings, Mapping) else settings


@dataclass(frozen=True, slots=True)
class Title:
    """The parts of the title of an insertion."""

    symbol: str
    file: str
    line: int
    words_only: bool

    @classmethod
    def of(cls, action: lsp.CodeAction) -> Title:
        return cls.parse(action.title)

    @classmethod
    def parse(cls, title: str) -> Title:
        match = _TITLE.fullmatch(title)
        assert match, title
        return cls(match["symbol"], match["file"], int(match["line"]), match["note"] is not None)


class Editor:
    """A client of one kind with a server of its own."""

    def __init__(self, client: LanguageClient, kind: Kind) -> None:
        self.client, self.kind = client, kind
        self.server: lsp.InitializeResult
        self.log: list[str] = []
        """What the server writes to stderr."""
        self.registered: list[lsp.Registration] = []
        """What the server asks to be told of."""

        @client.feature(lsp.CLIENT_REGISTER_CAPABILITY)
        def register(params: lsp.RegistrationParams) -> None:
            self.registered += params.registrations

    # --- life ---------------------------------------------------------------------------------

    async def initialize(
        self, roots: Sequence[Path], settings: object, names: Sequence[str] = ()
    ) -> None:
        named = [*names, *(root.name for root in roots[len(names) :])]
        folders = [
            lsp.WorkspaceFolder(root.as_uri(), name)
            for root, name in zip(roots, named, strict=True)
        ]
        self.server = await self.client.initialize_session(
            lsp.InitializeParams(
                self.kind.capabilities,
                root_uri=folders[0].uri if folders else None,
                workspace_folders=folders or None,
                initialization_options=_alone(settings),
            )
        )
        encoding = self.server.capabilities.position_encoding or "utf-16"
        assert str(getattr(encoding, "value", encoding)) == self.kind.encoding

    @property
    def process(self) -> asyncio.subprocess.Process:
        process = self.client._server
        assert process is not None
        return process

    async def read_log(self) -> None:
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            self.log.append(line.decode("utf-8", "replace"))

    # --- state --------------------------------------------------------------------------------

    async def command(self, name: str, *arguments: object) -> Any:
        params = lsp.ExecuteCommandParams(f"dowse.{name}", list(arguments) or None)
        return plain(await self.client.workspace_execute_command_async(params))

    async def status(self) -> dict[str, Any]:
        return dict(await self.command("status"))

    async def indexed(self, folders: int = 1) -> dict[str, Any]:
        """Wait until the words of every folder are indexed."""
        return await eventually(
            self.status,
            lambda s: len(s["folders"]) == folders and s["files"] > 0 and not s["indexing"],
            "the index",
        )

    async def filled(self) -> dict[str, Any]:
        """Wait until every snippet has its vector."""
        status = await eventually(
            self.status, lambda s: s["tier"] == "full" or s["model"] == "failed", "the tier `full`"
        )
        assert status["tier"] == "full", self.client.messages
        return status

    async def found(self, words: str, accept: Callable[[list[str]], bool]) -> list[str]:
        """Wait until a search answers with symbols that are accepted."""

        async def symbols() -> list[str]:
            answer = await self.command("search", {"words": words, "limit": 20})
            return [hit["symbol"] for hit in answer["hits"]]

        return await eventually(symbols, accept, f"the answer to {words!r}")

    async def told(self, part: str) -> str:
        """Wait for a message to the person that holds these words."""

        async def messages() -> list[str]:
            return [message.message for message in self.client.messages]

        shown = await eventually(
            messages, lambda all_: any(part in each for each in all_), f"a message with {part!r}"
        )
        return next(message for message in shown if part in message)

    # --- documents ----------------------------------------------------------------------------

    def open(self, file: Path, text: str | None = None, language: str = "python") -> Buffer:
        shown = file.read_bytes().decode() if text is None else text
        return self.open_uri(file.as_uri(), shown, language)

    def open_uri(self, uri: str, text: str, language: str = "python") -> Buffer:
        item = lsp.TextDocumentItem(uri, language, 1, text)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
        return Buffer(self, uri, text)


class Buffer:
    """A document in the editor."""

    def __init__(self, editor: Editor, uri: str, text: str) -> None:
        self.editor, self.uri, self.text = editor, uri, text
        self.version = 1

    @property
    def identifier(self) -> lsp.TextDocumentIdentifier:
        return lsp.TextDocumentIdentifier(self.uri)

    def line(self, part: str) -> int:
        """The first line that holds this text."""
        return position_of(self.text, self.text.index(part), self.editor.kind.encoding).line

    def end_of(self, line: int) -> lsp.Position:
        return position_of(self.text, spans(self.text)[line][1], self.editor.kind.encoding)

    # --- changes ------------------------------------------------------------------------------

    def replace(self, start: int, end: int, new: str) -> None:
        """Replace a part of the text as one incremental change."""
        encoding = self.editor.kind.encoding
        span = lsp.Range(
            position_of(self.text, start, encoding), position_of(self.text, end, encoding)
        )
        self.text = self.text[:start] + new + self.text[end:]
        self.version += 1
        self.editor.client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(
                lsp.VersionedTextDocumentIdentifier(self.version, self.uri),
                [lsp.TextDocumentContentChangePartial(span, new)],
            )
        )

    def type(self, offset: int, keys: str) -> None:
        """Type, one change a key; Enter is a line end of whatever length."""
        for key in re.findall(r"\r\n|.", keys, re.DOTALL):
            self.replace(offset, offset, key)
            offset += len(key)

    def save(self, file: Path) -> None:
        file.write_bytes(self.text.encode())
        saved = lsp.DidSaveTextDocumentParams(self.identifier)
        self.editor.client.text_document_did_save(saved)

    def close(self) -> None:
        closed = lsp.DidCloseTextDocumentParams(self.identifier)
        self.editor.client.text_document_did_close(closed)

    # --- questions ----------------------------------------------------------------------------

    async def actions(self, line: int) -> list[lsp.CodeAction]:
        """What the menu at the end of a line offers."""
        caret = self.end_of(line)
        found = await self.editor.client.text_document_code_action_async(
            lsp.CodeActionParams(
                self.identifier, lsp.Range(caret, caret), lsp.CodeActionContext([])
            )
        )
        return [action for action in found or [] if isinstance(action, lsp.CodeAction)]

    async def insertions(self, line: int) -> list[lsp.CodeAction]:
        """The actions that insert a snippet."""
        return [a for a in await self.actions(line) if a.title.startswith("Insert: ")]

    async def accept(self, action: lsp.CodeAction) -> None:
        """Take an action as this kind of editor does."""
        if self.editor.kind.resolves:
            assert action.edit is None, "the edit came although the client asks for it later"
            action = await self.editor.client.code_action_resolve_async(action)
        assert action.edit is not None, "the action has no edit, and the client will not ask"
        self.apply(text_edits(action.edit, self.uri, self.version))

    def apply(self, edits: Sequence[lsp.TextEdit]) -> None:
        """Change the text and tell the server."""
        new = applied(self.text, edits, self.editor.kind.encoding)
        self.replace(0, len(self.text), new)

    async def completions(self, position: lsp.Position) -> list[lsp.CompletionItem]:
        params = lsp.CompletionParams(self.identifier, position)
        found = await self.editor.client.text_document_completion_async(params)
        return list(found.items) if isinstance(found, lsp.CompletionList) else list(found or [])

    async def inline(self, position: lsp.Position) -> list[lsp.InlineCompletionItem]:
        context = lsp.InlineCompletionContext(lsp.InlineCompletionTriggerKind.Automatic)
        params = lsp.InlineCompletionParams(
            context=context, text_document=self.identifier, position=position
        )
        found = await self.editor.client.text_document_inline_completion_async(params)
        items = found.items if isinstance(found, lsp.InlineCompletionList) else found
        return list(items or [])

    async def hover(self, position: lsp.Position) -> lsp.Hover | None:
        params = lsp.HoverParams(self.identifier, position)
        return await self.editor.client.text_document_hover_async(params)

    def offset(self, position: lsp.Position) -> int:
        return offset_of(self.text, position, self.editor.kind.encoding)


def plain(value: Any) -> Any:
    """A result of a command as JSON has it; pygls makes named tuples of objects."""
    if hasattr(value, "_asdict"):
        return {key: plain(each) for key, each in value._asdict().items()}
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list | tuple) else value


def _converter() -> Converter:
    """lsprotocol's, which takes every action that has a command for a bare command."""
    converter = default_converter()

    def action(value: Any, _: object) -> lsp.Command | lsp.CodeAction:
        bare = isinstance(value.command if hasattr(value, "command") else value.get("command"), str)
        return converter.structure(value, lsp.Command if bare else lsp.CodeAction)

    converter.register_structure_hook(lsp.Command | lsp.CodeAction, action)
    converter.register_structure_hook(Union[lsp.Command, lsp.CodeAction], action)  # noqa: UP007
    return converter


@asynccontextmanager
async def started(
    kind: Kind, environment: Mapping[str, str] | None = None, command: Sequence[str] = SERVER
) -> AsyncIterator[Editor]:
    """An editor whose server runs and has been told nothing yet; it is ended at the latest here."""
    client = LanguageClient(converter_factory=_converter)
    register_lsp_features(client)
    client.capabilities = kind.capabilities
    editor = Editor(client, kind)
    env = {**os.environ, **(environment or {})}
    await BareClient.start_io(client, *command, env=env)
    log = asyncio.create_task(editor.read_log())
    try:
        yield editor
    finally:
        if editor.process.returncode is None:
            editor.process.kill()
        await client.stop()
        await log


@asynccontextmanager
async def session(
    kind: Kind,
    *roots: Path,
    settings: object = WORDS_ONLY,
    names: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    command: Sequence[str] = SERVER,
) -> AsyncIterator[Editor]:
    """An editor with folders open, closed as editors do it; the server must not have failed."""
    async with started(kind, environment, command) as editor:
        await editor.initialize(roots, settings, names)
        yield editor
        await asyncio.wait_for(editor.client.shutdown_session(), PATIENCE)
    assert editor.process.returncode == 0
    assert not [line for line in editor.log if "Traceback" in line], "".join(editor.log)
