"""Writes the folder of an encoder that is made of another, with fewer entries or other weights."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dowse.context.errors import ExportError
from dowse.model.training.base import read_base, read_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dowse.model.training.base import Base

_COPIED = (
    "modules.json",
    "config_sentence_transformers.json",
    "sentence_bert_config.json",
    "special_tokens_map.json",
    "README.md",
)
"""What does not depend on the vocabulary, beside the folders of the modules."""
_TABLE = "embeddings.word_embeddings.weight"
_HEADS = "cls."
"""Heads of the pre-training: they have a row for each piece, and no part in the vector."""


@contextmanager
def new_encoder(out: Path) -> Iterator[Path]:
    """An empty folder that becomes `out` when it holds an encoder, and is gone when anything fails.

    Args:
        out: where to; it may be there if it is empty.

    Raises:
        ExportError: `out` holds files or cannot be written, or what was written is no encoder.
    """
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise ExportError(f"{out} is there and not empty; choose another folder")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".encoder-") as temporary:
            folder = Path(temporary) / "model"
            folder.mkdir()
            yield folder
            read_base(folder, out.name)
            if out.exists():
                out.rmdir()
            os.replace(folder, out)
    except OSError as error:
        raise ExportError(f"cannot write {out}: {error.strerror}; choose another folder") from None


def read_tensors(source: Base) -> dict[str, Any]:
    """Name to torch.Tensor of all weights but the heads of the pre-training.

    Raises:
        ExportError: the weights cannot be read.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(source.weights, framework="pt") as file:
            names = [name for name in file.keys() if not name.startswith(_HEADS)]  # noqa: SIM118
            return {name: file.get_tensor(name) for name in names}
    except SafetensorError as error:
        raise ExportError(
            f"cannot read {source.weights.name}: {error}; get the model again"
        ) from None


def write_with_entries(source: Base, folder: Path, ids: Sequence[int]) -> None:
    """Write a model that sentence-transformers and `dowse export` read.

    Args:
        source: the whole model.
        folder: empty.
        ids: entries that stay, ascending; each gets its place among them as its new id.

    Raises:
        ExportError: the weights cannot be read.
        OSError: the folder cannot be written.
    """
    tensors = read_tensors(source)
    for name in tensors:
        if name.removeprefix("bert.") == _TABLE:
            tensors[name] = tensors[name][list(ids)]
    _write_tensors(tensors, folder / source.weights.name)
    _write_vocabulary(source, folder, ids)
    _copy(source, folder)


def write_with_weights(source: Base, folder: Path, tensors: Mapping[str, Any]) -> None:
    """Write a model that is like another but for its weights.

    Args:
        source: the other.
        folder: empty.
        tensors: name to torch.Tensor.

    Raises:
        OSError: the folder cannot be written.
    """
    _write_tensors(tensors, folder / source.weights.name)
    for name in ("vocab.txt", "tokenizer.json", "tokenizer_config.json", "config.json"):
        if (source.folder / name).is_file():
            shutil.copyfile(source.folder / name, folder / name)
    _copy(source, folder)


def _write_tensors(tensors: Mapping[str, Any], path: Path) -> None:
    from safetensors.torch import save_file

    # transformers loads no file that does not say so.
    save_file(dict(tensors), path, {"format": "pt"})


def _write_vocabulary(source: Base, folder: Path, ids: Sequence[int]) -> None:
    """Every file in which an entry has its number."""
    new = {old: number for number, old in enumerate(ids)}
    pieces = [source.vocabulary[old] for old in ids]
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8", newline="\n")
    tokenizer = read_json(source.folder, "tokenizer.json")
    tokenizer["model"]["vocab"] = {piece: number for number, piece in enumerate(pieces)}
    _renumber(tokenizer, new)
    write_json(folder / "tokenizer.json", tokenizer)
    settings = read_json(source.folder, "tokenizer_config.json", optional=True)
    if added := settings.get("added_tokens_decoder"):
        settings["added_tokens_decoder"] = {str(new[int(old)]): to for old, to in added.items()}
    write_json(folder / "tokenizer_config.json", settings)
    config = read_json(source.folder, "config.json")
    numbered = {k: new[v] for k, v in config.items() if k.endswith("_token_id") and v in new}
    write_json(folder / "config.json", {**config, **numbered, "vocab_size": len(ids)})


def _renumber(tokenizer: dict[str, Any], new: Mapping[int, int]) -> None:
    """Ids beside the vocabulary: of added tokens, of those around a text, and of what fills up."""
    for token in tokenizer.get("added_tokens") or []:
        token["id"] = new[token["id"]]
    if filling := tokenizer.get("padding"):
        filling["pad_id"] = new[filling["pad_id"]]
    around = tokenizer.get("post_processor") or {}
    for token in (around.get("special_tokens") or {}).values():
        token["ids"] = [new[old] for old in token["ids"]]
    for name in ("cls", "sep"):  # the older spelling, [piece, id]
        if name in around:
            around[name][1] = new[around[name][1]]


def _copy(source: Base, folder: Path) -> None:
    for name in _COPIED:
        if (source.folder / name).is_file():
            shutil.copyfile(source.folder / name, folder / name)
    for module in read_json(folder, "modules.json")["items"]:
        path = source.folder / module["path"]
        if module["path"] and path.is_dir():
            shutil.copytree(path, folder / module["path"])


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write a JSON object as a person reads it.

    Raises:
        OSError: it cannot be written.
    """
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
