"""Questions about whole repositories: at which ranks the files that answer them appear.

`python -m benchmarks.repositories QUESTIONS` reads one JSON file a package (`pypi`, `version`,
`root`, `queries` of `query`, `category` and `relevant_files`), installs that version into a folder
of its own, searches it, and prints NDCG@10 over files, each file counted once, averaged within a
package and then over packages; with words alone, and with words and vectors.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.__main__ import RESULTS, machine
from benchmarks.corpus import fresh_cache
from dowse.context.library import Library
from dowse.context.types import Query
from dowse.model.evaluation import ndcg
from dowse.server.model import load_model
from dowse.server.settings import Settings

SNIPPETS = 50
"""Hits looked at for ten distinct files."""


def install(package: dict[str, Any], folder: Path) -> Path:
    """The folder to search, with the package's exact version in it."""
    requirement = f"{package['pypi']}=={package['version']}"
    target = ["--target", str(folder), requirement]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", *target], check=True
    )
    return folder / package["root"]


def scores(library: Library, package: dict[str, Any]) -> dict[str, list[float]]:
    """NDCG@10 of every question, by category."""
    found = defaultdict(list)
    for question in package["queries"]:
        hits = library.search(Query(question["query"]), SNIPPETS).hits
        files = dict.fromkeys(f"{package['root']}/{hit.provenance.path}" for hit in hits)
        gains = dict.fromkeys(question["relevant_files"], 1)
        found[question["category"]].append(ndcg(list(files), gains))
    return found


def summary(packages: dict[str, dict[str, list[float]]]) -> dict[str, Any]:
    """Averages over packages, of each package, and of each category."""
    by_package = {
        name: mean(score for of_category in found.values() for score in of_category)
        for name, found in packages.items()
    }
    categories = defaultdict(list)
    for found in packages.values():
        for category, values in found.items():
            categories[category] += values
    return {
        "ndcg_at_10": round(mean(by_package.values()), 4),
        "packages": {name: round(score, 3) for name, score in by_package.items()},
        "categories": {name: round(mean(values), 3) for name, values in categories.items()},
    }


def measure(questions: Path) -> dict[str, Any]:
    """Both tiers over every package."""
    words, both = {}, {}
    embedder, model = load_model(Settings())
    for path in sorted(questions.glob("*.json")):
        package = json.loads(path.read_text("utf-8"))
        with tempfile.TemporaryDirectory() as folder, fresh_cache() as cache:
            library = Library(cache)
            library.open(install(package, Path(folder))).refresh()
            words[package["pypi"]] = scores(library, package)
            library.attach(embedder)
            library.fill()
            both[package["pypi"]] = scores(library, package)
        print(path.stem, file=sys.stderr, flush=True)
    return {"model": model, "words": summary(words), "words_and_meaning": summary(both)}


if __name__ == "__main__":
    figures = measure(Path(sys.argv[1]))
    result = {"command": "python -m benchmarks.repositories QUESTIONS", "machine": machine()}
    text = json.dumps({**result, **figures}, indent=2)
    (RESULTS / "repositories.json").write_text(text + "\n", encoding="utf-8")
    print(text)
