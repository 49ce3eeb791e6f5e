"""The engines that `peers.py` compares, each behind the same two methods."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from benchmarks.throughput import BATCH, shipped_folder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dowse.context.library import Library
    from dowse.context.types import Embedder, Quantized, Vector

WORD = re.compile(r"\w{4,}")
"""What ripgrep looks for."""


@dataclass(frozen=True, slots=True)
class Package:
    """A package with its passages and questions, as every peer is given it."""

    name: str
    root: str
    passages: list[tuple[str, str]]
    """Path below the root, and text."""
    questions: list[tuple[str, list[str]]]
    """Words, and the files that answer them."""


class Peer(Protocol):
    """A way to search, in a process of its own."""

    def index(self, package: Package) -> None:
        """Make a package ready to be searched."""

    def search(self, package: Package, words: str, limit: int) -> list[str]:
        """The files of the best `limit` passages, best first."""

    def finish_indexing(self) -> None:
        """All packages are indexed, questions follow: load what only they need."""

    def embedding_seconds(self) -> float:
        """Seconds spent in the model so far."""
        return 0.0


class Ripgrep(Peer):
    """ripgrep, run once for each question."""

    def __init__(self, folder: Path) -> None:
        """Nothing is kept in the folder."""

    def index(self, package: Package) -> None:
        """There is nothing to index."""

    def search(self, package: Package, words: str, limit: int) -> list[str]:
        """Files by different words, then by lines."""
        process = _grep(package, words, subprocess.PIPE)
        found, lines = defaultdict(set), Counter()
        assert process.stdout is not None
        for line in process.stdout:
            event = json.loads(line)
            if event["type"] == "match":
                path = event["data"]["path"]["text"].removeprefix("./")
                found[path] |= {m["match"]["text"].lower() for m in event["data"]["submatches"]}
                lines[path] += 1
        process.wait()
        return sorted(found, key=lambda path: (-len(found[path]), -lines[path], path))[:limit]

    def peak_megabytes(self, package: Package, words: str) -> float:
        """Greatest resident set of one search, looked at until it ends."""
        process = _grep(package, words, subprocess.DEVNULL)
        most = 0.0
        while process.poll() is None:
            # before exec the process is still a copy of this one, and after its end it has no size
            with suppress(OSError, KeyError):
                if Path(f"/proc/{process.pid}/comm").read_text().strip() == "rg":
                    most = max(most, peak_megabytes(process.pid))
        return most


def _grep(package: Package, words: str, output: int) -> subprocess.Popen[str]:
    wanted = WORD.findall(words) or words.split()
    patterns = [part for word in wanted for part in ("-e", word)]
    command = [str(ripgrep()), "--json", "--ignore-case", "--fixed-strings", *patterns, "."]
    return subprocess.Popen(command, cwd=package.root, stdout=output, text=True)


class Bm25s(Peer):
    """bm25s as its README shows it."""

    def __init__(self, folder: Path) -> None:
        import bm25s
        import Stemmer

        self.bm25s, self.stemmer = bm25s, Stemmer.Stemmer("english")
        self.retrievers: dict[str, Any] = {}

    def _tokens(self, texts: Sequence[str]) -> Any:
        return self.bm25s.tokenize(
            list(texts), stopwords="en", stemmer=self.stemmer, show_progress=False
        )

    def index(self, package: Package) -> None:
        """Tokenize and weigh."""
        self.retrievers[package.name] = self.bm25s.BM25()
        tokens = self._tokens([text for _, text in package.passages])
        self.retrievers[package.name].index(tokens, show_progress=False)

    def search(self, package: Package, words: str, limit: int) -> list[str]:
        """The files of the best passages."""
        best, _ = self.retrievers[package.name].retrieve(
            self._tokens([words]), k=min(limit, len(package.passages)), show_progress=False
        )
        return distinct([package.passages[row][0] for row in best[0]])


class Encoder:
    """The float32 weights in sentence-transformers, with a clock."""

    def __init__(self) -> None:
        from sentence_transformers import SentenceTransformer

        self.model = SentenceTransformer(str(shipped_folder()), device="cpu")
        self.seconds = 0.0

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors, shape (texts, dimensions)."""
        started = time.perf_counter()
        vectors = self.model.encode(
            list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        self.seconds += time.perf_counter() - started
        return vectors


class SentenceTransformers(Peer):
    """Every cosine, by one product of matrix and vector."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.encoder = folder, Encoder()
        self.vectors: dict[str, Any] = {}

    def index(self, package: Package) -> None:
        """Embed, and keep the vectors for ChromaDB."""
        import numpy as np

        self.vectors[package.name] = self.encoder.embed([text for _, text in package.passages])
        np.save(self.folder / f"{package.name}.npy", self.vectors[package.name])

    def search(self, package: Package, words: str, limit: int) -> list[str]:
        """The files of the best passages."""
        import numpy as np

        cosines = self.vectors[package.name] @ self.encoder.embed([words])[0]
        limit = min(limit, len(cosines))
        best = np.argpartition(-cosines, limit - 1)[:limit]
        best = best[np.argsort(-cosines[best], kind="stable")]
        return distinct([package.passages[row][0] for row in best])

    def embedding_seconds(self) -> float:
        """Seconds of the encoder."""
        return self.encoder.seconds


class Chroma(Peer):
    """ChromaDB on disk; the model is loaded after indexing, for the questions."""

    def __init__(self, folder: Path) -> None:
        import chromadb

        settings = chromadb.Settings(anonymized_telemetry=False)
        self.client = chromadb.PersistentClient(str(folder / "chroma"), settings)
        self.folder = folder
        self.collections: dict[str, Any] = {}
        self.encoder: Encoder | None = None

    def index(self, package: Package) -> None:
        """Add vectors and texts in batches as large as allowed."""
        import numpy as np

        collection = self.client.create_collection(
            package.name, embedding_function=None, metadata={"hnsw:space": "cosine"}
        )
        vectors = np.load(self.folder / f"{package.name}.npy")
        size = self.client.get_max_batch_size()
        for start in range(0, len(vectors), size):
            some = package.passages[start : start + size]
            collection.add(
                ids=[str(start + row) for row in range(len(some))],
                embeddings=vectors[start : start + size],
                documents=[text for _, text in some],
                metadatas=[{"path": path} for path, _ in some],
            )
        self.collections[package.name] = collection

    def finish_indexing(self) -> None:
        """Load the model that embeds the questions."""
        self.encoder = Encoder()

    def search(self, package: Package, words: str, limit: int) -> list[str]:
        """The files of the best passages."""
        assert self.encoder is not None
        found = self.collections[package.name].query(
            query_embeddings=self.encoder.embed([words]),
            n_results=min(limit, len(package.passages)),
            include=["documents", "metadatas", "distances"],
        )
        return distinct([each["path"] for each in found["metadatas"][0]])

    def embedding_seconds(self) -> float:
        """Seconds of the encoder."""
        return self.encoder.seconds if self.encoder else 0.0


class Words(Peer):
    """dowse without a model."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / type(self).__name__
        self.libraries: dict[str, Library] = {}

    def index(self, package: Package) -> None:
        """Read the files."""
        from dowse.context.library import Library

        library = Library(self.folder / package.name)
        library.open(Path(package.root)).refresh()
        self.libraries[package.name] = library

    def search(self, package: Package, words: str, limit: int) -> list[str]:
        """The files of the best snippets."""
        from dowse.context.types import Query

        hits = self.libraries[package.name].search(Query(words), limit).hits
        return distinct([hit.provenance.path for hit in hits])


class Clocked:
    """An embedder with a clock for the questions."""

    def __init__(self, embedder: Embedder) -> None:
        self.embedder, self.seconds = embedder, 0.0
        self.fingerprint, self.dimensions = embedder.fingerprint, embedder.dimensions

    def embed_query(self, text: str) -> Vector:
        """Embed what was asked."""
        started = time.perf_counter()
        vector = self.embedder.embed_query(text)
        self.seconds += time.perf_counter() - started
        return vector

    def embed_documents(
        self, texts: Sequence[str], cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[Vector]:
        """Embed passages."""
        return self.embedder.embed_documents(texts, cancelled)

    @property
    def prepared(self) -> bool:
        """Whether `crowding` answers at once."""
        return self.embedder.prepared

    def prepare(self, cancelled: Callable[[], bool] = lambda: False) -> bool:
        """Get ready for `crowding`."""
        return self.embedder.prepare(cancelled)

    def crowding(self, vectors: Quantized) -> NDArray[np.float32]:
        """Ask the model."""
        return self.embedder.crowding(vectors)


class Full(Words):
    """dowse with its model."""

    def __init__(self, folder: Path) -> None:
        from dowse.server.model import load_model
        from dowse.server.settings import Settings

        super().__init__(folder)
        self.embedder = Clocked(load_model(Settings())[0])
        self.filling = 0.0

    def index(self, package: Package) -> None:
        """Read the files, then embed."""
        super().index(package)
        library = self.libraries[package.name]
        library.attach(self.embedder)
        started = time.perf_counter()
        library.fill()
        self.filling += time.perf_counter() - started

    def embedding_seconds(self) -> float:
        """Seconds of filling in vectors and of embedding questions."""
        return self.filling + self.embedder.seconds


PEERS: dict[str, Callable[[Path], Peer]] = {
    "ripgrep": Ripgrep,
    "bm25s": Bm25s,
    "sentence-transformers": SentenceTransformers,
    "ChromaDB": Chroma,
    "dowse, words alone": Words,
    "dowse": Full,
}
"""In this order: ChromaDB is given the vectors of sentence-transformers."""
MODULES = {
    "ripgrep": None,
    "bm25s": "bm25s",
    "sentence-transformers": "sentence_transformers",
    "ChromaDB": "chromadb",
}


def ripgrep() -> str | None:
    """The command, from the path or from the environment that runs this."""
    return shutil.which("rg") or shutil.which("rg", path=str(Path(sys.executable).parent))


def missing() -> list[str]:
    """Peers that are not installed."""
    modules = [name for name, module in MODULES.items() if module and not find_spec(module)]
    return modules if ripgrep() else ["ripgrep", *modules]


def release(name: str) -> str:
    """The version of a peer."""
    if name == "ripgrep":
        shown = subprocess.run([str(ripgrep()), "--version"], capture_output=True, text=True)
        return shown.stdout.split()[1]
    return version((MODULES.get(name) or "dowse").replace("_", "-"))


def distinct(paths: Sequence[str]) -> list[str]:
    """The files of passages in the order of their first ones."""
    return list(dict.fromkeys(paths))


def peak_megabytes(pid: int | str = "self") -> float:
    """Greatest resident set so far; unlike `getrusage`, it does not count the parent's."""
    fields = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
    )
    return int(fields["VmHWM"].split()[0]) / 1_024
