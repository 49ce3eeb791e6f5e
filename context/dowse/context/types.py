"""The words of dowse as types: what is asked, what is found, where it comes from and why.

All of them are frozen: a value handed to another thread never changes under its feet.
Lines are zero-based and inclusive, bytes are offsets into the file's UTF-8 text, the end excluded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]
    """A unit-length embedding, shape (dimensions,)."""
    Matrix = NDArray[np.float32]
    """Unit-length embeddings, one a row, shape (count, dimensions)."""
    Quantized = NDArray[np.int8]
    """Vectors as 8-bit integers, shape (dimensions,) or (count, dimensions)."""


class Source(StrEnum):
    """Where snippets come from."""

    WORKSPACE = "workspace"
    COOKBOOK = "cookbook"
    DEPENDENCY = "dependency"
    TEAM = "team"


class Kind(StrEnum):
    """What a snippet defines."""

    FUNCTION = "function"
    METHOD = "method"
    CLASS = "class"
    BLOCK = "block"


class Tier(StrEnum):
    """How much of the index stood behind an answer."""

    LEXICAL = "lexical"
    """Words alone: no model is loaded, or no vector is there yet."""
    PARTIAL = "partial"
    """Words, and vectors for a part of the snippets."""
    FULL = "full"
    """Words, and vectors for every snippet of the workspace."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is too much for the index. Each is a setting."""

    max_file_bytes: int = 1_000_000
    """Larger files are left out; 1 MB holds every hand-written file of the packages measured."""
    max_line_length: int = 2_000
    """Files with a longer line (in bytes) are taken for minified or data."""
    max_depth: int = 400
    """Files nested deeper (levels of the syntax tree) are left out."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """One definition (function, method, class) or top-level block of a file."""

    symbol: str
    """Qualified name, `Class.method`; for a block its first line, shortened."""
    kind: Kind
    language: str
    start_byte: int
    end_byte: int
    start_line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class Definition:
    """A snippet as extraction finds it, with the texts under which it is searched.

    A short definition has one passage, itself; a long one has several parts; a class has its
    outline (header, docstring, fields, signatures), because its methods are snippets of their own.
    """

    snippet: Snippet
    passages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Style:
    """How the code around the cursor is laid out."""

    indent: str = "    "
    """One level of indentation: a tab or a run of spaces."""
    newline: str = "\n"
    """The line end that the file uses most: LF, CRLF or CR."""


@dataclass(frozen=True, slots=True)
class CursorContext:
    """What tree-sitter says about the cursor's surroundings."""

    function: str | None = None
    """Name of the innermost enclosing function or method."""
    class_: str | None = None
    """Name of the innermost enclosing class."""
    names: tuple[str, ...] = ()
    """Names in scope, nearest first: parameters, local and module-level names."""
    imports: tuple[str, ...] = ()
    """Modules and names that the file imports."""
    indentation: str = ""
    """White space at the start of the cursor's line."""
    style: Style = Style()


@dataclass(frozen=True, slots=True)
class Query:
    """The words of a trigger or of the command line, with what is known of the place."""

    words: str
    language: str | None = None
    context: CursorContext | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file of an open folder."""

    root: Path
    path: str
    """POSIX path below `root`."""
    line: int


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a snippet stands and under which licence."""

    source: Source
    root: Path
    """Folder that `path` is relative to."""
    path: str
    """POSIX path below `root`."""
    start_line: int
    end_line: int
    license: str | None = None
    """SPDX identifier, where file, project or package states one."""
    package: str | None = None
    """Name of the installed package, for a dependency."""
    version: str | None = None
    """Its exact version."""


@dataclass(frozen=True, slots=True)
class Why:
    """What a person needs to trust or dismiss a hit."""

    matched_words: tuple[str, ...]
    """Words of the query that stand in the snippet, its name or its path."""
    lexical_rank: int | None
    """Place among the candidates by words, from 1; None when no word matched."""
    dense_rank: int | None
    """Place among the candidates by meaning, from 1; None when it has no vector yet."""
    similarity: float | None
    """Cosine of query and snippet, -1 to 1; None when the snippet has no vector yet."""
    tier: Tier
    reasons: tuple[str, ...] = ()
    """What else moved it up or down, each a few words."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A snippet that answers a query."""

    snippet: Snippet
    provenance: Provenance
    text: str
    """The snippet's code as it stands in the file or in the editor's unsaved text."""
    indentation: str
    """White space before the code on its first line."""
    score: float
    """Higher is better; comparable within one answer only."""
    why: Why
    copies: tuple[Provenance, ...] = ()
    """Where else nearly the same code was found."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The hits of a query, best first, and what stood behind them."""

    hits: tuple[Hit, ...]
    tier: Tier
    stale: tuple[Place, ...] = ()
    """Places that were found but have changed on disk since they were indexed."""


class Embedder(Protocol):
    """A model that turns texts into vectors whose cosine is their likeness in meaning."""

    @property
    def fingerprint(self) -> str:
        """Names weights, pooling, token limit and prompts: equal fingerprints, equal vectors."""

    @property
    def dimensions(self) -> int:
        """Length of a vector."""

    def embed_query(self, text: str) -> Vector:
        """Embed what a person asked; never waits for `embed_documents`."""

    def embed_documents(
        self, texts: Sequence[str], cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[Vector]:
        """Embed texts one by one, in order; stop early once `cancelled()` is true."""

    @property
    def prepared(self) -> bool:
        """Whether `crowding` answers at once."""

    def prepare(self, cancelled: Callable[[], bool] = lambda: False) -> bool:
        """Get ready for `crowding`; False if `cancelled()` became true before the end."""

    def crowding(self, vectors: Quantized) -> NDArray[np.float32]:
        """How near each vector is to questions that anybody might ask (`dowse.context.crowding`).

        Args:
            vectors: shape (count, dimensions), quantized.

        Returns:
            Shape (count,), each -1 to 1.
        """
