"""One module for each request of the protocol: snapshot, early return, one domain call, convert.

A module is imported when its first request comes, because `initialize` has to be answered before
the search behind it is loaded.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from lsprotocol.types import CodeActionKind

if TYPE_CHECKING:
    from dowse.server.requests import (
        candidates,
        code_action,
        commands,
        completion,
        hover,
        inline_completion,
        models,
    )

__all__ = [
    "ACTION_KIND",
    "candidates",
    "code_action",
    "commands",
    "completion",
    "hover",
    "inline_completion",
    "models",
]

ACTION_KIND = CodeActionKind.QuickFix
"""The kind of code action that every editor lists under its light bulb."""


def __getattr__(name: str) -> ModuleType:
    return import_module(f"{__name__}.{name}")
