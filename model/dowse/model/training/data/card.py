"""The data card: what a collection holds, where it is from, and what was dropped and why."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dowse.context.errors import DatasetError
from dowse.model.training.data.cleaning import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from dowse.model.training.data.pairs import Pair

_EXAMPLES = 1
"""Of each source."""
_INCONSISTENT = 3
"""Dropped ones of each source."""
_SHOWN = 400
"""Characters of an example's code."""


@dataclass(frozen=True, slots=True)
class Card:
    """A collection and how it came about."""

    train: Sequence[Pair]
    development: Sequence[Pair]
    test: Sequence[Pair]
    counts: Mapping[str, int]
    dropped: Mapping[tuple[str, Reason], int]
    changed: Mapping[str, int]
    seed: int
    inconsistent: Sequence[tuple[Pair, int]] = ()
    """Dropped pairs whose code was not found for the query, with its rank, from 1."""

    def as_json(self) -> dict[str, Any]:
        """All counts, ready for `json.dumps`."""
        pairs = [*self.train, *self.development, *self.test]
        by_reason: Counter[str] = Counter()
        for (_, reason), number in self.dropped.items():
            by_reason[str(reason)] += number
        return {
            "train": len(self.train),
            "development": len(self.development),
            "test": len(self.test),
            "seed": self.seed,
            **self.counts,
            "source": _counted(pair.source for pair in pairs),
            "language": _counted(pair.language for pair in pairs),
            "license": _counted(pair.license for pair in pairs),
            "label": _counted(str(pair.label) for pair in pairs),
            "repository": _counted(pair.repository for pair in pairs if pair.repository),
            "dropped": {str(each): by_reason[each] for each in Reason if by_reason[each]},
            "changed": {name: number for name, number in self.changed.items() if number},
        }


def write_card(card: Card, folder: Path) -> None:
    """Write `CARD.md` and `counts.json`.

    Raises:
        DatasetError: the folder cannot be written.
    """
    texts = {
        "CARD.md": "\n".join(_lines(card)) + "\n",
        "counts.json": json.dumps(card.as_json(), indent=1, ensure_ascii=False) + "\n",
    }
    try:
        for name, text in texts.items():
            unfinished = folder / f".{name}"
            unfinished.write_text(text, encoding="utf-8")
            unfinished.replace(folder / name)
    except OSError as error:
        raise DatasetError(
            f"cannot write {folder}: {error.strerror}; name another folder"
        ) from None


def _counted(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items(), key=lambda item: (-item[1], item[0])))


def _lines(card: Card) -> Iterator[str]:
    found = card.as_json()
    yield "# Training pairs"
    yield ""
    yield (
        f"{found['train']:,} pairs to train on, {found['development']:,} for development and "
        f"{found['test']:,} for testing, from {card.counts.get('pairs found', 0):,} that were "
        "found. No repository is in two of them. "
        f"The seed is {card.seed}."
    )
    for title in ("source", "language", "license", "label"):
        yield from _table(title.capitalize(), found[title])
    shown = list(found["repository"].items())
    yield from _table(f"Repository (the largest of {len(shown):,})", dict(shown[:30]))
    yield from _table("Changed", found["changed"])
    yield from _dropped(card)
    kept = ((pair, "") for pair in (*card.train, *card.development, *card.test) if pair.label)
    yield from _examples("Examples", kept, _EXAMPLES)
    if card.inconsistent:
        ranked = ((pair, f", rank {rank:,}") for pair, rank in card.inconsistent)
        yield from _examples(f"Dropped: {Reason.INCONSISTENT}", ranked, _INCONSISTENT)
        checked = card.counts.get("pairs checked for consistency", 0)
        total = f"{len(card.inconsistent):,} of {checked:,} pairs to train on"
        yield from ("", f"In all, {total} that nobody had judged.")


def _table(title: str, rows: Mapping[str, int]) -> Iterator[str]:
    yield from ("", f"## {title}", "", "| | pairs |", "| --- | ---: |")
    for name, number in rows.items():
        yield f"| {_cell(name) or '(none)'} | {number:,} |"


def _dropped(card: Card) -> Iterator[str]:
    sources = sorted({source for source, _ in card.dropped})
    reasons = [each for each in Reason if any(card.dropped.get((s, each)) for s in sources)]
    yield from ("", "## Dropped", "", f"| | {' | '.join(reasons)} |")
    yield "| --- |" + " ---: |" * len(reasons)
    for source in sources:
        cells = (f"{card.dropped.get((source, each), 0):,}" for each in reasons)
        yield f"| {_cell(source) or '(none)'} | {' | '.join(cells)} |"


def _examples(title: str, pairs: Iterable[tuple[Pair, str]], most: int) -> Iterator[str]:
    """The first pairs of each source, each with what is said of it."""
    yield from ("", f"## {title}")
    shown: Counter[str] = Counter()
    for pair, remark in pairs:
        if shown[pair.source] < most:
            shown[pair.source] += 1
            code = (f"    {line}" for line in pair.code[:_SHOWN].splitlines())
            origin = " ".join(filter(None, (pair.source, pair.repository, pair.path)))
            yield from ("", f"{_cell(origin)}{remark}: *{_cell(pair.query)}*", "", *code)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
