"""workspace/executeCommand: what editors call beside the standard requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeGuard

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcInvalidParams

from dowse.context.errors import DowseError
from dowse.context.types import Hit
from dowse.server.presentation import why
from dowse.server.session import Session
from dowse.server.uris import path_of, uri_of

if TYPE_CHECKING:
    from pygls.lsp.server import LanguageServer

_MOST = 100
"""Hits that one search may ask for."""


async def search(session: Session, options: object = None) -> dict[str, Any]:
    """`dowse.search`: find code for words that stand in no document.

    Args:
        session: the connection.
        options: `{"words": text, "limit"?: number, "language"?: name}`.
    """
    asked = options if isinstance(options, Mapping) else {"words": options}
    words, limit, language = asked.get("words"), asked.get("limit", 10), asked.get("language")
    if not (isinstance(words, str) and isinstance(limit, int) and _is_name(language)):
        raise _invalid('dowse.search takes {"words": text, "limit": number, "language": name}')
    try:
        answer = await session.search(words, max(1, min(limit, _MOST)), language)
    except DowseError as error:
        raise _invalid(str(error)) from error
    return {"tier": answer.tier.value, "hits": [_hit(hit) for hit in answer.hits]}


def _hit(hit: Hit) -> dict[str, Any]:
    provenance = hit.provenance
    return {
        "symbol": hit.snippet.symbol,
        "kind": hit.snippet.kind.value,
        "language": hit.snippet.language,
        "uri": uri_of(provenance.root / provenance.path),
        "path": provenance.path,
        "startLine": provenance.start_line,
        "endLine": provenance.end_line,
        "source": provenance.source.value,
        "package": provenance.package,
        "version": provenance.version,
        "license": provenance.license,
        "score": round(hit.score, 4),
        "why": why(hit),
        "text": hit.text,
    }


async def index(session: Session) -> list[dict[str, Any]]:
    """`dowse.index`: scan the open folders again."""
    done = await session.refresh_all()
    return [
        {
            "files": refresh.files,
            "snippets": refresh.snippets,
            "changed": refresh.changed,
            "removed": refresh.removed,
            "seconds": round(refresh.seconds, 3),
            "leftOut": {reason.value: count for reason, count in refresh.left_out.items()},
        }
        for refresh in done
    ]


async def open_source(server: LanguageServer, options: object = None) -> bool:
    """`dowse.open`: show the lines that a hit comes from.

    Args:
        server: speaks to the client.
        options: `{"uri": text, "start": line, "end": line}`, lines from 0.
    """
    asked = options if isinstance(options, Mapping) else {}
    uri, start, end = asked.get("uri"), asked.get("start", 0), asked.get("end", 0)
    path = path_of(uri) if isinstance(uri, str) else None
    if path is None or not isinstance(uri, str) or not _are_lines(start, end):
        raise _invalid('dowse.open takes {"uri": file URI, "start": line, "end": line}')
    window = server.client_capabilities.window
    if window and window.show_document and window.show_document.support:
        lines = lsp.Range(lsp.Position(start, 0), lsp.Position(end + 1, 0))
        params = lsp.ShowDocumentParams(uri, take_focus=True, selection=lines)
        return (await server.window_show_document_async(params)).success
    message = f"The source is {path}, line {start + 1}."
    server.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Info, message))
    return False


def _is_name(language: object) -> TypeGuard[str | None]:
    return language is None or isinstance(language, str)


def _are_lines(*values: object) -> bool:
    return all(isinstance(value, int) and 0 <= value < 2**31 - 1 for value in values)


def _invalid(message: str) -> JsonRpcInvalidParams:
    return JsonRpcInvalidParams(message)
