"""How well an encoder ranks pairs that it is not trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dowse.model.training.data.pairs import text_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dowse.model.training.data.pairs import Pair
    from dowse.model.training.encoder import Encoder
    from dowse.model.training.recipe import Recipe


def development_mrr(encoder: Encoder, pairs: Sequence[Pair], recipe: Recipe) -> float:
    """Mean reciprocal rank of each query's best right code among the codes of all pairs.

    Codes that tie with it stand before it, so that a model that gives one vector to all scores
    next to nothing.
    """
    import torch

    codes = different(pair.code for pair in pairs)
    places = {text_key(code): place for place, code in enumerate(codes)}
    right: dict[str, set[int]] = {}
    for pair in pairs:
        right.setdefault(pair.keys[0], set()).add(places[pair.keys[1]])
    queries = encoder.queries([pair.query for pair in pairs], recipe)
    cosines = (
        encoder.vectors(queries, recipe.chunk_size)
        @ encoder.vectors(encoder.codes(codes, recipe), recipe.chunk_size).T
    ).cpu()
    ranks = []
    for row, pair in zip(cosines, pairs, strict=True):
        own = torch.tensor(sorted(right[pair.keys[0]]))
        best = row[own].max()
        row[own] = -torch.inf
        ranks.append(1 + int((row >= best).sum()))
    return sum(1 / rank for rank in ranks) / len(ranks)


def different(texts: Iterable[str]) -> list[str]:
    """Each text once, told apart as pairs are; the last of equal ones stands for them."""
    return list({text_key(text): text for text in texts}.values())
