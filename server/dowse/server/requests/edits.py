"""The text edit that puts a hit under its trigger, in the units and forms of the client."""

from __future__ import annotations

from lsprotocol import types as lsp

from dowse.context.adapt import adapt
from dowse.context.insertion import Insertion, insertion_below
from dowse.context.languages import language_named
from dowse.context.types import Hit
from dowse.server.documents import Snapshot
from dowse.server.session import Asked


def code_of(asked: Asked, hit: Hit) -> str:
    """The code of a hit, laid out for the place of the trigger."""
    language = language_named(hit.snippet.language) or asked.snapshot.language
    assert language is not None  # only documents with a language are answered
    return adapt(hit.text, language, asked.context, base_indentation=hit.indentation)


def workspace_edit(
    asked: Asked, hit: Hit, caret_line: int, capabilities: lsp.ClientCapabilities
) -> lsp.WorkspaceEdit:
    """The edit that puts a hit under its trigger."""
    code, above = code_of(asked, hit), asked.trigger.end_line
    change = insertion_below(asked.snapshot.lines, above, code, caret_line)
    return edit_of(asked.snapshot, change, capabilities)


def edit_of(
    snapshot: Snapshot, change: Insertion, capabilities: lsp.ClientCapabilities
) -> lsp.WorkspaceEdit:
    """One replacement as an edit of a document; versioned where the client can check it."""
    span = snapshot.positions.range(change.start, change.end)
    edit = lsp.TextEdit(span, change.text)
    workspace = capabilities.workspace
    edits = workspace.workspace_edit if workspace else None
    if not (edits and edits.document_changes):
        return lsp.WorkspaceEdit(changes={snapshot.uri: [edit]})
    document = lsp.OptionalVersionedTextDocumentIdentifier(snapshot.uri, snapshot.version)
    return lsp.WorkspaceEdit(document_changes=[lsp.TextDocumentEdit(document, [edit])])
