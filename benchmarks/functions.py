"""Queries written for single functions: at which rank the function appears.

`python -m benchmarks.functions PAIRS PACKAGE…` reads pairs of query and code with the repository
that each is from (JSON lines), installs the newest version of each PACKAGE, and searches it for the
queries whose code still stands there. It prints MRR and the recall of the five snippets that an
editor offers, with words alone and with vectors, and with signals of the ranking left out.

It keeps `repositories.py` honest, whose files are all the same to it wherever in them a hit stands:
what is good for files may push the right function of a file behind the best ones of others.
"""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.__main__ import RESULTS, machine
from benchmarks.corpus import fresh_cache
from benchmarks.repositories import OF_VECTORS, VARIANTS, Rank, looked_up
from dowse.context.library import Library
from dowse.context.meaning import Meaning
from dowse.context.ranking import Candidate
from dowse.context.shard import Shard
from dowse.context.types import Query
from dowse.server.model import load_model
from dowse.server.settings import Settings

OFFERED = 5
"""Snippets that an editor shows."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A query with the candidates of one state of the index."""

    words: str
    right: frozenset[Hashable]
    """The snippets with the code that it was written for."""
    candidates: tuple[Candidate, ...]


def read_pairs(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a file of pairs."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def install(name: str, folder: Path) -> str:
    """Install the newest version of a package, and tell which that is."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    subprocess.run([*command, "--target", str(folder), name], check=True)
    return next(folder.glob("*.dist-info")).stem.split("-")[1]


def snippets(shard: Shard) -> dict[str, set[Hashable]]:
    """The snippets of a shard by their code without white space."""
    found: dict[str, set[Hashable]] = {}
    for path, keys in shard.keys_of_files().items():
        source = (shard.root / path).read_bytes()
        for entry in shard.entries(keys=keys):
            if entry.file.path == path:
                place = entry.snippet.start_byte, entry.snippet.end_byte
                code = source[slice(*place)].decode("utf-8", "replace")
                found.setdefault(squeezed(code), set()).add((shard.root, path, *place))
    return found


def squeezed(code: str) -> str:
    """Code without white space, by which it is known again in another version of its file."""
    return re.sub(r"\s+", "", code)


def asked(
    library: Library, meaning: Meaning | None, pairs: Sequence[tuple[str, frozenset[Hashable]]]
) -> Iterator[Asked]:
    """Every query with its candidates."""
    for words, right in pairs:
        yield Asked(words, right, looked_up(library, meaning, words))


def score(queries: Sequence[Asked], order: Rank) -> dict[str, float]:
    """MRR and the recall of what is offered, in per cent."""
    places = [place(query, order) for query in queries]
    return {
        "mrr": round(100 * mean(1 / each if each else 0.0 for each in places), 2),
        "recall_at_5": round(100 * mean(0 < each <= OFFERED for each in places), 2),
    }


def place(query: Asked, order: Rank) -> int:
    """The rank of the first right snippet; 0 where none was found."""
    ranked = order(Query(query.words), query.candidates)
    return next((n for n, each in enumerate(ranked, 1) if each.id in query.right), 0)


def measure(path: Path, packages: Sequence[str]) -> dict[str, Any]:
    """Both states of the index over the queries of all packages."""
    states: dict[str, list[Asked]] = {"words": [], "words and meaning": []}
    counts: dict[str, dict[str, Any]] = {}
    embedder, _ = load_model(Settings())
    for name in packages:
        with tempfile.TemporaryDirectory() as folder, fresh_cache() as cache:
            version = install(name, Path(folder))
            library = Library(cache)
            shard = library.open(Path(folder))
            shard.refresh()
            known = snippets(shard)
            written = [row for row in read_pairs(path) if row["repository"] == name]
            codes = [(row["query"], known.get(squeezed(row["code"]))) for row in written]
            pairs = [(query, frozenset(right)) for query, right in codes if right]
            states["words"] += asked(library, None, pairs)
            meaning = Meaning(embedder, cache)
            meaning.fill(library.shards, (), lambda filling: None, lambda: False)
            states["words and meaning"] += asked(library, meaning, pairs)
        counts[name] = {"version": version, "queries": len(pairs), "written": len(written)}
        print(name, counts[name], file=sys.stderr, flush=True)
    embedder.close()
    by_words = [name for name in VARIANTS if name not in OF_VECTORS]
    return {
        "packages": counts,
        "queries": len(states["words"]),
        **{
            state: {name: score(queries, VARIANTS[name]) for name in names}
            for (state, queries), names in zip(states.items(), (by_words, VARIANTS), strict=True)
        },
    }


if __name__ == "__main__":
    figures = measure(Path(sys.argv[1]), sys.argv[2:])
    result = {"command": f"python -m benchmarks.functions PAIRS {' '.join(sys.argv[2:])}"}
    text = json.dumps({**result, "machine": machine(), **figures}, indent=2)
    (RESULTS / "functions.json").write_text(text + "\n", encoding="utf-8")
    print(text)
