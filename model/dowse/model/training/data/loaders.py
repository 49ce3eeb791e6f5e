"""Reads the published formats of code search data sets.

CodeSearchNet (Husain et al. 2019, arXiv 1909.09436), StaQC (Yao et al. 2018, arXiv 1803.09371),
CoSQA (Huang et al. 2021, arXiv 2105.13239), CoNaLa (Yin et al. 2018, arXiv 1805.08949).
"""

from __future__ import annotations

import csv
import io
import json
import pickle
from typing import TYPE_CHECKING, Any

from dowse.context.errors import DatasetError
from dowse.context.languages import language_named
from dowse.model.evaluation.sentences import first_sentence
from dowse.model.training.data.pairs import Pair, as_pair, read_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    Row = Mapping[str, Any]

ENDINGS = (".jsonl", ".jsonl.gz", ".json", ".csv", ".pickle", ".pkl")
"""Of the files that `load_pairs` reads."""
_MAX_BYTES = 2_000_000_000
"""Of a pickle or a JSON file, which are read as a whole; the largest of StaQC has 0.1 GB."""


def load_pairs(path: Path) -> Iterator[Pair]:
    """Read a file of any of the formats, told by its ending and its first row.

    Raises:
        DatasetError: the file cannot be read, or it has none of the formats.
    """
    if path.name.endswith((".jsonl", ".jsonl.gz")):
        yield from _from_rows(path, read_rows(path))
    elif path.suffix == ".json":
        yield from _from_rows(path, _json_rows(path))
    elif path.suffix == ".csv":
        yield from _from_rows(path, _csv_rows(path))
    elif path.suffix in (".pickle", ".pkl"):
        yield from _staqc_pickle(path)
    else:
        raise DatasetError(f"{path} is in no known format; known are {', '.join(ENDINGS)}")


def _from_rows(path: Path, rows: Iterator[tuple[int, Row]]) -> Iterator[Pair]:
    read: Callable[[Row, str], Iterator[Pair]] | None = None
    for number, row in rows:
        place = f"{path}:{number}"
        read = read or _reader(row, place)
        yield from read(row, place)


def _reader(row: Row, place: str) -> Callable[[Row, str], Iterator[Pair]]:
    for keys, read in _READERS:
        if keys <= row.keys():
            return read
    raise DatasetError(f"{place}: the row has neither query nor code; see docs/training.md")


def _codesearchnet(row: Row, place: str) -> Iterator[Pair]:
    """A function whose `code` still holds its docstring in Python; cleaning takes that out."""
    values = _texts(row, place, "docstring", "code", "language", "repo", "path", "func_name")
    description, code, language, repository, path, symbol = values
    sentence = first_sentence(description, symbol)
    if sentence and code.strip():
        name = _language(language)
        yield Pair(sentence, code, name, "CodeSearchNet", "", 1, repository, path, symbol)


def _cosqa(row: Row, place: str) -> Iterator[Pair]:
    query, code = _texts(row, place, "doc", "code")
    if query.strip() and code.strip():
        label = _label(row.get("label", 1), place)
        yield Pair(query, code, "python", "CoSQA", "C-UDA-1.0", label)


def _conala(row: Row, place: str) -> Iterator[Pair]:
    """Both wordings of a question: as it was asked, and rewritten with the names that it uses.

    Only the pairs that people annotated have a place for the second.
    """
    source = "CoNaLa annotated" if "rewritten_intent" in row else "CoNaLa"
    code, intent, rewritten = _texts(row, place, "snippet", "intent", "rewritten_intent")
    repository = f"stackoverflow:{row['question_id']}" if row.get("question_id") else ""
    for query in dict.fromkeys((intent, rewritten)):
        if query.strip() and code.strip():
            yield Pair(query, code, "python", source, "CC-BY-SA-4.0", 1, repository)


def _staqc_row(row: Row, place: str) -> Iterator[Pair]:
    query, code, question = _texts(row, place, "Question Title", "Code", "Question ID")
    if query.strip() and code.strip():
        language = _language(str(row.get("Language") or ""))
        repository = f"stackoverflow:{question}" if question else ""
        yield Pair(query, code, language, "StaQC", "CC-BY-4.0", 1, repository)


def _plain(row: Row, place: str) -> Iterator[Pair]:
    yield as_pair(row, place)


_READERS: tuple[tuple[frozenset[str], Callable[[Row, str], Iterator[Pair]]], ...] = (
    (frozenset({"query", "code"}), _plain),
    (frozenset({"docstring", "code"}), _codesearchnet),
    (frozenset({"doc", "code"}), _cosqa),
    (frozenset({"intent", "snippet"}), _conala),
    (frozenset({"Question Title", "Code"}), _staqc_row),
)
"""The keys that tell a format, the most telling first."""


def _texts(row: Row, place: str, *names: str) -> list[str]:
    values = [row.get(name) if row.get(name) is not None else "" for name in names]
    if not all(isinstance(value, str | int) for value in values):
        raise DatasetError(f"{place}: {' or '.join(names)} is no text; mend the row")
    return [str(value) for value in values]


def _label(value: object, place: str) -> int:
    if str(value) not in ("0", "1"):
        raise DatasetError(f"{place}: label is {value!r}; it has to be 0 or 1")
    return int(str(value))


def _language(name: str) -> str:
    known = language_named(name.casefold())
    return known.name if known else name.casefold()


def _json_rows(path: Path) -> Iterator[tuple[int, Row]]:
    content = _content(path)
    try:
        rows = json.loads(content)
    except (ValueError, RecursionError):
        # CoNaLa's mined part is JSON lines under the name of a JSON file.
        yield from read_rows(path)
        return
    rows = rows if isinstance(rows, list) else [rows]
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise DatasetError(f"{path}:{number}: no JSON object; take the row out")
        yield number, row


def _csv_rows(path: Path) -> Iterator[tuple[int, Row]]:
    text = _content(path).decode("utf-8-sig", "replace")
    try:
        yield from enumerate(csv.DictReader(io.StringIO(text, newline="")), 2)
    except csv.Error as error:
        raise DatasetError(f"{path} is no CSV: {error}; get the file again") from None


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise DatasetError(f"{path} is over {_MAX_BYTES:,} bytes; split it into JSON lines")
        return path.read_bytes()
    except OSError as error:
        raise DatasetError(f"cannot read {path}: {error.strerror}; get the file again") from None


class _Plain(pickle.Unpickler):
    """A pickle can run any program; one of StaQC needs no class at all, so none is given."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"it names {module}.{name}")

    def persistent_load(self, pid: Any) -> Any:
        raise pickle.UnpicklingError("it names an object outside")


def read_plain_pickle(path: Path) -> Any:
    """Read a pickle that holds only containers, texts and numbers.

    Raises:
        DatasetError: the file cannot be read, is broken, or holds anything else.
    """
    try:
        # Python 2 wrote StaQC; its texts are bytes to Python 3.
        return _Plain(io.BytesIO(_content(path)), encoding="utf-8", errors="replace").load()
    except DatasetError:
        raise
    except Exception as error:  # a broken pickle raises nearly anything
        raise DatasetError(
            f"{path} is no pickle of plain data: {error}; use the JSON lines or CSV instead"
        ) from None


def _staqc_pickle(path: Path) -> Iterator[Pair]:
    """Pair titles with code.

    A dictionary of code has questions as keys, or (question, number of the snippet) where an
    answer has several. Of those, only what was chosen or judged is a pair: `*iids*` lists the
    chosen keys, `*label*` has 0 or 1 for the judged ones. All stand in the code's folder.
    """
    if "code" not in path.name or "iids" in path.name:
        return  # titles, choices and judgements are read with the code
    codes = read_plain_pickle(path)
    if not isinstance(codes, dict):
        return
    language = "sql" if "sql" in path.name.casefold() else "python"
    titles = _beside(path, "title", language)
    judged = _beside(path, "label", language)
    labels = judged | dict.fromkeys(_beside(path, "iids", language), 1)
    if not titles or (any(isinstance(key, tuple) for key in codes) and not labels):
        raise DatasetError(
            f"{path.parent} has no titles or no choices for {path.name}; "
            f"put StaQC's {language} title and iids pickles there"
        )
    for key, code in codes.items():
        question = key[0] if isinstance(key, tuple) and key else key
        label = labels.get(key) if isinstance(key, tuple) else 1
        title, text = titles.get(question), _joined(code)
        if isinstance(title, str) and title.strip() and text.strip() and label in (0, 1):
            place = f"stackoverflow:{question}"
            source = "StaQC annotated" if key in judged else "StaQC"
            yield Pair(title, text, language, source, "CC-BY-4.0", int(label), place)


def _beside(path: Path, part: str, language: str) -> dict[Any, Any]:
    """The entries of all pickles of a kind and language in the folder; a set's have the value 1."""
    found: dict[Any, Any] = {}
    for file in sorted(path.parent.iterdir()):
        name = file.name.casefold()
        other = "sql" if language == "python" else "python"
        if part in name and other not in name and file.suffix in (".pickle", ".pkl", ".txt"):
            read = read_plain_pickle(file)
            found |= read if isinstance(read, dict) else dict.fromkeys(read, 1)
    return found


def _joined(code: object) -> str:
    parts = code if isinstance(code, list | tuple) else [code]
    return "\n".join(part for part in parts if isinstance(part, str))
