"""Mines pairs from a repository or a package: what its people wrote beside their own code."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from dowse.context.errors import DatasetError
from dowse.context.roles import Role, role_of
from dowse.context.words import split_identifiers, terms
from dowse.model.evaluation.descriptions import read_definitions
from dowse.model.evaluation.history import read_changes, read_commits
from dowse.model.evaluation.sentences import MIN_WORDS, commit_sentence, first_sentence
from dowse.model.training.data.comments import commented_blocks
from dowse.model.training.data.documentation import code_blocks
from dowse.model.training.data.pairs import Pair

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from dowse.context.types import Limits
    from dowse.model.evaluation.descriptions import Described
    from dowse.model.training.data.places import Place

    Progress = Callable[[int, int], None]

MINERS = ("docstring", "comment", "commit", "test", "documentation")
_COMMITS = 2_000
"""Newest commits looked at, as in evaluation."""
_CHANGED = 3
"""Definitions that a commit may change: of more, its sentence tells only what they share."""
_TEST_NAME_SHARE = 0.5
"""Part of a tested function's name that the test's name has to say."""


def mine(place: Place, limits: Limits, miners: Sequence[str] = MINERS) -> Iterator[Pair]:
    """Every pair that the chosen miners find, file by file, in the order of paths.

    Args:
        place: repository or package.
        limits: what is too large to be parsed.
        miners: of `MINERS`.
    """
    found: list[tuple[str, str, Described]] = []
    for path, source, language in place.sources(limits):
        definitions = read_definitions(source, language, limits.max_depth)
        found += [(path, language.name, each) for each in definitions if each.passages]
        if "docstring" in miners and role_of(path) is not Role.TEST:
            yield from _docstrings(place, path, language.name, definitions)
        if "comment" in miners:
            for sentence, code in commented_blocks(source, language, limits.max_depth):
                yield _pair(place, "comment", sentence, code, language.name, path)
    if "test" in miners:
        yield from _tests(place, found)
    if "commit" in miners and place.is_repository:
        yield from _commits(place, limits, found)
    if "documentation" in miners:
        for path, text in place.prose():
            for sentence, code, name in code_blocks(text):
                yield _pair(place, "documentation", sentence, code, name, path)


def _pair(
    place: Place, miner: str, query: str, code: str, language: str, path: str, symbol: str = ""
) -> Pair:
    return Pair(query, code, language, miner, place.license, 1, place.name, path, symbol)


def _docstrings(
    place: Place, path: str, language: str, definitions: Sequence[Described]
) -> Iterator[Pair]:
    for each in definitions:
        sentence = first_sentence(each.description, each.symbol) if each.is_named else None
        if sentence and each.passages:
            yield _pair(place, "docstring", sentence, each.passages[0], language, path, each.symbol)


def _commits(
    place: Place, limits: Limits, found: Sequence[tuple[str, str, Described]]
) -> Iterator[Pair]:
    named = {(path, each.symbol): (name, each) for path, name, each in found if each.is_named}
    try:
        commits = read_commits(place.root, _COMMITS)
    except DatasetError:
        return  # a folder without a history has other pairs
    for change in read_changes(place.root, commits, limits, _CHANGED):
        sentence = commit_sentence(change.commit.subject)
        for path, symbol in sorted(change.definitions) if sentence else ():
            if sentence and (path, symbol) in named:
                language, each = named[path, symbol]
                yield _pair(place, "commit", sentence, each.passages[0], language, path, symbol)


def _tests(place: Place, found: Sequence[tuple[str, str, Described]]) -> Iterator[Pair]:
    """The words of a test's name with the one function that it calls and names."""
    named = [(path, name, each) for path, name, each in found if each.is_named]
    short = Counter(_short(each) for path, _, each in named if role_of(path) is not Role.TEST)
    tested = {
        _short(each): (path, name, each)
        for path, name, each in named
        # A name that several definitions have does not tell which of them is tested.
        if role_of(path) is not Role.TEST and short[_short(each)] == 1
    }
    for path, _, each in named:
        sentence = test_sentence(_short(each)) if role_of(path) is Role.TEST else None
        if sentence and (best := _best(sentence, "\n".join(each.passages), tested)):
            path, language, target = best
            yield _pair(place, "test", sentence, target.passages[0], language, path, target.symbol)


def _short(each: Described) -> str:
    return each.symbol.rpartition(".")[2]


def test_sentence(name: str) -> str | None:
    """The words of a test's name, or None where it is no test or says too little."""
    words = split_identifiers(name).replace("_", " ").split()
    kept = [word for word in words if word.casefold() not in ("test", "tests")]
    if len(kept) == len(words) or len(kept) <= MIN_WORDS:
        return None
    return " ".join(kept).lower()


def _best(
    sentence: str, body: str, tested: Mapping[str, tuple[str, str, Described]]
) -> tuple[str, str, Described] | None:
    said, called = set(terms(sentence)), set(_names(body))
    shares = {
        name: sum(term in said for term in parts) / len(parts)
        for name in called & tested.keys()
        if (parts := set(terms(name)))
    }
    ordered = sorted(shares, key=lambda name: (-shares[name], -len(name), name))
    return tested[ordered[0]] if ordered and shares[ordered[0]] > _TEST_NAME_SHARE else None


def _names(body: str) -> Iterator[str]:
    name = ""
    for character in body:
        if character.isalnum() or character == "_":
            name += character
        else:
            if name and character == "(":
                yield name
            name = ""
