"""What the commands are given: one object, every part of it to be checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard


def options_of(argument: object) -> Mapping[str, Any]:
    """The object that a command was given; an empty one if it was given something else."""
    return argument if isinstance(argument, Mapping) else {}


def is_line(value: object) -> TypeGuard[int]:
    """Whether a value can be a line of a document."""
    return type(value) is int and 0 <= value < 2**31 - 1


def is_name(value: object) -> TypeGuard[str | None]:
    """Whether a value is a text, or left out."""
    return value is None or isinstance(value, str)
