"""textDocument/inlineCompletion: the best snippet as ghost text (LSP 3.18)."""

from __future__ import annotations

from lsprotocol import types as lsp

from dowse.context.errors import QueryError
from dowse.server.requests.completion import Caret
from dowse.server.requests.edits import code_of
from dowse.server.session import Session

_LONGEST = 4_000
"""Characters of ghost text: VS Code draws nothing at all for an item of more than 5,000."""


async def inline_completions(
    session: Session, params: lsp.InlineCompletionParams
) -> list[lsp.InlineCompletionItem]:
    """The hits at the end of a trigger or on the blank line below it, the best first.

    A hit that is too long to be drawn is left to the other requests.
    Never None: Neovim 0.12 takes that for no answer and lets the old ghost text stand.
    """
    try:
        asked = await session.ask(params.text_document.uri, params.position.line)
    except QueryError:
        return []
    caret = Caret.at(asked, params.position) if asked else None
    if asked is None or caret is None:
        return []
    texts = [caret.lead + code_of(asked, hit) for hit in asked.answer.hits]
    # editors show ghost text only where it goes on with what stands before the caret
    return [
        lsp.InlineCompletionItem(text, range=caret.range)
        for text in texts
        if text.startswith(caret.typed) and len(text) <= _LONGEST
    ]
