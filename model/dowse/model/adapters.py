"""LoRA adapters: small files that change the vectors of a model while its weights stay as they are.

An adapter holds, for some matrices of the model, two thin ones whose product llama.cpp adds while
it computes: W x + alpha / rank * B (A x) (Hu 2021, arXiv:2106.09685). On other weights than those
that it was trained on it would give vectors that mean nothing, so its manifest names them.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dowse.context.errors import ModelError
from dowse.model.gguf import read_tables
from dowse.model.manifest import Model, manifest_path, read_record, sha256_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from dowse.model.gguf import Tensor, Value
    from dowse.model.manifest import Manifest

_WANTED = {"general.type": "adapter", "general.architecture": "bert", "adapter.type": "lora"}
"""What llama.cpp asks of the metadata (llama-adapter.cpp); those trained here are of BERT."""
_PART = re.compile(r"blk\.\d+\.\w+\.weight\.lora_([ab])")
"""A tensor of an adapter; llama.cpp passes over some others without a word."""


@dataclass(frozen=True, slots=True)
class AdapterManifest:
    """Origin, licence and identity of one adapter, kept as JSON beside it."""

    name: str
    file: str
    """Name of the GGUF file, in the folder of the manifest."""
    base: str
    """The model that it was trained on."""
    base_sha256: str
    """Hash of that model's `model.safetensors`, as the manifests of its conversions have it.

    Of its GGUF file where it was trained on one that has no manifest.
    """
    license: str | None
    """SPDX identifier."""
    rank: int
    """Rows of A, and columns of B."""
    alpha: float
    sha256: str
    bytes: int
    command: str
    """The command line that made the file."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """The GGUF file of an adapter and what is known of it."""

    path: Path
    manifest: AdapterManifest


def read_adapter(path: Path) -> Adapter:
    """Read an adapter's manifest, and check its file before llama.cpp sees it.

    Raises:
        ModelError: one of the two is missing or broken, or they do not fit each other.
    """
    if not path.is_file():
        raise ModelError(
            f"there is no adapter file {path}; `dowse export FOLDER --adapter` writes one"
        )
    if not manifest_path(path).is_file():
        raise ModelError(
            f"{path.name} has no {manifest_path(path).name} beside it, which names its base; "
            "copy both, or export it again with `dowse export FOLDER --adapter`"
        )
    manifest = read_record(manifest_path(path), AdapterManifest)
    if sha256_of(path) != manifest.sha256:
        raise ModelError(
            f"{path.name} is not the file that its manifest describes: the SHA-256 differs; "
            "export it again with `dowse export FOLDER --adapter`"
        )
    if problem := _misfit(manifest, *read_tables(path)):
        raise ModelError(f"{path.name} is not a usable adapter: {problem}; export it again")
    return Adapter(path, manifest)


def _misfit(
    manifest: AdapterManifest, pairs: Mapping[str, Value], tensors: Mapping[str, Tensor]
) -> str | None:
    """Say what would make llama.cpp abort, or compute something else; None when nothing does."""
    for key, wanted in _WANTED.items():
        if pairs.get(key) != wanted:
            return f"its {key} is {pairs.get(key)!r}, not {wanted!r}"
    alpha = pairs.get("adapter.lora.alpha")
    # The file has it in 32 bits, the manifest in 64.
    if not isinstance(alpha, float) or not math.isclose(alpha, manifest.alpha, rel_tol=1e-6):
        return f"its alpha is {alpha!r}, and its manifest says {manifest.alpha}"
    if not tensors:
        return "it holds no tensors"
    for name, tensor in tensors.items():
        part = _PART.fullmatch(name)
        if part is None:
            return f"the tensor {name!r} changes no matrix of a layer"
        rank = tensor.shape[1:] if part[1] == "a" else tensor.shape[:-1]
        if rank != (manifest.rank,):
            return f"the tensor {name!r} has the shape {tensor.shape}, not of rank {manifest.rank}"
    return None


def check_base(adapter: Adapter, model: Manifest) -> None:
    """Refuse an adapter on a model that was not made from the weights that it was trained on.

    Raises:
        ModelError: the base is another, or the model's manifest names none.
    """
    said = adapter.manifest
    if said.base_sha256 in (model.base_sha256, model.sha256):
        return
    origin = f"was made from others ({model.base_sha256[:12]}…)" if model.base_sha256 else ""
    raise ModelError(
        f"{said.name} was trained on the weights of {said.base} ({said.base_sha256[:12]}…), and "
        f"{model.name} {origin or 'does not say what it was made from'}; take a model that "
        f"`dowse export` makes of {said.base}, or train the adapter on the base of this one"
    )


def adapted(model: Model, path: Path) -> Model:
    """A model with an adapter on top, under a name that says so.

    Raises:
        ModelError: the adapter is broken, or belongs to another base.
    """
    adapter = read_adapter(path)
    check_base(adapter, model.manifest)
    name = f"{model.manifest.name} + {adapter.manifest.name}"
    size = model.manifest.bytes + adapter.manifest.bytes
    return Model(model.path, replace(model.manifest, name=name, bytes=size), path)
