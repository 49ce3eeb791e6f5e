"""Unpacking sources jars, so that an editor can open what was found in them.

A jar is a zip file (APPNOTE.TXT of PKWARE). It may come from anywhere: names, sizes and counts in
it are looked at before anything is written.
"""

from __future__ import annotations

import os
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from dowse.context.dependencies.package import is_below

_ENDINGS = (".java", ".kt", ".scala", ".groovy", ".clj")
"""Sources of the languages that are published as jars."""
_RESERVED = frozenset(
    ("con", "prn", "aux", "nul", *(f"{p}{n}" for p in ("com", "lpt") for n in range(10)))
)
"""Names that are devices on Windows, with any ending."""
_END = struct.Struct("<4s4HIIH")
"""The end of central directory record: signature, four numbers, bytes of the list, its offset,
bytes of the comment that follows (APPNOTE 4.3.16)."""
_SIGNATURE = b"PK\5\6"
_COMMENT = 65_535
"""Bytes of the longest comment."""
_SIGNATURE_64, _LOCATOR = b"PK\6\7", 20
"""What tells, in the bytes before that record, of its 64-bit form (APPNOTE 4.3.15)."""
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN = (
    OSError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    NotImplementedError,
)
"""What reading a file that is no zip, or a damaged one, raises."""


@dataclass(frozen=True, slots=True)
class JarLimits:
    """What is too much for a sources jar."""

    max_files: int = 20_000
    """Sources in one jar."""
    max_bytes: int = 200_000_000
    """Bytes of all of them, unpacked."""
    max_file_bytes: int = 5_000_000
    """Larger files are left out; the index takes smaller ones only (`Limits`)."""
    max_directory_bytes: int = 20_000_000
    """Bytes of the list of entries, which is held in memory."""


def unpack(jar: Path, folder: Path, limits: JarLimits | None = None) -> bool:
    """Write the sources in a jar to a folder, all of them or none.

    Entries that are links, encrypted or too large, or whose names do not stay below the folder,
    are left out. The folder appears when it is complete; one that is there already is left as
    it is.

    Returns:
        whether the folder is there now: False where the jar cannot be read, holds no source or
        more than the limits, or the folder cannot be written.
    """
    limits = limits or JarLimits()
    if os.path.isdir(folder):
        return True
    try:
        with open(jar, "rb") as file:
            if not _is_listed_in(file, limits.max_directory_bytes):
                return False
            with zipfile.ZipFile(file) as archive:
                return _write(archive, folder, limits)
    except _BROKEN:
        return False


def _is_listed_in(file: BinaryIO, max_bytes: int) -> bool:
    """Whether the list of entries, which is read as a whole, has at most so many bytes.

    A file with the 64-bit form of the record is refused: 32 bits are enough for the limits.
    """
    size = file.seek(0, os.SEEK_END)
    start = max(0, size - _END.size - _COMMENT)
    file.seek(start)
    tail = file.read(_END.size + _COMMENT)
    at = tail.rfind(_SIGNATURE, 0, len(tail) - _END.size + len(_SIGNATURE))
    if at < 0 or tail[max(0, at - _LOCATOR) : at].startswith(_SIGNATURE_64):
        return False
    listed: int = _END.unpack_from(tail, at)[5]
    return listed <= max_bytes


def _write(archive: zipfile.ZipFile, folder: Path, limits: JarLimits) -> bool:
    chosen = [entry for entry in archive.infolist() if _is_source(entry, limits)]
    size = sum(entry.file_size for entry in chosen)
    if not chosen or len(chosen) > limits.max_files or size > limits.max_bytes:
        return False
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=folder.parent))
    try:
        for entry in chosen:
            target = unfinished / entry.filename
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(_content(archive, entry))
        unfinished.chmod(0o755)  # mkdtemp makes it for this person alone
        _publish(unfinished, folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return True


def _publish(unfinished: Path, folder: Path) -> None:
    try:
        unfinished.rename(folder)
    except OSError:
        if not os.path.isdir(folder):  # else another process was faster
            raise


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """An entry's bytes, at most as many as it states: `open` reads no further, checksums tell."""
    with archive.open(entry) as file:
        return file.read(entry.file_size)


def _is_source(entry: zipfile.ZipInfo, limits: JarLimits) -> bool:
    name = entry.filename
    return (
        name.endswith(_ENDINGS)
        and is_below(name)
        and not any(part.split(".")[0].lower() in _RESERVED for part in name.split("/"))
        and not stat.S_ISLNK(entry.external_attr >> 16)
        and not entry.flag_bits & _ENCRYPTED
        and entry.compress_type in _METHODS
        and entry.file_size <= limits.max_file_bytes
    )
