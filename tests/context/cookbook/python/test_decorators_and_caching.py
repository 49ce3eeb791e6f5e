from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dowse.context.cookbook.python import decorators_and_caching as recipes


def test_run_time_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    @recipes.timed
    def add(a: int, b: int) -> int:
        return a + b

    assert add(1, b=2) == 3
    assert add.__name__ == "add"
    assert "add: 0.0" in capsys.readouterr().err


def test_results_expire(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    calls = []

    @recipes.cached_for(10)
    def load(key: str, *, lang: str = "en") -> int:
        calls.append((key, lang))
        return len(calls)

    assert [load("a"), load("a"), load("b"), load("a", lang="de")] == [1, 1, 2, 3]
    now[0] = 10
    assert load("a") == 4


def test_results_are_kept_on_disk(tmp_path: Path) -> None:
    calls = []

    def load(key: str) -> dict[str, str]:
        calls.append(key)
        return {"key": key}

    path = tmp_path / "cache.json"
    for _ in range(2):
        assert recipes.cached_on_disk(path)(load)("a") == {"key": "a"}
    assert calls == ["a"]
    assert list(tmp_path.iterdir()) == [path]


def test_memoization() -> None:
    assert recipes.count_change(10, (5, 2, 1)) == 10
    assert recipes.count_change(3, (2,)) == 0


def test_attributes_are_cached(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("a b")
    report = recipes.Report(path)
    assert report.words == 2
    path.unlink()
    assert report.words == 2


def test_once_and_one_at_a_time() -> None:
    calls: list[int] = []
    inside, most = 0, 0

    @recipes.run_once
    def load() -> int:
        calls.append(1)
        return len(calls)

    @recipes.synchronized
    def work() -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        time.sleep(0.001)
        inside -= 1

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: load(), range(20))) == {1}
        list(pool.map(lambda _: work(), range(20)))
    assert most == 1


def test_registry() -> None:
    registry = recipes.Registry()

    @registry.register("add")
    def add(a: int, b: int) -> int:
        return a + b

    assert registry.call("add", 1, b=2) == add(1, 2) == 3
    with pytest.raises(ValueError, match="registered already"):
        registry.register("add")(add)
    with pytest.raises(KeyError):
        registry.call("none")


def test_stopwatch_stops() -> None:
    with recipes.stopwatch() as seconds:
        running = seconds()
        threading.Event().wait(0.01)
    final = seconds()
    assert 0 <= running < final == seconds()


def test_environment_is_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKBOOK_A", "before")
    with pytest.raises(OSError, match="x"), recipes.temporary_environment(COOKBOOK_A="inside"):
        raise OSError(os.environ["COOKBOOK_A"].replace("inside", "x"))
    assert os.environ["COOKBOOK_A"] == "before"


def test_output_is_captured(capsys: pytest.CaptureFixture[str]) -> None:
    with recipes.captured_output() as output:
        print("inside")
    print("outside")
    assert output.getvalue() == "inside\n"
    assert capsys.readouterr().out == "outside\n"
