"""The work behind the other sources: the cookbook, and packages as they are needed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from dowse.context.library import Library
from dowse.context.priority import give_way
from dowse.context.sources import Dependencies, open_cookbook
from dowse.context.types import Source
from dowse.server.progress import Reporter
from dowse.server.settings import Settings

if TYPE_CHECKING:
    from dowse.context.dependencies import Package

T = TypeVar("T")


class SourceWork:
    """Opens the shards beside the folders of one session, on a thread that makes way for others.

    Args:
        library: gets the shards.
        settings: which sources are wanted, and what their shards may take on disk.
        reporter: shows progress.
        superseded: whether another session's settings have taken over.
        make_way: called between two files, waits while a person is being answered.
        opened: called when there is more to search in.
    """

    def __init__(
        self,
        library: Library,
        settings: Settings,
        reporter: Reporter,
        superseded: Callable[[], bool],
        make_way: Callable[[], object],
        opened: Callable[[], None],
    ) -> None:
        self.cookbook_waits = Source.COOKBOOK in settings.sources
        """Whether the cookbook is wanted and not open yet."""
        self._library, self._settings, self._reporter = library, settings, reporter
        self._superseded, self._make_way, self._opened = superseded, make_way, opened
        self._dependencies = Dependencies(
            library,
            settings.cache,
            settings.environment,
            settings.max_package_megabytes * 1_000_000,
        )
        self._thread = ThreadPoolExecutor(1, "dowse-sources", give_way)

    async def open(self, roots: Sequence[Path]) -> None:
        """Open the cookbook, and the packages that the manifests of some folders name."""
        if self.cookbook_waits and not self._superseded():
            try:
                await self._run(partial(open_cookbook, self._library))
            finally:
                self.cookbook_waits = False
                self._reporter.on_change()
            self._opened()
        if Source.DEPENDENCY in self._settings.sources and not self._superseded():
            await self._run(partial(self._dependencies.find, roots))
            await self._build(self._dependencies.direct())

    async def need(self, imports: Sequence[str]) -> None:
        """Open the packages that a file which asks imports."""
        if Source.DEPENDENCY in self._settings.sources:
            await self._build(self._dependencies.imported(imports))

    async def _build(self, packages: Sequence[Package]) -> None:
        for package in packages:
            if self._superseded():
                return
            await self._build_one(package)
        if packages and not self._superseded():
            self._opened()
            await self._run(self._dependencies.make_room)

    async def _build_one(self, package: Package) -> None:
        title = f"dowse: indexing {package.name} {package.version}"
        async with self._reporter.progress(title) as shown:

            def report(done: int, total: int) -> None:
                shown.report(done, total, "files")

            def cancelled() -> bool:
                self._make_way()
                return self._superseded() or shown.cancelled

            await self._run(partial(self._dependencies.open, package, report, cancelled))

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def close(self) -> None:
        """Stop at the next file."""
        self._thread.shutdown(wait=False, cancel_futures=True)
