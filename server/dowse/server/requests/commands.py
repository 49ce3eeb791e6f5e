"""workspace/executeCommand: what editors call beside the standard requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcInvalidParams

from dowse.context.errors import DowseError
from dowse.context.languages import language_named, language_of_id
from dowse.context.types import Place
from dowse.context.words import words_of_code
from dowse.server.requests.hits import answer_fields
from dowse.server.requests.options import is_line, is_name, options_of
from dowse.server.session import Session
from dowse.server.uris import path_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pygls.lsp.server import LanguageServer

_MOST = 100
"""Hits that one search may ask for."""


async def search(session: Session, options: object = None) -> dict[str, Any]:
    """`dowse.search`: find code for words that stand in no document.

    Args:
        session: the connection.
        options: `{"words": text, "limit"?: number, "language"?: name}`, the language by its name
            or the editor's id. Code in `like` stands in place of words, and `at`,
            `{"uri": text, "line": number}`, says where: definitions around it are left out.
    """
    asked = {"words": options} if isinstance(options, str) else options_of(options)
    words, limit, language = _words(asked), asked.get("limit", 10), asked.get("language")
    if not (isinstance(words, str) and isinstance(limit, int) and is_name(language)):
        raise _invalid(
            'dowse.search takes {"words" or "like": text, "limit": number, "language": name}'
        )
    place = _place(session, asked.get("at"))
    try:
        answer = await session.search(words, max(1, min(limit, _MOST)), _code(language), place)
    except DowseError as error:
        raise _invalid(str(error)) from error
    return answer_fields(answer)


def _words(asked: Mapping[str, Any]) -> object:
    like = asked.get("like")
    return words_of_code(like) if isinstance(like, str) else asked.get("words")


def _code(language: str | None) -> str | None:
    """The language whose snippets are wanted; None, for all, where the name is of no code."""
    known = language_named(language) or language_of_id(language) if language else None
    return known.name if known and known.definitions else None


def _place(session: Session, at: object) -> Place | None:
    uri, line = options_of(at).get("uri"), options_of(at).get("line")
    return session.place(uri, line) if isinstance(uri, str) and is_line(line) else None


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
    asked = options_of(options)
    uri, start, end = asked.get("uri"), asked.get("start", 0), asked.get("end", 0)
    path = path_of(uri) if isinstance(uri, str) else None
    if path is None or not isinstance(uri, str) or not (is_line(start) and is_line(end)):
        raise _invalid('dowse.open takes {"uri": file URI, "start": line, "end": line}')
    window = server.client_capabilities.window
    if window and window.show_document and window.show_document.support:
        lines = lsp.Range(lsp.Position(start, 0), lsp.Position(end + 1, 0))
        params = lsp.ShowDocumentParams(uri, take_focus=True, selection=lines)
        return (await server.window_show_document_async(params)).success
    message = f"The source is {path}, line {start + 1}."
    server.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Info, message))
    return False


def _invalid(message: str) -> JsonRpcInvalidParams:
    return JsonRpcInvalidParams(message)
