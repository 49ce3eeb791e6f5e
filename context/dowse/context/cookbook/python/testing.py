# SPDX-License-Identifier: CC0-1.0
"""Testing with pytest and the standard library: cases, fixtures, fakes, time, output, waiting."""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest import mock

import pytest


@pytest.mark.parametrize(("number", "half"), [(7, 3), (6, 3), (-7, -4)])
def test_many_cases(number: int, half: int) -> None:
    """Run one pytest test for several inputs with their expected results (parametrize)."""
    assert number // 2 == half


def test_exception_is_raised() -> None:
    """Test with pytest that an exception is raised and what its message says."""
    with pytest.raises(ValueError, match="invalid literal"):
        int("many")


def test_floats_are_close() -> None:
    """Compare floating-point numbers in a pytest test with a tolerance (approx)."""
    total = 0.1 + 0.2
    assert total == pytest.approx(0.3)
    assert [total, 1.0] == pytest.approx([0.3, 1.0], rel=1e-6)


@pytest.fixture
def project_folder(tmp_path: Path) -> Iterator[Path]:
    """Set up a folder before a pytest test and leave it after the test (fixture with teardown)."""
    (tmp_path / "settings.toml").write_text('name = "demo"', "utf-8")
    before = Path.cwd()
    os.chdir(tmp_path)
    yield tmp_path
    os.chdir(before)


def test_environment_is_patched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace environment variables and functions for one pytest test (monkeypatch)."""
    monkeypatch.setenv("API_KEY", "secret")
    monkeypatch.setattr(time, "sleep", lambda _: None)
    time.sleep(1000)
    assert os.environ["API_KEY"] == "secret"


def test_output_is_captured(capsys: pytest.CaptureFixture[str]) -> None:
    """Test with pytest what a function prints (capsys)."""
    print("hello")
    assert capsys.readouterr().out == "hello\n"


def test_log_messages(caplog: pytest.LogCaptureFixture) -> None:
    """Test with pytest what a function logs (caplog)."""
    with caplog.at_level(logging.INFO):
        logging.getLogger("shop").info("%d items sold", 3)
    assert caplog.messages == ["3 items sold"]


def wait_until(condition: Callable[[], bool], timeout: float = 2.0) -> None:
    """Wait in a test until a condition is true, or fail with `AssertionError` after a timeout."""
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"the condition did not become true within {timeout} s")
        time.sleep(0.01)


@contextmanager
def frozen_time(timestamp: float) -> Iterator[None]:
    """Freeze the clock in a test: `time.time()` returns a fixed Unix timestamp."""
    with mock.patch("time.time", return_value=timestamp):
        yield


@contextmanager
def patched_environment(**variables: str) -> Iterator[None]:
    """Set environment variables for a test; all changes are undone after it."""
    with mock.patch.dict(os.environ, variables):
        yield


def failing_then_working(failures: int, result: object) -> mock.Mock:
    """Create a mock function that raises an error a few times and then returns a result."""
    return mock.Mock(side_effect=[OSError("not yet")] * failures + [result])


@contextmanager
def fake_http_server(body: bytes, status: int = 200) -> Iterator[str]:
    """Run a fake HTTP server in a test that answers every GET request with a fixed body."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Keep the test's output quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def create_files(folder: Path, files: dict[str, str]) -> None:
    """Create a tree of files for a test from a dict of relative paths and texts."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
