"""Runs encoder models in llama.cpp, inside this process.

llama.cpp aborts the whole process when it gets more tokens than its micro-batch, and when it loads
some broken files. So every text is cut to the context's size before it is handed over, a file's
header is checked first (`dowse.model.gguf`), and an unknown file is tried out in a child process
(`dowse.model.trial`).
"""

from __future__ import annotations

import re
import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from dowse.context.crowding import crowding, restore
from dowse.context.errors import ModelError, SettingsError
from dowse.context.priority import give_way
from dowse.context.vectors import quantize
from dowse.model.adapters import Adapter, check_base, read_adapter
from dowse.model.contexts import (
    TEXTS_PER_BATCH,
    BatchStoppedError,
    Context,
    Interrupt,
    Turns,
    Weights,
)
from dowse.model.gguf import Header, read_header
from dowse.model.llama import llama
from dowse.model.manifest import Manifest, derive_manifest, fingerprint, sha256_of
from dowse.model.packing import pack
from dowse.model.questions import TOKENS, questions, recall, remember
from dowse.model.settings import Backend, EngineSettings, available_cores
from dowse.model.tokenizer import Tokenizer
from dowse.model.trial import ensure_passed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from dowse.context.types import Matrix, Quantized, Vector

_DOCUMENT_CONTEXTS = 4
"""Documents embedded at once; each context keeps some 15 MB of working memory."""
_WINDOW = 64
"""Texts among which those are sought that fit into one batch."""


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
            llama.cpp fail; or its adapter is, or belongs to another base.
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
    settings = settings or EngineSettings()
    adapter = read_adapter(settings.adapter) if settings.adapter else None
    if adapter:
        check_base(adapter, manifest)
    ensure_passed(path, manifest.sha256, adapter)
    return _load_copy(path, settings, manifest, header, adapter) or LlamaEmbedder(
        path, settings, manifest, header, adapter
    )


def _load_copy(
    path: Path,
    settings: EngineSettings,
    manifest: Manifest,
    header: Header,
    adapter: Adapter | None,
) -> LlamaEmbedder | None:
    """Load a faster copy of a model, if this machine has one; a broken one is deleted."""
    if settings.copies is None:
        return None
    from dowse.model.formats import fastest_copy

    copy = fastest_copy(path, manifest, settings.copies, settings.gpu_layers)
    if copy == path:
        return None
    try:
        return LlamaEmbedder(copy, settings, manifest, header, adapter)
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


_Batch = Future["list[Vector] | None"]
"""Vectors of the texts of a batch; None if it was cancelled."""


class LlamaEmbedder:
    """One set of weights and several contexts over it, one for queries and others for documents.

    Each context has its own lock, so a query never waits for documents; documents being embedded
    stop at once for a query and start again after it. Safe to call from any thread.

    Documents are embedded side by side in contexts of one thread each: threads that share a text
    wait for each other at every layer, which costs most when other programs want the cores.
    """

    def __init__(
        self,
        path: Path,
        settings: EngineSettings,
        manifest: Manifest,
        header: Header,
        adapter: Adapter | None = None,
    ) -> None:
        """Load checked weights and a checked adapter; use `load_embedder`, which checks them.

        Raises:
            ModelError: llama.cpp cannot load a file.
            SettingsError: the context size is more than the model has positions for.
        """
        self._limit = settings.context_size or manifest.token_limit
        if self._limit > header.token_limit:
            raise SettingsError(
                f"context_size is {self._limit}; {manifest.name} takes at most {header.token_limit}"
            )
        self._manifest = manifest
        on_top = adapter.manifest.sha256 if adapter else None
        self._fingerprint = fingerprint(manifest, self._limit, on_top)
        # Number formats of the same weights share the questions' vectors.
        weights = replace(manifest, sha256=manifest.base_sha256 or manifest.sha256)
        self._asking = fingerprint(weights, min(self._limit, TOKENS), on_top)
        self._questions: Matrix | None = None
        self._preparing = threading.Lock()
        self._threads = settings.threads or available_cores()
        with ExitStack() as undo:
            self._weights = Weights(path, settings.gpu_layers, adapter.path if adapter else None)
            undo.callback(self._weights.free)
            self._tokenizer = Tokenizer(self._weights, header)
            self._interrupt = Interrupt()
            self._queries = self._context(max(1, self._threads // 2), undo)
            count = min(self._threads, _DOCUMENT_CONTEXTS)
            share = self._threads // count
            stop = self._interrupt
            self._documents = [self._context(share, undo, stop) for _ in range(count)]
            undo.pop_all()
        self._turns = Turns(self._documents)
        self._no_query = threading.Event()
        self._no_query.set()

    def _context(
        self, threads: int, undo: ExitStack, interrupt: Interrupt | None = None
    ) -> Context:
        context = Context(self._weights, self._limit, threads, interrupt)
        undo.callback(context.free)
        return context

    @property
    def fingerprint(self) -> str:
        """Names all that decides a vector, the adapter included: see `manifest.fingerprint`."""
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
                return self._queries.embed([tokens])[0]
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
        yield from self._side_by_side(texts, self._manifest.document_prompt, cancelled)

    @property
    def prepared(self) -> bool:
        """Whether `crowding` answers at once."""
        if self._questions is None:
            known = recall(self._asking)
            self._questions = None if known is None else restore(known)
        return self._questions is not None

    def prepare(self, cancelled: Callable[[], bool] = lambda: False) -> bool:
        """Embed the questions that `crowding` compares with, unless it was done before.

        That takes half a minute on two cores, once for each model; the shipped one brings them.

        Returns:
            False if it was cancelled before the end.

        Raises:
            ModelError: the embedder is closed, or llama.cpp failed.
        """
        with self._preparing:
            if self.prepared:
                return True
            import numpy as np

            asked = self._side_by_side(questions(), self._manifest.query_prompt, cancelled)
            vectors = list(asked)
            if len(vectors) < len(questions()):
                return False
            self._questions = np.stack(vectors)
            remember(quantize(self._questions), self._asking)
            return True

    def crowding(self, vectors: Quantized) -> NDArray[np.float32]:
        """How near each vector is to questions that anybody might ask; `prepare`s if need be.

        Args:
            vectors: shape (count, dimensions), quantized.

        Returns:
            Shape (count,), each -1 to 1.

        Raises:
            ModelError: the embedder is closed before the questions are known.
        """
        self.prepare()
        assert self._questions is not None
        return crowding(vectors, self._questions)

    def _side_by_side(
        self, texts: Sequence[str], prompt: str, cancelled: Callable[[], bool]
    ) -> Iterator[Vector]:
        """The vectors of texts in their prompt, in order."""
        remaining = (prompt.replace("{text}", text) for text in texts)
        begun: deque[list[tuple[_Batch, int]]] = deque()
        pool = ThreadPoolExecutor(len(self._documents), "dowse-embed", give_way)
        try:
            while (window := list(islice(remaining, _WINDOW))) or begun:
                if window:
                    begun.append(self._begin(pool, window, cancelled))
                # One window is always ahead, so that no core waits for another.
                if window and len(begun) < 2:
                    continue
                for batch, place in begun.popleft():
                    vectors = batch.result()
                    if vectors is None or cancelled():
                        return
                    yield vectors[place]
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _begin(
        self, pool: ThreadPoolExecutor, texts: Sequence[str], cancelled: Callable[[], bool]
    ) -> list[tuple[_Batch, int]]:
        """Have texts embedded; for each, the batch that it is in and its place in the batch."""
        tokens = [self.tokenize(text) for text in texts]
        found: dict[int, tuple[_Batch, int]] = {}
        for numbers in pack([len(each) for each in tokens], self._limit, TEXTS_PER_BATCH):
            batch = pool.submit(self._embed_batch, cancelled, [tokens[n] for n in numbers])
            found.update((number, (batch, place)) for place, number in enumerate(numbers))
        return [found[number] for number in range(len(texts))]

    def _embed_batch(
        self, cancelled: Callable[[], bool], texts: Sequence[Sequence[int]]
    ) -> list[Vector] | None:
        while not cancelled():
            self._no_query.wait()
            with self._turns.take() as context, context.lock, suppress(BatchStoppedError):
                return context.embed(texts)
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


def _family(devices: Sequence[str]) -> str:
    """`CUDA0 (NVIDIA H100)` belongs to the family `CUDA`."""
    match = re.match(r"[A-Za-z]+", devices[0] if devices else "")
    return match[0] if match else "GPU"
