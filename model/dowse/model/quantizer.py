"""Writes GGUF files with other number formats."""

from __future__ import annotations

import ctypes
import os
import tempfile
from pathlib import Path
from typing import Any

from dowse.context.errors import ExportError
from dowse.model.ggml import FILE_TYPES
from dowse.model.gguf import read_header
from dowse.model.llama import collected_log, complaint, llama
from dowse.model.settings import available_cores


def quantize(source: Path, target: Path, file_type: str, *, requantize: bool = False) -> None:
    """Write a GGUF file with other number formats, by llama.cpp's own quantizer.

    Args:
        source: a GGUF file in F32 or F16, or with `requantize` in any format.
        target: written under a temporary name, then renamed.
        file_type: a name from `dowse.model.ggml.FILE_TYPES`, such as `Q8_0`.
        requantize: take a source that is quantized itself; what it has lost stays lost.

    Raises:
        ExportError: the type is unknown, or the target cannot be written.
        ModelError: the source is no usable model.
    """
    numbers = {name: number for number, name in FILE_TYPES.items()}
    if file_type not in numbers:
        raise ExportError(f"there is no type {file_type!r}; choose one of {', '.join(numbers)}")
    read_header(source)
    params = llama().llama_model_quantize_default_params()
    params.ftype, params.nthread = numbers[file_type], available_cores()
    params.allow_requantize = requantize
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".quantize-") as folder:
            temporary = Path(folder, target.name)
            _quantize(source, temporary, params)
            os.replace(temporary, target)
    except OSError as error:
        raise ExportError(f"cannot write {target}: {error.strerror}; free its folder") from None


def _quantize(source: Path, target: Path, params: Any) -> None:
    names = os.fsencode(source), os.fsencode(target)
    with collected_log() as log:
        status = llama().llama_model_quantize(*names, ctypes.byref(params))
    if status != 0:
        raise ExportError(f"llama.cpp cannot quantize {source.name}: {complaint(log)}")
