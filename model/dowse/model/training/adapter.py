"""Turns the LoRA weights of `dowse train fit` into a GGUF adapter that llama.cpp loads.

Names and shapes are those of llama.cpp's convert_lora_to_gguf.py: A of shape (rank, inputs) and B
of shape (outputs, rank), as peft has them, named after the tensor that their product is added to.
"""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dowse.context.errors import ExportError
from dowse.model.adapters import Adapter, AdapterManifest, read_adapter
from dowse.model.manifest import manifest_path, sha256_of, write_manifest
from dowse.model.training.base import read_json
from dowse.model.training.encoder import ADAPTER
from dowse.model.training.export import require_extra, writing_into
from dowse.model.training.fit import RECORD
from dowse.model.training.spelling import tensor_name

if TYPE_CHECKING:
    from collections.abc import Iterator

_PART = re.compile(r"(.+)\.lora_([AB])\.weight")


def export_adapter(folder: Path, out: Path, *, name: str | None = None) -> Adapter:
    """Convert the LoRA weights of a training run to GGUF, with a manifest beside the file.

    The numbers stay float32: the file is small, and llama.cpp adds exactly what was trained.

    Args:
        folder: what `dowse train fit` wrote with a `lora_rank`.
        out: the folder that the file goes to; made if need be.
        name: what stands before `-adapter` in the adapter's name; by default the folder's name.

    Raises:
        ExportError: the folder holds no adapter, llama.cpp could not use it, nothing can be written
            to `out`, or the extra `train` is not installed.
    """
    require_extra()
    unfinished = _manifest(folder, name)
    with writing_into(out) as temporary:
        return _make(folder, out, unfinished, temporary)


def _make(folder: Path, out: Path, said: dict[str, Any], temporary: Path) -> Adapter:
    written = temporary / said["file"]
    _write_gguf(said, folder / ADAPTER / "adapter_model.safetensors", written)
    about = {"sha256": sha256_of(written), "bytes": written.stat().st_size}
    write_manifest(AdapterManifest(**said, **about), manifest_path(written))
    checked = read_adapter(written)
    for file in (written, manifest_path(written)):
        os.replace(file, out / file.name)
    return Adapter(out / written.name, checked.manifest)


def _manifest(folder: Path, name: str | None) -> dict[str, Any]:
    """What an adapter's manifest says but for hash and size."""
    if not (folder / ADAPTER).is_dir():
        raise ExportError(
            f"{folder} holds no adapter; `dowse train fit` writes one where lora_rank is set"
        )
    record = read_json(folder, RECORD)
    if "base_sha256" not in record:
        raise ExportError(
            f"{folder.name}/{RECORD} does not name the base's weights, being of an older version; "
            "train again"
        )
    rank, alpha = _strength(folder / ADAPTER)
    stem = f"{name or folder.resolve().name}-adapter"
    named = ["--name", name] if name else []
    command = ["dowse", "export", folder.resolve().name, *named, "--adapter"]
    return {
        "name": stem,
        "file": f"{stem}.gguf",
        "base": record.get("base"),
        "base_sha256": record["base_sha256"],
        "license": record.get("license"),
        "rank": rank,
        "alpha": alpha,
        "command": shlex.join(command),
    }


def _strength(folder: Path) -> tuple[int, float]:
    """The rank of the products, and the alpha that they are scaled by."""
    config = read_json(folder, "adapter_config.json")
    rank, alpha = config.get("r"), config.get("lora_alpha")
    if not isinstance(rank, int) or not isinstance(alpha, int | float):
        raise ExportError(f"{folder}/adapter_config.json lacks r or lora_alpha; train again")
    return rank, float(alpha)


def _write_gguf(said: dict[str, Any], weights: Path, path: Path) -> None:
    import gguf

    writer = gguf.GGUFWriter(path, "bert")
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_name(said["name"])
    if said["license"]:
        writer.add_license(said["license"])
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, said["alpha"])
    for name, values in _tensors(weights):
        writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _tensors(weights: Path) -> Iterator[tuple[str, Any]]:
    """Yield llama.cpp's name and the float32 values of each thin matrix."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(weights, framework="pt") as file:
            for name in sorted(file.keys()):
                yield _name(name), file.get_tensor(name).float().numpy()
    except (SafetensorError, OSError) as error:
        raise ExportError(f"cannot read {weights}: {error}; train again") from None


def _name(name: str) -> str:
    part = _PART.fullmatch(name)
    if part is None:
        raise ExportError(
            f"an adapter for llama.cpp cannot hold {name!r}; train with other lora_modules, or "
            "export the merged model alone"
        )
    return f"{tensor_name(f'{part[1]}.weight')}.lora_{part[2].lower()}"
