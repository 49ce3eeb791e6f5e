"""Which texts share a batch, so that short ones do not cost more than long ones.

llama.cpp's attention works in tiles of 64 tokens on a CPU; a batch of fewer goes another way, in
which 63 tokens take 18 ms where 64 take 8. Several short texts in one batch fill the tiles.
"""

from __future__ import annotations

from collections.abc import Sequence


def pack(lengths: Sequence[int], room: int, most: int) -> list[list[int]]:
    """Put texts into batches, each into the first that has room for it.

    Batches are in the order of their first texts, so no text waits for one behind it that is not
    in its own batch: what is most urgent comes first and stays first.

    Args:
        lengths: tokens of each text, none above `room`.
        room: tokens of a batch.
        most: texts of a batch.

    Returns:
        numbers of the texts of each batch, every text once.
    """
    batches: list[list[int]] = []
    free: list[int] = []
    for number, length in enumerate(lengths):
        fits = (n for n, left in enumerate(free) if length <= left and len(batches[n]) < most)
        place = next(fits, len(batches))
        if place == len(batches):
            batches.append([])
            free.append(room)
        batches[place].append(number)
        free[place] -= length
    return batches
