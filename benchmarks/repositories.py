"""Questions about whole repositories: at which ranks the files that answer them appear.

`python -m benchmarks.repositories QUESTIONS [MODEL]` reads one JSON file a package (`pypi`,
`version`, `root`, `queries` of `query`, `category` and `relevant_files`), searches that version as
it is installed and as its full source distribution with tests and documentation, and prints
NDCG@10 over files, each file counted once, averaged within a package and then over packages: with
words alone, with words and vectors, and with each signal of the ranking left out. Figures of a
MODEL other than the default are printed and not kept.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Any
from urllib.parse import urljoin

from benchmarks.__main__ import RESULTS, machine
from benchmarks.corpus import fresh_cache
from dowse.context.candidates import Candidates
from dowse.context.library import Library
from dowse.context.meaning import Meaning
from dowse.context.ranking import WEIGHTS, Candidate, Ranked, rank
from dowse.context.types import Query
from dowse.context.words import term_weights
from dowse.model.evaluation.metrics import ndcg, summarize
from dowse.server.model import load_model
from dowse.server.settings import Settings

SNIPPETS = 50
"""Hits looked at for ten distinct files."""
RRF = 60
"""The constant of reciprocal rank fusion (Cormack, Clarke and Büttcher 2009)."""

Rank = Callable[[Query, Sequence[Candidate]], Sequence[Ranked]]


@dataclass(frozen=True, slots=True)
class Question:
    """A question with the candidates of one state of the index."""

    words: str
    category: str
    relevant: frozenset[str]
    """Paths below the folder that is searched."""
    candidates: tuple[Candidate, ...]


# --- what is searched -----------------------------------------------------------------------------


def install(package: dict[str, Any], folder: Path) -> Path:
    """The folder to search, with the package's exact version in it."""
    requirement = f"{package['pypi']}=={package['version']}"
    target = ["--target", str(folder), requirement]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", *target], check=True
    )
    return folder / package["root"]


def checkout(package: dict[str, Any], folder: Path) -> Path:
    """The package's source distribution, unpacked: pip would build it to read its metadata."""
    configured = subprocess.run(
        [sys.executable, "-m", "pip", "config", "get", "global.index-url"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    index = f"{(configured or 'https://pypi.org/simple').rstrip('/')}/{package['pypi']}/"
    with urllib.request.urlopen(index) as page:
        links = re.findall(r'href="([^"]+)"', page.read().decode())
    name = f"-{package['version']}.tar.gz"
    link = next(link for link in links if link.partition("#")[0].endswith(name))
    archive, _ = urllib.request.urlretrieve(urljoin(index, link), folder / "source.tar.gz")
    with tarfile.open(archive) as files:
        files.extractall(folder, filter="data")
    Path(archive).unlink()
    return next(folder.iterdir())


def relevant(package: dict[str, Any], question: dict[str, Any], root: Path) -> frozenset[str]:
    """The relevant files below the folder, which may be a source tree with or without src/."""
    named = question["relevant_files"]
    below = [path.removeprefix(f"{package['root']}/") for path in named]
    places = [*named, *(f"src/{path}" for path in named), *below]
    return frozenset(path for path in places if (root / path).is_file())


def questions(
    library: Library, meaning: Meaning | None, package: dict[str, Any], root: Path
) -> Iterator[Question]:
    """Every question of a package with its candidates."""
    for asked in package["queries"]:
        words, right = asked["query"], relevant(package, asked, root)
        yield Question(words, asked["category"], right, looked_up(library, meaning, words))


def looked_up(library: Library, meaning: Meaning | None, words: str) -> tuple[Candidate, ...]:
    """The candidates of one question, by words and, where there is one, by a model's meaning."""
    candidates = Candidates(
        library.shards, term_weights(words), lambda shard: frozenset(), lambda shard: None
    )
    candidates.by_words()
    if meaning is not None:
        candidates.by_meaning(meaning.ask(words))
    return tuple(candidates.scored(lambda found: True)[1])


# --- rankings -------------------------------------------------------------------------------------


def reciprocal_ranks(query: Query, candidates: Sequence[Candidate]) -> list[Ranked]:
    """Rank fusion in place of score fusion, without any other signal."""
    ranked = rank(query, candidates)
    places = ((each.lexical_rank, each.dense_rank) for each in ranked)
    scores = [sum(1 / (RRF + place) for place in both if place) for both in places]
    fused = [replace(each, score=score) for each, score in zip(ranked, scores, strict=True)]
    return sorted(fused, key=lambda each: -each.score)


BARE = replace(WEIGHTS, named=0.0, apart=0.0, coherence=0.0)
VARIANTS: dict[str, Rank] = {
    "all signals": rank,
    "without the names of definitions": partial(rank, weights=replace(WEIGHTS, named=0.0)),
    "without the roles of files": partial(rank, weights=replace(WEIGHTS, apart=0.0)),
    "without coherence": partial(rank, weights=replace(WEIGHTS, coherence=0.0)),
    "without crowding": partial(rank, weights=replace(WEIGHTS, crowding=0.0)),
    "scores alone": partial(rank, weights=BARE),
    "meaning alone": partial(rank, weights=replace(BARE, words=0.0)),
    "rank fusion": reciprocal_ranks,
}


OF_VECTORS = ("without crowding", "meaning alone", "rank fusion")
"""Variants that are no others where there are no vectors."""


def score(question: Question, order: Rank) -> float:
    """NDCG@10 over distinct files."""
    paths = {candidate.id: candidate.path for candidate in question.candidates}
    ranked = order(Query(question.words), question.candidates)[:SNIPPETS]
    files = dict.fromkeys(paths[each.id] for each in ranked)
    return ndcg(list(files), dict.fromkeys(question.relevant, 1))


def summary(packages: dict[str, list[Question]], order: Rank) -> dict[str, Any]:
    """Averages over packages, of each package, and of each category with its interval."""
    by_package, categories = {}, defaultdict(list)
    for name, asked in packages.items():
        values = [score(question, order) for question in asked]
        by_package[name] = mean(values)
        for question, value in zip(asked, values, strict=True):
            categories[question.category].append(value)
            categories["all questions"].append(value)
    return {
        "ndcg_at_10": round(mean(by_package.values()), 4),
        "packages": {name: round(value, 3) for name, value in by_package.items()},
        "categories": {name: _interval(values) for name, values in categories.items()},
    }


def _interval(values: Sequence[float]) -> list[float]:
    found = summarize(values)
    return [round(value, 3) for value in (found.mean, found.low, found.high)]


def ablation(packages: dict[str, list[Question]], names: Iterable[str]) -> dict[str, float]:
    """NDCG@10 of each variant of the ranking."""
    return {name: summary(packages, VARIANTS[name])["ndcg_at_10"] for name in names}


# --- the run --------------------------------------------------------------------------------------


def collect(
    folder: Path, put: Callable[[dict[str, Any], Path], Path], model: str
) -> dict[str, Any]:
    """The questions of every package, by words alone and with vectors."""
    states: dict[str, dict[str, list[Question]]] = {"words": {}, "words and meaning": {}}
    embedder, _ = load_model(Settings(model=model))
    for path in sorted(folder.glob("*.json")):
        package = json.loads(path.read_text("utf-8"))
        with tempfile.TemporaryDirectory() as place, fresh_cache() as cache:
            root = put(package, Path(place))
            library = Library(cache)
            library.open(root).refresh()
            states["words"][package["pypi"]] = list(questions(library, None, package, root))
            meaning = Meaning(embedder, cache)
            meaning.fill(library.shards, (), lambda filling: None, lambda: False)
            found = list(questions(library, meaning, package, root))
            states["words and meaning"][package["pypi"]] = found
        print(path.stem, file=sys.stderr, flush=True)
    embedder.close()
    return states


def measure(folder: Path, model: str = "") -> dict[str, Any]:
    """Both states of the index over every package, installed and as source distribution."""
    figures: dict[str, Any] = {}
    for name, put in (("installed", install), ("source distribution", checkout)):
        states = collect(folder, put, model)
        by_words = [name for name in VARIANTS if name not in OF_VECTORS]
        figures[name] = {
            "words": summary(states["words"], rank),
            "words and meaning": summary(states["words and meaning"], rank),
            "ablation of words": ablation(states["words"], by_words),
            "ablation of words and meaning": ablation(states["words and meaning"], VARIANTS),
        }
    return figures


if __name__ == "__main__":
    figures = measure(Path(sys.argv[1]), *sys.argv[2:])
    result = {"command": "python -m benchmarks.repositories QUESTIONS", "machine": machine()}
    text = json.dumps({**result, **figures}, indent=2)
    if not sys.argv[2:]:
        (RESULTS / "repositories.json").write_text(text + "\n", encoding="utf-8")
    print(text)
