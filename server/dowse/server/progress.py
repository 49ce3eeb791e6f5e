"""Progress and messages as the editor shows them, callable from any thread."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Work:
    """How far a piece of work is."""

    title: str
    done: int
    total: int
    unit: str


class Progress:
    """One piece of work that the editor shows once it has taken a while, and can cancel."""

    def __init__(
        self,
        server: LanguageServer,
        title: str,
        *,
        visible: bool,
        told: Callable[[], None],
    ) -> None:
        self.work: Work | None = None
        """What was reported last."""
        self._server, self._title, self._visible, self._told = server, title, visible, told
        self._loop = asyncio.get_running_loop()
        self._token = uuid4().hex
        self._next = time.monotonic() + _GRACE
        self._creation: asyncio.Task[None] | None = None
        self._ended = False

    @property
    def cancelled(self) -> bool:
        """Whether the person has had enough of it."""
        asked = self._server.work_done_progress.tokens.get(self._token)
        return asked is not None and asked.cancelled()

    def report(self, done: int, total: int, unit: str) -> None:
        """Say how far the work is; may be called from any thread as often as one likes."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _INTERVAL
            self._loop.call_soon_threadsafe(self._show, done, total, unit)

    def _show(self, done: int, total: int, unit: str) -> None:
        self.work = Work(self._title, done, total, unit)
        self._told()
        if not self._visible:
            return
        message = f"{done:,} of {total:,} {unit}"
        percentage = min(100, 100 * done // max(1, total))
        if self._creation is None:
            self._creation = self._loop.create_task(self._begin(message, percentage))
        elif self._token in self._server.work_done_progress.tokens and not self._ended:
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
            self.end()

    def end(self) -> None:
        """Take it from the screen."""
        self._ended = True
        if self._server.work_done_progress.tokens.pop(self._token, None) is not None:
            self._server.work_done_progress.end(self._token, lsp.WorkDoneProgressEnd())


class Reporter:
    """Speaks to the person through the editor."""

    def __init__(self, server: LanguageServer) -> None:
        self._server = server
        self._running: list[Progress] = []
        self.on_change: Callable[[], None] = lambda: None
        """Called on the event loop whenever work begins, gets on, fails or ends."""

    @property
    def work(self) -> Work | None:
        """The work that began last of those that have taken long enough to be told."""
        reported = (progress.work for progress in reversed(self._running))
        return next((work for work in reported if work), None)

    def warn(self, message: str) -> None:
        """Show a message that stays until it is read."""
        self.on_change()
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
        visible = self._supported() and not silent
        progress = Progress(self._server, title, visible=visible, told=self.on_change)
        if not silent:
            self._running.append(progress)
        self.on_change()
        try:
            yield progress
        finally:
            progress.end()
            if not silent:
                self._running.remove(progress)
            self.on_change()
