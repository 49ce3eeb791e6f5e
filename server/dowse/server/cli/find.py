"""`dowse find`: search from the terminal."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from dowse.context.errors import DowseError, QueryError
from dowse.context.languages import language_named, language_of_id
from dowse.context.library import Library
from dowse.context.types import Answer, Hit, Query
from dowse.server.cli.workspace import (
    ALONE,
    add_model_argument,
    attach_model,
    existing_folder,
    open_library,
    sources,
    whole_number,
)
from dowse.server.presentation import license_, location, state, why

_PREVIEW_LINES = 12
_PATIENCE_SECONDS = 0.5
"""Where the folder was not indexed in full, a search may embed its best candidates for so long."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `dowse find`."""
    parser.add_argument("words", nargs="?", help="what the code should do")
    parser.add_argument("path", nargs="?", help="the folder to search (default: this one)")
    parser.add_argument("-k", type=whole_number(1), default=5, metavar="N", help="number of hits")
    parser.add_argument(
        "--language", type=language, help="only snippets of this language, such as python"
    )
    parser.add_argument(
        "--source",
        type=sources,
        metavar="S",
        help="workspace, cookbook, dependency, several with commas between, or all"
        " (default: all; a PATH that is named is searched alone)",
    )
    parser.add_argument(
        "--python", type=Path, help="interpreter or environment whose packages are searched"
    )
    parser.add_argument("--queries", metavar="FILE", help="one query a line (- for stdin)")
    parser.add_argument("--lexical", action="store_true", help="search by words, load no model")
    add_model_argument(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object a query")
    parser.set_defaults(usage_error=parser.error)


def language(text: str) -> str:
    """Parse the name of a language, as grammars or editors spell it."""
    known = language_named(text.lower()) or language_of_id(text.lower())
    if known is None:
        raise argparse.ArgumentTypeError(f"no language {text!r} is known")
    return known.name


def run(arguments: argparse.Namespace) -> int:
    """Search and print the hits."""
    words, named = _words_and_root(arguments)
    arguments.source = arguments.source or (ALONE if named else sources("all"))
    library, _ = open_library(named or Path.cwd(), arguments.source, arguments.python)
    if not arguments.lexical:
        attach_model(library, arguments.model, required=bool(arguments.model))
        library.load_vectors()
    if arguments.queries is None:
        answer, elapsed = _timed(library, words, arguments)
        print(_json(words, answer, elapsed) if arguments.json else _text(words, answer))
        return 0
    for line in _lines(arguments.queries):
        try:
            print(_json(line, *_timed(library, line, arguments)), flush=True)
        except QueryError as error:
            shown = {"query": line, "elapsed_ms": 0.0, "hits": [], "error": str(error)}
            print(json.dumps(shown, ensure_ascii=False), flush=True)
    return 0


def _words_and_root(arguments: argparse.Namespace) -> tuple[str, Path | None]:
    """The words, and the folder if one is named."""
    words, path = arguments.words, arguments.path
    if arguments.queries is not None and path is None:
        words, path = None, words  # with a file of queries the one position is the folder
    if arguments.queries is not None and words is not None:
        arguments.usage_error("give either WORDS or --queries")
    if arguments.queries is None and words is None:
        arguments.usage_error("say what to find: dowse find WORDS [PATH]")
    try:
        return words or "", existing_folder(path) if path else None
    except argparse.ArgumentTypeError as error:
        arguments.usage_error(str(error))
        raise  # usage_error does not return


def _timed(library: Library, words: str, arguments: argparse.Namespace) -> tuple[Answer, float]:
    started = time.perf_counter()
    answer = library.search(
        Query(words, arguments.language),
        arguments.k,
        sources=arguments.source,
        patience=_PATIENCE_SECONDS,
    )
    return answer, 1_000 * (time.perf_counter() - started)


def _lines(name: str) -> Iterator[str]:
    try:
        with nullcontext(sys.stdin.buffer) if name == "-" else Path(name).open("rb") as file:
            yield from (text for line in file if (text := line.decode("utf-8", "replace").strip()))
    except OSError as error:
        raise DowseError(
            f"cannot read the queries in {name} ({error.strerror}); name another file"
        ) from error


def _json(words: str, answer: Answer, elapsed: float) -> str:
    hits = [hit_fields(hit) for hit in answer.hits]
    shown = {"query": words, "elapsed_ms": round(elapsed, 3), "hits": hits}
    return json.dumps(shown, ensure_ascii=False)


def hit_fields(hit: Hit) -> dict[str, Any]:
    """A hit as the command line prints it; lines count from 1."""
    return {
        "path": hit.provenance.path,
        "package": hit.provenance.package,
        "version": hit.provenance.version,
        "start_line": hit.provenance.start_line + 1,
        "end_line": hit.provenance.end_line + 1,
        "symbol": hit.snippet.symbol,
        "language": hit.snippet.language,
        "source": hit.provenance.source.value,
        "license": hit.provenance.license,
        "score": round(hit.score, 6),
        "why": dataclasses.asdict(hit.why),
        "copies": [f"{copy.path}:{copy.start_line + 1}" for copy in hit.copies],
    }


def _text(words: str, answer: Answer) -> str:
    if not answer.hits:
        return f"Nothing found for “{words}”. {state(answer.tier)}"
    return "\n\n".join([*map(_preview, answer.hits), state(answer.tier)])


def _preview(hit: Hit) -> str:
    # The first line stands at the margin already.
    lines = [line.removeprefix(hit.indentation) for line in hit.text.splitlines()]
    shown = [f"    {line}" for line in lines[:_PREVIEW_LINES]]
    if len(lines) > _PREVIEW_LINES:
        shown.append(f"    … {len(lines) - _PREVIEW_LINES} more lines")
    head = f"{hit.snippet.symbol} — {location(hit)} ({license_(hit)})"
    return "\n".join([head, " ".join(why(hit)), *shown])
