"""The work behind vectors: the model is loaded, and the passages that have none are read by it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from dowse.context.errors import DowseError
from dowse.context.library import Library
from dowse.context.meaning import Filling
from dowse.context.priority import on_battery
from dowse.context.types import Place
from dowse.server.model import load_model
from dowse.server.progress import Progress, Reporter
from dowse.server.settings import Settings

if TYPE_CHECKING:
    from dowse.model.settings import Backend

T = TypeVar("T")

_BATTERY_SECONDS = 10
"""How often the battery is looked at where vectors wait for a plug."""


class VectorWork:
    """Loads one model and keeps a library's vectors complete with it.

    Args:
        library: whose passages are read.
        settings: which model, and whether a battery stops it.
        reporter: shows progress.
        superseded: whether another session's settings have taken over.
        near: the user's files, which are read first.
    """

    def __init__(
        self,
        library: Library,
        settings: Settings,
        reporter: Reporter,
        superseded: Callable[[], bool],
        near: Callable[[], Sequence[Place]],
    ) -> None:
        self.model = "loading" if settings.vectors else "off"
        """What `dowse.status` says of the model."""
        self.backend: Backend | None = None
        """What the model runs on, once it is loaded."""
        self.filling: Filling | None = None
        """How far the vectors are, while some are missing."""
        self._library, self._settings, self._reporter = library, settings, reporter
        self._superseded, self._near = superseded, near
        self._wanted = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, "dowse-fill")

    def more(self) -> None:
        """Note that there is more to read."""
        self._wanted.set()

    async def run(self) -> None:
        """Load the model, then read what is missing whenever something is, until superseded."""
        if not self._settings.vectors:
            return
        try:
            embedder, name = await self._run(partial(load_model, self._settings))
        except DowseError as error:
            self.model = "failed"
            self._reporter.warn(f"{error}; until then, words alone are searched")
            return
        try:
            if not self._superseded():
                self.model, self.backend = name, embedder.backend()
                self._library.attach(embedder)
                self._reporter.on_change()
                self._wanted.set()
                await self._fill()
        finally:
            embedder.close()

    async def _fill(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            while self._on_battery() and not self._superseded():
                await asyncio.sleep(_BATTERY_SECONDS)
            if self._superseded():
                return
            async with self._reporter.progress("dowse: reading code for its meaning") as shown:
                work = partial(
                    self._library.fill,
                    self._near(),
                    progress=partial(self._report, shown),
                    cancelled=partial(self._stopped, shown),
                )
                await self._run(work)
            self.filling = None
            if self._on_battery():
                self._wanted.set()

    def _report(self, shown: Progress, filling: Filling) -> None:
        self.filling = filling
        shown.report(filling.done, filling.total, "passages")

    def _stopped(self, shown: Progress) -> bool:
        asked_off = self._wanted.is_set() or shown.cancelled
        return self._superseded() or asked_off or self._on_battery()

    def _on_battery(self) -> bool:
        return self._settings.pause_on_battery and on_battery()

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def close(self) -> None:
        """Stop at the next text; whoever supersedes this work calls it."""
        self._wanted.set()
        self._thread.shutdown(wait=False, cancel_futures=True)
