"""Changes an evaluation set in the ways that trip code search models up; pure and seeded.

Names that say nothing are the classic attack on models of code (Yefet, Alon and Yahav 2020,
arXiv:1910.07517), misspelt queries that on encoders of text (Zhuang and Zuccon, EMNLP 2021), and
repeated keywords that on search engines (Gyöngyi and Garcia-Molina 2005, "Web spam taxonomy").
Texts are changed by the functions that vary training pairs, so a model whose recipe turned those
on has seen such changes; the model card says so.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dowse.context.errors import DatasetError
from dowse.context.languages import language_of_id
from dowse.model.evaluation.metrics import Dataset, Origin
from dowse.model.evaluation.renaming import renamed
from dowse.model.training.code_changes import line_comment, with_comment
from dowse.model.training.data.cleaning import guessed
from dowse.model.training.query_changes import with_typo

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Rewrite = Callable[[str, str, str, random.Random], str | None]
    """From a document's id, text and language to another text; None where nothing can change."""

STUFFED_SHARE = 0.5
"""Share of queries that are attacked: enough of them in a small set, and a corpus that grows by
half at most."""
_REPEATED = 3
"""Times that an attacker says the words of a query."""


@dataclass(frozen=True, slots=True)
class Changed:
    """An evaluation set after a change."""

    kind: str
    dataset: Dataset
    """Its queries are those that the change concerns."""
    changed: int
    """Texts that differ, or that were added; the others could not be changed."""
    total: int
    unit: str
    """What is counted: `queries` or `documents`."""
    attackers: Mapping[str, str] = field(default_factory=dict)
    """Query id to the id of the document that was added to stand above its answer."""


def sample(dataset: Dataset, most: int, seed: int = 0) -> Dataset:
    """Draw a part of a set in which every query still has all of its answers.

    Args:
        dataset: one without `parts`.
        most: documents that are kept: answers first, then others.
        seed: equal seeds draw the same part.

    Returns:
        The part, in the order of the whole, with the language of every document: the one that the
        set names, else the one whose grammar reads it without an error, else an empty one.

    Raises:
        DatasetError: no query has so few answers.
    """
    draw = _draw(seed, "sample")
    asked, kept = _asked(dataset, most, draw)
    if not asked:
        raise DatasetError(
            f"no query of {dataset.name} has answers that fit into {most} documents; check the "
            "qrels, or give a larger sample"
        )
    others = [name for name in dataset.corpus if name not in kept]
    kept.update(draw.sample(others, min(most - len(kept), len(others))))
    corpus = {name: text for name, text in dataset.corpus.items() if name in kept}
    part = replace(dataset, corpus=corpus, origins={name: _told(dataset, name) for name in corpus})
    return _only(part, asked)


def _draw(seed: int, *what: str) -> random.Random:
    """Random numbers of their own for each text: what else is in the set changes nothing."""
    return random.Random(repr((seed, *what)))


def _asked(dataset: Dataset, most: int, draw: random.Random) -> tuple[set[str], set[str]]:
    """Queries that fit, and their answers."""
    asked: set[str] = set()
    kept: set[str] = set()
    for query in draw.sample(list(dataset.queries), len(dataset.queries)):
        answers = {name for name, gain in dataset.relevance[query].items() if gain > 0}
        if answers and len(kept) + len(answers - kept) <= most:
            asked.add(query)
            kept |= answers
    return asked, kept


def _told(dataset: Dataset, name: str) -> Origin:
    origin = dataset.origins.get(name, Origin())
    language = language_of_id(origin.language)
    return replace(origin, language=language.name if language else guessed(dataset.corpus[name]))


def _only(dataset: Dataset, queries: set[str]) -> Dataset:
    """Ask some of the queries, and judge what the corpus still has."""
    texts = {query: text for query, text in dataset.queries.items() if query in queries}
    judged = {
        query: {name: gain for name, gain in gains.items() if name in dataset.corpus}
        for query, gains in dataset.relevance.items()
        if query in queries
    }
    return replace(dataset, queries=texts, relevance=judged)


def with_typos(dataset: Dataset, seed: int = 0) -> Changed:
    """Mistype one or two words of every query; those without a word of four letters stay.

    A letter is left out, doubled, switched with the next, or hit beside its key.
    """
    queries = {name: _mistyped(name, text, seed) for name, text in dataset.queries.items()}
    count = sum(queries[name] != text for name, text in dataset.queries.items())
    changed = replace(dataset, queries=queries)
    return Changed("typos", changed, count, len(queries), "queries")


def _mistyped(name: str, text: str, seed: int) -> str:
    draw = _draw(seed, "typos", name)
    for _ in range(draw.choice((1, 2))):
        text = with_typo(text, draw) or text
    return text


def with_neutral_names(dataset: Dataset, seed: int = 0) -> Changed:
    """Give every document's own name, parameters and local variables names that say nothing.

    Attributes, imported and built-in names stay (`dowse.model.evaluation.renaming`).
    """
    return _with_documents(
        "names", dataset, seed, lambda _, text, language, draw: renamed(text, language, draw)
    )


def with_misleading_comments(dataset: Dataset, seed: int = 0) -> Changed:
    """Put a line of comment into every document that says a query which it does not answer."""
    answered: dict[str, set[str]] = {}
    for query, gains in dataset.relevance.items():
        for name in (name for name, gain in gains.items() if gain > 0):
            answered.setdefault(name, set()).add(query)

    def misled(name: str, text: str, language: str, draw: random.Random) -> str | None:
        own = answered.get(name, set())
        foreign = [said for query, said in dataset.queries.items() if query not in own]
        return with_comment(text, language, draw.choice(foreign), draw) if foreign else None

    return _with_documents("comments", dataset, seed, misled)


def _with_documents(kind: str, dataset: Dataset, seed: int, rewrite: Rewrite) -> Changed:
    corpus = {
        name: rewrite(name, text, _language(dataset, name), _draw(seed, kind, name)) or text
        for name, text in dataset.corpus.items()
    }
    count = sum(corpus[name] != text for name, text in dataset.corpus.items())
    return Changed(kind, replace(dataset, corpus=corpus), count, len(corpus), "documents")


def _language(dataset: Dataset, name: str) -> str:
    origin = dataset.origins.get(name)
    return origin.language if origin else ""


def with_keyword_stuffing(dataset: Dataset, seed: int = 0) -> Changed:
    """Add an attacker for a share of the queries: their words in a comment above unrelated code.

    Returns:
        The larger set, of which only the attacked queries are asked; none of them where every
        document answers every query.
    """
    draw = _draw(seed, "stuffing")
    count = max(1, round(STUFFED_SHARE * len(dataset.queries)))
    corpus, origins, attackers = dict(dataset.corpus), dict(dataset.origins), {}
    for query in draw.sample(list(dataset.queries), count):
        gains = dataset.relevance[query]
        if unrelated := [name for name in dataset.corpus if gains.get(name, 0) <= 0]:
            name = draw.choice(unrelated)
            attackers[query] = attacker = f"stuffed for {query}"
            origins[attacker] = Origin(_language(dataset, name))
            said = " ".join([dataset.queries[query]] * _REPEATED)
            comment = line_comment(said, _language(dataset, name))
            corpus[attacker] = f"{comment}\n{dataset.corpus[name]}"
    larger = replace(dataset, corpus=corpus, origins=origins)
    attacked = _only(larger, set(attackers))
    return Changed("stuffing", attacked, len(attackers), len(dataset.queries), "queries", attackers)


def outranked(ranking: Sequence[str], attacker: str, gains: Mapping[str, int]) -> bool:
    """Whether an attacker stands above every answer; where neither is found it does not."""
    for name in ranking:
        if name == attacker or gains.get(name, 0) > 0:
            return name == attacker
    return False


CHANGES: Mapping[str, Callable[[Dataset, int], Changed]] = {
    "typos": with_typos,
    "names": with_neutral_names,
    "comments": with_misleading_comments,
    "stuffing": with_keyword_stuffing,
}
"""Kind to change, in the order in which they are shown."""
