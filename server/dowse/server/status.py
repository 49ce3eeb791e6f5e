"""What a status line shows, and the notification that keeps it true."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from dowse.context.types import Source

if TYPE_CHECKING:
    from dowse.server.session import Session

METHOD = "dowse/status"
"""The notification; clients ask for it by `experimental.dowseStatus` among their capabilities."""
_INTERVAL = 0.25
"""Seconds between two notifications; a status line that changes faster flickers."""


def status(session: Session) -> dict[str, Any]:
    """The state of a session, as `dowse.status` and the notification tell it."""
    library, vectors = session.library, session.vectors
    folders = library.folders if library else ()
    counts = [shard.counts() for shard in folders]
    filling = vectors.filling if vectors else None
    backend = vectors.backend if vectors else None
    work = session.reporter.work
    return {
        "tier": session.tier.value,
        "model": vectors.model if vectors else "",
        "backend": asdict(backend) if backend else None,
        "indexing": session.indexing,
        "cookbookWaits": session.cookbook_waits,
        "work": asdict(work) if work else None,
        "folders": [str(shard.root) for shard in folders],
        "files": sum(files for files, _ in counts),
        "snippets": sum(snippets for _, snippets in counts),
        "packages": sum(
            shard.unit.source is Source.DEPENDENCY for shard in (library.shards if library else ())
        ),
        "vectors": {"done": filling.done, "total": filling.total} if filling else None,
    }


class StatusNotifier:
    """Sends the status when it has changed, a few times a second at most.

    Args:
        read: tells the present status.
        send: hands it to the client.
    """

    def __init__(
        self, read: Callable[[], dict[str, Any]], send: Callable[[dict[str, Any]], None]
    ) -> None:
        self._read, self._send = read, send
        self._sent: dict[str, Any] | None = None
        self._due: asyncio.TimerHandle | None = None

    def changed(self) -> None:
        """Note, on the event loop, that something may have changed."""
        if self._due is None:
            self._due = asyncio.get_running_loop().call_later(_INTERVAL, self._notify)

    def _notify(self) -> None:
        self._due = None
        now = self._read()
        if now != self._sent:
            self._sent = now
            self._send(now)
