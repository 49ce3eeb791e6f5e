"""Collects pairs from many sources into training and development files with a data card.

Every source is mined or read once and kept under `mined/`; a run that was stopped, or one with
another source or another rule, starts from there.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from dowse.context.errors import DatasetError
from dowse.context.types import Limits
from dowse.model.evaluation.beir import write_dataset
from dowse.model.evaluation.metrics import Dataset, Origin
from dowse.model.training.data.card import Card, write_card
from dowse.model.training.data.cleaning import Cleaner, HeldOut, Reason, Rules
from dowse.model.training.data.consistency import check
from dowse.model.training.data.loaders import ENDINGS, load_pairs
from dowse.model.training.data.mining import MINERS, mine
from dowse.model.training.data.pairs import read_pairs, write_pairs
from dowse.model.training.data.places import packages, repository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from dowse.model.training.data.consistency import Consistency
    from dowse.model.training.data.pairs import Pair
    from dowse.model.training.data.places import Place

    Progress = Callable[[str, int, int], None]

PACKAGE = "package:"
"""What an installed package's name follows in a source."""
_LAYOUT = "1"
"""Changed when miners find other pairs, so that nothing old is taken for theirs."""
_MINED = "mined"


@dataclass(frozen=True, slots=True)
class Settings:
    """How a collection is made."""

    rules: Rules = field(default_factory=Rules)
    exclude: tuple[Path, ...] = ()
    """Folders of evaluation sets in BEIR format."""
    miners: tuple[str, ...] = MINERS
    python: Path | None = None
    """Interpreter or environment that packages are taken from."""
    most: int = 0
    """Pairs of one repository, drawn by chance before cleaning; 0 for all."""
    seed: int = 0
    development: float = 0.02
    """Share of repositories, by chance, that make the development file."""
    test: float = 0.0
    """Share of repositories that make an evaluation set."""


def collect(
    sources: Sequence[str],
    out: Path,
    settings: Settings,
    progress: Progress = lambda step, done, total: None,
    consistency: Consistency | None = None,
) -> Card:
    """Mine, read, clean and split; write training and development files and a data card.

    They are `train.jsonl.gz`, `development.jsonl.gz` and `CARD.md`. Where a test set is asked for,
    it lies under `test/` in BEIR format, for `dowse evaluate` and `dowse train evaluate`.

    Args:
        sources: files, folders of repositories or of files, and `package:NAME`.
        out: folder for all of it.
        settings: what is kept, and how it is divided.
        progress: told step, sources or pairs done, and their total.
        consistency: drops training pairs whose code a model does not find; None keeps them.

    Raises:
        DatasetError: a source is missing or malformed, or `out` cannot be written.
        ModelError: the model fails.
    """
    held_out = HeldOut()
    for done, folder in enumerate(settings.exclude, 1):
        held_out.add(folder)
        progress("reading evaluation sets", done, len(settings.exclude))
    work = _work(sources, settings)
    counts: Counter[str] = Counter()
    mined = []
    for done, item in enumerate(work, 1):
        mined.append(_mined(item, out / _MINED, settings.miners, counts))
        progress("mining", done, len(work))
    cleaner = Cleaner(settings.rules, held_out)
    kept = list(cleaner.clean(_read(mined, settings, counts, progress)))
    train, development, test = split(kept, settings.seed, settings.development, settings.test)
    inconsistent: list[tuple[Pair, int]] = []
    if consistency is not None:
        # What a model is measured by must not be chosen by a model.
        checked = check(train, consistency, progress)
        train, inconsistent = checked.kept, checked.dropped
        counts["pairs checked for consistency"] = checked.checked
        cleaner.dropped.update((pair.source, Reason.INCONSISTENT) for pair, _ in inconsistent)
    write_pairs(out / "train.jsonl.gz", train)
    write_pairs(out / "development.jsonl.gz", development)
    if test:
        write_dataset(out / "test", as_dataset(test))
    about = counts, cleaner.dropped, cleaner.changed, settings.seed, inconsistent
    card = Card(train, development, test, *about)
    write_card(card, out)
    return card


def split(pairs: Iterable[Pair], seed: int, *shares: float) -> list[list[Pair]]:
    """Divide by repository; where a group goes depends on its name and the seed alone.

    Returns:
        What is left, then a part for each share.
    """
    parts: list[list[Pair]] = [[] for _ in range(len(shares) + 1)]
    ends = list(accumulate(shares))
    for pair in pairs:
        digest = hashlib.sha256(f"{seed}\0{_unversioned(pair.group)}".encode("utf-8", "replace"))
        chance = int.from_bytes(digest.digest()[:8]) / 2**64
        parts[(bisect_right(ends, chance) + 1) % len(parts)].append(pair)
    return parts


def as_dataset(pairs: Sequence[Pair]) -> Dataset:
    """Pairs as an evaluation set: every code is searched, equal queries share their answers."""
    queries = {key: f"q{n}" for n, key in enumerate(dict.fromkeys(p.keys[0] for p in pairs))}
    codes = {key: f"d{n}" for n, key in enumerate(dict.fromkeys(p.keys[1] for p in pairs))}
    relevance: dict[str, dict[str, int]] = {}
    for pair in pairs:
        gains = relevance.setdefault(queries[pair.keys[0]], {})
        name = codes[pair.keys[1]]
        gains[name] = max(pair.label, gains.get(name, 0))
    return Dataset(
        "test",
        {codes[pair.keys[1]]: pair.code for pair in pairs},
        {queries[pair.keys[0]]: pair.query for pair in pairs},
        relevance,
        {codes[pair.keys[1]]: Origin(pair.language) for pair in pairs},
    )


def _unversioned(group: str) -> str:
    # Two versions of a package are one project.
    return group.partition("==")[0]


def _work(sources: Sequence[str], settings: Settings) -> list[Path | Place]:
    wanted = {_normalized(each) for each in sources if each.startswith(PACKAGE)}
    if wanted and settings.python is None:
        raise DatasetError("packages were named but no environment; give one")
    found: list[Path | Place] = []
    for source in dict.fromkeys(each for each in sources if not each.startswith(PACKAGE)):
        path = Path(source).expanduser()
        files = _data_files(path) if path.is_dir() else [path] * path.is_file()
        found += files or [repository(path)]
    if settings.python is not None and wanted:
        found += packages(settings.python, frozenset(wanted))
    return found


def _normalized(source: str) -> str:
    from dowse.context.dependencies.python_manifests import normalized

    return normalized(source.removeprefix(PACKAGE))


def _data_files(folder: Path) -> list[Path]:
    """Files of a folder that holds nothing but data; a repository may hold some of them too."""
    entries = sorted(folder.iterdir())
    data = [each for each in entries if each.name.endswith(ENDINGS) and each.is_file()]
    prose = (".md", ".txt", ".rst")
    alone = all(each in data or (each.is_file() and each.suffix in prose) for each in entries)
    return data if alone and [each.name for each in data] != ["package.json"] else []


def _mined(item: Path | Place, folder: Path, miners: Sequence[str], counts: Counter[str]) -> Path:
    """The file of a source's pairs, written unless it is there already."""
    name, state = _identity(item)
    digest = hashlib.sha256("\0".join((_LAYOUT, state, *miners)).encode("utf-8", "replace"))
    path = folder / f"{name[:60]}-{digest.hexdigest()[:12]}.jsonl.gz"
    if path.is_file():
        counts["sources taken from an earlier run"] += 1
    else:
        pairs = load_pairs(item) if isinstance(item, Path) else mine(item, Limits(), miners)
        write_pairs(path, pairs)
    counts["sources"] += 1
    return path


def _identity(item: Path | Place) -> tuple[str, str]:
    """A name for a file, and what changes when the source has changed."""
    if not isinstance(item, Path):
        return item.name.replace("/", "-"), json.dumps([str(item.root), item.name, _state(item)])
    try:
        status = item.stat()
    except OSError as error:
        raise DatasetError(f"cannot read {item}: {error.strerror}; name another file") from None
    name = item.name.partition(".")[0]
    return name, json.dumps([str(item.resolve()), status.st_size, status.st_mtime_ns])


def _state(place: Place) -> str:
    """Sizes and times of a repository's files; a package at a version does not change."""
    if not place.is_repository:
        return ""
    rows = []
    for folder, names, files in os.walk(place.root):
        names[:] = sorted(name for name in names if name != ".git")
        for name in sorted(files):
            status = os.lstat(os.path.join(folder, name))
            rows.append(f"{folder}/{name} {status.st_size} {status.st_mtime_ns}")
    head = place.root / ".git" / "logs" / "HEAD"
    rows.append(str(head.stat().st_size) if head.is_file() else "")
    return hashlib.sha256("\n".join(rows).encode("utf-8", "replace")).hexdigest()


def _read(
    files: Sequence[Path], settings: Settings, counts: Counter[str], progress: Progress
) -> Iterator[Pair]:
    for done, path in enumerate(files, 1):
        found = list(read_pairs(path))
        counts["pairs found"] += len(found)
        yield from _drawn(found, settings)
        progress("cleaning", done, len(files))


def _drawn(pairs: Sequence[Pair], settings: Settings) -> list[Pair]:
    """All pairs in their order, but not too many of one repository."""
    by_repository: dict[str, list[int]] = {}
    for number, pair in enumerate(pairs):
        by_repository.setdefault(pair.repository or f"{number}", []).append(number)
    kept = [
        number
        for name, numbers in by_repository.items()
        for number in _some(numbers, settings.most, f"{settings.seed}-{name}")
    ]
    return [pairs[number] for number in sorted(kept)]


def _some(numbers: list[int], most: int, seed: str) -> list[int]:
    few = not most or len(numbers) <= most
    return numbers if few else random.Random(seed).sample(numbers, most)
