# SPDX-License-Identifier: CC0-1.0
"""Files, folders and paths: read, write, find, copy and protect."""

import filecmp
import hashlib
import os
import re
import shutil
import tempfile
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def read_lines(path: Path) -> Iterator[str]:
    """Read a large text file line by line without loading it into memory; no line ends."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield line.rstrip("\n")


def read_in_chunks(path: Path, size: int = 1024 * 1024) -> Iterator[bytes]:
    """Read a large binary file in chunks of a fixed size."""
    with path.open("rb") as file:
        while chunk := file.read(size):
            yield chunk


def write_text_atomically(path: Path, text: str) -> None:
    """Write a file atomically: readers see the old content or the new one, never a half.

    The temporary file stands in the same folder, because a rename across disks is not atomic.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def append_line(path: Path, line: str) -> None:
    """Append a line to a text file; the file and its parent folders are created when missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def last_lines(path: Path, count: int = 10) -> list[str]:
    """Return the last lines of a text file, like `tail`, with only those lines in memory."""
    with path.open(encoding="utf-8", errors="replace") as file:
        return [line.rstrip("\n") for line in deque(file, maxlen=count)]


def count_lines(path: Path) -> int:
    """Count the lines of a large file quickly, without decoding it; a last half line counts."""
    lines, end = 0, b"\n"
    with path.open("rb") as file:
        while chunk := file.read(1024 * 1024):
            lines += chunk.count(b"\n")
            end = chunk[-1:]
    return lines + (end != b"\n")


def find_files(root: Path, pattern: str = "*.py") -> list[Path]:
    """Find all files below a folder that match a pattern, recursively; hidden ones are skipped."""
    return sorted(
        path
        for path in root.rglob(pattern)
        if path.is_file() and not any(p.startswith(".") for p in path.relative_to(root).parts)
    )


def newest_file(folder: Path, pattern: str = "*") -> Path | None:
    """Find the most recently modified file in a folder, or None where there is none."""
    files = (path for path in folder.glob(pattern) if path.is_file())
    return max(files, key=lambda path: path.stat().st_mtime, default=None)


def folder_size(folder: Path) -> int:
    """Calculate the total size of a folder in bytes; symbolic links are not followed."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())


def copy_folder(source: Path, target: Path, ignore: tuple[str, ...] = ("__pycache__",)) -> None:
    """Copy a folder with everything in it into a folder that may exist, leaving out patterns."""
    shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*ignore))


def delete_folder(folder: Path) -> None:
    """Delete a folder and everything in it; a folder that does not exist is no error."""
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)


def delete_old_files(folder: Path, days: float) -> list[Path]:
    """Delete the files in a folder that were not modified for a number of days."""
    limit = time.time() - days * 86_400
    old = [path for path in folder.iterdir() if path.is_file() and path.stat().st_mtime < limit]
    for path in old:
        path.unlink()
    return old


def resolve_inside(root: Path, name: str) -> Path:
    """Join a path given by a user to a folder safely, so that `../` cannot leave the folder."""
    root = root.resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root):
        raise ValueError(f"{name!r} lies outside of {root}")
    return path


def safe_file_name(name: str, replacement: str = "_") -> str:
    """Turn any text into a valid file name on Windows, macOS and Linux."""
    cleaned = re.sub(r'[<>:"/\\|?*\x00-\x1f]', replacement, name).strip(" .")[:200]
    reserved = re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?", cleaned)
    return replacement + cleaned if reserved or not cleaned else cleaned


def unused_path(path: Path) -> Path:
    """Find a file name that is not taken yet by adding a number, such as `report (2).pdf`."""
    candidate, number = path, 1
    while candidate.exists():
        number += 1
        candidate = path.with_name(f"{path.stem} ({number}){path.suffix}")
    return candidate


def change_extension(folder: Path, old: str, new: str) -> list[Path]:
    """Rename all files in a folder from one extension to another, such as `.jpeg` to `.jpg`."""
    paths = sorted(path for path in folder.iterdir() if path.suffix == old)
    return [path.rename(path.with_suffix(new)) for path in paths]


def find_duplicate_files(root: Path) -> list[list[Path]]:
    """Find files with the same content below a folder; only files of equal size are read."""
    by_size: dict[int, list[Path]] = defaultdict(list)
    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        by_size[path.stat().st_size].append(path)
    by_hash: dict[str, list[Path]] = defaultdict(list)
    for group in by_size.values():
        for path in group if len(group) > 1 else ():
            with path.open("rb") as file:
                by_hash[hashlib.file_digest(file, "sha256").hexdigest()].append(path)
    return [group for group in by_hash.values() if len(group) > 1]


def files_are_equal(first: Path, second: Path) -> bool:
    """Compare two files byte by byte and say whether their contents are the same."""
    return filecmp.cmp(first, second, shallow=False)


@contextmanager
def file_lock(path: Path, timeout: float = 10.0) -> Iterator[None]:
    """Hold a lock file so that only one process at a time runs the block inside `with`.

    A process that is killed leaves the file behind, which then has to be deleted by hand.
    """
    end = time.monotonic() + timeout
    while True:
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL))
            break
        except FileExistsError:
            if time.monotonic() > end:
                raise TimeoutError(f"{path} is held by another process") from None
            time.sleep(0.05)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def wait_for_change(path: Path, timeout: float, interval: float = 0.1) -> bool:
    """Watch a file and wait until it is modified; False when nothing changed in time."""
    before = path.stat().st_mtime_ns
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if path.stat().st_mtime_ns != before:
            return True
        time.sleep(interval)
    return False
