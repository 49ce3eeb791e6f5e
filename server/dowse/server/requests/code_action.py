"""textDocument/codeAction and codeAction/resolve."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from dowse.context.errors import QueryError
from dowse.context.types import Hit
from dowse.server.presentation import insert_title, open_title, sentence
from dowse.server.requests import ACTION_KIND
from dowse.server.requests.edits import workspace_edit
from dowse.server.session import Asked, Session
from dowse.server.uris import uri_of


async def code_actions(
    session: Session, params: lsp.CodeActionParams, capabilities: lsp.ClientCapabilities
) -> list[lsp.CodeAction] | None:
    """Up to five insertions and one that opens the source; None where no trigger is."""
    if not _wanted(params.context.only):
        return None
    line = params.range.start.line
    try:
        asked = await session.ask(params.text_document.uri, line)
    except QueryError as error:
        return _disabled(sentence(str(error)), capabilities)
    return list(_actions(asked, line, capabilities)) if asked else None


def _wanted(only: Sequence[lsp.CodeActionKind | str] | None) -> bool:
    if not only:
        return True
    kinds = {str(getattr(kind, "value", kind)) for kind in only}
    return bool(kinds & {"", ACTION_KIND.value})


def _actions(
    asked: Asked, line: int, capabilities: lsp.ClientCapabilities
) -> Iterator[lsp.CodeAction]:
    lazy = resolves_edits(capabilities)
    for index, hit in enumerate(asked.answer.hits):
        action = lsp.CodeAction(insert_title(hit), kind=ACTION_KIND, is_preferred=index == 0)
        if lazy:
            action.data = {"token": asked.token, "hit": index, "line": line}
        else:
            action.edit = workspace_edit(asked, hit, line, capabilities)
        yield action
    for hit in asked.answer.hits[:1]:
        command = lsp.Command("Open source", "dowse.open", arguments=[source_of(hit)])
        yield lsp.CodeAction(open_title(hit), kind=ACTION_KIND, command=command)


def source_of(hit: Hit) -> dict[str, object]:
    """Where a hit comes from, as the argument of `dowse.open`."""
    uri = uri_of(hit.provenance.root / hit.provenance.path)
    return {"uri": uri, "start": hit.provenance.start_line, "end": hit.provenance.end_line}


def _disabled(reason: str, capabilities: lsp.ClientCapabilities) -> list[lsp.CodeAction] | None:
    """An action that cannot be taken and says why, for clients that show such."""
    document = capabilities.text_document
    support = document.code_action if document else None
    if not (support and support.disabled_support):
        return None
    told = lsp.CodeActionDisabled(reason)
    return [lsp.CodeAction("dowse: find code", kind=ACTION_KIND, disabled=told)]


def resolves_edits(capabilities: lsp.ClientCapabilities) -> bool:
    """Whether the client asks for the edit later; some (eglot 1.9) would do nothing instead."""
    document = capabilities.text_document
    support = document.code_action if document else None
    resolve = support.resolve_support if support else None
    return bool(support and support.data_support and resolve and "edit" in resolve.properties)


def resolve(
    session: Session, action: lsp.CodeAction, capabilities: lsp.ClientCapabilities
) -> lsp.CodeAction:
    """Add the edit to an action.

    Raises:
        JsonRpcException: (ContentModified) the action belongs to an earlier text.
    """
    data = action.data if isinstance(action.data, dict) else {}
    asked = session.recall(str(data.get("token")))
    current = asked and session.documents.snapshot(asked.snapshot.uri)
    if asked is None or not current or current.version != asked.snapshot.version:
        raise JsonRpcException(
            "The text has changed since this was offered: open the menu again.",
            lsp.LSPErrorCodes.ContentModified.value,
        )
    hit = asked.answer.hits[int(data["hit"])]
    action.edit = workspace_edit(asked, hit, int(data["line"]), capabilities)
    return action
