"""Writes the folder of an encoder with some entries of its vocabulary and without the others."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from dowse.context.errors import ExportError
from dowse.model.training.base import read_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

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
    _write_tensors(source, folder, ids)
    _write_vocabulary(source, folder, ids)
    _copy(source, folder)


def _write_tensors(source: Base, folder: Path, ids: Sequence[int]) -> None:
    from safetensors import SafetensorError, safe_open
    from safetensors.torch import save_file

    try:
        with safe_open(source.weights, framework="pt") as file:
            names = [name for name in file.keys() if not name.startswith(_HEADS)]  # noqa: SIM118
            tensors = {name: file.get_tensor(name) for name in names}
    except SafetensorError as error:
        raise ExportError(
            f"cannot read {source.weights.name}: {error}; get the model again"
        ) from None
    for name in names:
        if name.removeprefix("bert.") == _TABLE:
            tensors[name] = tensors[name][list(ids)]
    # transformers loads no file that does not say so.
    save_file(tensors, folder / source.weights.name, {"format": "pt"})


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
