from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from dowse.context.cookbook.python import files_and_paths as recipes


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.txt"
    path.write_text("one\ntwo\nthree", "utf-8")
    return path


def test_lines(file: Path, tmp_path: Path) -> None:
    assert list(recipes.read_lines(file)) == ["one", "two", "three"]
    assert recipes.last_lines(file, 2) == ["two", "three"]
    assert recipes.count_lines(file) == 3
    empty = tmp_path / "empty"
    empty.touch()
    assert (recipes.count_lines(empty), recipes.last_lines(empty)) == (0, [])
    recipes.append_line(tmp_path / "new" / "log.txt", "first")
    recipes.append_line(tmp_path / "new" / "log.txt", "second")
    assert (tmp_path / "new" / "log.txt").read_text() == "first\nsecond\n"


def test_chunks(file: Path) -> None:
    chunks = list(recipes.read_in_chunks(file, 5))
    assert [len(chunk) for chunk in chunks] == [5, 5, 3]
    assert b"".join(chunks) == file.read_bytes()


def test_atomic_writing_leaves_the_old_file_on_failure(file: Path, tmp_path: Path) -> None:
    recipes.write_text_atomically(file, "new ä")
    assert file.read_text("utf-8") == "new ä"
    with pytest.raises(UnicodeEncodeError):
        recipes.write_text_atomically(file, "half \ud800")
    assert file.read_text("utf-8") == "new ä"
    assert list(tmp_path.iterdir()) == [file]


def test_finding(tmp_path: Path) -> None:
    for name in ("a.py", "b/c.py", ".venv/d.py", "b/e.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    assert recipes.find_files(tmp_path) == [tmp_path / "a.py", tmp_path / "b" / "c.py"]
    os.utime(tmp_path / "a.py", (10, 10))
    (tmp_path / "z.py").touch()
    assert recipes.newest_file(tmp_path, "*.py") == tmp_path / "z.py"
    assert recipes.newest_file(tmp_path, "*.none") is None
    assert recipes.folder_size(tmp_path / "b") == 2 * len("b/c.py") + 1


def test_folders_are_copied_and_deleted(file: Path, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    (source / "__pycache__").mkdir(parents=True)
    file.rename(source / "a.txt")
    target.mkdir()
    recipes.copy_folder(source, target)
    assert [path.name for path in target.iterdir()] == ["a.txt"]
    recipes.delete_folder(target)
    recipes.delete_folder(target)
    assert not target.exists()


def test_old_files_are_deleted(file: Path, tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.touch()
    os.utime(old, (0, 0))
    assert recipes.delete_old_files(tmp_path, 1) == [old]
    assert list(tmp_path.iterdir()) == [file]


def test_paths_stay_inside(tmp_path: Path) -> None:
    assert recipes.resolve_inside(tmp_path, "a/../b") == tmp_path.resolve() / "b"
    for name in ("../x", "/etc/passwd", "a/../../x"):
        with pytest.raises(ValueError, match="outside"):
            recipes.resolve_inside(tmp_path, name)


def test_names(file: Path, tmp_path: Path) -> None:
    assert recipes.safe_file_name('a/b:c?"x".txt') == "a_b_c__x_.txt"
    assert recipes.safe_file_name("con.txt") == "_con.txt"
    assert recipes.safe_file_name(" . ") == "_"
    assert recipes.unused_path(tmp_path / "free") == tmp_path / "free"
    (tmp_path / "a (2).txt").touch()
    assert recipes.unused_path(file) == tmp_path / "a (3).txt"
    (tmp_path / "b.md").touch()
    assert recipes.change_extension(tmp_path, ".md", ".rst") == [tmp_path / "b.rst"]


def test_duplicates(file: Path, tmp_path: Path) -> None:
    same, other = tmp_path / "b", tmp_path / "c"
    same.write_bytes(file.read_bytes())
    other.write_bytes(file.read_bytes().swapcase())
    assert recipes.find_duplicate_files(tmp_path) == [[file, same]]
    assert recipes.files_are_equal(file, same)
    assert not recipes.files_are_equal(file, other)


def test_a_held_lock_times_out(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with recipes.file_lock(lock):
        assert lock.exists()
        with pytest.raises(TimeoutError), recipes.file_lock(lock, timeout=0):
            pass
    assert not lock.exists()


def test_changes_are_seen(file: Path) -> None:
    assert not recipes.wait_for_change(file, timeout=0.02, interval=0.01)
    timer = threading.Timer(0.05, lambda: os.utime(file, (1, 1)))
    timer.start()
    assert recipes.wait_for_change(file, timeout=10, interval=0.01)
    timer.join()
