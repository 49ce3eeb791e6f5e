"""What is known of a model file: the manifest beside it, the hash it must have, its fingerprint."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from dowse.context.errors import ModelError
from dowse.model.gguf import read_header

if TYPE_CHECKING:
    from collections.abc import Mapping

    from _typeshed import DataclassInstance

Record = TypeVar("Record", bound="DataclassInstance")

TOKEN_LIMIT = 512
"""Most tokens a text of a model without a manifest keeps: attention's cost is their square."""

_VECTORS_VERSION = 1
"""Goes up when the same weights and the same text would give another vector."""

_CHUNK_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class Manifest:
    """Origin, licence, use and identity of one GGUF file, kept as JSON beside it."""

    name: str
    file: str
    """Name of the GGUF file, in the folder of the manifest."""
    base: str | None
    """The model it was converted or downloaded from."""
    base_sha256: str | None
    """Hash of the base's `model.safetensors`."""
    license: str | None
    """SPDX identifier."""
    pooling: str
    """`mean`, `cls` or `last`."""
    dimensions: int
    token_limit: int
    """Tokens a text is cut to, the special ones included."""
    query_prompt: str
    """What a query becomes before it is embedded; `{text}` stands for it."""
    document_prompt: str
    """The same for a document."""
    quantization: str
    """The file type that was asked of the quantizer."""
    tensor_types: Mapping[str, int]
    """What the file really holds: number of tensors of each type."""
    sha256: str
    bytes: int
    command: str | None
    """The command line that made the file."""


@dataclass(frozen=True, slots=True)
class Model:
    """A GGUF file and what is known of it."""

    path: Path
    manifest: Manifest
    adapter: Path | None = None
    """What runs on top of it; see `dowse.model.adapters`."""


def fingerprint(
    manifest: Manifest, token_limit: int | None = None, adapter: str | None = None
) -> str:
    """Name everything that decides what vector a text gets.

    Args:
        manifest: the model's.
        token_limit: the limit really used, where it is not the manifest's.
        adapter: SHA-256 of the adapter that runs on top of the model.

    Returns:
        64 hexadecimal digits: SHA-256 over weights, pooling, token limit, prompts and adapter.
    """
    limit = token_limit or manifest.token_limit
    prompts = (manifest.query_prompt, manifest.document_prompt)
    parts = [_VECTORS_VERSION, manifest.sha256, manifest.pooling, limit, *prompts]
    # Not a None in its place: vectors of before there were adapters stay valid.
    parts += [adapter] if adapter else []
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def manifest_path(model: Path) -> Path:
    """Where the manifest of a GGUF file lies."""
    return model.with_suffix(".json")


def read_manifest(path: Path) -> Manifest:
    """Read a model's manifest.

    Raises:
        ModelError: it is missing, unreadable, no JSON, or not of this form.
    """
    return read_record(path, Manifest)


def read_record(path: Path, kind: type[Record]) -> Record:
    """Read a manifest of one kind, a model's or an adapter's.

    Raises:
        ModelError: it is missing, unreadable, no JSON, or not of this form.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(f"cannot read the manifest {path}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise ModelError(f"the manifest {path} is no JSON; pull or export its file again") from None
    if problem := _misfit(data, kind):
        raise ModelError(f"the manifest {path} {problem}; pull or export its file again")
    return kind(**{item.name: data[item.name] for item in fields(kind)})


def _misfit(data: Any, kind: type[DataclassInstance]) -> str | None:
    """Say what keeps parsed JSON from being a manifest; None when nothing does."""
    if not isinstance(data, dict):
        return "is no JSON object"
    for item in fields(kind):
        value = data.get(item.name)
        number = isinstance(value, int | float) and not isinstance(value, bool) and value > 0
        fits = {
            "str": isinstance(value, str),
            "str | None": item.name in data and (value is None or isinstance(value, str)),
            "int": number and isinstance(value, int),
            "float": number,
        }.get(str(item.type), isinstance(value, dict))
        if not fits:
            return f"has {value!r} as {item.name!r}"
        if item.name.endswith("_prompt") and "{text}" not in str(value):
            return "has a prompt without {text}"
    return None


def write_manifest(manifest: DataclassInstance, path: Path) -> None:
    """Write a manifest as JSON, all of it or nothing.

    Raises:
        ModelError: the folder cannot be written.
    """
    text = json.dumps(asdict(manifest), indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    write_atomically(path, text)


def write_atomically(path: Path, text: str) -> None:
    """Write a small text file under a temporary name, then rename it.

    Raises:
        ModelError: the folder cannot be made or written, or the disk is full.
    """
    # Named after the thread, so that two writers never share a temporary file.
    temporary = path.with_name(f".{path.name}-{os.getpid()}-{threading.get_ident()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text, encoding="utf-8", newline="\n")
        os.replace(temporary, path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise ModelError(
            f"cannot write {path}: {error.strerror}; free or unlock its folder"
        ) from None


def derive_manifest(path: Path) -> Manifest:
    """Describe a GGUF file that has no manifest from its own metadata.

    Raises:
        ModelError: the file is not an encoder that can be used; see `read_header`.
    """
    header = read_header(path)
    return Manifest(
        name=path.stem,
        file=path.name,
        base=header.name,
        base_sha256=None,
        license=header.license,
        pooling=header.pooling,
        dimensions=header.dimensions,
        token_limit=min(header.token_limit, TOKEN_LIMIT),
        query_prompt="{text}",
        document_prompt="{text}",
        quantization=header.file_type,
        tensor_types=dict(sorted(header.tensor_types.items())),
        sha256=sha256_of(path),
        bytes=path.stat().st_size,
        command=None,
    )


def sha256_of(path: Path) -> str:
    """Hash a file in pieces.

    Raises:
        ModelError: it cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
    except OSError as error:
        raise ModelError(f"cannot read the model {path}: {error.strerror}") from None
    return digest.hexdigest()
