"""How near a vector is to what everybody asks.

Some vectors lie where questions are many, so they come up whatever is asked: hubs (Radovanović et
al. 2010, JMLR 11, 2487). Their cosines say less than those of others. Crowding measures that
against a bank of questions, and the ranking takes a share of it from the cosine. It is the side of
the documents in cross-domain similarity local scaling (Conneau et al. 2017, arXiv:1710.04087), with
a bank of queries as in Bogolin et al. 2021 (arXiv:2112.12777).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dowse.context.types import Matrix, Quantized

NEAREST = 24
"""Questions that count. MRR on thirty-seconds-python, cosqa-dev and stackoverflow-python with half
of the crowding of 8,192 questions: 83.9, 58.4, 40.0 for 8; 84.7, 58.9, 40.0 for 16; 85.0, 58.9,
40.0 for 24; 84.6, 58.8, 39.9 for 32 (83.1, 58.5, 38.8 without crowding)."""

_ROWS = 64
"""Vectors compared at once: 2 MB of cosines with 8,192 questions."""


def crowding(vectors: Quantized, questions: Matrix) -> NDArray[np.float32]:
    """The mean cosine of each vector to its nearest questions.

    Args:
        vectors: shape (count, dimensions).
        questions: of unit length, shape (questions, dimensions); with fewer than `NEAREST`, all of
            them count.

    Returns:
        Shape (count,), each -1 to 1.
    """
    import numpy as np

    nearest = min(NEAREST, len(questions))
    found = np.empty(len(vectors), np.float32)
    for start in range(0, len(vectors), _ROWS):
        cosines = restore(vectors[start : start + _ROWS]) @ questions.T
        found[start : start + _ROWS] = np.partition(cosines, -nearest)[:, -nearest:].mean(axis=1)
    return found


def restore(vectors: Quantized) -> Matrix:
    """Quantized vectors at unit length in single precision.

    BLAS multiplies them ten times as fast as numkong compares bytes.
    """
    import numpy as np

    floats = vectors.astype(np.float32)
    squares = np.einsum("ij,ij->i", floats, floats)  # unlike norm, it copies nothing
    floats /= np.maximum(np.sqrt(squares), 1e-12)[:, None]
    return floats
