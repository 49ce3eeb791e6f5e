from __future__ import annotations

import os
import sys
import threading
from types import SimpleNamespace

import psutil
import pytest

from dowse.context import priority


@pytest.mark.parametrize(
    ("battery", "expected"),
    [
        (None, False),
        (SimpleNamespace(power_plugged=True), False),
        (SimpleNamespace(power_plugged=None), False),
        (SimpleNamespace(power_plugged=False), True),
    ],
)
def test_only_an_unplugged_battery_counts(
    monkeypatch: pytest.MonkeyPatch, battery: object, expected: bool
) -> None:
    monkeypatch.setattr(psutil, "sensors_battery", lambda: battery, raising=False)
    priority._on_battery.cache_clear()
    assert priority.on_battery() is expected
    priority._on_battery.cache_clear()


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no priority of their own")
def test_only_the_calling_thread_gives_way() -> None:
    before, seen = os.getpriority(os.PRIO_PROCESS, 0), []

    def work() -> None:
        priority.give_way()
        seen.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert (seen, os.getpriority(os.PRIO_PROCESS, 0)) == ([10], before)
