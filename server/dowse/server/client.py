"""A small editor: starts the real server in a process of its own and speaks to it.

The demonstration and the benchmarks see what an editor would see, through the protocol alone.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

from dowse.server.uris import uri_of


class Editor:
    """A connection to `dowse serve` with one open folder; use `Editor.on`."""

    def __init__(self, client: LanguageClient) -> None:
        self._client = client
        self._versions: dict[Path, int] = {}

    @classmethod
    @asynccontextmanager
    async def on(
        cls, folder: Path, options: Mapping[str, Any] | None = None
    ) -> AsyncIterator[Editor]:
        """Start the server on a folder, and stop it at the end.

        Args:
            folder: the workspace.
            options: settings of dowse, as `initializationOptions`.
        """
        client = LanguageClient("dowse-editor", "1")
        await client.start_io(sys.executable, "-m", "dowse.server", "serve")
        await client.initialize_async(_initialization(folder, options))
        client.initialized(lsp.InitializedParams())
        try:
            yield cls(client)
        finally:
            await client.shutdown_async(None)
            client.exit(None)
            await client.stop()  # type: ignore[no-untyped-call]

    @property
    def process_id(self) -> int:
        """Of the server."""
        server = self._client._server  # pygls keeps the process to itself
        assert server is not None
        return int(server.pid)

    def write(self, path: Path, text: str) -> None:
        """Show a text as the content of a file, saved or not."""
        version = self._versions[path] = self._versions.get(path, 0) + 1
        if version == 1:
            document = lsp.TextDocumentItem(uri_of(path), lsp.LanguageKind.Python, version, text)
            self._client.text_document_did_open(lsp.DidOpenTextDocumentParams(document))
            return
        identifier = lsp.VersionedTextDocumentIdentifier(version, uri_of(path))
        change = lsp.TextDocumentContentChangeWholeDocument(text)
        self._client.text_document_did_change(lsp.DidChangeTextDocumentParams(identifier, [change]))

    async def status(self) -> dict[str, Any]:
        """What `dowse.status` says."""
        params = lsp.ExecuteCommandParams("dowse.status")
        return dict(await self._client.workspace_execute_command_async(params) or {})

    async def until_indexed(self) -> None:
        """Wait until every file of the folder can be found by its words."""
        while True:
            status = await self.status()
            if status["folders"] and not status["indexing"]:
                return
            await asyncio.sleep(0.02)

    async def actions(self, path: Path, line: int) -> tuple[list[lsp.CodeAction], float]:
        """The code actions at a line, and the milliseconds that they took."""
        place = lsp.Range(lsp.Position(line, 0), lsp.Position(line, 0))
        document = lsp.TextDocumentIdentifier(uri_of(path))
        params = lsp.CodeActionParams(document, place, lsp.CodeActionContext([]))
        started = time.perf_counter()
        found = await self._client.text_document_code_action_async(params) or []
        milliseconds = 1_000 * (time.perf_counter() - started)
        return [action for action in found if isinstance(action, lsp.CodeAction)], milliseconds

    async def completions(self, path: Path, position: lsp.Position) -> list[str]:
        """Labels of the completions at a position."""
        document = lsp.TextDocumentIdentifier(uri_of(path))
        params = lsp.CompletionParams(document, position)
        found = await self._client.text_document_completion_async(params)
        items = found.items if isinstance(found, lsp.CompletionList) else found or []
        return [item.label for item in items]

    async def accept(self, action: lsp.CodeAction, text: str) -> str:
        """Take an action: resolve it, and apply its edit of whole lines to the text."""
        resolved = await self._client.code_action_resolve_async(action)
        changes = resolved.edit.changes if resolved.edit else None
        (edit,) = next(iter((changes or {}).values()))
        lines = text.splitlines(keepends=True)
        first, last = edit.range.start.line, edit.range.end.line
        return "".join([*lines[:first], edit.new_text, *lines[last:]])


def _initialization(folder: Path, options: Mapping[str, Any] | None) -> lsp.InitializeParams:
    lazy = lsp.ClientCodeActionResolveOptions(["edit"])
    actions = lsp.CodeActionClientCapabilities(data_support=True, resolve_support=lazy)
    capabilities = lsp.ClientCapabilities(
        text_document=lsp.TextDocumentClientCapabilities(code_action=actions)
    )
    folders = [lsp.WorkspaceFolder(uri_of(folder), folder.name)]
    return lsp.InitializeParams(
        capabilities, workspace_folders=folders, initialization_options=options
    )
