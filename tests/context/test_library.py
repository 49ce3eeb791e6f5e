from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from dowse.context.errors import QueryError
from dowse.context.languages import language_of_path
from dowse.context.library import Library
from dowse.context.overlay import Unsaved
from dowse.context.types import Limits, Place, Query, Tier

FILES = {
    "LICENSE": "Permission is hereby granted, free of charge, to any person",
    "dates.py": "import re\n\n\ndef parse_date(text):\n    '''Turn ISO text into numbers.'''\n"
    "    return [int(part) for part in re.split('[-T:]', text)]\n",
    "net.py": "import time\n\n\ndef attempt(call, times):\n    for turn in range(times):\n"
    "        try:\n            return call()\n"
    "        except OSError:\n            time.sleep(2**turn)\n",
    "files.js": "export function readWhole(path) {\n  return fs.readFileSync(path, 'utf8');\n}\n",
    "SPDX.py": "# SPDX-License-Identifier: BSD-3-Clause\ndef checksum(data):\n"
    "    return sum(data) % 65521\n",
}


@pytest.fixture
def root(folder) -> Path:
    return folder(FILES)


@pytest.fixture
def library(root: Path, tmp_path: Path) -> Library:
    library = Library(tmp_path / "cache")
    library.open(root).refresh()
    return library


def symbols(library: Library, words: str, **how: object) -> list[str]:
    language = how.pop("language", None)
    answer = library.search(Query(words, language), **how)
    return [hit.snippet.symbol for hit in answer.hits]


def unsaved(root: Path, path: str, text: str, version: int = 1) -> Unsaved:
    language = language_of_path(path)
    assert language is not None
    return Unsaved(root, path, version, text.encode(), language)


def test_words_alone_answer_before_there_is_a_model(library: Library) -> None:
    answer = library.search(Query("parse a date"))
    first = answer.hits[0]
    assert answer.tier is Tier.LEXICAL
    assert (first.snippet.symbol, first.provenance.path) == ("parse_date", "dates.py")
    assert first.text.startswith("def parse_date(text):")
    assert set(first.why.matched_words) >= {"parse", "date"}
    assert (first.why.lexical_rank, first.why.dense_rank, first.why.similarity) == (1, None, None)


def test_meaning_finds_what_no_word_names(library: Library, embedder) -> None:
    words = "retry with exponential backoff"
    library.attach(embedder)
    assert "attempt" not in symbols(library, words, limit=1)
    library.fill()
    answer = library.search(Query(words))
    assert answer.tier is Tier.FULL
    assert answer.hits[0].snippet.symbol == "attempt"
    assert answer.hits[0].why.similarity is not None


def test_a_licence_comes_from_the_file_or_the_project(library: Library) -> None:
    hits = {hit.provenance.path: hit for hit in library.search(Query("checksum parse")).hits}
    assert hits["SPDX.py"].provenance.license == "BSD-3-Clause"
    assert hits["dates.py"].provenance.license == "MIT"


def test_only_snippets_that_can_stand_in_the_language_are_offered(library: Library) -> None:
    assert symbols(library, "read whole file", language="typescript") == ["readWhole"]
    assert "readWhole" not in symbols(library, "read whole file", language="python")


def test_unsaved_text_takes_the_place_of_the_file(library: Library, root: Path) -> None:
    changed = unsaved(root, "dates.py", "def render_calendar(month):\n    return str(month) * 2\n")
    assert symbols(library, "render calendar", unsaved=[changed]) == ["render_calendar"]
    assert "parse_date" not in symbols(library, "parse date", unsaved=[changed])
    newer = unsaved(root, "dates.py", "def draw_calendar(month):\n    return str(month)\n", 2)
    assert symbols(library, "calendar", unsaved=[newer]) == ["draw_calendar"]
    assert symbols(library, "parse date")[0] == "parse_date"


def test_unsaved_text_is_scored_as_the_index_scores(library: Library, root: Path) -> None:
    same = unsaved(root, "dates.py", FILES["dates.py"])
    before, after = (
        [(h.snippet.symbol, h.why.lexical_rank) for h in library.search(Query(words), **how).hits]
        for words, how in (("parse text", {}), ("parse text", {"unsaved": [same]}))
    )
    assert before == after


def test_the_definition_around_the_question_is_no_answer(library: Library, root: Path) -> None:
    assert "attempt" in symbols(library, "attempt call")
    at = Place(root, "net.py", 5)
    assert "attempt" not in symbols(library, "attempt call", at=at)


def test_an_answer_taken_before_carries_no_trigger_and_is_not_offered_twice(
    library: Library, root: Path
) -> None:
    code = "# find: parse a date\n# with care\n" + FILES["dates.py"].split("\n\n\n")[1]
    taken = unsaved(root, "taken.py", code)
    (hit,) = library.search(Query("parse date"), unsaved=[taken]).hits
    assert "find:" not in hit.text
    assert {p.path for p in (hit.provenance, *hit.copies)} == {"taken.py", "dates.py"}
    again = library.search(Query("parse date"), unsaved=[taken], at=Place(root, "taken.py", 1))
    assert {hit.provenance.path for hit in again.hits} == {"dates.py"}


def test_a_file_changed_behind_our_back_is_not_quoted(library: Library, root: Path) -> None:
    (root / "dates.py").write_text("# another file now\n" * 9)
    answer = library.search(Query("parse date"))
    assert all(hit.provenance.path != "dates.py" for hit in answer.hits)
    assert answer.stale[0].path == "dates.py"


def test_vectors_are_computed_once_for_all_folders(library, embedder, folder, tmp_path) -> None:
    library.attach(embedder)
    library.fill()
    told = []
    copy = Library(tmp_path / "cache")
    copy.open(folder(FILES, "second checkout")).refresh()
    copy.attach(embedder)
    copy.fill(progress=told.append)
    assert told == []
    assert copy.tier is Tier.FULL
    assert symbols(copy, "retry with exponential backoff")[0] == "attempt"


def test_open_files_are_read_first_and_filling_can_stop(library, embedder, root) -> None:
    library.attach(embedder)
    told = []
    library.fill([Place(root, "net.py", 0)], progress=told.append, cancelled=lambda: bool(told))
    assert len(told) == 1
    assert library.tier is Tier.PARTIAL
    hits = library.search(Query("attempt parse checksum")).hits
    known = {hit.snippet.symbol for hit in hits if hit.why.similarity is not None}
    assert known == {"attempt"}
    library.fill()
    assert library.tier is Tier.FULL


def test_a_damaged_vector_cache_is_made_anew(library, embedder, tmp_path) -> None:
    library.attach(embedder)
    library.fill()
    (cache,) = (tmp_path / "cache" / "vectors-2").glob("*.sqlite")
    for extra in cache.parent.glob("*.sqlite-*"):
        extra.unlink()
    cache.write_bytes(b"garbage" * 1_000)
    library.attach(embedder)
    library.fill()
    assert library.tier is Tier.FULL


def test_a_shard_damaged_while_open_comes_back(library: Library, root: Path) -> None:
    shard = library.shards[0]
    with sqlite3.connect(shard.folder / "catalog.sqlite") as connection:
        connection.execute("DROP TABLE passages")
    assert symbols(library, "parse date") == []
    shard.refresh()
    assert symbols(library, "parse date") == ["parse_date"]


def test_several_folders_are_searched_together(library: Library, folder) -> None:
    other = folder({"sub/dates.py": "def format_date(day):\n    return str(day)\n"}, "x/project")
    library.open(other).refresh()
    assert set(symbols(library, "date")) == {"parse_date", "format_date"}
    library.close(other)
    assert symbols(library, "date") == ["parse_date"]


@pytest.mark.parametrize("words", ["", "  ", "???", "x" * 5_000])
def test_what_cannot_be_searched_is_told(library: Library, words: str) -> None:
    with pytest.raises(QueryError):
        library.search(Query(words))


@pytest.mark.parametrize("words", ['a"b AND (c OR', "path:x^9 *", "𝄞 note", "' OR 1=1 --", "\0x"])
def test_query_syntax_of_the_libraries_below_means_nothing(library: Library, words: str) -> None:
    library.search(Query(words))


def test_a_large_unsaved_text_is_passed_over(root: Path, tmp_path: Path) -> None:
    library = Library(tmp_path / "cache", Limits(max_file_bytes=1_000))
    library.open(root).refresh()
    huge = unsaved(root, "dates.py", "x = 1\n" * 1_000_000)
    started = time.monotonic()
    library.search(Query("parse date"), unsaved=[huge])
    assert time.monotonic() - started < 5
