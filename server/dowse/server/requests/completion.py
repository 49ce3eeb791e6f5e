"""textDocument/completion and completionItem/resolve."""

from __future__ import annotations

from dataclasses import dataclass

from lsprotocol import types as lsp

from dowse.context.errors import QueryError
from dowse.context.types import Hit, Kind
from dowse.server.presentation import card, location
from dowse.server.requests.edits import code_of
from dowse.server.session import Asked, Session

_KINDS = {
    Kind.FUNCTION: lsp.CompletionItemKind.Function,
    Kind.METHOD: lsp.CompletionItemKind.Method,
    Kind.CLASS: lsp.CompletionItemKind.Class,
    Kind.BLOCK: lsp.CompletionItemKind.Snippet,
}


async def completions(session: Session, params: lsp.CompletionParams) -> lsp.CompletionList | None:
    """The hits of the trigger before the caret; None where no trigger is."""
    try:
        asked = await session.ask(params.text_document.uri, params.position.line)
    except QueryError:
        return None
    edit = Caret.at(asked, params.position) if asked else None
    if asked is None or edit is None:
        return None
    items = [_item(asked, index, hit, edit) for index, hit in enumerate(asked.answer.hits)]
    # the words are still being typed: every key may change the answer
    return lsp.CompletionList(is_incomplete=True, items=items)


@dataclass(frozen=True, slots=True)
class Caret:
    """The part of the caret's line that an item replaces."""

    range: lsp.Range
    lead: str
    """What stands before the code in the item's text."""
    typed: str
    """What stands between the start of the range and the caret."""

    @classmethod
    def at(cls, asked: Asked, position: lsp.Position) -> Caret | None:
        """On the trigger's last line the code goes below it, on the line below it goes there.

        Returns:
            None where the protocol's single-line edit cannot put the code under the comment:
            on an earlier line of the comment, or on a line below that holds code already.
        """
        snapshot, trigger = asked.snapshot, asked.trigger
        start, end = snapshot.lines.span(position.line)
        caret = snapshot.positions.byte(position)
        before = snapshot.source[start:caret].decode("utf-8", "replace")
        after = snapshot.source[caret:end].decode("utf-8", "replace")
        if position.line == trigger.end_line:
            lead = after + asked.context.style.newline
            return cls(snapshot.positions.range(caret, end), lead, "")
        if position.line != trigger.end_line + 1 or after.strip() or len(before.split()) > 1:
            return None
        return cls(snapshot.positions.range(start, end), "", before)


def _item(asked: Asked, index: int, hit: Hit, caret: Caret) -> lsp.CompletionItem:
    return lsp.CompletionItem(
        label=hit.snippet.symbol,
        kind=_KINDS[hit.snippet.kind],
        detail=location(hit),
        sort_text=f"{index:02}",
        preselect=index == 0 or None,
        insert_text_format=lsp.InsertTextFormat.PlainText,
        insert_text_mode=lsp.InsertTextMode.AsIs,
        text_edit=lsp.TextEdit(caret.range, caret.lead + code_of(asked, hit)),
        data={"token": asked.token, "hit": index},
    )


def resolve(
    session: Session, item: lsp.CompletionItem, capabilities: lsp.ClientCapabilities
) -> lsp.CompletionItem:
    """Add the Why card with the code; an item of a forgotten answer stays as it is."""
    data = item.data if isinstance(item.data, dict) else {}
    asked = session.recall(str(data.get("token")))
    if asked is not None:
        hit = asked.answer.hits[int(data["hit"])]
        markdown = _takes_markdown(capabilities)
        text = card(hit, markdown=markdown)
        # without a list of formats a client may know none of them, but every client takes a text
        item.documentation = lsp.MarkupContent(lsp.MarkupKind.Markdown, text) if markdown else text
    return item


def _takes_markdown(capabilities: lsp.ClientCapabilities) -> bool:
    document = capabilities.text_document
    completion = document.completion if document else None
    item = completion.completion_item if completion else None
    formats = item.documentation_format if item else None
    return bool(formats and lsp.MarkupKind.Markdown in formats)
