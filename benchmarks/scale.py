"""What a larger workspace costs: 10,000, 100,000 and 1,000,000 real snippets.

The snippets are those of installed packages, of Python's library and of the system's headers. Their
vectors are random, because the time of a search does not depend on what is in them and a million
would take hours to compute; for the same reason the query's vector is random and its embedding (2
to 6 ms) not part of the times. A child process searches, so that its memory is its own.

HNSW (usearch) over the same vectors stands beside the exact scan. `results/scale.svg` draws what a
search, an index and memory cost against the number of snippets.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.__main__ import RESULTS
from benchmarks.corpus import fresh_cache
from benchmarks.memory import resident_megabytes
from dowse.context.languages import language_of_path
from dowse.context.library import Library
from dowse.context.meaning import Meaning
from dowse.context.overlay import Unsaved
from dowse.context.shard import Refresh, Shard
from dowse.context.types import Query
from dowse.context.vectors import quantize

if TYPE_CHECKING:
    from dowse.context.types import Vector

SIZES = (10_000, 100_000, 1_000_000)
DIMENSIONS = 384
CHUNK = 50_000
QUERIES = 200
BYTES = 750
"""Of source code for one snippet, on the average of installed packages."""
EDITS = 5
HNSW_UP_TO = 100_000
"""Building the graph over a million vectors takes a quarter of an hour."""
ENDINGS = {".py", ".h", ".hpp", ".c", ".cpp", ".js", ".ts", ".go", ".rs", ".java"}
TREES = (
    sysconfig.get_path("purelib"),
    sysconfig.get_path("stdlib"),
    str(Path(sys.base_prefix).parent),
    "/usr/lib",
    "/usr/include",
    "/usr/share",
)


class RandomModel:
    """Stands in for the model: vectors of the right size that cost nothing."""

    fingerprint = "random" * 6
    dimensions = DIMENSIONS

    def __init__(self) -> None:
        self._random = np.random.default_rng(0)

    def embed_query(self, text: str) -> Vector:
        """A random vector."""
        return self.some(1)[0]

    def embed_documents(
        self, texts: Sequence[str], cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[Vector]:
        """A random vector for each text."""
        yield from self.some(len(texts))

    prepared = True

    def prepare(self, cancelled: Callable[[], bool] = lambda: False) -> bool:
        """There is nothing to be done."""
        return True

    def crowding(self, vectors: np.ndarray) -> np.ndarray:
        """Random vectors are all alike."""
        return np.zeros(len(vectors), np.float32)

    def some(self, count: int) -> np.ndarray:
        """Unit vectors, shape (count, dimensions)."""
        vectors = self._random.normal(size=(count, DIMENSIONS)).astype(np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def sources() -> Iterator[tuple[Path, str]]:
    """Source files of this machine, each once, with a path of its own."""
    seen: set[Path] = set()
    for number, tree in enumerate(TREES):
        for folder, _, names in os.walk(tree):
            for name in sorted(names):
                path = Path(folder, name)
                if path.suffix in ENDINGS and not path.is_symlink() and path not in seen:
                    seen.add(path)
                    below = path.relative_to(tree).as_posix().replace("site-packages", "site")
                    yield path, f"{number}/{below}"


def fill(shard: Shard, wanted: int) -> tuple[Refresh, float]:
    """Copy files into a shard's folder and index them until it holds so many snippets.

    Returns:
        the last pass over the folder, and the seconds of all passes.
    """
    files, seconds = sources(), 0.0
    done = shard.refresh()
    while done.snippets < wanted and copy(shard.root, files, (wanted - done.snippets) * BYTES):
        done = shard.refresh()
        seconds += done.seconds
    return done, seconds


def copy(folder: Path, files: Iterator[tuple[Path, str]], size: int) -> int:
    """Copy the next files, about so many bytes; returns how many there were."""
    copied = 0
    for path, name in files:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        copied += path.stat().st_size
        if copied >= size:
            break
    return copied


def give_vectors(shard: Shard, cache: Path) -> int:
    """Write a random vector for every passage; returns how many."""
    model = RandomModel()
    table = Meaning(model, cache)._table(shard)
    keys = list({key for keys in shard.keys_of_files().values() for key in keys})
    for start in range(0, len(keys), CHUNK):
        some = keys[start : start + CHUNK]
        table.add(dict(zip(some, quantize(model.some(len(some))), strict=True)))
    return len(keys)


def questions(folder: Path) -> list[str]:
    """Sentences out of the corpus itself: first lines of docstrings."""
    found: list[str] = []
    for path in sorted(folder.rglob("*.py")):
        for line in path.read_text("utf-8", "replace").splitlines():
            text = line.strip().strip('"').strip()
            if line.strip().startswith('"""') and 4 <= len(text.split()) <= 12 and text.isascii():
                found.append(text)
        if len(found) > 50 * QUERIES:
            break
    return found[:: max(1, len(found) // QUERIES)][:QUERIES]


def measure_search(folder: Path, cache: Path) -> dict[str, Any]:
    """Query times, memory, and how long an edit takes to be found; runs in a child process."""
    library = Library(cache)
    shard = library.open(folder)
    asked = questions(folder)
    times: dict[str, list[float]] = {"words": [], "words and meaning": []}
    for name, of_kind in times.items():
        if name != "words":
            library.attach(RandomModel())
        for words in asked[:10]:
            library.search(Query(words))
        for words in asked:
            started = time.perf_counter()
            library.search(Query(words))
            of_kind.append(1_000 * (time.perf_counter() - started))
    memory = resident_megabytes(os.getpid())
    edits = [edit(library, shard, number) for number in range(EDITS)]
    return {
        "query_ms": {
            name: {
                "p50": round(statistics.median(of_kind), 1),
                "p95": round(statistics.quantiles(of_kind, n=20)[-1], 1),
            }
            for name, of_kind in times.items()
        },
        "resident_mb": round(memory),
        "typed_ms": round(statistics.median(typed for typed, _ in edits), 1),
        "saved_ms": round(statistics.median(saved for _, saved in edits), 1),
    }


def edit(library: Library, shard: Shard, number: int) -> tuple[float, float]:
    """Milliseconds until a new definition is found: typed in an editor, and saved to disk."""
    path, name = f"edited_{number}.py", f"quench_{number}_zebra"
    text = f"def {name}(flux):\n    return flux * 2\n"
    language = language_of_path(path)
    assert language is not None
    typed = Unsaved(shard.root, path, 1, text.encode(), language)
    in_editor = _timed(lambda: _found(library, name, [typed]))
    (shard.root / path).write_text(text)
    on_disk = _timed(lambda: (shard.refresh([path]), _found(library, name, [])))
    return in_editor, on_disk


def _found(library: Library, name: str, unsaved: Sequence[Unsaved]) -> None:
    hits = library.search(Query(name), 10, unsaved=unsaved).hits
    assert name in {hit.snippet.symbol for hit in hits}


def hnsw(count: int) -> dict[str, Any]:
    """Build and query time of usearch's graph over random vectors, and of the exact scan."""
    import numkong
    from usearch.index import Index

    vectors = quantize(RandomModel().some(count))
    index = Index(ndim=DIMENSIONS, metric="cos", dtype="i8")
    started = time.perf_counter()
    index.add(np.arange(count), vectors)
    built = time.perf_counter() - started
    query = quantize(RandomModel().embed_query(""))
    scan = [_timed(lambda: numkong.cdist(query[None, :], vectors, "angular")) for _ in range(20)]
    graph = [_timed(lambda: index.search(query, 200)) for _ in range(20)]
    return {
        "build_s": round(built, 1),
        "query_ms": round(statistics.median(graph), 2),
        "exact_scan_ms": round(statistics.median(scan), 2),
    }


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return 1_000 * (time.perf_counter() - started)


def megabytes(folder: Path, pattern: str) -> float:
    return round(sum(path.stat().st_size for path in folder.rglob(pattern)) / 1e6, 1)


def measure_size(size: int) -> dict[str, Any]:
    """Everything about a workspace of one size."""
    with tempfile.TemporaryDirectory() as place, fresh_cache() as cache:
        folder = Path(place, "workspace")
        folder.mkdir()
        shard = Library(cache).open(folder)
        done, seconds = fill(shard, size)
        passages = give_vectors(shard, cache)
        command = [sys.executable, "-m", "benchmarks.scale", str(folder), str(cache)]
        searched = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        return {
            "files": done.files,
            "snippets": done.snippets,
            "passages": passages,
            "index_s": round(seconds, 1),
            "words_mb": megabytes(shard.folder / "words", "*"),
            "catalog_mb": megabytes(shard.folder, "catalog.sqlite*"),
            "vectors_mb": megabytes(shard.folder, "vectors-*.bin"),
            **json.loads(searched),
            "hnsw": hnsw(size) if size <= HNSW_UP_TO else None,
        }


def picture(results: dict[str, dict[str, Any]], path: Path) -> None:
    """Draw cost against size, both on logarithmic axes."""
    import matplotlib
    from matplotlib.figure import Figure

    found = sorted(results.values(), key=lambda each: each["snippets"])
    sizes = [each["snippets"] for each in found]
    with matplotlib.rc_context({"svg.hashsalt": "dowse", "font.family": "DejaVu Sans"}):
        figure = Figure(figsize=(11, 3.6), layout="constrained")
        search, index, memory = figure.subplots(1, 3)
        for color, way in (("#0072B2", "words"), ("#009E73", "words and meaning")):
            for part, style in (("p50", "-"), ("p95", "--")):
                times = [each["query_ms"][way][part] for each in found]
                search.plot(sizes, times, style, color=color, marker="o", label=f"{way}, {part}")
        search.set(title="Search without embedding", ylabel="milliseconds")
        search.legend(frameon=False, fontsize=8)
        index.plot(sizes, [each["index_s"] for each in found], color="#0072B2", marker="o")
        index.set(title="Indexing words", ylabel="seconds")
        for color, name, label in (
            ("#D55E00", "resident_mb", "resident memory"),
            ("#0072B2", "words_mb", "words on disk"),
            ("#009E73", "vectors_mb", "vectors on disk"),
        ):
            memory.plot(sizes, [each[name] for each in found], color=color, marker="o", label=label)
        memory.set(title="Space", ylabel="megabytes")
        memory.legend(frameon=False, fontsize=8)
        for axes in (search, index, memory):
            axes.set(xscale="log", yscale="log", xlabel="snippets")
            axes.grid(alpha=0.3)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": "dowse"})


def measure() -> dict[str, Any]:
    """Every size, one after the other."""
    results = {}
    for size in SIZES:
        results[str(size)] = measure_size(size)
        print(size, results[str(size)], file=sys.stderr, flush=True)
    picture(results, RESULTS / "scale.svg")
    return results


if __name__ == "__main__":
    print(json.dumps(measure_search(Path(sys.argv[1]), Path(sys.argv[2]))))
