# SPDX-License-Identifier: CC0-1.0
"""Concurrency: threads, processes, asyncio, timeouts, rate limits and retries."""

import asyncio
import logging
import queue
import random
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")

R = TypeVar("R")

T = TypeVar("T")


def map_in_threads(function: Callable[[T], R], items: Iterable[T], workers: int = 8) -> list[R]:
    """Run a function over many items in a pool of threads; results keep the order of the items.

    Right for work that waits (network, disk); the first exception is raised here.
    """
    with ThreadPoolExecutor(max_workers=workers) as pool:
        return list(pool.map(function, items))


def map_in_processes(
    function: Callable[[T], R], items: Sequence[T], workers: int | None = None
) -> list[R]:
    """Run a CPU-bound function over many items in parallel processes, one per core by default.

    The function must stand at module level, and the caller under `if __name__ == "__main__":`.
    """
    with ProcessPoolExecutor(max_workers=workers) as pool:
        return list(pool.map(function, items, chunksize=max(1, len(items) // 64)))


def collect_results(
    function: Callable[[T], R], items: Iterable[T], workers: int = 8
) -> tuple[dict[T, R], dict[T, Exception]]:
    """Run a function over many items in threads and collect results and errors separately."""
    results: dict[T, R] = {}
    errors: dict[T, Exception] = {}
    with ThreadPoolExecutor(max_workers=workers) as pool:
        futures = {pool.submit(function, item): item for item in items}
        for future in as_completed(futures):
            try:
                results[futures[future]] = future.result()
            except Exception as error:
                errors[futures[future]] = error
    return results, errors


def call_with_timeout(function: Callable[[], R], seconds: float) -> R:
    """Call a blocking function in a thread and raise `TimeoutError` when it takes too long.

    The thread itself cannot be killed: it runs on, and does not keep the program alive.
    """
    future: Future[R] = Future()

    def run() -> None:
        try:
            future.set_result(function())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future.result(timeout=seconds)


def retry(
    attempts: int = 3, delay: float = 0.5, on: tuple[type[Exception], ...] = (OSError,)
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a function so that it is retried with exponential backoff and jitter on errors."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
            for attempt in range(attempts - 1):
                try:
                    return function(*args, **kwargs)
                except on:
                    time.sleep(random.uniform(0.5, 1) * delay * 2**attempt)
            return function(*args, **kwargs)

        return wrapper

    return decorate


async def retry_async(call: Callable[[], Awaitable[R]], attempts: int = 3, delay: float = 0.5) -> R:
    """Await a call and retry it with exponential backoff and jitter when it fails."""
    for attempt in range(attempts - 1):
        try:
            return await call()
        except Exception:
            await asyncio.sleep(random.uniform(0.5, 1) * delay * 2**attempt)
    return await call()


class RateLimiter:
    """Limit the rate of calls, for all threads together: `wait()` blocks until one is allowed."""

    def __init__(self, calls: int, seconds: float) -> None:
        self._interval = seconds / calls
        self._next = time.monotonic()
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Wait until the next call is allowed."""
        with self._lock:
            now = time.monotonic()
            start = max(now, self._next)
            self._next = start + self._interval
        time.sleep(start - now)


class TokenBucket:
    """A token bucket: allows bursts up to its capacity and a steady rate per second on average."""

    def __init__(self, capacity: float, rate: float) -> None:
        self._capacity = self._tokens = capacity
        self._rate = rate
        self._updated = time.monotonic()
        self._lock = threading.Lock()

    def allow(self, cost: float = 1.0) -> bool:
        """Take tokens if there are enough and say whether the call may go ahead."""
        with self._lock:
            now = time.monotonic()
            refill = (now - self._updated) * self._rate
            self._tokens = min(self._capacity, self._tokens + refill)
            self._updated = now
            if self._tokens < cost:
                return False
            self._tokens -= cost
            return True


class Counter:
    """A counter that many threads can increment safely."""

    def __init__(self) -> None:
        self._value = 0
        self._lock = threading.Lock()

    def increment(self, by: int = 1) -> int:
        """Add to the counter and return its new value."""
        with self._lock:
            self._value += by
            return self._value


def call_every(seconds: float, function: Callable[[], object]) -> Callable[[], None]:
    """Run a function periodically in a background thread; the result is called to stop it."""
    stopped = threading.Event()

    def run() -> None:
        while not stopped.wait(seconds):
            function()

    threading.Thread(target=run, daemon=True).start()
    return stopped.set


def process_queue(work: Callable[[T], object], items: Iterable[T], workers: int = 4) -> None:
    """Let worker threads consume a bounded queue (producer and consumers) until all is done.

    An error is logged and does not stop the work on the other items.
    """
    tasks: queue.Queue[T | None] = queue.Queue(maxsize=2 * workers)

    def consume() -> None:
        while (item := tasks.get()) is not None:
            try:
                work(item)
            except Exception:
                logging.getLogger(__name__).exception("work on %r failed", item)

    threads = [threading.Thread(target=consume) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for item in items:
        tasks.put(item)
    for _ in threads:
        tasks.put(None)
    for thread in threads:
        thread.join()


async def gather_limited(calls: Iterable[Callable[[], Awaitable[R]]], limit: int = 10) -> list[R]:
    """Run many coroutines concurrently, but only a limited number at once; order is kept."""
    semaphore = asyncio.Semaphore(limit)

    async def run(call: Callable[[], Awaitable[R]]) -> R:
        async with semaphore:
            return await call()

    return await asyncio.gather(*(run(call) for call in calls))


async def run_all(**calls: Awaitable[R]) -> dict[str, R]:
    """Run named coroutines concurrently; when one fails, the others are cancelled."""

    async def run(call: Awaitable[R]) -> R:
        return await call

    async with asyncio.TaskGroup() as group:
        tasks = {name: group.create_task(run(call)) for name, call in calls.items()}
    return {name: task.result() for name, task in tasks.items()}


async def with_timeout(call: Awaitable[R], seconds: float, default: R) -> R:
    """Await something with a timeout and return a default when it takes too long."""
    try:
        async with asyncio.timeout(seconds):
            return await call
    except TimeoutError:
        return default


async def first_finished(calls: Iterable[Awaitable[R]]) -> R:
    """Return the result of the coroutine that finishes first and cancel the others."""
    tasks = [asyncio.ensure_future(call) for call in calls]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return done.pop().result()
    finally:
        for task in tasks:
            task.cancel()


async def run_blocking(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a blocking function from async code in a thread, so that the event loop goes on."""
    return await asyncio.to_thread(function, *args, **kwargs)


async def wait_for_stop_signal() -> None:
    """Wait for Ctrl-C or SIGTERM, to shut a server down gracefully (not on Windows)."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()
