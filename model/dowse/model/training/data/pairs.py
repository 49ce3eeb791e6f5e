"""Pairs of a sentence and code, and the JSON lines that they are kept in."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from dataclasses import asdict, dataclass
from typing import IO, TYPE_CHECKING, Any

from dowse.context.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Pair:
    """What a person asks, and code that people or their documentation set beside it."""

    query: str
    code: str
    language: str = ""
    """As `dowse.context.languages` names it; empty where nobody said."""
    source: str = ""
    """The collection or the miner that it comes from."""
    license: str = ""
    """SPDX identifier or expression; empty where it is unknown."""
    label: int = 1
    """1: the code answers the query; 0: people judged that it does not."""
    repository: str = ""
    """Repository or package; pairs of one never stand on both sides of a split."""
    path: str = ""
    symbol: str = ""

    @property
    def keys(self) -> tuple[str, str]:
        """What makes query and code equal to others: all but case and blanks."""
        return text_key(self.query), text_key(self.code)

    @property
    def group(self) -> str:
        """What is split as a whole."""
        return self.repository or f"{self.source}:{self.query.casefold()}"


def text_key(text: str) -> str:
    """A text without the differences that mean nothing: case, and kind and number of blanks."""
    return " ".join(text.lower().split())


_TEXTS = ("query", "code", "language", "source", "license", "repository", "path", "symbol")


def as_pair(row: Mapping[str, Any], place: str) -> Pair:
    """Check a row and make it a pair; keys that no pair has are passed over.

    Raises:
        DatasetError: a value is missing or of another type.
    """
    values = {name: row.get(name) or "" for name in _TEXTS}
    for name, value in values.items():
        if not isinstance(value, str):
            raise DatasetError(f"{place}: {name} is no text; mend the row")
    if not values["query"].strip() or not values["code"].strip():
        raise DatasetError(f"{place}: query or code is missing; take the row out")
    label = row.get("label", 1)
    if label not in (0, 1):
        raise DatasetError(f"{place}: label is {label!r}; it has to be 0 or 1")
    return Pair(**values, label=int(label))


def read_pairs(path: Path) -> Iterator[Pair]:
    """Read JSON lines, compressed where the name ends in `.gz`.

    Raises:
        DatasetError: the file cannot be read or a row is malformed.
    """
    for number, row in read_rows(path):
        yield as_pair(row, f"{path}:{number}")


def read_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Number, from 1, and object of each line that is not blank.

    Raises:
        DatasetError: the file cannot be read or a line is no JSON object.
    """
    try:
        with _opened(path) as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, _object(line, f"{path}:{number}")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise DatasetError(f"cannot read {path}: {error}; get the file again") from None


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def _object(line: str, place: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict):
        raise DatasetError(f"{place}: no JSON object; take the line out")
    return row


def write_pairs(path: Path, pairs: Iterable[Pair]) -> int:
    """Write JSON lines under a temporary name and rename them; equal pairs give equal bytes.

    Returns:
        the number of pairs.

    Raises:
        DatasetError: the file cannot be written.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    written = 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as raw, _packed(raw, path) as file:
            for pair in pairs:
                file.write(_line(pair))
                written += 1
        unfinished.replace(path)
    except OSError as error:
        raise DatasetError(f"cannot write {path}: {error.strerror}; name another folder") from None
    finally:
        unfinished.unlink(missing_ok=True)
    return written


def _packed(raw: IO[bytes], path: Path) -> gzip.GzipFile | IO[bytes]:
    # Neither time nor name goes into the header, so a run that is repeated gives the same bytes.
    return gzip.GzipFile("", "wb", 6, raw, mtime=0) if path.suffix == ".gz" else raw


def _line(pair: Pair) -> bytes:
    row = {name: value for name, value in asdict(pair).items() if value != ""}
    text = json.dumps(row, ensure_ascii=False) + "\n"
    return text.encode("utf-8", "replace")
