"""Turns a model that dowse runs back into a sentence-transformers folder, to be trained on.

The inverse of `export`: tensors are read from the GGUF file as float32, and what the file does not
hold (prompts, licence, token limit) comes from the manifest.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dowse.context.errors import ExportError
from dowse.model.folders import cache_folder
from dowse.model.gguf import read_header, read_tables
from dowse.model.manifest import read_manifest, write_manifest
from dowse.model.registry import verify
from dowse.model.training.spelling import original_name, original_piece
from dowse.model.wordpiece import SPECIAL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dowse.model.gguf import Header, Value
    from dowse.model.manifest import Manifest, Model

_ORIGIN = "unpacked.json"
"""In a folder that was unpacked: the manifest of the model."""

_TYPES = "embeddings.token_type_embeddings.weight"
_MODULES = (("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize"))
"""Path and kind; dowse scales the vectors of every model to length 1."""


def unpacked(model: Model) -> Path:
    """The folder of a model, made in the cache folder where it is not there yet.

    Weights are float32. Those of an F32, F16 or BF16 file are the file's own numbers; those of a
    quantized one are what llama.cpp takes its blocks for.

    Raises:
        ModelError: the file is missing, broken, or not the one of its manifest.
        ExportError: the model is no BERT that can be trained on, the folder cannot be written, or
            the extra `train` is not installed.
    """
    verify(model)
    # The manifest names the weights by their hash, and the folder holds more than the weights.
    said = json.dumps(asdict(model.manifest), sort_keys=True)
    folder = cache_folder() / "unpacked" / hashlib.sha256(said.encode()).hexdigest()
    if folder.is_dir():
        return folder
    try:
        _make(model, folder)
    except ImportError as error:
        raise ExportError(f'unpacking needs {error.name}; `pip install "dowse[train]"`') from None
    except OSError as error:
        raise ExportError(
            f"cannot write into {folder.parent}: {error.strerror}; free or unlock it"
        ) from None
    return folder


def origin_of(folder: Path) -> Manifest | None:
    """Manifest of the model that a folder was unpacked from; None for every other folder.

    Raises:
        ModelError: it is damaged.
    """
    path = folder / _ORIGIN
    return read_manifest(path) if path.is_file() else None


def _make(model: Model, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=folder.parent))
    try:
        _write(model, unfinished)
        unfinished.chmod(0o755)  # mkdtemp makes it for this person alone
        os.replace(unfinished, folder)
    except OSError:
        if not folder.is_dir():  # else another process was faster
            raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _write(model: Model, folder: Path) -> None:
    header, prompts = _checked(model)
    tensors = _tensors(model.path, header)
    _save(tensors, folder / "model.safetensors")
    pairs, _ = read_tables(model.path)
    sizes = {"type_vocab_size": len(tensors[_TYPES]), "layer_norm_eps": _epsilon(pairs)}
    _write_json(folder / "config.json", {**_config(header, pairs), **sizes})
    _write_tokenizer(header, folder)
    _write_modules(model.manifest, prompts, folder)
    (folder / "README.md").write_text(_readme(model.manifest), encoding="utf-8", newline="\n")
    write_manifest(model.manifest, folder / _ORIGIN)


def _checked(model: Model) -> tuple[Header, dict[str, str]]:
    """The file's header, and what stands before the texts; both fit a folder."""
    header, said = read_header(model.path), model.manifest
    if (header.architecture, header.tokenizer) != ("bert", "bert"):
        raise ExportError(
            f"{said.name} is of architecture {header.architecture!r} with the tokenizer "
            f"{header.tokenizer!r}; only a BERT with WordPiece can be trained on, take one"
        )
    if said.pooling not in ("mean", "cls"):
        raise ExportError(f"{said.name} pools by {said.pooling!r}; take one with mean or cls")
    prompts = {"query": said.query_prompt, "document": said.document_prompt}
    for kind, prompt in prompts.items():
        prompts[kind] = prompt.removesuffix("{text}")
        if prompts[kind] == prompt or "{text}" in prompts[kind]:
            raise ExportError(
                f"the {kind} prompt of {said.name} is {prompt!r}, and sentence-transformers puts "
                "prompts before texts only; take a model whose prompts end in {text}"
            )
    return header, prompts


def _tensors(path: Path, header: Header) -> dict[str, Any]:
    """Name in transformers to float32 values; what the vector does not depend on is zero."""
    import gguf
    import numpy

    tensors: dict[str, Any] = {}
    try:
        for tensor in gguf.GGUFReader(path).tensors:
            values = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
            tensors[original_name(tensor.name)] = numpy.ascontiguousarray(values, numpy.float32)
    except (ValueError, KeyError, NotImplementedError) as error:
        raise ExportError(f"cannot unpack {path.name}: {error}; take an F16 or Q8_0 file") from None
    if _TYPES not in tensors:
        raise ExportError(f"{path.name} lacks token_types.weight; take another model")
    width = header.dimensions
    tensors[_TYPES] = tensors[_TYPES].reshape(-1, width)
    # transformers would fill up the head of the pre-training by chance, in every run anew.
    tensors["pooler.dense.weight"] = numpy.zeros((width, width), numpy.float32)
    tensors["pooler.dense.bias"] = numpy.zeros(width, numpy.float32)
    return tensors


def _save(tensors: dict[str, Any], path: Path) -> None:
    from safetensors.numpy import save_file

    # transformers loads no file that does not say so.
    save_file(tensors, path, {"format": "pt"})


def _epsilon(pairs: Mapping[str, Value]) -> float:
    import numpy

    value = pairs.get("bert.attention.layer_norm_epsilon")
    if not isinstance(value, float):
        raise ExportError(f"its layer norms have {value!r} as epsilon; take another model")
    # The file has 32 bits of it, and the shortest number with these is the one that was meant.
    return float(str(numpy.float32(value)))


def _config(header: Header, pairs: Mapping[str, Value]) -> dict[str, Any]:
    return {
        "architectures": ["BertModel"],
        "attention_probs_dropout_prob": 0.1,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "hidden_size": header.dimensions,
        "initializer_range": 0.02,
        "intermediate_size": pairs["bert.feed_forward_length"],
        "max_position_embeddings": header.token_limit,
        "model_type": "bert",
        "num_attention_heads": pairs["bert.attention.head_count"],
        "num_hidden_layers": header.layers,
        "pad_token_id": header.tokens.index("[PAD]"),
        "position_embedding_type": "absolute",
        "vocab_size": len(header.tokens),
    }


def _write_tokenizer(header: Header, folder: Path) -> None:
    """Uncased WordPiece, as `dowse.model.wordpiece` splits every text."""
    from tokenizers import BertWordPieceTokenizer

    pieces = [original_piece(token) for token in header.tokens]
    ids = {piece: number for number, piece in enumerate(pieces)}
    if len(ids) < len(pieces) or not ids.keys() >= set(SPECIAL):
        raise ExportError("its vocabulary is none of WordPiece; take another model")
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8", newline="\n")
    BertWordPieceTokenizer(ids, lowercase=True).save(str(folder / "tokenizer.json"), pretty=False)
    special = {f"{token.strip('[]').lower()}_token": token for token in SPECIAL}
    about = {"do_lower_case": True, "tokenizer_class": "BertTokenizer"}
    limit = {"model_max_length": header.token_limit}
    _write_json(folder / "tokenizer_config.json", {**about, **special, **limit})


def _write_modules(said: Manifest, prompts: dict[str, str], folder: Path) -> None:
    """What sentence-transformers does around the BERT."""
    modules = [
        {"idx": n, "name": str(n), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for n, (path, kind) in enumerate(_MODULES)
    ]
    pooling = {
        "word_embedding_dimension": said.dimensions,
        "pooling_mode_cls_token": said.pooling == "cls",
        "pooling_mode_mean_tokens": said.pooling == "mean",
        "pooling_mode_max_tokens": False,
        "pooling_mode_mean_sqrt_len_tokens": False,
    }
    limits = {"max_seq_length": said.token_limit, "do_lower_case": False}
    (folder / "1_Pooling").mkdir()
    _write_json(folder / "modules.json", modules)
    _write_json(folder / "1_Pooling" / "config.json", pooling)
    _write_json(folder / "sentence_bert_config.json", limits)
    _write_json(folder / "config_sentence_transformers.json", {"prompts": prompts})


def _readme(said: Manifest) -> str:
    """The card that the licence is read from."""
    front = f"license: {said.license}\n" if said.license else ""
    return (
        f"---\n{front}library_name: sentence-transformers\n---\n"
        f"# {said.name}, unpacked\n\n"
        f"Made by dowse from {said.file} (SHA-256 {said.sha256}), and may be deleted at any time.\n"
    )


def _write_json(path: Path, value: dict[str, Any] | Sequence[Any]) -> None:
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
