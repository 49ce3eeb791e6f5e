from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from dowse.model.engine import LlamaEmbedder


@pytest.fixture(scope="session")
def embedder() -> Iterator[LlamaEmbedder]:
    """The model that is shipped, in llama.cpp."""
    from dowse.server.model import load_model
    from dowse.server.settings import Settings

    model, _ = load_model(Settings())
    yield model
    model.close()


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the person's own indexes and models."""
    monkeypatch.setenv("DOWSE_CACHE", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.setenv("DOWSE_DATA", str(tmp_path_factory.mktemp("data")))


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder of files from a mapping of paths to texts or bytes."""

    def make(files: dict[str, str | bytes], name: str = "project") -> Path:
        root = tmp_path / name
        root.mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return root

    return make
