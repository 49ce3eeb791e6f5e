"""Finds wrong answers that the current model takes for right ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dowse.model.training.data.pairs import Pair
    from dowse.model.training.recipe import Recipe
    from dowse.model.training.training_set import TrainingSet

    Tensor = Any

_BLOCK = 50_000_000
"""Cosines held at once: 200 MB."""


def judged(pairs: Sequence[Pair], known: TrainingSet, count: int) -> list[tuple[str, ...]]:
    """Texts of codes that people judged to be no answer, up to `count` a pair."""
    return [known.wrong.get(pair.keys[0], ())[:count] for pair in pairs]


def mine(
    pairs: Sequence[Pair],
    known: TrainingSet,
    queries: Tensor,
    codes: Tensor,
    recipe: Recipe,
    epoch: int,
) -> list[tuple[str, ...]]:
    """Choose hard negatives: those that people judged, then near ones of the current model.

    A code counts as near only if its cosine stays below (1 - `negatives_margin`) of the right
    code's: above that it is too often an answer that nobody judged (de Souza P. Moreira et al.
    2024, arXiv:2407.15831, TopK-PercPos). Of those between `negatives_skip` and `negatives_depth`,
    a draw by chance decides.

    Args:
        pairs: what is trained on.
        known: which codes are known to be right or wrong.
        queries: unit vectors of the pairs' queries, shape (pairs, dimensions).
        codes: those of their codes, same shape.
        recipe: how many, and from where.
        epoch: other epochs draw others.

    Returns:
        Texts of wrong codes a pair, `hard_negatives` at most.
    """
    count = recipe.hard_negatives
    near = _near(pairs, known, queries, codes, recipe, epoch)
    return [
        (*mine, *(pairs[n].code for n in theirs[: count - len(mine)]))
        for mine, theirs in zip(judged(pairs, known, count), near, strict=True)
    ]


def _near(
    pairs: Sequence[Pair],
    known: TrainingSet,
    queries: Tensor,
    codes: Tensor,
    recipe: Recipe,
    epoch: int,
) -> list[list[int]]:
    import torch

    # Equal codes stand for each other; only the first one is searched.
    places: dict[str, list[int]] = {}
    for number, pair in enumerate(pairs):
        places.setdefault(pair.keys[1], []).append(number)
    first = [numbers[0] for numbers in places.values()]
    columns = {key: column for column, key in enumerate(places)}
    searched = codes[first]
    drawing = torch.Generator().manual_seed(recipe.seed + epoch)
    found: list[list[int]] = []
    step = max(1, _BLOCK // len(first))
    for start in range(0, len(pairs), step):
        rows = slice(start, start + step)
        own = (queries[rows] * codes[rows]).sum(1, keepdim=True)
        cosines = queries[rows] @ searched.T
        cosines[cosines >= own - recipe.negatives_margin * own.abs()] = -torch.inf
        for row, pair in enumerate(pairs[rows]):
            right = [columns[k] for k in known.right.get(pair.keys[0], ()) if k in columns]
            cosines[row, right] = -torch.inf
        found += [[first[c] for c in row] for row in _draw(cosines, recipe, drawing)]
    return found


def _draw(cosines: Tensor, recipe: Recipe, drawing: Any) -> list[list[int]]:
    """Columns between the two ranks that are not ruled out, in an order by chance."""
    import torch

    best = cosines.topk(min(recipe.negatives_depth, cosines.shape[1]))
    values = best.values[:, recipe.negatives_skip :].cpu()
    indices = best.indices[:, recipe.negatives_skip :].cpu()
    order = torch.rand(values.shape, generator=drawing).argsort(1)
    shuffled, allowed = indices.gather(1, order), values.gather(1, order) > -torch.inf
    return [row[fits].tolist() for row, fits in zip(shuffled, allowed, strict=True)]
