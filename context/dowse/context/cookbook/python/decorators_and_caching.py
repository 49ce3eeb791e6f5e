# SPDX-License-Identifier: CC0-1.0
"""Decorators, caching and context managers."""

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property, lru_cache, wraps
from io import StringIO
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")

R = TypeVar("R")


def timed(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function so that every call prints its run time."""

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        start = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            seconds = time.perf_counter() - start
            print(f"{function.__qualname__}: {seconds:.3f} s", file=sys.stderr)

    return wrapper


def cached_for(seconds: float) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Cache the results of a function by its arguments for a limited time (memoize with TTL)."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        cache: dict[Any, tuple[float, R]] = {}

        @wraps(function)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
            key = (args, tuple(sorted(kwargs.items())))
            now = time.monotonic()
            if key not in cache or cache[key][0] <= now:
                cache[key] = (now + seconds, function(*args, **kwargs))
            return cache[key][1]

        return wrapper

    return decorate


def cached_on_disk(path: Path) -> Callable[[Callable[[str], Any]], Callable[[str], Any]]:
    """Cache the results of a function of one string in a JSON file, across runs of the program."""

    def decorate(function: Callable[[str], Any]) -> Callable[[str], Any]:
        @wraps(function)
        def wrapper(key: str) -> Any:
            cache = json.loads(path.read_text("utf-8")) if path.exists() else {}
            if key not in cache:
                cache[key] = function(key)
                temporary = path.with_suffix(".tmp")
                temporary.write_text(json.dumps(cache), "utf-8")
                temporary.replace(path)
            return cache[key]

        return wrapper

    return decorate


@lru_cache(maxsize=1024)
def count_change(amount: int, coins: tuple[int, ...]) -> int:
    """Count the ways to pay an amount with coins, by recursion with memoization (lru_cache)."""
    if amount == 0:
        return 1
    if amount < 0 or not coins:
        return 0
    return count_change(amount - coins[0], coins) + count_change(amount, coins[1:])


class Report:
    """Compute an expensive attribute only once, when it is first used (cached property)."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def words(self) -> int:
        """The number of words in the file."""
        return len(self.path.read_text("utf-8").split())


def run_once(function: Callable[[], R]) -> Callable[[], R]:
    """Decorate a function so that it runs only once, also with threads, and keeps its result."""
    lock = threading.Lock()
    results: list[R] = []

    @wraps(function)
    def wrapper() -> R:
        with lock:
            if not results:
                results.append(function())
        return results[0]

    return wrapper


def synchronized(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function so that only one thread at a time can run it."""
    lock = threading.RLock()

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        with lock:
            return function(*args, **kwargs)

    return wrapper


class Registry:
    """Register functions under a name by a decorator, for plug-ins or commands."""

    def __init__(self) -> None:
        self._functions: dict[str, Callable[..., Any]] = {}

    def register(self, name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
        """Decorate a function to register it; a name that is taken raises `ValueError`."""

        def decorate(function: Callable[P, R]) -> Callable[P, R]:
            if name in self._functions:
                raise ValueError(f"{name!r} is registered already")
            self._functions[name] = function
            return function

        return decorate

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Call a function by its name; an unknown one raises `KeyError`."""
        return self._functions[name](*args, **kwargs)


@contextmanager
def stopwatch() -> Iterator[Callable[[], float]]:
    """Measure the run time of a block; the result of `with` is called to get the seconds."""
    start = time.perf_counter()
    end: list[float] = []
    try:
        yield lambda: (end[0] if end else time.perf_counter()) - start
    finally:
        end.append(time.perf_counter())


@contextmanager
def temporary_environment(**variables: str) -> Iterator[None]:
    """Set environment variables inside a `with` block and restore the old ones after it."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def captured_output() -> Iterator[StringIO]:
    """Capture what a block prints to standard output in a string buffer."""
    before, sys.stdout = sys.stdout, StringIO()
    try:
        yield sys.stdout
    finally:
        sys.stdout = before
