"""Weights in llama.cpp's memory, and contexts that compute over them.

llama.cpp aborts the whole process when it gets more tokens than its micro-batch, so a context
refuses them first.
"""

from __future__ import annotations

import ctypes
import os
import re
import sys
import threading
from collections import deque
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dowse.context.errors import ModelError
from dowse.model.gguf import read_header
from dowse.model.llama import collected_log, complaint, llama

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dowse.context.types import Vector

TEXTS_PER_BATCH = 4
"""Texts that share a batch while they fit; with 8 it was no faster."""
_FLASH_ATTENTION_OFF = 0
"""LLAMA_FLASH_ATTN_TYPE_DISABLED of llama.h."""
_ABORTED = 2
"""What llama_encode returns after it was told to stop (llama.h, llama_decode)."""


class BatchStoppedError(Exception):
    """Documents were given up for a query and have to be embedded again."""


class Interrupt:
    """Stops llama.cpp between two operations of its graph, without Python's help.

    llama.cpp asks a C function whether to go on. `strlen` is one that is everywhere: it answers 0
    for an empty text and 1 for "x", so writing a byte stops the work within a millisecond, and the
    threads that compute never wait for Python's lock.
    """

    def __init__(self) -> None:
        library = ctypes.cdll.msvcrt if sys.platform == "win32" else ctypes.CDLL(None)
        self._text = ctypes.create_string_buffer(2)
        self.callback = ctypes.cast(library.strlen, llama().ggml_abort_callback)
        self.data = ctypes.cast(self._text, ctypes.c_void_p)

    def set(self) -> None:
        """Stop what is computed, and whatever begins before `clear`."""
        self._text[0] = b"x"

    def clear(self) -> None:
        """Let work begin again."""
        self._text[0] = b"\0"


class Weights:
    """A loaded model; freed by hand, because llama.cpp's memory is not Python's.

    Args:
        path: the GGUF file.
        gpu_layers: as in `EngineSettings`.
        adapter: a LoRA adapter in GGUF for all contexts over these weights.
    """

    def __init__(self, path: Path, gpu_layers: int, adapter: Path | None = None) -> None:
        bindings = llama()
        params = bindings.llama_model_default_params()
        params.n_gpu_layers = gpu_layers
        # What GCC 12 makes of llama.cpp's code for AMX ends in an illegal instruction.
        params.use_extra_bufts = b"AMX_INT8 = 1" not in bindings.llama_print_system_info()
        with collected_log() as log:
            self.pointer = bindings.llama_model_load_from_file(os.fsencode(path), params)
        if not self.pointer:
            raise ModelError(f"llama.cpp cannot load {path.name}: {complaint(log)}")
        self.format = read_header(path).file_type
        self.vocabulary = bindings.llama_model_get_vocab(self.pointer)
        self.dimensions = int(bindings.llama_model_n_embd(self.pointer))
        self.devices = tuple(re.findall(r"using device (.+?) - ", "".join(log)))
        # Nothing but its log says how many layers llama.cpp found room for; a CPU build is silent.
        counts = re.search(r"offloaded (\d+)/(\d+) layers", "".join(log))
        self.offloaded = int(counts[1]) if counts else 0
        # The output counts as a layer, in llama.cpp's log and so here.
        self.layers = int(counts[2]) if counts else bindings.llama_model_n_layer(self.pointer) + 1
        self.adapter = self._load(adapter) if adapter else None

    def _load(self, adapter: Path) -> Any:
        """llama.cpp wants adapters before contexts, and frees them together with the model."""
        with collected_log() as log:
            pointer = llama().llama_adapter_lora_init(self.pointer, os.fsencode(adapter))
        if not pointer:
            self.free()
            raise ModelError(
                f"llama.cpp cannot load the adapter {adapter.name}: {complaint(log)}; "
                "export it again, and choose a model of its base"
            )
        return pointer

    def free(self) -> None:
        """Give the memory back; no context may be in use."""
        if self.pointer:
            llama().llama_model_free(self.pointer)
            self.pointer = None


class Context:
    """llama.cpp's working memory for one batch at a time; hold `lock` around every call.

    Args:
        weights: of the model.
        limit: tokens of a batch.
        threads: that compute.
        interrupt: stops a batch of documents; without one, the context is for queries.
    """

    def __init__(
        self, weights: Weights, limit: int, threads: int, interrupt: Interrupt | None
    ) -> None:
        bindings = llama()
        params = bindings.llama_context_default_params()
        # All three alike: an encoder aborts when a text does not fit into one micro-batch.
        params.n_ctx = params.n_batch = params.n_ubatch = limit
        # Pooling reads every token's output; llama.cpp's default keeps room for one.
        params.n_outputs_max = params.n_outputs_max_per_seq = limit
        params.n_threads = params.n_threads_batch = threads
        params.embeddings = True
        params.n_seq_max = TEXTS_PER_BATCH if interrupt else 1
        if interrupt is None and not weights.offloaded:
            # Below 64 tokens, and a query mostly is, it costs a CPU a quarter more time.
            params.flash_attn_type = _FLASH_ATTENTION_OFF
        with collected_log() as log:
            self._pointer = bindings.llama_init_from_model(weights.pointer, params)
        if not self._pointer:
            raise ModelError(f"llama.cpp has no room for {limit} tokens: {complaint(log)}")
        if interrupt is not None:
            bindings.llama_set_abort_callback(self._pointer, interrupt.callback, interrupt.data)
        if weights.adapter:
            adapters = (bindings.llama_adapter_lora_p_ctypes * 1)(weights.adapter)
            scales = (ctypes.c_float * 1)(1.0)
            bindings.llama_set_adapters_lora(self._pointer, adapters, 1, scales)
        self._limit = limit
        self._dimensions = weights.dimensions
        self._batch = _batch(limit)
        self.lock = threading.Lock()

    def embed(self, texts: Sequence[Sequence[int]]) -> list[Vector]:
        """Embed texts that fit into one batch together, each as if it were alone.

        Raises:
            BatchStoppedError: a query came first.
            ModelError: the context is closed, the texts do not fit, or llama.cpp failed.
        """
        bindings = llama()
        if not self._pointer:
            raise ModelError("the model is closed; load it again")
        count = sum(map(len, texts))
        if not all(texts) or not 0 < count <= self._limit:
            raise ModelError(f"a text has {count} tokens; 1 to {self._limit} are possible")
        self._fill(texts, count)
        status = bindings.llama_encode(self._pointer, self._batch)
        if status == _ABORTED:
            raise BatchStoppedError
        if status != 0:
            raise ModelError(f"llama.cpp failed to embed a text (status {status}); load it again")
        return [self._vector(sequence) for sequence in range(len(texts))]

    def _fill(self, texts: Sequence[Sequence[int]], count: int) -> None:
        batch, numbers = self._batch, ctypes.c_int32 * count
        tokens = numbers(*(token for text in texts for token in text))
        positions = numbers(*(position for text in texts for position in range(len(text))))
        ctypes.memmove(batch.token, tokens, ctypes.sizeof(tokens))
        ctypes.memmove(batch.pos, positions, ctypes.sizeof(positions))
        sequences = (sequence for sequence, text in enumerate(texts) for _ in text)
        for slot, sequence in enumerate(sequences):
            batch.seq_id[slot][0] = sequence
        batch.n_tokens = count

    def _vector(self, sequence: int) -> Vector:
        import numpy as np

        pooled = llama().llama_get_embeddings_seq(self._pointer, sequence)
        if not pooled:
            raise ModelError("llama.cpp gives no vector for a text; load the model again")
        vector: Vector = np.ctypeslib.as_array(pooled, (self._dimensions,)).astype(np.float32)
        length = float(np.linalg.norm(vector))
        if not 0 < length < float("inf"):
            raise ModelError("the model's vectors are not numbers; pull or export the model again")
        return vector / np.float32(length)

    def free(self) -> None:
        """Give the memory back; a second call does nothing."""
        if self._pointer:
            llama().llama_batch_free(self._batch)
            llama().llama_free(self._pointer)
            self._pointer = None


class Turns:
    """Hands contexts out in the order in which they were asked for.

    A queue would let a thread that fills in vectors take back at once the context that it has just
    returned, before a search that waits for it wakes up: 300 ms for the search instead of 15.
    """

    def __init__(self, contexts: Sequence[Context]) -> None:
        self._lock = threading.Lock()
        self._free = list(contexts)
        self._waiting: deque[Future[Context]] = deque()

    @contextmanager
    def take(self) -> Iterator[Context]:
        """Wait for a context, and give it back afterwards."""
        turn: Future[Context] = Future()
        with self._lock:
            if self._free:
                turn.set_result(self._free.pop())
            else:
                self._waiting.append(turn)
        context = turn.result()
        try:
            yield context
        finally:
            with self._lock:
                if self._waiting:
                    self._waiting.popleft().set_result(context)
                else:
                    self._free.append(context)


def _batch(limit: int) -> Any:
    """Make room for tokens that each belong to one text and are all pooled."""
    batch = llama().llama_batch_init(limit, 0, 1)
    for slot in range(limit):
        batch.n_seq_id[slot] = 1
        batch.logits[slot] = 1
    return batch
