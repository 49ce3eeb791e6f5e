"""From ranked candidates to hits: the code is read, and what stands there twice is shown once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from dowse.context.candidates import Found
from dowse.context.ranking import Ranked
from dowse.context.types import Answer, Hit, Place, Provenance, Source, Tier, Why
from dowse.context.words import matched_words

NEARLY_SAME = 0.85
"""Jaccard index of the shingles of two snippets from which one is a copy of the other: code clones
are commonly told from look-alikes there (Allamanis 2019 takes 0.8 of the tokens of a file)."""
_SHINGLE = 3
"""Tokens of a shingle."""
_COMPARED = 4_000
"""Characters of a snippet that are compared: the first hundred lines."""
_TOKEN = re.compile(r"\w+|[^\w\s]")


@dataclass(slots=True)
class _Kept:
    hit: Hit
    shingles: frozenset[tuple[str, ...]]


def answer(
    words: str, ranked: Iterable[Ranked], found: Iterable[Found], tier: Tier, limit: int
) -> Answer:
    """The best hits, with their code as it stands now.

    A snippet that is nearly the same as a better one is listed as a copy of that one. A file that
    has changed since it was indexed is not quoted, but named as stale.

    Args:
        words: of the query.
        ranked: snippets, best first.
        found: the passages that they were ranked by.
        tier: what the ranking rests on.
        limit: number of hits.
    """
    passages = {passage.id: passage for passage in found}
    kept: list[_Kept] = []
    stale: list[Place] = []
    for place in ranked:
        if len(kept) == limit:
            break
        passage = passages[place.id]  # type: ignore[index]  # ids of candidates are those of Found
        hit = _hit(words, passage, place, tier)
        if hit is None:
            stale.append(Place(passage.root, passage.path, passage.snippet.start_line))
        else:
            _keep(kept, hit)
    return Answer(tuple(each.hit for each in kept), tier, tuple(stale))


def _keep(kept: list[_Kept], hit: Hit) -> None:
    shingles = _shingles(hit.text)
    for each in kept:
        if _likeness(each.shingles, shingles) >= NEARLY_SAME:
            each.hit = _joined(each.hit, hit)
            return
    kept.append(_Kept(hit, shingles))


def _joined(better: Hit, copy: Hit) -> Hit:
    """Two copies as one hit: that of the workspace, if one of them is its own."""
    own, others = Source.WORKSPACE, better.copies
    if better.provenance.source is not own and copy.provenance.source is own:
        better, copy = replace(copy, score=better.score), better
    return replace(better, copies=(*others, copy.provenance))


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    tokens = _TOKEN.findall(text[:_COMPARED])
    return frozenset(zip(*(tokens[n:] for n in range(min(_SHINGLE, len(tokens)))), strict=False))


def _likeness(one: frozenset[object], other: frozenset[object]) -> float:
    return len(one & other) / max(1, len(one | other))


def _hit(words: str, found: Found, place: Ranked, tier: Tier) -> Hit | None:
    source = _source(found)
    if source is None:
        return None
    snippet, unit = found.snippet, found.shard.unit
    text = source[snippet.start_byte : snippet.end_byte].decode("utf-8", "replace")
    before = source[: snippet.start_byte].replace(b"\r", b"\n").rpartition(b"\n")[2]
    line = before.decode("utf-8", "replace")
    matched = matched_words(words, f"{snippet.symbol} {found.path} {text}")
    why = Why(matched, place.lexical_rank, place.dense_rank, place.cosine, tier, place.reasons)
    provenance = Provenance(
        unit.source, found.root, found.path, snippet.start_line, snippet.end_line,
        found.license, unit.package, unit.version,
    )  # fmt: skip
    return Hit(snippet, provenance, text, line if line.isspace() else "", place.score, why)


def _source(found: Found) -> bytes | None:
    """The text that a passage stands in, if it is still the one that was indexed."""
    if found.unsaved is not None:
        return found.unsaved.document.source
    return found.shard.quoted(found.file) if found.file is not None else None
