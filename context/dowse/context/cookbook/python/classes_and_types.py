# SPDX-License-Identifier: CC0-1.0
"""Classes and types: data classes, enums, protocols, iterators and dispatch."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum, Flag, auto
from functools import singledispatch, total_ordering
from typing import Any, Literal, Protocol, Self, TypeGuard, assert_never, runtime_checkable


@dataclass(frozen=True, slots=True)
class Money:
    """An immutable data class (frozen dataclass) that validates its fields and supports `+`."""

    cents: int
    currency: str = "EUR"

    def __post_init__(self) -> None:
        if len(self.currency) != 3:
            raise ValueError(f"{self.currency!r} is no currency code of three letters")

    def __add__(self, other: Self) -> Self:
        if self.currency != other.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return replace(self, cents=self.cents + other.cents)


@dataclass
class ShoppingCart:
    """A data class with a list as its default: each object gets a list of its own."""

    owner: str
    items: list[str] = field(default_factory=list)


@total_ordering
class Version:
    """A class whose objects can be compared, sorted and hashed, here a version number."""

    def __init__(self, text: str) -> None:
        self.parts = tuple(int(part) for part in text.split("."))

    def __eq__(self, other: object) -> bool:
        return self.parts == other.parts if isinstance(other, Version) else NotImplemented

    def __lt__(self, other: "Version") -> bool:
        return self.parts < other.parts

    def __hash__(self) -> int:
        return hash(self.parts)

    def __repr__(self) -> str:
        return f"Version('{'.'.join(map(str, self.parts))}')"


class Color(Enum):
    """An enum whose members can be parsed from text, ignoring case."""

    RED = "red"
    GREEN = "green"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Find the member with a value; an unknown one raises `ValueError` with the choices."""
        try:
            return cls(text.strip().lower())
        except ValueError:
            choices = ", ".join(member.value for member in cls)
            raise ValueError(f"{text!r} is none of {choices}") from None


class Permission(Flag):
    """Flags that are combined with `|` and tested with `in`, such as permissions."""

    READ = auto()
    WRITE = auto()
    EXECUTE = auto()


@runtime_checkable
class SupportsArea(Protocol):
    """A protocol (structural interface): any class with this method fits, without inheritance."""

    def area(self) -> float:
        """The area of the shape."""


def opposite(direction: str) -> str:
    """Choose by pattern matching (`match` and `case`), with a default for everything else."""
    match direction.lower():
        case "north" | "n":
            return "south"
        case "south" | "s":
            return "north"
        case other:
            raise ValueError(f"unknown direction {other!r}")


def payment_fee(method: Literal["card", "cash"], cents: int) -> int:
    """Handle every value of a literal type; the type checker complains when one is forgotten."""
    match method:
        case "card":
            return cents // 100
        case "cash":
            return 0
        case _:
            assert_never(method)


def is_list_of_strings(value: object) -> TypeGuard[list[str]]:
    """Check at run time that a value is a list of strings and tell the type checker so."""
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


@singledispatch
def describe(value: object) -> str:
    """Choose a function by the type of its first argument (single dispatch).

    Other types are added by `@describe.register`.
    """
    return f"something: {value!r}"


class Countdown:
    """An iterable class: each `for` loop over it starts anew."""

    def __init__(self, start: int) -> None:
        self._start = start

    def __iter__(self) -> Iterator[int]:
        yield from range(self._start, 0, -1)


class Event:
    """Let several functions subscribe to an event (observer pattern) and unsubscribe again."""

    def __init__(self) -> None:
        self._listeners: list[Callable[..., object]] = []

    def subscribe(self, listener: Callable[..., object]) -> Callable[[], None]:
        """Add a listener; the result is called to remove it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def emit(self, *args: Any) -> None:
        """Call every listener with the arguments."""
        for listener in tuple(self._listeners):
            listener(*args)
