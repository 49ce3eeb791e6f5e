"""Finds the folders of bases that are no folders by name: in a package, of a model, on the hub."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from dowse.context.errors import ExportError, ModelError
from dowse.model.registry import bundled_model, find_model
from dowse.model.training.unpacking import unpacked

SHIPPED = "shipped"
"""Stands for the model that is part of this package, whatever it is called."""

_HUB_FILES = ("*.json", "vocab.txt", "README.md", "model.safetensors")


def in_package(name: str) -> Path:
    """Find the folder of the model in an installed package.

    Raises:
        ExportError: the package is not installed, or holds none.
    """
    try:
        listed = files(name) or []
    except (PackageNotFoundError, ValueError):
        raise ExportError(f"the package {name!r} is not installed; `pip install {name}`") from None
    for entry in listed:
        if entry.name == "modules.json":
            return Path(str(entry.locate())).parent
    raise ExportError(
        f"there is no sentence-transformers model in the package {name!r}; name another"
    )


def of_model(name_or_path: str) -> Path:
    """Find the folder of a model that dowse runs; it is unpacked where that was not done yet.

    Args:
        name_or_path: `shipped`, the name of a model at hand, or its file.

    Raises:
        ExportError: there is no such model, or none that can be trained on.
    """
    try:
        shipped = name_or_path == SHIPPED
        return unpacked(bundled_model() if shipped else find_model(name_or_path))
    except ModelError as error:
        raise ExportError(str(error)) from None


def on_hub(repository: str) -> Path:
    """Download the folder of a model.

    Raises:
        ExportError: it cannot be downloaded.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError

    try:
        return Path(snapshot_download(repository, allow_patterns=[*_HUB_FILES, "*/config.json"]))
    except (HfHubHTTPError, OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ExportError(
            f"cannot download {repository}: {reason}; give a folder instead"
        ) from None
