"""textDocument/hover: the Why card of a trigger's hits."""

from __future__ import annotations

from lsprotocol import types as lsp

from dowse.context.errors import QueryError
from dowse.server.presentation import answer_card, plain, sentence
from dowse.server.session import Session


async def hover(
    session: Session, params: lsp.HoverParams, capabilities: lsp.ClientCapabilities
) -> lsp.Hover | None:
    """What was found for the trigger under the pointer and why; None where no trigger is."""
    line = params.position.line
    markdown = _takes_markdown(capabilities)
    try:
        asked = await session.ask(params.text_document.uri, line)
    except QueryError as error:
        told = sentence(str(error))
        return _hover(plain(told) if markdown else told, markdown, None)
    if asked is None or not asked.trigger.start_line <= line <= asked.trigger.end_line:
        return None
    text = answer_card(asked.trigger.words, asked.answer, markdown=markdown)
    trigger = asked.trigger
    span = asked.snapshot.positions.range(trigger.start_byte, trigger.end_byte)
    return _hover(text, markdown, span)


def _hover(text: str, markdown: bool, span: lsp.Range | None) -> lsp.Hover:
    kind = lsp.MarkupKind.Markdown if markdown else lsp.MarkupKind.PlainText
    return lsp.Hover(lsp.MarkupContent(kind, text), span)


def _takes_markdown(capabilities: lsp.ClientCapabilities) -> bool:
    document = capabilities.text_document
    formats = document.hover.content_format if document and document.hover else None
    return bool(formats and lsp.MarkupKind.Markdown in formats)
