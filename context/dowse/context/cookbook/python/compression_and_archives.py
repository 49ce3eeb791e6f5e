# SPDX-License-Identifier: CC0-1.0
"""Compression and archives: zip, tar and gzip."""

import gzip
import io
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path


def zip_folder(folder: Path, archive: Path) -> None:
    """Zip a folder with all files in it; the paths in the archive are relative to the folder."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path != archive:
                target.write(path, path.relative_to(folder))


def unzip(archive: Path, folder: Path, max_bytes: int = 1_000_000_000) -> None:
    """Extract a zip file into a folder, safe against paths out of it and against zip bombs."""
    with zipfile.ZipFile(archive) as source:
        if sum(entry.file_size for entry in source.infolist()) > max_bytes:
            raise ValueError(f"{archive} holds more than {max_bytes} bytes")
        # `extractall` strips drive letters and `..` from the names by itself.
        source.extractall(folder)


def list_zip(archive: Path) -> dict[str, int]:
    """List the files of a zip archive with their sizes, without extracting it."""
    with zipfile.ZipFile(archive) as source:
        return {entry.filename: entry.file_size for entry in source.infolist()}


def read_file_in_zip(archive: Path, name: str) -> str:
    """Read one text file out of a zip archive without extracting the others."""
    with zipfile.ZipFile(archive) as source:
        return source.read(name).decode("utf-8")


def zip_in_memory(files: Mapping[str, bytes]) -> bytes:
    """Create a zip archive in memory, for instance as the body of an HTTP response."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in files.items():
            target.writestr(name, data)
    return buffer.getvalue()


def create_tar_gz(folder: Path, archive: Path) -> None:
    """Pack a folder into a compressed tar archive (.tar.gz) under its own name."""
    with tarfile.open(archive, "w:gz") as target:
        target.add(folder, arcname=folder.name)


def extract_tar(archive: Path, folder: Path) -> None:
    """Extract a tar archive safely; members that would leave the folder raise an error.

    The filter needs Python 3.12, or 3.11.4 and later of 3.11.
    """
    with tarfile.open(archive) as source:
        source.extractall(folder, filter="data")


def gzip_file(path: Path) -> Path:
    """Compress a file with gzip into a file of the same name plus `.gz`, in a stream."""
    target = path.with_name(path.name + ".gz")
    with path.open("rb") as plain, gzip.open(target, "wb") as packed:
        shutil.copyfileobj(plain, packed)
    return target


def gunzip_file(path: Path) -> Path:
    """Decompress a gzip file into a file of the same name without `.gz`, in a stream."""
    target = path.with_suffix("")
    with gzip.open(path, "rb") as packed, target.open("wb") as plain:
        shutil.copyfileobj(packed, plain)
    return target


def read_gzip_lines(path: Path) -> Iterator[str]:
    """Read a gzip-compressed text file line by line without unpacking it to disk."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield line.rstrip("\n")


def compress_text(text: str) -> bytes:
    """Compress a string with zlib."""
    return zlib.compress(text.encode("utf-8"), level=9)


def decompress_text(data: bytes) -> str:
    """Decompress a string that was compressed with zlib."""
    return zlib.decompress(data).decode("utf-8")
