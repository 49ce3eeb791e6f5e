"""The language server: which requests it answers and how they reach the session."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from dowse.server import __version__, requests
from dowse.server.documents import Documents
from dowse.server.uris import path_of

if TYPE_CHECKING:
    from dowse.server.session import Session

logger = logging.getLogger(__name__)

_SECTION = "dowse"
_WATCH_ID = "dowse-files"
_CONFIGURATION_ID = "dowse-configuration"
_STATUS = "dowseStatus"
"""The experimental capability of clients that want to be told the status."""
_NOTEBOOKS = lsp.NotebookDocumentSyncOptions([lsp.NotebookDocumentFilterWithNotebook("*")])
"""Cells of every notebook are documents; together they are what a cell stands in."""


class DowseServer(LanguageServer):
    """pygls's server with a session."""

    def __init__(self) -> None:
        super().__init__("dowse", __version__, notebook_document_sync=_NOTEBOOKS)
        self.options: object = None
        """The settings that came with `initialize`."""
        self.asked_to_stop = False
        """Whether the client sent `shutdown`, so that an `exit` or a closed pipe is no failure."""
        _register_lifecycle(self)
        _register_requests(self)
        _register_files(self)
        _register_commands(self)

    @cached_property
    def session(self) -> Session:
        """The state behind the requests; loaded after `initialize` has been answered."""
        from dowse.server.progress import Reporter
        from dowse.server.session import Session

        assert isinstance(self.workspace, Documents)
        session = Session(Reporter(self), self.workspace)
        if self._wants_status():
            from dowse.server.status import METHOD, StatusNotifier, status

            send = partial(self.protocol.notify, METHOD)
            session.reporter.on_change = StatusNotifier(partial(status, session), send).changed
        return session

    def _wants_status(self) -> bool:
        told = self.client_capabilities.experimental
        wanted = told.get(_STATUS) if isinstance(told, Mapping) else getattr(told, _STATUS, None)
        return wanted is True

    @property
    def started(self) -> bool:
        """Whether there is a session yet."""
        return "session" in self.__dict__

    def folders(self) -> list[Path]:
        """The open folders, or the root of a client that knows of none."""
        folders = list(self.workspace.folders.values())
        uris = [folder.uri for folder in folders] or [self.workspace.root_uri or ""]
        return [path for uri in uris if (path := path_of(uri)) is not None and path.is_dir()]

    def shutdown(self) -> None:
        """Stop all work and the server."""
        if self.started:
            self.session.close()
        super().shutdown()  # type: ignore[no-untyped-call]

    async def configure(self, sent: object = None) -> None:
        """Ask the client for its settings, or take those that it sent, and start with them."""
        from dowse.server.settings import resolve

        settings, problems = resolve(await self._pulled(sent))
        for problem in problems:
            self.session.reporter.warn(problem)
        self.session.configure(settings, self.folders())

    async def _pulled(self, sent: object) -> object:
        workspace = self.client_capabilities.workspace
        if workspace and workspace.configuration:
            items = [lsp.ConfigurationItem(section=_SECTION)]
            try:
                pulled = await self.workspace_configuration_async(lsp.ConfigurationParams(items))
            except JsonRpcException as error:
                logger.warning("The client did not give its settings: %s", error)
                pulled = None
            if pulled and pulled[0]:
                return pulled[0]
        return sent or self.options  # Neovim sends empty settings where only the latter were set


def _register_lifecycle(server: DowseServer) -> None:
    @server.feature(lsp.INITIALIZE)
    def initialize(params: lsp.InitializeParams) -> None:
        old = server.workspace
        documents = Documents(
            old.root_uri,
            lsp.TextDocumentSyncKind.Incremental,
            list(old.folders.values()),
            old.position_encoding,
        )
        server.protocol._workspace = documents  # pygls has no other way to say which class it is
        server.options = params.initialization_options

    @server.feature(lsp.INITIALIZED)
    async def initialized(params: lsp.InitializedParams) -> None:
        await server.configure()
        await _watch(server)

    @server.feature(lsp.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def did_change_configuration(params: lsp.DidChangeConfigurationParams) -> None:
        sent = params.settings
        section = sent.get(_SECTION, sent) if isinstance(sent, dict) else sent
        await server.configure(section)

    @server.feature(lsp.SHUTDOWN)
    def shutdown(params: None) -> None:
        server.asked_to_stop = True
        if server.started:
            server.session.close()


async def _watch(server: DowseServer) -> None:
    """Ask the client to tell of changed files and settings, where it can be asked."""
    workspace = server.client_capabilities.workspace
    files = workspace and workspace.did_change_watched_files
    settings = workspace and workspace.did_change_configuration
    registrations = []
    if files and files.dynamic_registration:
        everything = [lsp.FileSystemWatcher(glob_pattern="**/*")]
        options = lsp.DidChangeWatchedFilesRegistrationOptions(everything)
        method = lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES
        registrations.append(lsp.Registration(_WATCH_ID, method, options))
    if settings and settings.dynamic_registration:
        section = lsp.DidChangeConfigurationRegistrationOptions(_SECTION)
        method = lsp.WORKSPACE_DID_CHANGE_CONFIGURATION
        registrations.append(lsp.Registration(_CONFIGURATION_ID, method, section))
    if registrations:
        await server.client_register_capability_async(lsp.RegistrationParams(registrations))


def _register_requests(server: DowseServer) -> None:
    @server.feature(
        lsp.TEXT_DOCUMENT_CODE_ACTION,
        lsp.CodeActionOptions(code_action_kinds=[requests.ACTION_KIND], resolve_provider=True),
    )
    async def actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction] | None:
        return await requests.code_action.code_actions(
            server.session, params, server.client_capabilities
        )

    @server.feature(lsp.CODE_ACTION_RESOLVE)
    def resolve_action(action: lsp.CodeAction) -> lsp.CodeAction:
        return requests.code_action.resolve(server.session, action, server.client_capabilities)

    @server.feature(lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(resolve_provider=True))
    async def complete(params: lsp.CompletionParams) -> lsp.CompletionList | None:
        return await requests.completion.completions(server.session, params)

    @server.feature(lsp.COMPLETION_ITEM_RESOLVE)
    def resolve_item(item: lsp.CompletionItem) -> lsp.CompletionItem:
        return requests.completion.resolve(server.session, item, server.client_capabilities)

    @server.feature(lsp.TEXT_DOCUMENT_INLINE_COMPLETION, lsp.InlineCompletionOptions())
    async def inline(
        params: lsp.InlineCompletionParams,
    ) -> list[lsp.InlineCompletionItem]:
        return await requests.inline_completion.inline_completions(server.session, params)

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    async def hovered(params: lsp.HoverParams) -> lsp.Hover | None:
        return await requests.hover.hover(server.session, params, server.client_capabilities)


def _register_files(server: DowseServer) -> None:
    def touch(uris: Iterable[str]) -> None:
        server.session.touch(path for uri in uris if (path := path_of(uri)) is not None)

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: lsp.DidOpenTextDocumentParams) -> None:
        server.session.opened(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: lsp.DidChangeTextDocumentParams) -> None:
        pass  # pygls replaces the snapshot; the next search reads it

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: lsp.DidCloseTextDocumentParams) -> None:
        touch([params.text_document.uri])

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: lsp.DidSaveTextDocumentParams) -> None:
        touch([params.text_document.uri])

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_watched_files(params: lsp.DidChangeWatchedFilesParams) -> None:
        touch(change.uri for change in params.changes)

    every_file = lsp.FileOperationRegistrationOptions(
        [lsp.FileOperationFilter(lsp.FileOperationPattern("**/*"), scheme="file")]
    )

    @server.feature(lsp.WORKSPACE_DID_CREATE_FILES, every_file)
    def did_create_files(params: lsp.CreateFilesParams) -> None:
        touch(file.uri for file in params.files)

    @server.feature(lsp.WORKSPACE_DID_RENAME_FILES, every_file)
    def did_rename_files(params: lsp.RenameFilesParams) -> None:
        touch(uri for file in params.files for uri in (file.old_uri, file.new_uri))

    @server.feature(lsp.WORKSPACE_DID_DELETE_FILES, every_file)
    def did_delete_files(params: lsp.DeleteFilesParams) -> None:
        touch(file.uri for file in params.files)

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def did_change_folders(params: lsp.DidChangeWorkspaceFoldersParams) -> None:
        server.session.change_folders(_paths(params.event.added), _paths(params.event.removed))


def _paths(folders: Iterable[lsp.WorkspaceFolder]) -> list[Path]:
    return [path for folder in folders if (path := path_of(folder.uri)) is not None]


def _register_commands(server: DowseServer) -> None:
    @server.command("dowse.search")
    async def search(options: Any = None) -> dict[str, Any]:
        return await requests.commands.search(server.session, options)

    @server.command("dowse.index")
    async def index() -> list[dict[str, Any]]:
        return await requests.commands.index(server.session)

    @server.command("dowse.open")
    async def open_source(options: Any = None) -> bool:
        return await requests.commands.open_source(server, options)

    @server.command("dowse.status")
    def read_status() -> dict[str, Any]:
        from dowse.server.status import status

        return status(server.session)

    @server.command("dowse.candidates")
    async def candidates(options: Any = None) -> dict[str, Any] | None:
        return await requests.candidates.candidates(server.session, options)

    @server.command("dowse.insertion")
    def insertion(options: Any = None) -> lsp.WorkspaceEdit:
        return requests.candidates.insertion(server.session, options, server.client_capabilities)

    @server.command("dowse.models")
    def models() -> list[dict[str, Any]]:
        return requests.models.models()

    @server.command("dowse.pullModel")
    async def pull_model(options: Any = None) -> dict[str, Any]:
        return await requests.models.pull_model(server.session, options)
