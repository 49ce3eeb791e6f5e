"""Documents embedded per second with the same weights: dowse, sentence-transformers, ONNX Runtime.

All read the same real snippets on the same cores, in turns in one run: cut to the 128 tokens that
dowse indexes, to 256, and to their first 160 characters, as short passages are. dowse runs the
number format that the CPU multiplies fastest, and the Q8_0 that is shipped. ONNX Runtime has the
weights exported from PyTorch and quantized to int8 (dynamic, per tensor), batches of 16 sorted by
length, as one would use it; sentence-transformers likewise.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.corpus import files
from dowse.context.files import LeftOut, read
from dowse.context.snippets import extract
from dowse.context.types import Limits
from dowse.model.training.base import MODEL_PREFIX, find_folder
from dowse.model.training.places import SHIPPED
from dowse.server.model import load_model
from dowse.server.settings import Settings

DOCUMENTS = 192
ROUNDS = 5
BATCH = 16
TOKENS = 256
SHORT = 160
"""Characters of short passages: signatures, one-liners and constants, some 40 tokens."""

Embed = Callable[[Sequence[str]], np.ndarray]


def documents() -> list[str]:
    """Passages of real code, every 25th so that many files have a part."""
    texts: list[str] = []
    for path, _ in files():
        content = read(path.parent, path.name, Limits())
        if not isinstance(content, LeftOut):
            texts += [text for found in extract(*content) for text in found.passages]
        if len(texts) >= 25 * DOCUMENTS:
            break
    return texts[::25][:DOCUMENTS]


def shipped_folder() -> Path:
    """The shipped model's weights for PyTorch."""
    return find_folder(f"{MODEL_PREFIX}{SHIPPED}")


def dowse(tokens: int = TOKENS, **settings: Any) -> Embed:
    """The shipped model in llama.cpp, as the server runs it."""
    embedder, _ = load_model(Settings(context_size=tokens, **settings))
    return lambda texts: np.stack(list(embedder.embed_documents(texts)))


def sentence_transformers(tokens: int = TOKENS) -> Embed:
    """The float32 weights in PyTorch."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(shipped_folder()), device="cpu")
    model.max_seq_length = tokens
    return lambda texts: model.encode(list(texts), batch_size=BATCH, normalize_embeddings=True)


def onnx_int8(folder: Path) -> Callable[[int], Embed]:
    """The same weights quantized to int8 in ONNX Runtime, cut to any number of tokens."""
    import onnxruntime
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from transformers import AutoModel, AutoTokenizer

    class Encoder(torch.nn.Module):
        """The model with its inputs by position, as tracing passes them."""

        def __init__(self) -> None:
            super().__init__()
            self.model = AutoModel.from_pretrained(shipped_folder(), attn_implementation="eager")

        def forward(self, ids: Any, mask: Any, types: Any) -> Any:
            found = self.model(input_ids=ids, attention_mask=mask, token_type_ids=types)
            return found.last_hidden_state

    tokenizer = AutoTokenizer.from_pretrained(shipped_folder())
    sample = tokenizer(["def f(): pass"] * 2, return_tensors="pt")
    names = ["input_ids", "attention_mask", "token_type_ids"]
    axes = {name: {0: "batch", 1: "tokens"} for name in [*names, "last_hidden_state"]}
    torch.onnx.export(
        Encoder().eval(),
        tuple(sample[name] for name in names),
        str(folder / "model.onnx"),
        input_names=names,
        output_names=["last_hidden_state"],
        dynamic_axes=axes,
        dynamo=False,
    )
    quantize_dynamic(folder / "model.onnx", folder / "int8.onnx", weight_type=QuantType.QInt8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = os.cpu_count() or 1
    session = onnxruntime.InferenceSession(folder / "int8.onnx", options)

    def embed(tokens: int, texts: Sequence[str]) -> np.ndarray:
        order = sorted(range(len(texts)), key=lambda n: len(texts[n]))
        vectors = np.empty((len(texts), 384), np.float32)
        for start in range(0, len(texts), BATCH):
            rows = order[start : start + BATCH]
            inputs = tokenizer(
                [texts[n] for n in rows],
                padding=True,
                truncation=True,
                max_length=tokens,
                return_tensors="np",
            )
            (hidden,) = session.run(None, {name: inputs[name] for name in names})
            mask = inputs["attention_mask"][:, :, None]
            pooled = (hidden * mask).sum(1) / mask.sum(1)
            vectors[rows] = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return vectors

    return lambda tokens: partial(embed, tokens)


def measure() -> dict[str, Any]:
    """For each kind of text, documents per second, ratios, and agreement of vectors."""
    texts = documents()
    short = [text[:SHORT] for text in texts]
    load = round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
    return {
        "load_before": load,
        "128 tokens": measure_tokens(texts, 128),
        f"{TOKENS} tokens": measure_tokens(texts, TOKENS),
        f"first {SHORT} characters": measure_tokens(short, 128),
    }


def measure_tokens(texts: Sequence[str], tokens: int) -> dict[str, Any]:
    """All engines on texts cut to so many tokens."""
    with tempfile.TemporaryDirectory() as folder:
        embedders: dict[str, Embed] = {
            "dowse": dowse(tokens),
            "dowse, Q8_0": dowse(tokens, convert_model=False),
            "dowse, one core": dowse(tokens, threads=1),
            "sentence-transformers float32": sentence_transformers(tokens),
            "ONNX Runtime int8": onnx_int8(Path(folder))(tokens),
        }
        vectors = {name: embed(texts) for name, embed in embedders.items()}
        rates = in_turns(embedders, texts)
    reference = vectors["sentence-transformers float32"]
    return {
        name: {
            "documents_per_s": round(rate, 1),
            "ratio_to_dowse": round(rate / rates["dowse"], 2),
            "ratio_to_onnx": round(rate / rates["ONNX Runtime int8"], 2),
            "cosine_to_float32": round(float((vectors[name] * reference).sum(1).mean()), 4),
        }
        for name, rate in rates.items()
    }


def in_turns(embedders: Mapping[str, Embed], texts: Sequence[str]) -> dict[str, float]:
    """Median documents per second of each engine, one after the other in every round."""
    rates: dict[str, list[float]] = {name: [] for name in embedders}
    for _ in range(ROUNDS):
        for name, embed in embedders.items():
            started = time.perf_counter()
            embed(texts)
            rates[name].append(len(texts) / (time.perf_counter() - started))
    return {name: statistics.median(values) for name, values in rates.items()}


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
