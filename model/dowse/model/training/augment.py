"""Varies training pairs, so that a model learns what a query asks for and not how it is put.

Every kind has a probability in the recipe; 0 turns it off. Nothing here is random but by the draw
that is passed in.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

from dowse.context.shard import embedding_text
from dowse.context.words import split_identifiers
from dowse.model.evaluation.renaming import renamed
from dowse.model.training.code_changes import (
    own_function,
    with_comment,
    with_description,
    without_docstring,
)
from dowse.model.training.query_changes import with_changed_words, with_typo
from dowse.model.training.questions import as_question

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from dowse.model.training.data.pairs import Pair
    from dowse.model.training.recipe import Recipe


def augment_batch(
    pairs: Sequence[Pair],
    batch: Sequence[int],
    wrong: Sequence[str],
    recipe: Recipe,
    epoch: int,
) -> tuple[list[str], list[str]]:
    """Vary what one step reads; a run that was stopped and goes on reads the same.

    Hard negatives are varied as often as right answers: else the changes would tell the two apart.

    Args:
        pairs: all that are trained on.
        batch: numbers of those in the step.
        wrong: codes of hard negatives.
        recipe: seed and probabilities.
        epoch: from 0; another one varies otherwise.

    Returns:
        Queries of the batch, and its codes followed by the hard negatives.
    """
    own = [augment(pairs[number], pairs, recipe, _draw(recipe, epoch, number)) for number in batch]
    # A batch holds one language, or the few pairs that are left of many.
    borrowed = (replace(pairs[batch[0]], code=code) for code in wrong)
    others = [
        augment_code(each, pairs, recipe, _draw(recipe, epoch, each.code)) for each in borrowed
    ]
    return [pair.query for pair in own], [*(pair.code for pair in own), *others]


def _draw(recipe: Recipe, epoch: int, what: int | str) -> Random:
    return random.Random(f"{recipe.seed}-{epoch}-{what}")


def augment(pair: Pair, others: Sequence[Pair], recipe: Recipe, draw: Random) -> Pair:
    """Vary a pair's query and code by the recipe's probabilities.

    A query is replaced by a name, then put as a question, its words are changed, then mistyped.
    What does not fit (a query that is no sentence, code that does not parse) stays as it is.

    Args:
        pair: what is varied; its language says how code is read.
        others: pairs whose queries may stand in comments; `pair` may be among them.
        recipe: the probabilities.
        draw: equal draws give equal pairs.
    """
    named = _by_name(pair, draw) if draw.random() < recipe.augment_name else None
    pair = named or pair
    if draw.random() < recipe.augment_question:
        question = as_question(pair.query, pair.language, draw)
        pair = replace(pair, query=question or pair.query)
    query = pair.query
    if draw.random() < recipe.augment_words:
        query = with_changed_words(query, draw) or query
    if draw.random() < recipe.augment_typos:
        query = with_typo(query, draw) or query
    code = augment_code(pair, others, recipe, draw)
    # Hard negatives are judged answers from the web, which have no path either.
    if draw.random() < recipe.augment_place and pair.path:
        code = embedding_text(pair.path, pair.symbol, code)
    return replace(pair, query=query, code=code)


def augment_code(pair: Pair, others: Sequence[Pair], recipe: Recipe, draw: Random) -> str:
    """Vary a pair's code alone, as `augment` does."""
    code = pair.code
    if draw.random() < recipe.augment_no_docstring:
        code = without_docstring(code, pair.language) or code
    if draw.random() < recipe.augment_rename:
        code = renamed(code, pair.language, draw) or code
    if draw.random() < recipe.augment_dead_comments:
        code = _with_foreign_comment(replace(pair, code=code), others, draw)
    return code


def _by_name(pair: Pair, draw: Random) -> Pair | None:
    """The words of the function's name for the query, and a neutral name in the code.

    With its name in the code, the pair would teach to compare letters, which the words of the index
    do already; without it, the model has to find what the name says in the body, and in the
    description, which mining took out because it was the query, and which real code has.
    """
    name = own_function(pair.code, pair.language)
    words = split_identifiers(name or "").replace("_", " ").split()
    if name is None or len(words) < 2:
        return None
    code = renamed(pair.code, pair.language, draw, only=name)
    if code is None:
        return None
    described = with_description(code, pair.language, pair.query)
    return replace(pair, query=" ".join(words).lower(), code=described or code)


def _with_foreign_comment(pair: Pair, others: Sequence[Pair], draw: Random) -> str:
    other = draw.choice(others)
    if other.keys[0] == pair.keys[0]:
        return pair.code
    return with_comment(pair.code, pair.language, other.query, draw) or pair.code
