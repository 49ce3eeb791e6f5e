"""Reads and checks a GGUF header before llama.cpp sees the file, which aborts on some broken ones.

The layout is the one of ggml's docs/gguf.md, versions 2 and 3, little endian. The file is taken for
hostile: every length is compared with what is left of the file before anything is allocated.
"""

from __future__ import annotations

import struct
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from dowse.context.errors import ModelError
from dowse.model.encoders import ARCHITECTURES, check_tensors
from dowse.model.ggml import FILE_TYPES, TENSOR_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

Value = int | float | bool | str | list[str] | None
"""A metadata value; arrays of anything but strings are skipped and read as None."""

MAX_METADATA_BYTES = 64 * 2**20
"""Key-values and tensor infos together; the largest vocabularies in use take about 12 MB."""
MAX_ENTRIES = 65_536
"""Key-values, and tensors; large encoders have some 800 tensors."""
MAX_ELEMENTS = 2**22
"""Elements of one array; the largest vocabularies in use have 262,144 tokens."""
MAX_NAME_BYTES = 65_535
"""Length of a key, by the format's own rule."""
MAX_LENGTH = 2**31 - 1
"""Any one dimension, layer count or token limit: llama.cpp counts them in 32 bits."""

_SCALARS = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
_STRING, _ARRAY = 8, 9

_POOLING = {1: "mean", 2: "cls", 3: "last"}
"""`pooling_type` of the metadata (llama.h, enum llama_pooling_type); rerankers have 4."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """One entry of the tensor table."""

    shape: tuple[int, ...]
    """Lengths, the fastest-running dimension first, as ggml counts them."""
    type: str
    offset: int
    """Bytes from the start of the data section."""
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a GGUF file says of the encoder in it; only consistent files give one."""

    architecture: str
    name: str | None
    license: str | None
    dimensions: int
    layers: int
    token_limit: int
    """Tokens the positions were trained for, the special ones included."""
    pooling: str
    """`mean`, `cls` or `last`."""
    tokenizer: str
    """ggml's name: `bert` is WordPiece, `gpt2` byte-level BPE, `t5` unigram."""
    file_type: str
    tensor_types: Mapping[str, int]
    """How many tensors are of each type; a quantizer falls back where a row has no whole blocks."""
    tokens: tuple[str, ...] = field(repr=False)
    special: Mapping[str, int] = field(repr=False)
    """Role (`bos`, `unknown`, …) to token id, where the file gives one."""


def read_header(path: Path) -> Header:
    """Read, check and sum up the header of a GGUF file.

    Raises:
        ModelError: the file is missing, unreadable, no GGUF, cut off, contradicts itself, or holds
            something else than an encoder that llama.cpp can embed with.
    """
    with _opened(path) as reader:
        pairs, tensors = reader.tables()
        return _Summary(reader, pairs, tensors).header()


def read_tables(path: Path) -> tuple[Mapping[str, Value], Mapping[str, Tensor]]:
    """Read the metadata and the tensor table of any GGUF file, whatever it is for.

    Raises:
        ModelError: the file is missing, unreadable, no GGUF, cut off, or contradicts itself.
    """
    with _opened(path) as reader:
        return reader.tables()


@contextmanager
def _opened(path: Path) -> Iterator[_Reader]:
    try:
        with path.open("rb") as file:
            yield _Reader(file, path)
    except FileNotFoundError:
        raise ModelError(f"there is no model file {path}; `dowse models list` shows them") from None
    except IsADirectoryError:
        raise ModelError(f"{path} is a folder; name the .gguf file in it") from None
    except OSError as error:
        raise ModelError(f"cannot read the model {path}: {error.strerror}") from None


class _Reader:
    """Walks through one open file; every step is bounded by the bytes that are left."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file = file
        self._path = path
        self._size = file.seek(0, 2)
        file.seek(0)

    def fault(self, what: str) -> ModelError:
        return ModelError(f"{self._path.name} is not a usable model: {what}; get the file again")

    def tables(self) -> tuple[Mapping[str, Value], Mapping[str, Tensor]]:
        tensor_count, pair_count = self._preamble()
        pairs = self._pairs(pair_count)
        tensors = self._tensors(tensor_count)
        self._check_data(pairs, tensors)
        return pairs, tensors

    def _preamble(self) -> tuple[int, int]:
        if self._size == 0:
            raise self.fault("the file is empty")
        if self._take(min(4, self._size)) != b"GGUF":
            raise self.fault("it does not start as a GGUF file does")
        version = self._number("I")
        if version not in (2, 3):
            raise self.fault(f"GGUF version {version} is not one that is read here (2 or 3)")
        tensor_count, pair_count = self._number("Q"), self._number("Q")
        if max(tensor_count, pair_count) > MAX_ENTRIES:
            raise self.fault(f"it claims {tensor_count} tensors and {pair_count} metadata entries")
        return tensor_count, pair_count

    def _take(self, count: int) -> bytes:
        position = self._file.tell()
        if count > self._size - position:
            raise self.fault("it ends in the middle of its header, so it was cut off")
        if position + count > MAX_METADATA_BYTES:
            raise self.fault(f"its header is longer than {MAX_METADATA_BYTES >> 20} MB")
        return self._file.read(count)

    def _number(self, code: str) -> int:
        layout = "<" + code
        return int(struct.unpack(layout, self._take(struct.calcsize(layout)))[0])

    def _text(self, limit: int = MAX_METADATA_BYTES) -> str:
        length = self._number("Q")
        if length > limit:
            raise self.fault(f"a text of {length} bytes stands where {limit} is the most")
        return self._take(length).decode("utf-8", "replace")

    def _pairs(self, count: int) -> dict[str, Value]:
        pairs: dict[str, Value] = {}
        for _ in range(count):
            key = self._text(MAX_NAME_BYTES)
            if key in pairs:
                raise self.fault(f"the metadata entry {key!r} is there twice")
            pairs[key] = self._value(self._number("I"))
        return pairs

    def _value(self, kind: int) -> Value:
        if kind == _STRING:
            return self._text()
        if kind == _ARRAY:
            return self._array()
        if kind not in _SCALARS:
            raise self.fault(f"a metadata value is of the unknown type {kind}")
        layout = "<" + _SCALARS[kind]
        value: int | float | bool = struct.unpack(layout, self._take(struct.calcsize(layout)))[0]
        return value

    def _array(self) -> list[str] | None:
        kind, count = self._number("I"), self._number("Q")
        if count > MAX_ELEMENTS:
            raise self.fault(f"an array claims {count} elements")
        if kind == _STRING:
            return [self._text(MAX_NAME_BYTES) for _ in range(count)]
        if kind not in _SCALARS:
            raise self.fault(f"an array is of the type {kind}, which arrays cannot be")
        self._take(count * struct.calcsize("<" + _SCALARS[kind]))
        return None

    def _tensors(self, count: int) -> dict[str, Tensor]:
        tensors: dict[str, Tensor] = {}
        for _ in range(count):
            name = self._text(MAX_NAME_BYTES)
            if name in tensors:
                raise self.fault(f"the tensor {name!r} is there twice")
            tensors[name] = self._tensor(name)
        return tensors

    def _tensor(self, name: str) -> Tensor:
        rank = self._number("I")
        if not 1 <= rank <= 4:
            raise self.fault(f"the tensor {name!r} has {rank} dimensions")
        shape = tuple(self._number("Q") for _ in range(rank))
        kind, offset = self._number("I"), self._number("Q")
        if kind not in TENSOR_TYPES:
            raise self.fault(f"the tensor {name!r} is of type {kind}, which is unknown here")
        type_name, block, block_bytes = TENSOR_TYPES[kind]
        if not all(0 < length <= MAX_LENGTH for length in shape) or shape[0] % block:
            raise self.fault(
                f"the tensor {name!r} has the impossible shape {shape} for {type_name}"
            )
        values = 1
        for length in shape:
            values *= length
        return Tensor(shape, type_name, offset, values // block * block_bytes)

    def _check_data(self, pairs: Mapping[str, Value], tensors: Mapping[str, Tensor]) -> None:
        alignment = pairs.get("general.alignment", 32)
        if not isinstance(alignment, int) or alignment < 1 or alignment & (alignment - 1):
            raise self.fault(f"its alignment is {alignment!r}, not a power of two")
        start = -(-self._file.tell() // alignment) * alignment
        for name, tensor in tensors.items():
            if tensor.offset % alignment or start + tensor.offset + tensor.size > self._size:
                raise self.fault(
                    f"the data of the tensor {name!r} lies outside the file, so it was cut off"
                )


class _Summary:
    """Turns raw metadata into a `Header`, checking that its parts fit each other."""

    def __init__(
        self, reader: _Reader, pairs: Mapping[str, Value], tensors: Mapping[str, Tensor]
    ) -> None:
        self._fault = reader.fault
        self._pairs = pairs
        self._tensors = tensors

    def header(self) -> Header:
        architecture = self._architecture()
        sizes = {
            key: self._length(f"{architecture}.{key}")
            for key in ("embedding_length", "block_count", "context_length", "attention.head_count")
        }
        tokens = self._tokens()
        shapes = {name: tensor.shape for name, tensor in self._tensors.items()}
        sizes["feed_forward_length"] = self._length(f"{architecture}.feed_forward_length")
        if problem := check_tensors(architecture, sizes, len(tokens), shapes):
            raise self._fault(problem)
        return Header(
            architecture=architecture,
            name=self._optional_text("general.name"),
            license=self._optional_text("general.license"),
            dimensions=sizes["embedding_length"],
            layers=sizes["block_count"],
            token_limit=sizes["context_length"],
            pooling=self._pooling(architecture),
            tokenizer=self._required_text("tokenizer.ggml.model"),
            file_type=self._file_type(),
            tensor_types=Counter(tensor.type for tensor in self._tensors.values()),
            tokens=tuple(tokens),
            special=self._special(len(tokens)),
        )

    def _architecture(self) -> str:
        architecture = self._required_text("general.architecture")
        if architecture not in ARCHITECTURES:
            raise self._fault(
                f"its architecture is {architecture!r}, and vectors come from an encoder "
                f"({', '.join(sorted(ARCHITECTURES))})"
            )
        return architecture

    def _optional_text(self, key: str) -> str | None:
        value = self._pairs.get(key)
        return value if isinstance(value, str) else None

    def _required_text(self, key: str) -> str:
        if (value := self._optional_text(key)) is None:
            raise self._fault(f"its metadata lacks {key!r}")
        return value

    def _length(self, key: str) -> int:
        value = self._pairs.get(key)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= MAX_LENGTH:
            raise self._fault(f"its metadata has no sensible {key!r} (it is {value!r})")
        return value

    def _tokens(self) -> list[str]:
        tokens = self._pairs.get("tokenizer.ggml.tokens")
        if not isinstance(tokens, list) or not tokens:
            raise self._fault("it has no vocabulary")
        return tokens

    def _special(self, vocabulary: int) -> dict[str, int]:
        special: dict[str, int] = {}
        for key, value in self._pairs.items():
            if key.startswith("tokenizer.ggml.") and key.endswith("_token_id"):
                if not isinstance(value, int) or not 0 <= value < vocabulary:
                    raise self._fault(f"{key} is {value!r}, which is no token")
                special[key.removeprefix("tokenizer.ggml.").removesuffix("_token_id")] = value
        return special

    def _pooling(self, architecture: str) -> str:
        value = self._pairs.get(f"{architecture}.pooling_type")
        if not isinstance(value, int) or value not in _POOLING:
            raise self._fault(
                f"its pooling type is {value!r}, which gives no vector (1 is mean, 2 cls, 3 last)"
            )
        return _POOLING[value]

    def _file_type(self) -> str:
        value = self._pairs.get("general.file_type")
        return FILE_TYPES.get(value, "mixed") if isinstance(value, int) else "mixed"
