"""`dowse.candidates` and `dowse.insertion`: look at the hits of a trigger, then take one."""

from __future__ import annotations

from typing import Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcInvalidParams

from dowse.context.adapt import adapt
from dowse.context.cursor import cursor_context
from dowse.context.errors import QueryError
from dowse.context.insertion import insertion_below
from dowse.context.languages import language_named
from dowse.context.triggers import find_trigger
from dowse.server.documents import Snapshot
from dowse.server.requests.edits import edit_of
from dowse.server.requests.hits import Chosen, answer_fields
from dowse.server.requests.options import is_line, options_of
from dowse.server.session import Session


async def candidates(session: Session, options: object = None) -> dict[str, Any] | None:
    """`dowse.candidates`: the hits of the trigger at a line; None where no trigger is.

    Args:
        session: the connection.
        options: `{"uri": text, "line": number}`, lines from 0.
    """
    asked_for = options_of(options)
    uri, line = asked_for.get("uri"), asked_for.get("line")
    if not (isinstance(uri, str) and is_line(line)):
        raise JsonRpcInvalidParams('dowse.candidates takes {"uri": text, "line": number}')
    try:
        asked = await session.ask(uri, line)
    except QueryError as error:
        raise JsonRpcInvalidParams(str(error)) from error
    return {"words": asked.trigger.words, **answer_fields(asked.answer)} if asked else None


def insertion(
    session: Session, options: object, capabilities: lsp.ClientCapabilities
) -> lsp.WorkspaceEdit:
    """`dowse.insertion`: the edit that puts a hit at a line.

    Under the trigger where one is; elsewhere in place of the line if it is blank, else below it.

    Args:
        session: the connection.
        options: `{"uri": text, "line": number, "hit": hit}`, the hit as a search gave it.
        capabilities: what the client can do with edits.
    """
    asked_for = options_of(options)
    uri, line, hit = asked_for.get("uri"), asked_for.get("line"), Chosen.of(asked_for.get("hit"))
    if not (isinstance(uri, str) and is_line(line) and hit is not None):
        raise JsonRpcInvalidParams(
            'dowse.insertion takes {"uri": text, "line": number, "hit": hit of a search}'
        )
    snapshot = session.documents.snapshot(uri)
    if snapshot is None:
        raise JsonRpcInvalidParams(f"{uri} is not open; open it and insert the code again")
    line = min(line, len(snapshot.lines) - 1)
    above = _above(snapshot, line, session.settings.word)
    change = insertion_below(snapshot.lines, above, _laid_out(hit, snapshot, line), line)
    return edit_of(snapshot, change, capabilities)


def _above(snapshot: Snapshot, line: int, word: str) -> int:
    """The line below which code goes: the trigger's last one, else the line or that before it."""
    trigger = snapshot.language and find_trigger(snapshot.source, snapshot.language, line, word)
    if trigger:
        return trigger.end_line
    return line if snapshot.lines.text(line).strip() else line - 1


def _laid_out(hit: Chosen, snapshot: Snapshot, line: int) -> str:
    language = language_named(hit.language) or snapshot.language
    if language is None:
        return hit.text
    here = snapshot.language or language
    context = cursor_context(snapshot.source, here, snapshot.lines.span(line)[0])
    return adapt(hit.text, language, context, base_indentation=hit.indentation)
