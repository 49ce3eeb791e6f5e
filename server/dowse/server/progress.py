"""Progress and messages as the editor shows them, callable from any thread."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

if TYPE_CHECKING:
    from pygls.lsp.server import LanguageServer

logger = logging.getLogger(__name__)

_INTERVAL = 0.1
"""Seconds between two reports; a person reads no faster."""
_GRACE = 0.5
"""Seconds that work may take before it shows; most updates are done by then."""


class Progress:
    """One piece of work that the editor may show and cancel."""

    def __init__(self, show: Callable[[int, int, str], None]) -> None:
        self.cancelled = False
        self._show = show
        self._last = time.monotonic() + _GRACE - _INTERVAL

    def report(self, done: int, total: int, unit: str) -> None:
        """Say how far the work is; may be called from any thread as often as one likes."""
        now = time.monotonic()
        if now - self._last >= _INTERVAL:
            self._last = now
            self._show(done, total, unit)


class Reporter:
    """Speaks to the person through the editor."""

    def __init__(self, server: LanguageServer) -> None:
        self._server = server

    def warn(self, message: str) -> None:
        """Show a message that stays until it is read."""
        logger.warning("%s", message)
        params = lsp.ShowMessageParams(lsp.MessageType.Warning, f"dowse: {message}")
        self._server.window_show_message(params)

    def log(self, message: str) -> None:
        """Write a message into the editor's log, where it disturbs nobody."""
        logger.info("%s", message)
        self._server.window_log_message(lsp.LogMessageParams(lsp.MessageType.Info, message))

    def _supported(self) -> bool:
        window = self._server.client_capabilities.window
        return bool(window and window.work_done_progress)

    @asynccontextmanager
    async def progress(self, title: str, *, silent: bool = False) -> AsyncIterator[Progress]:
        """Show work while the block runs, once it has taken long enough to be worth it.

        Args:
            title: what is done, for a person.
            silent: never show it.
        """
        shown = _Shown(self._server, title)
        progress = Progress(shown.update)
        shown.progress = progress
        if silent or not self._supported():
            progress = Progress(lambda done, total, unit: None)
        try:
            yield progress
        finally:
            shown.end()


class _Shown:
    """A work-done progress of the protocol that begins with its first report."""

    def __init__(self, server: LanguageServer, title: str) -> None:
        self._server, self._title = server, title
        self._loop = asyncio.get_running_loop()
        self._token = uuid4().hex
        self._begun = self._ended = False
        self.progress: Progress | None = None

    def update(self, done: int, total: int, unit: str) -> None:
        self._loop.call_soon_threadsafe(self._update, done, total, unit)

    def _update(self, done: int, total: int, unit: str) -> None:
        message = f"{done:,} of {total:,} {unit}"
        percentage = min(100, 100 * done // max(1, total))
        if not self._begun:
            self._begun = True
            self._creation = self._loop.create_task(self._begin(message, percentage))
        elif self._token in self._server.work_done_progress.tokens and not self._ended:
            self._note_cancellation()
            report = lsp.WorkDoneProgressReport(message=message, percentage=percentage)
            self._server.work_done_progress.report(self._token, report)

    async def _begin(self, message: str, percentage: int) -> None:
        try:
            await self._server.work_done_progress.create_async(self._token)
        except JsonRpcException as error:
            logger.debug("The client shows no progress: %s", error)
            return
        begin = lsp.WorkDoneProgressBegin(
            self._title, cancellable=True, message=message, percentage=percentage
        )
        self._server.work_done_progress.begin(self._token, begin)
        if self._ended:
            self._end()

    def _note_cancellation(self) -> None:
        token = self._server.work_done_progress.tokens.get(self._token)
        if self.progress is not None and token is not None and token.cancelled():
            self.progress.cancelled = True

    def end(self) -> None:
        self._ended = True
        if self._token in self._server.work_done_progress.tokens:
            self._end()

    def _end(self) -> None:
        self._server.work_done_progress.end(self._token, lsp.WorkDoneProgressEnd())
        self._server.work_done_progress.tokens.pop(self._token, None)
