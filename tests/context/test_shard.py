from __future__ import annotations

import multiprocessing
import os
import resource
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from dowse.context.errors import ShardError
from dowse.context.files import LeftOut
from dowse.context.shard import Shard
from dowse.context.types import Limits
from dowse.context.units import workspace_unit
from dowse.context.words import term_weights

PARSE = "def parse_date(text):\n    '''Parse an ISO date.'''\n    return text.split('-')\n"
RETRY = "def retry(call):\n    '''Call again after a failure.'''\n    return call()\n"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "a cache #1 %41 é"


def opened(root: Path, cache: Path, limits: Limits | None = None) -> Shard:
    return Shard(workspace_unit(root), cache, limits or Limits())


def symbols(shard: Shard, words: str) -> list[str]:
    shard.words.refresh()
    found = [id_ for id_, _ in shard.words.search(term_weights(words), 10)]
    by_id = {entry.id: entry for entry in shard.entries(ids=found)}
    return [by_id[id_].snippet.symbol for id_ in found if id_ in by_id]


def test_what_is_indexed_is_found_by_inflected_words(folder, cache) -> None:
    shard = opened(folder({"dates.py": PARSE, "retry.py": RETRY}), cache)
    assert (shard.refresh().files, shard.counts()) == (2, (2, 2))
    assert symbols(shard, "parsing dates") == ["parse_date"]
    assert symbols(shard, "failures") == ["retry"]


def test_only_what_changed_is_read_again(folder, cache) -> None:
    root = folder({"dates.py": PARSE, "retry.py": RETRY})
    shard = opened(root, cache)
    shard.refresh()
    (root / "retry.py").write_text(RETRY.replace("retry", "attempt"))
    (root / "dates.py").unlink()
    (root / "new.py").write_text("def sort_words(words):\n    return sorted(words)\n")
    done = shard.refresh()
    assert (done.changed, done.removed, done.files) == (2, 1, 2)
    assert symbols(shard, "parse date") == []
    assert sorted(symbols(shard, "attempt sort")) == ["attempt", "sort_words"]


def test_named_paths_are_brought_up_to_date(folder, cache) -> None:
    root = folder({"a/dates.py": PARSE, "a/b/retry.py": RETRY, "ab.py": RETRY})
    shard = opened(root, cache)
    shard.refresh()
    for path in ("a/b/retry.py", "a/dates.py"):
        (root / path).unlink()
    (root / "ab.py").write_text(PARSE)
    done = shard.refresh(["a", "ab.py", "never/was.py"])
    assert (done.changed, done.removed, done.files) == (1, 2, 1)
    assert symbols(shard, "parse") == ["parse_date"]


def test_an_index_survives_a_restart(folder, cache) -> None:
    root = folder({"dates.py": PARSE})
    opened(root, cache).refresh()
    again = opened(root, cache)
    assert symbols(again, "parse date") == ["parse_date"]
    assert again.refresh().changed == 0


def test_files_left_out_are_counted_every_time_and_read_once(folder, cache) -> None:
    root = folder({"a.py": PARSE, "b.js": "x" * 3_000, "c.bin": b"\0", "d.py": b"\0"})
    shard = opened(root, cache)
    first, second = shard.refresh(), shard.refresh()
    expected = {LeftOut.MINIFIED: 1, LeftOut.LANGUAGE: 1, LeftOut.BINARY: 1}
    assert first.left_out == second.left_out == expected
    assert (first.files, second.changed) == (1, 0)


def test_limits_are_settings(folder, cache) -> None:
    root = folder({"a.py": PARSE})
    shard = opened(root, cache, Limits(max_file_bytes=10))
    assert shard.refresh().left_out == {LeftOut.SIZE: 1}


@pytest.mark.parametrize("damaged", ["catalog.sqlite", "words/meta.json", "words", "catalog"])
def test_a_damaged_shard_is_rebuilt(folder, cache, damaged: str) -> None:
    root = folder({"dates.py": PARSE})
    shard = opened(root, cache)
    shard.refresh()
    if damaged == "words":
        for part in (shard.folder / "words").glob("*.store"):
            part.unlink()
        for part in (shard.folder / "words").glob("*.idx"):
            part.unlink()
    elif damaged == "catalog":
        with sqlite3.connect(shard.folder / "catalog.sqlite") as connection:
            connection.execute("DROP TABLE files")
    else:
        for extra in shard.folder.glob("catalog.sqlite-*"):
            extra.unlink()
        (shard.folder / damaged).write_bytes(b"garbage" * 1_000)
    again = opened(root, cache)
    again.refresh()
    assert symbols(again, "parse date") == ["parse_date"]


def test_a_shard_of_another_layout_is_rebuilt(folder, cache) -> None:
    root = folder({"dates.py": PARSE})
    shard = opened(root, cache)
    shard.refresh()
    with sqlite3.connect(shard.folder / "catalog.sqlite") as connection:
        connection.execute("PRAGMA user_version = 99")
    again = opened(root, cache)
    again.refresh()
    assert symbols(again, "parse date") == ["parse_date"]


def test_cancelled_work_stops_and_keeps_what_was_read(folder, cache) -> None:
    root = folder({f"f{n}.py": PARSE for n in range(20)})
    shard = opened(root, cache)
    asked = iter(range(100))
    done = shard.refresh(cancelled=lambda: next(asked) > 5)
    assert done.files == 5
    assert shard.refresh().files == 20


def test_progress_counts_every_file(folder, cache) -> None:
    told: list[tuple[int, int]] = []
    root = folder({f"f{n}.py": PARSE for n in range(3)})
    opened(root, cache).refresh(progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def refresh_many(root: str, cache: str, times: int) -> None:
    shard = Shard(workspace_unit(Path(root)), Path(cache), Limits())
    for turn in range(times):
        (Path(root) / f"{os.getpid()}.py").write_text(f"def turn_{turn}():\n    return {turn}\n")
        shard.refresh()


def test_two_processes_on_one_folder_do_no_harm(folder, cache) -> None:
    root = folder({"dates.py": PARSE})
    context = multiprocessing.get_context("spawn")
    arguments = (str(root), str(cache), 8)
    writers = [context.Process(target=refresh_many, args=arguments) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
    shard = opened(root, cache)
    assert shard.refresh().files == 3
    assert symbols(shard, "turn") == ["turn_7", "turn_7"]


def test_a_killed_writer_leaves_a_usable_shard(folder, cache) -> None:
    root = folder({f"f{n}.py": PARSE for n in range(50)})
    code = (
        "import os, sys; from pathlib import Path\n"
        "from dowse.context.shard import Shard; from dowse.context.types import Limits\n"
        "from dowse.context.units import workspace_unit\n"
        "shard = Shard(workspace_unit(Path(sys.argv[1])), Path(sys.argv[2]), Limits())\n"
        "original = shard.words.update\n"
        "shard.words.update = lambda *a: (original(*a), os._exit(9))\n"
        "shard.refresh()\n"
    )
    killed = subprocess.run([sys.executable, "-c", code, root, cache], check=False, timeout=60)
    assert killed.returncode == 9
    shard = opened(root, cache)
    assert shard.refresh().files == 50
    assert len(shard.words.search(term_weights("parse date"), 100)) == 50


@pytest.mark.parametrize("place", ["/proc/dowse", "file"])
def test_a_cache_folder_that_cannot_be_written_is_told(folder, tmp_path, place: str) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ShardError, match="DOWSE_CACHE"):
        opened(folder({"a.py": PARSE}), Path(place) if place[0] == "/" else tmp_path / place)


def fill_disk(root: str, cache: str, answer) -> None:
    """A limit on the size of files stands for a full disk: every write beyond it fails."""
    shard = Shard(workspace_unit(Path(root)), Path(cache), Limits())
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    try:
        shard.refresh()
        answer.put("no error")
    except ShardError as error:
        answer.put(str(error))


def test_a_full_disk_is_told_and_harms_nothing(folder, cache) -> None:
    root = folder({f"f{n}.py": PARSE.replace("parse", f"parse_{n}") * 30 for n in range(200)})
    context = multiprocessing.get_context("spawn")
    answer = context.Queue()
    writer = context.Process(target=fill_disk, args=(str(root), str(cache), answer))
    writer.start()
    assert "free some space" in answer.get(timeout=60)
    writer.join(60)
    shard = opened(root, cache)
    assert shard.refresh().files == 200
