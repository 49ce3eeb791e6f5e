"""Which models there are, which one is in use, and whether a file is what it should be."""

from __future__ import annotations

import json
import logging
from pathlib import Path

from dowse.context.errors import ModelError
from dowse.model.folders import data_folder, weights_folder
from dowse.model.manifest import (
    Model,
    derive_manifest,
    manifest_path,
    read_manifest,
    sha256_of,
    write_atomically,
)

BUNDLED = "dowse-MiniLM-L6-3-Q8_0"
"""The model that searches use while no other is chosen; it is part of this package."""
SMALL = "dowse-MiniLM-L6-3-small-Q4_K_M"
"""Half as large, for machines with little memory; it is part of this package too."""

_log = logging.getLogger(__name__)


def models_folder() -> Path:
    """Folder of the models that were downloaded."""
    return data_folder() / "models"


def bundled_model() -> Model:
    """The model that searches use while no other is chosen, which works without any download.

    Raises:
        ModelError: the installation is incomplete.
    """
    return _of_package(BUNDLED)


def list_models() -> list[Model]:
    """List the models at hand: those of this package, the default first, then downloaded ones."""
    models = [_of_package(name) for name in (BUNDLED, SMALL)]
    for path in sorted(models_folder().rglob("*.json")):
        try:
            models.append(_with_manifest(path))
        except ModelError as error:
            _log.warning("%s", error)
    return models


def find_model(name_or_path: str) -> Model:
    """Find a model by its name, by the last part of it where that is unique, or by its file.

    Raises:
        ModelError: there is none, the name means several, or the file is no usable model.
    """
    models = list_models()
    found = [model for model in models if model.manifest.name == name_or_path]
    found = found or [m for m in models if m.manifest.name.rpartition("/")[2] == name_or_path]
    if len(found) > 1:
        names = ", ".join(model.manifest.name for model in found)
        raise ModelError(f"{name_or_path!r} means several models; say which: {names}")
    if found:
        return found[0]
    if name_or_path.endswith(".gguf"):
        return _from_file(Path(name_or_path).expanduser().absolute())
    raise ModelError(
        f"there is no model {name_or_path!r}; `dowse models list` shows those at hand, "
        "`dowse models pull` fetches others, and a path to a .gguf file works too"
    )


def verify(model: Model) -> None:
    """Compare a model's file with its manifest.

    Raises:
        ModelError: it is missing or unreadable, or its size or SHA-256 differs.
    """
    path, manifest = model.path, model.manifest
    if not path.is_file():
        raise ModelError(f"the file {path} is missing; pull or export {manifest.name} again")
    if path.stat().st_size != manifest.bytes or sha256_of(path) != manifest.sha256:
        raise ModelError(f"{path} was changed or damaged; pull or export {manifest.name} again")


def use(name_or_path: str) -> Model:
    """Choose the model that searches use from now on.

    Raises:
        ModelError: there is no such model, or the choice cannot be stored.
    """
    model = find_model(name_or_path)
    by_file = name_or_path.endswith(".gguf")
    choice = str(model.path) if by_file else model.manifest.name
    write_atomically(_choice_file(), json.dumps({"model": choice}) + "\n")
    return model


def chosen_model() -> Model:
    """The model that was chosen with `use`; the bundled one while none was.

    Raises:
        ModelError: the chosen one is gone, or the note of the choice is damaged.
    """
    try:
        text = _choice_file().read_text(encoding="utf-8")
    except FileNotFoundError:
        return bundled_model()
    except OSError as error:
        raise ModelError(f"cannot read {_choice_file()}: {error.strerror}; unlock it") from None
    return find_model(_choice(text))


def _choice(text: str) -> str:
    try:
        return str(json.loads(text)["model"])
    except (ValueError, KeyError, TypeError):
        raise ModelError(
            f"{_choice_file()} is damaged; choose again with `dowse models use NAME`"
        ) from None


def _choice_file() -> Path:
    return data_folder() / "model.json"


def _of_package(name: str) -> Model:
    return _with_manifest(weights_folder() / f"{name}.json")


def _with_manifest(path: Path) -> Model:
    manifest = read_manifest(path)
    if Path(manifest.file).name != manifest.file:
        raise ModelError(
            f"the manifest {path} names a file in another folder; pull the model again"
        )
    return Model(path.with_name(manifest.file), manifest)


def _from_file(path: Path) -> Model:
    if manifest_path(path).is_file() and path.is_file():
        return _with_manifest(manifest_path(path))
    return Model(path, derive_manifest(path))
