"""The number format in which this machine multiplies fastest.

CPUs with AVX512_BF16 multiply bfloat16 in hardware, while llama.cpp unpacks Q8_0 block by block: a
copy of the same weights in BF16 embeds 1.5 times as many documents a second. It is twice as large,
made in 0.2 s, and derived: it may be deleted at any time.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from pathlib import Path

from dowse.context.errors import DowseError
from dowse.model.llama import llama
from dowse.model.manifest import Manifest, sha256_of, write_atomically
from dowse.model.quantizer import quantize

logger = logging.getLogger(__name__)

_SLOWER = frozenset({"Q8_0", "F16", "F32"})
"""Formats that BF16 beats; Q4_0 is as fast, being repacked by llama.cpp."""
_LARGEST_BYTES = 150_000_000
"""Of a model that is copied: encoders of 110 million weights pass, and their copies have 220 MB."""
_KEPT = 4
"""Copies in the folder: whoever trains models leaves one behind for each."""


def fastest_copy(path: Path, manifest: Manifest, folder: Path, gpu_layers: int = -1) -> Path:
    """The file to run in place of a model: a BF16 copy where that is faster, else the model itself.

    Both share one fingerprint. Their vectors have a cosine of 0.9998, which is what Q8_0 differs by
    from itself when a text has other neighbours in its batch; and the copy's are nearer to those of
    float32 weights (0.9998 against 0.9997), because Q8_0 rounds what it multiplies to 8 bits too.

    Args:
        path: the model, already checked.
        manifest: of the model.
        folder: for copies; where it cannot be written, the model itself is run.
        gpu_layers: as in `EngineSettings`; a GPU runs the model itself.
    """
    slower = manifest.quantization in _SLOWER and manifest.bytes <= _LARGEST_BYTES
    if not slower or not _multiplies_bfloat16(gpu_layers):
        return path
    copy = folder / f"{manifest.sha256[:32]}-BF16.gguf"
    try:
        if not _intact(copy):
            folder.mkdir(parents=True, exist_ok=True)
            quantize(path, copy, "BF16", requantize=True)
            write_atomically(_note(copy), sha256_of(copy) + "\n")
            _remove_oldest(folder)
        os.utime(copy)
    except (OSError, DowseError) as error:
        logger.warning("%s runs as it is: no copy could be made (%s).", path.name, error)
        return path
    return copy


def _intact(copy: Path) -> bool:
    """Whether a copy is what was written; a damaged one would give vectors that stay for good."""
    try:
        return _note(copy).read_text(encoding="utf-8").strip() == sha256_of(copy)
    except (OSError, ValueError, DowseError):
        return False


def _note(copy: Path) -> Path:
    return copy.with_suffix(".sha256")


def _remove_oldest(folder: Path) -> None:
    """Keep the copies used last; one that another process runs on Windows stays."""
    with suppress(OSError):
        by_use = sorted(folder.glob("*-BF16.gguf"), key=lambda copy: copy.stat().st_mtime)
        for copy in by_use[:-_KEPT]:
            copy.unlink()
            _note(copy).unlink(missing_ok=True)


def _multiplies_bfloat16(gpu_layers: int) -> bool:
    """Whether the CPU does it, and no GPU is to do the work better."""
    bindings = llama()
    system = bindings.llama_print_system_info().decode()
    on_gpu = gpu_layers != 0 and bindings.llama_supports_gpu_offload()
    return "AVX512_BF16 = 1" in system and not on_gpu
