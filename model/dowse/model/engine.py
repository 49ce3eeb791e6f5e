"""Runs encoder models in llama.cpp, inside this process; the only module that imports llama_cpp.

llama.cpp aborts the whole process when it gets more tokens than its micro-batch, and when it loads
some broken files. So every text is cut to the context's size before it is handed over, a file's
header is checked first (`dowse.model.gguf`), and an unknown file is tried out in a child process
(`dowse.model.trial`).
"""

from __future__ import annotations

import ctypes
import logging
import os
import re
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, cast

from dowse.context.errors import ModelError, SettingsError
from dowse.context.priority import give_way
from dowse.model.gguf import Header, read_header
from dowse.model.manifest import Manifest, derive_manifest, fingerprint, sha256_of
from dowse.model.settings import Backend, EngineSettings, available_cores, patient_threads
from dowse.model.trial import ensure_passed
from dowse.model.wordpiece import WordPiece

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from dowse.context.types import Vector

_CHARS_PER_TOKEN = 16
"""Tokenizers other than WordPiece see so much text a token; code has 3 to 4 characters a token."""

_DOCUMENT_CONTEXTS = 4
"""Documents embedded at once; each context keeps some 15 MB of working memory."""
_ABORTED = 2
"""What llama_encode returns after it was told to stop (llama.h, llama_decode)."""

_log = logging.getLogger("dowse.llama")


def load_embedder(
    path: Path, settings: EngineSettings | None = None, manifest: Manifest | None = None
) -> LlamaEmbedder:
    """Load a model and make it ready to embed; it blocks, so call it off the main thread.

    Args:
        path: the GGUF file.
        settings: how to run it; the defaults suit a developer's machine.
        manifest: what the file must be; without one it is derived from the file itself.

    Raises:
        ModelError: the file is missing, broken, no encoder, not the one of the manifest, or makes
            llama.cpp fail.
        SettingsError: the context size is more than the model has positions for.
    """
    header = read_header(path)
    if manifest is None:
        manifest = derive_manifest(path)
    elif sha256_of(path) != manifest.sha256:
        raise ModelError(
            f"{path.name} is not the file that its manifest describes: the SHA-256 differs; "
            "pull or export it again"
        )
    _check_fit(path, header, manifest)
    ensure_passed(path, manifest.sha256)
    settings = settings or EngineSettings()
    return _load_copy(path, settings, manifest, header) or LlamaEmbedder(
        path, settings, manifest, header
    )


def _load_copy(
    path: Path, settings: EngineSettings, manifest: Manifest, header: Header
) -> LlamaEmbedder | None:
    """Load a faster copy of a model, if this machine has one; a broken one is deleted."""
    if settings.copies is None:
        return None
    from dowse.model.formats import fastest_copy

    copy = fastest_copy(path, manifest, settings.copies)
    if copy == path:
        return None
    try:
        return LlamaEmbedder(copy, settings, manifest, header)
    except ModelError:
        copy.unlink(missing_ok=True)
        return None


def _check_fit(path: Path, header: Header, manifest: Manifest) -> None:
    said, found = (manifest.dimensions, manifest.pooling), (header.dimensions, header.pooling)
    if said != found or manifest.token_limit > header.token_limit:
        raise ModelError(
            f"the manifest of {path.name} says {said} and {manifest.token_limit} tokens, the file "
            f"{found} and {header.token_limit}; pull or export the model again"
        )


class _InterruptedError(Exception):
    """A text was given up for a query and has to be embedded again."""


class _Interrupt:
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
        self._text[0] = b"x"

    def clear(self) -> None:
        self._text[0] = b"\0"


class LlamaEmbedder:
    """One set of weights and several contexts over it, one for queries and others for documents.

    Each context has its own lock, so a query never waits for documents; documents being embedded
    stop at once for a query and start again after it. Safe to call from any thread.

    Documents are embedded side by side in contexts of one thread each: threads that share a text
    wait for each other at every layer, which costs most when other programs want the cores.
    """

    def __init__(
        self, path: Path, settings: EngineSettings, manifest: Manifest, header: Header
    ) -> None:
        """Load checked weights; use `load_embedder`, which checks them.

        Raises:
            ModelError: llama.cpp cannot load the file.
            SettingsError: the context size is more than the model has positions for.
        """
        self._limit = settings.context_size or manifest.token_limit
        if self._limit > header.token_limit:
            raise SettingsError(
                f"context_size is {self._limit}; {manifest.name} takes at most {header.token_limit}"
            )
        self._manifest = manifest
        self._fingerprint = fingerprint(manifest, self._limit)
        self._threads = settings.threads or available_cores()
        with ExitStack() as undo:
            self._weights = _Weights(path, settings.gpu_layers)
            undo.callback(self._weights.free)
            self._tokenizer = _Tokenizer(self._weights, header)
            self._interrupt = _Interrupt()
            self._queries = self._context(max(1, self._threads // 2), undo, None)
            count = min(self._threads, _DOCUMENT_CONTEXTS)
            share = self._threads // count
            self._documents = [self._context(share, undo, self._interrupt) for _ in range(count)]
            undo.pop_all()
        self._free: SimpleQueue[_Context] = SimpleQueue()
        for context in self._documents:
            self._free.put(context)
        self._no_query = threading.Event()
        self._no_query.set()

    def _context(self, threads: int, undo: ExitStack, interrupt: _Interrupt | None) -> _Context:
        context = _Context(self._weights, self._limit, threads, interrupt)
        undo.callback(context.free)
        return context

    @property
    def fingerprint(self) -> str:
        """Names weights, pooling, token limit and prompts: equal fingerprints, equal vectors."""
        return self._fingerprint

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return self._manifest.dimensions

    def tokenize(self, text: str) -> list[int]:
        """Turn a text into the tokens the model gets: cut to its limit, special ones included.

        Raises:
            ModelError: the embedder is closed.
        """
        return self._tokenizer.tokens(text, self._limit)

    def embed_query(self, text: str) -> Vector:
        """Embed what a person asked; never waits for documents being embedded.

        Returns:
            Shape (dimensions,), of unit length.

        Raises:
            ModelError: the embedder is closed, or llama.cpp failed.
        """
        tokens = self.tokenize(self._manifest.query_prompt.replace("{text}", text))
        with self._queries.lock:
            self._no_query.clear()
            self._interrupt.set()
            try:
                return self._queries.embed(tokens)
            finally:
                self._interrupt.clear()
                self._no_query.set()

    def embed_documents(
        self, texts: Sequence[str], cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[Vector]:
        """Embed texts side by side; stop before the next once `cancelled()` is true.

        Yields:
            For each text, in order, shape (dimensions,), of unit length.

        Raises:
            ModelError: the embedder is closed, or llama.cpp failed.
        """
        with ThreadPoolExecutor(len(self._documents), "dowse-embed", give_way) as pool:
            vectors = pool.map(partial(self._embed_document, cancelled), texts)
            # closing drops what has not begun once the caller stops
            with closing(cast("Generator[Vector | None]", vectors)):
                for vector in vectors:
                    if vector is None or cancelled():
                        return
                    yield vector

    def _embed_document(self, cancelled: Callable[[], bool], text: str) -> Vector | None:
        tokens = self.tokenize(self._manifest.document_prompt.replace("{text}", text))
        while not cancelled():
            self._no_query.wait()
            context = self._free.get()
            try:
                with context.lock, suppress(_InterruptedError):
                    return context.embed(tokens)
            finally:
                self._free.put(context)
        return None

    def backend(self) -> Backend:
        """Tell what the model runs on, from what llama.cpp said while it was loaded."""
        weights = self._weights
        return Backend(
            name=_family(weights.devices) if weights.offloaded else "CPU",
            format=weights.format,
            devices=weights.devices,
            total_layers=weights.layers,
            offloaded_layers=weights.offloaded,
            threads=self._threads,
            system=llama().llama_print_system_info().decode().strip(" |"),
        )

    def close(self) -> None:
        """Wait for the texts being embedded, then free all memory; a second call does nothing."""
        contexts = [self._queries, *self._documents]
        with ExitStack() as held:
            for lock in (*(context.lock for context in contexts), self._tokenizer.lock):
                held.enter_context(lock)
            for context in contexts:
                context.free()
            self._weights.free()


class _Weights:
    """A loaded model; freed by hand, because llama.cpp's memory is not Python's."""

    def __init__(self, path: Path, gpu_layers: int) -> None:
        bindings = llama()
        params = bindings.llama_model_default_params()
        params.n_gpu_layers = gpu_layers
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

    def free(self) -> None:
        if self.pointer:
            llama().llama_model_free(self.pointer)
            self.pointer = None


class _Context:
    """llama.cpp's working memory for one text at a time; hold `lock` around every call."""

    def __init__(
        self, weights: _Weights, limit: int, threads: int, interrupt: _Interrupt | None
    ) -> None:
        bindings = llama()
        params = bindings.llama_context_default_params()
        # All three alike: an encoder aborts when a text does not fit into one micro-batch.
        params.n_ctx = params.n_batch = params.n_ubatch = limit
        # Pooling reads every token's output; llama.cpp's default keeps room for one.
        params.n_outputs_max = params.n_outputs_max_per_seq = limit
        params.n_threads = params.n_threads_batch = threads
        params.embeddings = True
        with collected_log() as log:
            self._pointer = bindings.llama_init_from_model(weights.pointer, params)
        if not self._pointer:
            raise ModelError(f"llama.cpp has no room for {limit} tokens: {complaint(log)}")
        if interrupt is not None:
            bindings.llama_set_abort_callback(self._pointer, interrupt.callback, interrupt.data)
        self._limit = limit
        self._dimensions = weights.dimensions
        self._batch = _one_sequence(limit)
        self.lock = threading.Lock()

    def embed(self, tokens: Sequence[int]) -> Vector:
        import numpy as np

        bindings = llama()
        if not self._pointer:
            raise ModelError("the model is closed; load it again")
        if not 0 < len(tokens) <= self._limit:
            raise ModelError(f"a text has {len(tokens)} tokens; 1 to {self._limit} are possible")
        self._batch.n_tokens = len(tokens)
        ids = (ctypes.c_int32 * len(tokens))(*tokens)
        ctypes.memmove(self._batch.token, ids, ctypes.sizeof(ids))
        status = bindings.llama_encode(self._pointer, self._batch)
        if status == _ABORTED:
            raise _InterruptedError
        pooled = bindings.llama_get_embeddings_seq(self._pointer, 0) if status == 0 else None
        if not pooled:
            raise ModelError(f"llama.cpp failed to embed a text (status {status}); load it again")
        vector: Vector = np.ctypeslib.as_array(pooled, (self._dimensions,)).astype(np.float32)
        length = float(np.linalg.norm(vector))
        if not 0 < length < float("inf"):
            raise ModelError("the model's vectors are not numbers; pull or export the model again")
        return vector / np.float32(length)

    def free(self) -> None:
        if self._pointer:
            llama().llama_batch_free(self._batch)
            llama().llama_free(self._pointer)
            self._pointer = None


def _one_sequence(limit: int) -> Any:
    """Make room for one text's tokens, all of them in sequence 0 and all of them pooled."""
    batch = llama().llama_batch_init(limit, 0, 1)
    for position in range(limit):
        batch.pos[position] = position
        batch.n_seq_id[position] = 1
        batch.seq_id[position][0] = 0
        batch.logits[position] = 1
    return batch


class _Tokenizer:
    """Gives the tokens of a text, never more than asked for, the closing one always among them."""

    def __init__(self, weights: _Weights, header: Header) -> None:
        self._weights = weights
        self._wordpiece = WordPiece(header.tokens) if header.tokenizer == "bert" else None
        self.lock = threading.Lock()

    def tokens(self, text: str, limit: int) -> list[int]:
        with self.lock:
            if not self._weights.pointer:
                raise ModelError("the model is closed; load it again")
            if self._wordpiece:
                return self._wordpiece.tokens(text, limit)
            tokens = self._by_llama(text[: limit * _CHARS_PER_TOKEN].encode("utf-8", "replace"))
        # The closing token is kept: the model never saw a text without it.
        return tokens if len(tokens) <= limit else [*tokens[: limit - 1], tokens[-1]]

    def _by_llama(self, text: bytes) -> list[int]:
        room = len(text) + 8
        buffer = (ctypes.c_int32 * room)()
        vocabulary = self._weights.vocabulary
        count = llama().llama_tokenize(vocabulary, text, len(text), buffer, room, True, True)
        return buffer[: max(count, 0)]


class _Llama:
    """The llama_cpp module, imported when it is first needed, and where its log goes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._module: Any = None
        self._callback: Any = None
        self.collecting = threading.Lock()
        self.lines: list[str] | None = None

    def module(self) -> Any:
        with self._lock:
            if self._module is None:
                with patient_threads():
                    from llama_cpp import llama_cpp

                # Kept alive here: llama.cpp holds no reference to a Python callback.
                self._callback = llama_cpp.llama_log_callback(self._receive)
                llama_cpp.llama_log_set(self._callback, ctypes.c_void_p(0))
                llama_cpp.llama_backend_init()
                self._module = llama_cpp
            return self._module

    def _receive(self, level: int, text: bytes | None, data: object) -> None:
        line = (text or b"").decode("utf-8", "replace")
        if (lines := self.lines) is not None:
            lines.append(line)
        if line.strip(" .\n"):
            _log.debug("%s", line.rstrip("\n"))


_shared = _Llama()


def llama() -> Any:
    """The llama_cpp module, imported at the first call."""
    return _shared.module()


@contextmanager
def collected_log() -> Iterator[list[str]]:
    """Collect what llama.cpp says meanwhile; one collector at a time."""
    with _shared.collecting:
        lines: list[str] = []
        _shared.lines = lines
        try:
            yield lines
        finally:
            _shared.lines = None


def complaint(log: Sequence[str]) -> str:
    """Pick the line of a log that tells a person most: the first error, or else the last line."""
    text = [line.strip() for line in "".join(log).splitlines() if line.strip()]
    errors = [line for line in text if re.search(r"\b(error|failed)\b", line)]
    return (errors or text[-1:] or ["it gives no reason"])[0].split(": ", 1)[-1]


def _family(devices: Sequence[str]) -> str:
    """`CUDA0 (NVIDIA H100)` belongs to the family `CUDA`."""
    match = re.match(r"[A-Za-z]+", devices[0] if devices else "")
    return match[0] if match else "GPU"
