"""The questions that crowding is measured against, and their vectors by each model.

`questions.txt` holds 8,192 of the queries that were written and imagined for the training of
dowse's model, drawn by chance; none stands in an evaluation set. Their vectors by a model are
computed once and kept in the cache folder, and such a file beside the weights of this package, as
`NAME.questions.npz`, spares that to those who use the model that is shipped.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
import zipfile
from contextlib import suppress
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from dowse.model.folders import cache_folder, weights_folder

if TYPE_CHECKING:
    from dowse.context.types import Quantized

TOKENS = 64
"""No question has more, so a model with a larger limit gives it the same vector."""

_log = logging.getLogger(__name__)


@cache
def questions() -> tuple[str, ...]:
    """The questions in the order of their vectors."""
    text = (files("dowse.model") / "questions.txt").read_text(encoding="utf-8")
    return tuple(text.splitlines())


def recall(fingerprint: str) -> Quantized | None:
    """The vectors of the questions by a model, if they are shipped or were computed before.

    Args:
        fingerprint: names all that decides a vector.

    Returns:
        Shape (questions, dimensions), quantized.
    """
    key = _key(fingerprint)
    for path in (*weights_folder().glob("*.questions.npz"), _cache_path(key)):
        if (found := _read(path, key)) is not None:
            return found
    return None


def remember(vectors: Quantized, fingerprint: str) -> None:
    """Keep vectors in the cache folder; where it cannot be written, they are computed again."""
    import numpy as np

    key = _key(fingerprint)
    path = _cache_path(key)
    # Named after the thread, so that two writers never share a temporary file.
    temporary = path.with_name(f".{path.name}-{os.getpid()}-{threading.get_ident()}.npz")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(temporary, vectors=vectors, key=key)
        os.replace(temporary, path)
    except OSError as error:
        _log.warning("The vectors of the questions cannot be kept (%s).", error)
        with suppress(OSError):
            temporary.unlink()


@cache
def _key(fingerprint: str) -> str:
    return hashlib.sha256("\n".join((fingerprint, *questions())).encode()).hexdigest()


def _cache_path(key: str) -> Path:
    return cache_folder() / "questions" / f"{key[:32]}.npz"


def _read(path: Path, key: str) -> Quantized | None:
    import numpy as np

    try:
        with np.load(path) as stored:
            if stored["key"] != key:
                return None
            vectors: Quantized = stored["vectors"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    fits = vectors.dtype == np.int8 and vectors.ndim == 2 and len(vectors) == len(questions())
    return vectors if fits else None
