"""Unsaved text: what open editors hold instead of the files, searched in memory.

It takes the place of the files on disk for this process alone, so that two editors on one
folder do not see each other's unfinished lines.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dowse.context.languages import Language
from dowse.context.shard import embedding_text, passages_of
from dowse.context.snippets import extract
from dowse.context.types import Limits, Snippet
from dowse.context.word_index import FIELD_WEIGHTS
from dowse.context.words import terms

K1, B = 1.2, 0.75
"""BM25's constants as tantivy has them (tantivy, src/query/bm25.rs), so that scores compare."""


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
    counts: tuple[tuple[float, Counter[str]], ...]
    """Weight and term counts of every field of the lexical index."""


Frequency = Callable[[str], int]
"""Number of indexed passages that hold a term."""


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
            embedding_text(document.path, definition, passage),
            _counts(definition.snippet.symbol, document.path, passage),
        )
        for definition in extract(document.source, document.language, limits)
        for passage, key in passages_of(document.path, definition)
    ]


def _counts(name: str, path: str, body: str) -> tuple[tuple[float, Counter[str]], ...]:
    fields = {"name": name, "path": path, "body": body}
    return tuple((FIELD_WEIGHTS[field], Counter(terms(text))) for field, text in fields.items())


def bm25(
    query: Sequence[str], passages: Sequence[OverlayPassage], indexed: int, frequency: Frequency
) -> list[float]:
    """Okapi BM25 of unsaved passages with the document frequencies of the index behind them.

    Args:
        query: terms.
        passages: what to score.
        indexed: number of passages in the index.
        frequency: number of them that hold a term.

    Returns:
        One score a passage; 0 where no term matches.
    """
    total = indexed + len(passages)
    idf = {}
    for term in set(query):
        holding = frequency(term) + sum(
            any(term in counts for _, counts in passage.counts) for passage in passages
        )
        holding = min(holding, total)
        idf[term] = math.log(1 + (total - holding + 0.5) / (holding + 0.5))
    lengths = [[counts.total() for _, counts in passage.counts] for passage in passages]
    means = [max(1.0, sum(column) / len(passages)) for column in zip(*lengths, strict=True)]
    return [_score(passage, idf, means) for passage in passages]


def _score(passage: OverlayPassage, idf: dict[str, float], means: Sequence[float]) -> float:
    score = 0.0
    for (weight, counts), mean in zip(passage.counts, means, strict=True):
        norm = K1 * (1 - B + B * counts.total() / mean)
        for term, rarity in idf.items():
            if count := counts.get(term):
                score += weight * rarity * count * (K1 + 1) / (count + norm)
    return score
