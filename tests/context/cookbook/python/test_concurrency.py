from __future__ import annotations

import asyncio
import functools
import operator
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from dowse.context.cookbook.python import concurrency as recipes


def test_pools_keep_the_order() -> None:
    assert recipes.map_in_threads(str, range(20), workers=4) == [str(n) for n in range(20)]
    square = functools.partial(operator.pow, 2)
    assert recipes.map_in_processes(square, [1, 2, 3], workers=2) == [2, 4, 8]


def test_results_and_errors_are_collected() -> None:
    results, errors = recipes.collect_results(lambda n: 1 // n, [0, 1])
    assert results == {1: 1}
    assert isinstance(errors[0], ZeroDivisionError)


def test_calls_time_out() -> None:
    release = threading.Event()
    assert recipes.call_with_timeout(lambda: 1, 5) == 1
    with pytest.raises(TimeoutError):
        recipes.call_with_timeout(release.wait, 0.01)
    release.set()
    with pytest.raises(ZeroDivisionError):
        recipes.call_with_timeout(lambda: 1 // 0, 5)


def test_retries() -> None:
    calls: list[int] = []

    @recipes.retry(attempts=3, delay=0.001, on=(ValueError,))
    def fail(times: int, error: type[Exception] = ValueError) -> str:
        calls.append(times)
        if len(calls) <= times:
            raise error(f"try {len(calls)}")
        return "done"

    assert fail(2) == "done"
    calls.clear()
    with pytest.raises(ValueError, match="try 3"):
        fail(3)
    assert len(calls) == 3
    calls.clear()
    with pytest.raises(TypeError):
        fail(3, TypeError)
    assert len(calls) == 1


async def test_retries_of_coroutines() -> None:
    calls: list[int] = []

    async def fail(times: int) -> str:
        calls.append(times)
        if len(calls) <= times:
            raise OSError("no")
        return "done"

    assert await recipes.retry_async(lambda: fail(2), delay=0.001) == "done"
    calls.clear()
    with pytest.raises(OSError, match="no"):
        await recipes.retry_async(lambda: fail(3), delay=0.001)
    assert len(calls) == 3


def test_rates_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    limiter = recipes.RateLimiter(calls=2, seconds=1)
    for _ in range(5):
        limiter.wait()
    assert now[0] == 102.0
    bucket = recipes.TokenBucket(capacity=2, rate=1)
    assert [bucket.allow() for _ in range(3)] == [True, True, False]
    now[0] += 1
    assert [bucket.allow() for _ in range(2)] == [True, False]
    now[0] += 100
    assert [bucket.allow() for _ in range(3)] == [True, True, False]


def test_counting_in_threads() -> None:
    counter = recipes.Counter()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: counter.increment(), range(1000)))
    assert counter.increment(0) == 1000


def test_periodic_calls_stop() -> None:
    called = threading.Semaphore(0)
    stop = recipes.call_every(0.005, called.release)
    assert called.acquire(timeout=10)
    assert called.acquire(timeout=10)
    stop()


def test_queue_survives_an_error(caplog: pytest.LogCaptureFixture) -> None:
    done: list[float] = []
    recipes.process_queue(lambda n: done.append(1 / n), range(20), workers=3)
    assert len(done) == 19
    assert "work on 0 failed" in caplog.text


async def test_concurrency_is_limited() -> None:
    running, most = 0, 0

    async def work(number: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return number

    calls = [functools.partial(work, number) for number in range(10)]
    assert await recipes.gather_limited(calls, limit=3) == list(range(10))
    assert most == 3


async def test_named_coroutines() -> None:
    cancelled = []

    async def wait() -> int:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise
        return 0

    async def fail() -> int:
        await asyncio.sleep(0)
        raise OSError

    assert await recipes.run_all(a=asyncio.sleep(0, 1), b=asyncio.sleep(0, 2)) == {"a": 1, "b": 2}
    with pytest.raises(ExceptionGroup):
        await recipes.run_all(a=wait(), b=fail())
    assert cancelled == [True]


async def test_timeouts_and_races() -> None:
    assert await recipes.with_timeout(asyncio.sleep(60, "late"), 0.01, "default") == "default"
    assert await recipes.with_timeout(asyncio.sleep(0, "soon"), 10, "default") == "soon"
    slow = asyncio.ensure_future(asyncio.sleep(60, "slow"))
    assert await recipes.first_finished([slow, asyncio.sleep(0, "fast")]) == "fast"
    with pytest.raises(asyncio.CancelledError):
        await slow


async def test_blocking_calls_run_in_a_thread() -> None:
    thread = await recipes.run_blocking(threading.get_ident)
    assert thread != threading.get_ident()
    assert await recipes.run_blocking(sorted, [2, 1], reverse=True) == [2, 1]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
async def test_signals_stop() -> None:
    waiting = asyncio.create_task(recipes.wait_for_stop_signal())
    await asyncio.sleep(0)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(waiting, 10)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().remove_signal_handler(number)
    signal.signal(signal.SIGINT, signal.default_int_handler)
