"""llama.cpp's Python bindings, imported when they are first needed, and what llama.cpp says.

The only module that imports llama_cpp.
"""

from __future__ import annotations

import ctypes
import logging
import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dowse.model.settings import patient_threads

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_log = logging.getLogger("dowse.llama")


class _Llama:
    """The llama_cpp module, imported when it is first needed, and where its log goes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._module: Any = None
        self._callback: Any = None
        self.collecting = threading.Lock()
        self.lines: list[str] | None = None

    def module(self) -> Any:
        with self._lock:
            if self._module is None:
                with patient_threads():
                    from llama_cpp import llama_cpp

                # Kept alive here: llama.cpp holds no reference to a Python callback.
                self._callback = llama_cpp.llama_log_callback(self._receive)
                llama_cpp.llama_log_set(self._callback, ctypes.c_void_p(0))
                llama_cpp.llama_backend_init()
                self._module = llama_cpp
            return self._module

    def _receive(self, level: int, text: bytes | None, data: object) -> None:
        line = (text or b"").decode("utf-8", "replace")
        if (lines := self.lines) is not None:
            lines.append(line)
        if line.strip(" .\n"):
            _log.debug("%s", line.rstrip("\n"))


_shared = _Llama()


def llama() -> Any:
    """The llama_cpp module, imported at the first call."""
    return _shared.module()


@contextmanager
def collected_log() -> Iterator[list[str]]:
    """Collect what llama.cpp says meanwhile; one collector at a time."""
    with _shared.collecting:
        lines: list[str] = []
        _shared.lines = lines
        try:
            yield lines
        finally:
            _shared.lines = None


def complaint(log: Sequence[str]) -> str:
    """Pick the line of a log that tells a person most: the first error, or else the last line."""
    text = [line.strip() for line in "".join(log).splitlines() if line.strip()]
    errors = [line for line in text if re.search(r"\b(error|failed)\b", line)]
    return (errors or text[-1:] or ["it gives no reason"])[0].split(": ", 1)[-1]
