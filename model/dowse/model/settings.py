"""How a model is asked to run, and what it turned out to run on; imports nothing heavy."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dowse.context.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MIN_CONTEXT = 8
"""Fewer tokens leave hardly a word between the special ones."""
MAX_CONTEXT = 32_768
"""Longest context of the encoders in use; attention over it takes seconds already."""
MAX_THREADS = 512
"""llama.cpp's own limit (GGML_MAX_N_THREADS)."""
MAX_GPU_LAYERS = 1_000
"""More than any encoder has."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """How a model is run.

    Raises:
        SettingsError: a value has no meaning.
    """

    threads: int | None = None
    """Threads of each of the two contexts; None: as many as this process may use cores."""
    gpu_layers: int = -1
    """Layers to put on the GPU; -1: all, 0: none. Without a GPU build it has no effect."""
    context_size: int | None = None
    """Tokens a text is cut to; None: what the model's manifest says."""
    copies: Path | None = None
    """Folder for copies in the number format that this CPU multiplies fastest; None: no copies."""
    adapter: Path | None = None
    """A LoRA adapter in GGUF that runs on top of the model, its manifest beside it."""

    def __post_init__(self) -> None:
        if self.threads is not None:
            _check("threads", self.threads, 1, MAX_THREADS)
        _check("gpu_layers", self.gpu_layers, -1, MAX_GPU_LAYERS)
        if self.context_size is not None:
            _check("context_size", self.context_size, MIN_CONTEXT, MAX_CONTEXT)


@dataclass(frozen=True, slots=True)
class Backend:
    """What a loaded model really runs on."""

    name: str
    """`CPU`, or the family of the GPU that holds layers, such as `CUDA`."""
    format: str
    """Number format of the weights that run, such as `BF16`."""
    devices: tuple[str, ...]
    """The GPUs that llama.cpp uses, as it describes them; empty without one."""
    total_layers: int
    """Layers as llama.cpp counts them, the output included."""
    offloaded_layers: int
    """Those of them that are really on a GPU."""
    threads: int
    system: str
    """Instruction sets and libraries in use, such as `AVX512 = 1`."""


def available_cores() -> int:
    """Count the cores that this process may use, which a container or `taskset` can make fewer."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return min(cores, MAX_THREADS)


@contextmanager
def patient_threads() -> Iterator[None]:
    """Let OpenMP's threads sleep while they wait for each other, unless the user set it otherwise.

    By default they spin, which starves the very thread they wait for once other programs want the
    cores: on two busy cores 0.6 documents a second, sleeping 5.3. OpenMP looks only when loaded.
    """
    name = "OMP_WAIT_POLICY"
    if name in os.environ:
        yield
        return
    os.environ[name] = "passive"
    try:
        yield
    finally:
        del os.environ[name]


def _check(name: str, value: object, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise SettingsError(f"{name} is {value!r}; set a whole number from {low} to {high}")
