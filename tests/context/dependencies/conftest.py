from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dowse.context.dependencies import Package, find_packages

VARIABLES = (
    *("VIRTUAL_ENV", "CONDA_PREFIX", "PYENV_VERSION", "GOMODCACHE", "GOPATH", "GOROOT"),
    *("CARGO_HOME", "GRADLE_USER_HOME"),
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder without packages, and no other place where some might be."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setenv("PATH", str(tmp_path / "no-programs"))
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    return home


@pytest.fixture
def found() -> Callable[..., dict[str, Package]]:
    """The packages of a workspace by name, those of one ecosystem."""

    def find(workspace: Path, ecosystem: str, python: Path | None = None) -> dict[str, Package]:
        packages = find_packages(workspace, python)
        return {each.name: each for each in packages if each.ecosystem == ecosystem}

    return find
