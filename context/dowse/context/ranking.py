"""The order of candidates: one pure function over what words, vectors and paths say.

The figures behind the weights: NDCG@10 over files on the questions about nine
repositories, as installed and as full checkouts with their tests, and MRR on the open sets.
docs/ranking.md holds the experiments, those that failed as well.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from statistics import median

from dowse.context.modules import Modules
from dowse.context.roles import Role, role_of
from dowse.context.types import Place, Query, Source
from dowse.context.words import terms


@dataclass(frozen=True, slots=True)
class Weights:
    """What each signal is worth, in units of the cosine."""

    crowding: float = 0.6
    """Of the crowding, which is taken from the cosine. MRR by meaning on thirty-seconds-python,
    cosqa-dev and stackoverflow-python: 83.1, 58.5, 38.8 at 0; 84.1, 58.8, 39.9 at 0.4; 85.0, 58.9,
    40.0 at 0.5; 84.7, 59.1, 40.1 at 0.6; 84.2, 58.4, 40.0 at 0.75."""
    words: float = 1 / 6
    """Of the share of a query's words that a passage covers. MRR on thirty-seconds-python,
    cosqa-dev and stackoverflow-python: 82.2, 53.8, 35.8 at 0 (vectors alone); 82.3, 53.8, 36.1 at
    1/6 and 1/5; 82.3, 53.3, 36.1 at 1/3."""
    named: float = 0.2
    """Bonus of a definition whose very name stands in the query: 0.892 with it, 0.889 without."""
    apart: float = 0.2
    """Malus of tests, examples, prose, copies and legacy code, unless the query asks for them.
    With words alone in full checkouts 0.68 without it, 0.86 with it; 0.1 to 0.3 are alike."""
    coherence: float = 0.35
    """Of what else a file holds. NDCG over files 0.882 without it, 0.889 at 0.2, 0.896 at 0.35,
    0.894 at 0.5; MRR over single snippets 64.6, 63.6, 63.2, 62.5: who asks for one function of a
    file full of others is served worse, who asks what a file is about better."""
    coherent: int = 7
    """Snippets of a file that count for it: 0.886 at 3, 0.890 at 5, 0.894 at 7 and 10."""
    contenders: int = 40
    """Best snippets among which files are told apart. At 20, 40, 60 and down to the median: over
    files 0.895, 0.896, 0.898, 0.897; over snippets 63.5, 63.2, 62.6, 62.4."""
    imported: float = 0.05
    """Bonus of a file that the asking file imports. MRR of 653 comments above calls of something
    defined elsewhere in the same package, words alone: 0.164 without it, 0.184 with it (difference
    0.006 to 0.033 with 95 % confidence). Nearness of folders did not help (0.165 to 0.146)."""
    home: float = 0.02
    """Bonus of the workspace over other sources: who finds the same in both wants their own."""


WEIGHTS = Weights()

_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*")
_SYMBOL = re.compile(rf"{_IDENTIFIER.pattern}(?:(?:\.|::|->|#){_IDENTIFIER.pattern})*(?:\(\))?")
_HUMPED = re.compile(r"_|[a-z][A-Z]|[A-Z]{2}")
_SEPARATOR = re.compile(r"\.|::|->|#")

_ASKED_FOR: Mapping[Role, str] = {
    Role.TEST: "test tests testing spec fixture mock assert",
    Role.EXAMPLE: "example examples demo sample tutorial benchmark docs",
    Role.PROSE: "readme documentation docs changelog",
    Role.COPY: "vendored generated third-party",
    Role.OLD: "deprecated legacy obsolete",
}
"""Words by which a query asks for what otherwise stands back."""
_CROWDED = 0.1
"""Crowding above the median that a person is told of, twice its standard deviation."""
_ASKED_SHARE = 0.5
"""Of the malus that stays then: who asks for a test client may want the client and no test."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is known of one passage that may answer."""

    id: Hashable
    """The snippet that the passage belongs to."""
    coverage: float | None
    """BM25 as a share of what the rarest match of every word in one field would get; None when the
    passage was not found by words."""
    cosine: float | None
    """Its likeness in meaning; None when it has no vector."""
    path: str = ""
    """Of its file, POSIX; empty where there are no files."""
    symbol: str = ""
    """Qualified name of the snippet; empty for a block."""
    source: Source = Source.WORKSPACE
    root: Hashable = None
    """What the path is relative to."""
    crowding: float = 0.0
    """How near its vector is to questions that anybody might ask."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A snippet with its place in the answer."""

    id: Hashable
    score: float
    cosine: float | None
    lexical_rank: int | None
    dense_rank: int | None
    reasons: tuple[str, ...] = ()
    """What moved it, beside words and meaning."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a query says beside its words."""

    unknown: float
    """What a passage without a vector means."""
    crowding: float
    """That of most passages."""
    names: frozenset[str]
    apart: Mapping[Role, float]
    modules: Modules


@dataclass(slots=True)
class _Scored:
    candidate: Candidate
    score: float
    reasons: list[str]


def rank(
    query: Query,
    candidates: Iterable[Candidate],
    at: Place | None = None,
    weights: Weights = WEIGHTS,
) -> list[Ranked]:
    """Order snippets by their best passages, best first.

    The score is the meaning (the cosine less a share of the crowding), plus the share of the words
    that are covered, plus what name, file and source add or take. A passage without a vector (the
    index is being filled) gets the median meaning of those found by words, so that words decide.

    Args:
        query: its words decide which names and which parts of a project it asks for.
        candidates: passages; several may belong to one snippet.
        at: where the question stands: in a test, tests are as welcome as other code.
        weights: what each signal is worth.
    """
    snippets = _best_passages(candidates, weights)
    meanings = [meaning(candidate, weights) for candidate in snippets]
    known = [m for m, c in zip(meanings, snippets, strict=True) if m is not None and c.coverage]
    asked = _Asked(
        median(known or [0.0]),
        median([c.crowding for c in snippets if c.cosine is not None] or [0.0]),
        _named(query.words),
        _apart(query.words, at),
        Modules(query.context.imports if query.context else ()),
    )
    scored = [_score(candidate, asked, weights) for candidate in snippets]
    scored.sort(key=lambda each: -each.score)
    _add_coherence(scored, weights)
    scored.sort(key=lambda each: -each.score)
    lexical = _places(snippets, [c.coverage for c in snippets])
    dense = _places(snippets, meanings)
    return [
        Ranked(
            each.candidate.id,
            each.score,
            each.candidate.cosine,
            lexical.get(each.candidate.id),
            dense.get(each.candidate.id),
            tuple(each.reasons),
        )
        for each in scored
    ]


def meaning(candidate: Candidate, weights: Weights = WEIGHTS) -> float | None:
    """The cosine less what crowding takes from it; None without a vector."""
    if candidate.cosine is None:
        return None
    return candidate.cosine - weights.crowding * candidate.crowding


def _score(candidate: Candidate, asked: _Asked, weights: Weights) -> _Scored:
    known = meaning(candidate, weights)
    score = asked.unknown if known is None else known
    scored = _Scored(candidate, score + weights.words * (candidate.coverage or 0.0), [])
    role = role_of(candidate.path)
    if weights.crowding and candidate.crowding - asked.crowding > _CROWDED:
        scored.reasons.append("it is near many other questions too")
    if asked.names and asked.names & {candidate.symbol, _leaf(candidate.symbol)}:
        scored.score += weights.named
        scored.reasons.append("its name stands in the query")
    if asked.apart[role]:
        scored.score -= weights.apart * asked.apart[role]
        scored.reasons.append(f"{role.value} code stands back")
    if candidate.path in asked.modules:
        scored.score += weights.imported
        scored.reasons.append("your file imports it")
    if candidate.source is Source.WORKSPACE:
        scored.score += weights.home
    return scored


def _add_coherence(scored: Sequence[_Scored], weights: Weights) -> None:
    """Raise the snippets of files that hold several of the best ones, best first.

    A file has what its best snippets have above the last contender. Each gets it by the square of
    its part in the file's best one: all of it, and one large file fills the answer; nothing, and
    the second function of the right file stands behind the best ones of all others.
    """
    if not scored:
        return
    scores = [each.score for each in scored]
    bar = max(median(scores), scores[min(weights.contenders, len(scores)) - 1])
    files: dict[Hashable, list[_Scored]] = defaultdict(list)
    for each in scored:
        if each.candidate.path and each.score > bar:
            files[each.candidate.root, each.candidate.path].append(each)
    for found in files.values():
        above = [each.score - bar for each in found]
        whole = weights.coherence * sum(above[: weights.coherent])
        for each, own in zip(found, above, strict=True):
            each.score += whole * (own / above[0]) ** 2
            if len(found) > 1:
                each.reasons.append(f"{len(found) - 1} more in its file fit")


def _named(words: str) -> frozenset[str]:
    """The identifiers in a query: all of it if it is one, else the words that only code has."""
    if _SYMBOL.fullmatch(words):
        return frozenset({words.removesuffix("()"), _leaf(words.removesuffix("()"))})
    return frozenset(word for word in _IDENTIFIER.findall(words) if _HUMPED.search(word))


def _leaf(symbol: str) -> str:
    return _SEPARATOR.split(symbol)[-1]


def _apart(words: str, at: Place | None) -> dict[Role, float]:
    """How much of the malus each part of a project gets; code that is used gets none."""
    spoken = set(terms(words))
    shares = dict.fromkeys(Role, 1.0)
    for role, names in _ASKED_FOR.items():
        if spoken & set(terms(names)):
            shares[role] = _ASKED_SHARE
    return {**shares, Role.CODE: 0.0, **({role_of(at.path): 0.0} if at else {})}


def _best_passages(candidates: Iterable[Candidate], weights: Weights) -> list[Candidate]:
    """One candidate for each snippet, with its best passage by words and its best by meaning."""
    best: dict[Hashable, Candidate] = {}
    for new in candidates:
        if (old := best.get(new.id)) is not None:
            nearer = max(old, new, key=lambda each: _or_least(meaning(each, weights)))
            new = replace(
                new,
                coverage=_greater(old.coverage, new.coverage),
                cosine=nearer.cosine,
                crowding=nearer.crowding,
            )
        best[new.id] = new
    return list(best.values())


def _or_least(value: float | None) -> float:
    return -inf if value is None else value


def _greater(one: float | None, other: float | None) -> float | None:
    return other if one is None else one if other is None else max(one, other)


def _places(candidates: Sequence[Candidate], scores: Sequence[float | None]) -> dict[Hashable, int]:
    scored = [(s, c.id) for s, c in zip(scores, candidates, strict=True) if s is not None]
    ordered = sorted(scored, key=lambda pair: -pair[0])
    return {id_: place for place, (_, id_) in enumerate(ordered, 1)}
