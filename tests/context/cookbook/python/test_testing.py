from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from dowse.context.cookbook.python import testing as recipes


def test_the_pytest_recipes_pass(tmp_path: Path) -> None:
    source = Path(recipes.__file__).read_text("utf-8")
    use = "\n\ndef test_fixture(project_folder):\n    assert Path('settings.toml').exists()\n"
    (tmp_path / "test_recipes.py").write_text(source + use, "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    # The plugins that are installed here would take most of the time.
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert "9 passed" in done.stdout, done.stdout


def test_waiting() -> None:
    states = iter([False, False, True])
    recipes.wait_until(lambda: next(states))
    with pytest.raises(AssertionError, match=r"within 0\.01 s"):
        recipes.wait_until(lambda: False, timeout=0.01)


def test_time_is_frozen() -> None:
    with recipes.frozen_time(1000.5):
        assert time.time() == 1000.5
    assert time.time() > 1000.5


def test_environment_is_restored() -> None:
    before = dict(os.environ)
    with recipes.patched_environment(COOKBOOK_PATCH="x"):
        assert os.environ["COOKBOOK_PATCH"] == "x"
        os.environ["COOKBOOK_OTHER"] = "y"
    assert dict(os.environ) == before


def test_failing_function() -> None:
    function = recipes.failing_then_working(1, "done")
    with pytest.raises(OSError, match="not yet"):
        function()
    assert function() == "done"


def test_fake_server() -> None:
    with recipes.fake_http_server(b"hello") as url, urllib.request.urlopen(url) as response:
        assert response.read() == b"hello"
    with recipes.fake_http_server(b"", 500) as url, pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(url)


def test_file_trees(tmp_path: Path) -> None:
    recipes.create_files(tmp_path, {"a/b.txt": "ä", "c": ""})
    assert (tmp_path / "a" / "b.txt").read_text("utf-8") == "ä"
    assert (tmp_path / "c").exists()
