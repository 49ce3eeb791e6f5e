"""Makes F16 and the quantizations of a model, so that they can be compared."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dowse.context.errors import ExportError
from dowse.model.manifest import Model, derive_manifest, sha256_of
from dowse.model.quantizer import quantize
from dowse.model.training.base import PACKAGE_PREFIX, find_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dowse.model.manifest import Manifest

    Progress = Callable[[str, int, int], None]

FULL = ("F32", "F16")
"""Formats that a model can be quantized from without loss on top of loss."""
QUANTIZATIONS = ("Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q4_0")
"""What is compared with F16, as `dowse export` makes them."""


def quantizations(model: Model, base: str | None, folder: Path, progress: Progress) -> list[Model]:
    """F16 first, then each quantization of the same weights.

    They come from the base if one is named; else from the model itself where it is F16 or F32; else
    from the base that the model's manifest names, if that is an installed package.

    Args:
        model: the model in use.
        base: a folder, `package:NAME` or an id on the hub, as `dowse export` takes it.
        folder: where the files go.
        progress: called with the step's name, what is done, and all there is.

    Raises:
        ExportError: there is nothing to quantize from; the message says what to do.
    """
    if base is None and model.manifest.quantization in FULL:
        return _from_file(model, folder, progress)
    base = base or _base_of(model)
    if base is None:
        raise ExportError(
            f"{model.manifest.name} is {model.manifest.quantization} already, and quantizing it "
            "again would measure two losses at once; name the encoder that it was made from with "
            "--base FOLDER, or an F16 file of it with --model"
        )
    from dowse.model.training.export import export

    return export(base, folder, ("F16", *QUANTIZATIONS), name=_name(model, base), progress=progress)


def _base_of(model: Model) -> str | None:
    """The installed package that a model was exported from, by the command in its manifest."""
    words = (model.manifest.command or "").split()
    if words[:2] != ["dowse", "export"] or not words[2:] or not words[2].startswith(PACKAGE_PREFIX):
        return None
    try:
        find_folder(words[2])
    except ExportError:
        return None
    return words[2]


def _name(model: Model, base: str) -> str | None:
    """The model's own name where it was made from this base: equal files are then equal in name."""
    weights = find_folder(base) / "model.safetensors"
    known = model.manifest.base_sha256
    same = known is not None and weights.is_file() and sha256_of(weights) == known
    return model.manifest.base if same else None


def _from_file(model: Model, folder: Path, progress: Progress) -> list[Model]:
    made = [model] if model.manifest.quantization == "F16" else []
    wanted = QUANTIZATIONS if made else ("F16", *QUANTIZATIONS)
    stem = model.manifest.name.removesuffix(f"-{model.manifest.quantization}")
    for done, kind in enumerate(wanted):
        progress(f"write {kind}", done, len(wanted))
        path = folder / f"{stem.replace('/', '-')}-{kind}.gguf"
        quantize(model.path, path, kind)
        made.append(Model(path, _manifest(model.manifest, path)))
    return made


def _manifest(source: Manifest, path: Path) -> Manifest:
    """What a quantized file says of itself, used as the file that it was made from."""
    return replace(
        derive_manifest(path),
        base=source.base,
        base_sha256=source.base_sha256 or source.sha256,
        license=source.license,
        token_limit=source.token_limit,
        query_prompt=source.query_prompt,
        document_prompt=source.document_prompt,
    )
