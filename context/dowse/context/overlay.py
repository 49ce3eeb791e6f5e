"""Unsaved text: what open editors hold instead of the files, searched in memory.

It takes the place of the files on disk for this process alone, so that two editors on one
folder do not see each other's unfinished lines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dowse.context.languages import Language
from dowse.context.shard import embedding_text, passages_of
from dowse.context.snippets import extract
from dowse.context.types import Limits, Snippet
from dowse.context.word_index import K1, B, Rarity, idf
from dowse.context.words import terms


@dataclass(frozen=True, slots=True)
class Unsaved:
    """The text of an open document that differs from its file, or has none."""

    root: Path
    path: str
    """POSIX path below `root`."""
    version: int
    source: bytes
    language: Language


@dataclass(frozen=True, slots=True)
class OverlayPassage:
    """A passage of an unsaved text."""

    document: Unsaved
    snippet: Snippet
    key: bytes
    text: str
    """What the model reads."""
    counts: tuple[Counter[str], ...]
    """Term counts of every field of the lexical index."""


class Overlay:
    """The passages of unsaved documents; each version of a document is parsed once."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._parsed: dict[tuple[Path, str], tuple[int, list[OverlayPassage]]] = {}

    def passages(self, documents: Iterable[Unsaved]) -> list[OverlayPassage]:
        """The passages of exactly these documents."""
        parsed = {}
        for document in documents:
            place = (document.root, document.path)
            known = self._parsed.get(place)
            if known is None or known[0] != document.version:
                known = (document.version, _parse(document, self._limits))
            parsed[place] = known
        self._parsed = parsed
        return [passage for _, passages in parsed.values() for passage in passages]


def _parse(document: Unsaved, limits: Limits) -> list[OverlayPassage]:
    if len(document.source) > limits.max_file_bytes:
        return []
    return [
        OverlayPassage(
            document,
            definition.snippet,
            key,
            embedding_text(document.path, definition.snippet.symbol, passage),
            _counts(definition.snippet.symbol, document.path, passage),
        )
        for definition in extract(document.source, document.language, limits)
        for passage, key in passages_of(document.path, definition)
    ]


def _counts(*fields: str) -> tuple[Counter[str], ...]:
    return tuple(Counter(terms(text)) for text in fields)


def bm25(
    query: Mapping[str, float], passages: Sequence[OverlayPassage], rarity: Rarity
) -> list[float]:
    """Okapi BM25 of unsaved passages with the document frequencies of the index behind them.

    Args:
        query: terms with their weights.
        passages: what to score.
        rarity: how rare the terms are in the index.

    Returns:
        One score a passage; 0 where no term matches.
    """
    total = rarity.passages + len(passages)
    weights = {}
    for term, weight in query.items():
        holding = rarity.frequencies.get(("body", term), 0) + sum(
            any(term in counts for counts in passage.counts) for passage in passages
        )
        weights[term] = weight * idf(min(holding, total), total)
    lengths = [[counts.total() for counts in passage.counts] for passage in passages]
    means = [max(1.0, sum(column) / len(passages)) for column in zip(*lengths, strict=True)]
    return [_score(passage, weights, means) for passage in passages]


def _score(passage: OverlayPassage, weights: Mapping[str, float], means: Sequence[float]) -> float:
    score = 0.0
    for counts, mean in zip(passage.counts, means, strict=True):
        norm = K1 * (1 - B + B * counts.total() / mean)
        for term, weight in weights.items():
            if count := counts.get(term):
                score += weight * count * (K1 + 1) / (count + norm)
    return score
