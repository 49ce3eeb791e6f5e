"""Reads the folder of a sentence-transformers encoder: of any, or of a BERT that dowse can run."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dowse.context.errors import ExportError
from dowse.model.manifest import sha256_of
from dowse.model.training.places import in_package, of_model, on_hub
from dowse.model.training.unpacking import origin_of
from dowse.model.wordpiece import SPECIAL

if TYPE_CHECKING:
    from collections.abc import Mapping

PACKAGE_PREFIX = "package:"
"""Before the name of an installed Python package that holds a model."""
MODEL_PREFIX = "model:"
"""Before the name of a model that dowse runs, or `shipped` for the one that came with it."""

_LICENSES = {"apache-2.0": "Apache-2.0", "mit": "MIT", "bsd-3-clause": "BSD-3-Clause"}
"""The hub's spelling of a licence to SPDX's; others are kept as they are."""


@dataclass(frozen=True, slots=True)
class SentenceEncoder:
    """A sentence encoder as it lies in a folder, of any architecture."""

    folder: Path
    name: str
    """By default what `base_name` says."""
    license: str | None
    positions: int
    token_limit: int
    query_prompt: str
    document_prompt: str

    @property
    def weights(self) -> Path:
        """The file that holds all tensors."""
        return self.folder / "model.safetensors"

    @property
    def sha256(self) -> str:
        """Hash of the weights that these are, or that a model is made of that was unpacked.

        An adapter that names it fits the model, and every other quantization of the same weights.
        """
        origin = origin_of(self.folder)
        return (origin.base_sha256 or origin.sha256) if origin else sha256_of(self.weights)


@dataclass(frozen=True, slots=True)
class Base(SentenceEncoder):
    """A BERT sentence encoder, checked, which can be exported."""

    layers: int
    dimensions: int
    inner: int
    """Width of the feed-forward layers."""
    heads: int
    epsilon: float
    """Of the layer norms."""
    token_types: int
    pooling: str
    """`mean` or `cls`."""
    vocabulary: tuple[str, ...]
    """Pieces by id, as WordPiece spells them (`##` before all but a word's first)."""
    special: Mapping[str, int]


def find_folder(base: str) -> Path:
    """Find the folder of a base model.

    Args:
        base: a folder; `package:` and the name of an installed package with a model in it; a model
            that dowse runs, as its `.gguf` file, `model:NAME` or `model:shipped`, which is
            unpacked; or a model's id on the hub (`owner/name`), which is downloaded.

    Raises:
        ExportError: there is no such thing.
    """
    if base.startswith(PACKAGE_PREFIX):
        return in_package(base.removeprefix(PACKAGE_PREFIX))
    if Path(base).is_dir():
        return Path(base)
    if base.startswith(MODEL_PREFIX) or base.endswith(".gguf"):
        return of_model(base.removeprefix(MODEL_PREFIX))
    if re.fullmatch(r"[\w.-]+/[\w.-]+", base):
        return on_hub(base)
    raise ExportError(
        f"{base!r} is no folder, package:NAME, model:NAME, .gguf file or OWNER/NAME of the hub; "
        "name one"
    )


def base_name(base: str, folder: Path) -> str:
    """What a base is called where nobody names it.

    Args:
        base: as it was asked for.
        folder: what `find_folder` found.
    """
    if origin := origin_of(folder):
        return origin.base or origin.name
    # A folder is named by its last part: its place on this machine says nothing elsewhere.
    return folder.resolve().name if Path(base).is_dir() else base.removeprefix(PACKAGE_PREFIX)


def read_sentence_encoder(folder: Path, name: str) -> SentenceEncoder:
    """Read what training needs to know of a model folder, whatever the architecture.

    Raises:
        ExportError: a file is missing or malformed.
    """
    config = read_json(folder, "config.json")
    _check_file(folder)
    positions = _number(config, "max_position_embeddings")
    query_prompt, document_prompt = _prompts(folder)
    return SentenceEncoder(
        folder=folder,
        name=name,
        license=_license(folder),
        positions=positions,
        token_limit=_token_limit(folder, positions),
        query_prompt=query_prompt,
        document_prompt=document_prompt,
    )


def read_base(folder: Path, name: str) -> Base:
    """Read the configuration and the vocabulary of a model folder that can be exported.

    Raises:
        ExportError: a file is missing or malformed, or the model is none that can be converted.
    """
    config = read_json(folder, "config.json")
    _check_kind(folder, config)
    tokens, special = _vocabulary(folder)
    if _number(config, "vocab_size") != len(tokens):
        raise ExportError(
            f"{folder.name}: vocab_size is not the {len(tokens)} of its tokenizer; fix it"
        )
    read = read_sentence_encoder(folder, name)
    return Base(
        **{field.name: getattr(read, field.name) for field in fields(read)},
        layers=_number(config, "num_hidden_layers"),
        dimensions=_number(config, "hidden_size"),
        inner=_number(config, "intermediate_size"),
        heads=_number(config, "num_attention_heads"),
        epsilon=float(config.get("layer_norm_eps", 1e-12)),
        token_types=_number(config, "type_vocab_size"),
        pooling=_pooling(folder),
        vocabulary=tokens,
        special=special,
    )


def read_json(folder: Path, name: str, optional: bool = False) -> dict[str, Any]:
    """Read a JSON file of a model's folder; what is no object comes as `items`.

    Raises:
        ExportError: it is missing, unless it is optional, or no JSON.
    """
    path = folder / name
    if optional and not path.exists():
        return {}
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise ExportError(
            f"{folder.name} has no readable {name}; is it a model's folder?"
        ) from None
    except ValueError:
        raise ExportError(f"{folder.name}/{name} is no JSON; get the model again") from None
    return data if isinstance(data, dict) else {"items": data}


def _number(config: Mapping[str, Any], key: str) -> int:
    value = config.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ExportError(f"config.json has {value!r} as {key}; get the model again")
    return value


def _check_kind(folder: Path, config: Mapping[str, Any]) -> None:
    wanted = {"model_type": "bert", "hidden_act": "gelu", "position_embedding_type": "absolute"}
    found = {"position_embedding_type": "absolute", **config}
    for key, value in wanted.items():
        if found.get(key) != value:
            raise ExportError(
                f"{folder.name} has {key} {found.get(key)!r}, not {value!r}; take a BERT encoder"
            )
    if config.get("is_decoder"):
        raise ExportError(f"{folder.name} is a decoder; take an encoder")
    kinds = [str(item.get("type")).rpartition(".")[2] for item in _modules(folder)]
    if kinds[:2] != ["Transformer", "Pooling"] or kinds[2:] not in ([], ["Normalize"]):
        raise ExportError(f"{folder.name} has the modules {kinds}; llama.cpp can pool and no more")


def _check_file(folder: Path) -> None:
    if not (folder / "model.safetensors").is_file():
        raise ExportError(f"{folder.name} has no model.safetensors; save it in one such file first")


def _modules(folder: Path) -> list[dict[str, Any]]:
    items = read_json(folder, "modules.json").get("items")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ExportError(f"{folder.name}/modules.json is no list of modules; get the model again")
    return items


def _pooling(folder: Path) -> str:
    path = str(_modules(folder)[1].get("path"))
    config = read_json(folder, f"{path}/config.json")
    # sentence-transformers 6 writes one word, older versions a flag for each way.
    flags = {"cls": "pooling_mode_cls_token", "mean": "pooling_mode_mean_tokens"}
    every = [
        key for key, value in config.items() if key.startswith("pooling_mode_") and value is True
    ]
    for mode, flag in flags.items():
        if config.get("pooling_mode") == mode or every == [flag]:
            return mode
    raise ExportError(f"{folder.name} pools in a way that llama.cpp does not; take mean or cls")


def _token_limit(folder: Path, positions: int) -> int:
    limits = (
        read_json(folder, "sentence_bert_config.json", optional=True).get("max_seq_length"),
        read_json(folder, "tokenizer_config.json", optional=True).get("model_max_length"),
    )
    return min([positions, *(limit for limit in limits if isinstance(limit, int) and limit > 0)])


def _prompts(folder: Path) -> tuple[str, str]:
    config = read_json(folder, "config_sentence_transformers.json", optional=True)
    prompts = config.get("prompts") or {}
    if config.get("default_prompt_name"):
        raise ExportError(
            f"{folder.name} has a default prompt; name it `query` or `document` instead"
        )
    return f"{prompts.get('query') or ''}{{text}}", f"{prompts.get('document') or ''}{{text}}"


def _license(folder: Path) -> str | None:
    readme = folder / "README.md"
    text = readme.read_text(encoding="utf-8", errors="replace") if readme.is_file() else ""
    front = re.match(r"---\n(.*?)\n---", text, re.DOTALL)
    found = re.search(r"^license:\s*(\S+)", front[1], re.MULTILINE) if front else None
    return _LICENSES.get(found[1].lower(), found[1]) if found else None


def _vocabulary(folder: Path) -> tuple[tuple[str, ...], dict[str, int]]:
    data = read_json(folder, "tokenizer.json")
    model, normalizer = data.get("model") or {}, data.get("normalizer") or {}
    kinds = (model.get("type"), normalizer.get("type"), normalizer.get("lowercase"))
    if kinds != ("WordPiece", "BertNormalizer", True) or normalizer.get("strip_accents") is False:
        raise ExportError(
            f"{folder.name} is not tokenized by uncased WordPiece, which llama.cpp needs"
        )
    ids = model.get("vocab")
    if not isinstance(ids, dict) or sorted(ids.values()) != list(range(len(ids))):
        raise ExportError(f"{folder.name}/tokenizer.json skips token ids; get the model again")
    missing = [token for token in SPECIAL if token not in ids]
    if missing:
        raise ExportError(f"{folder.name} has no token {missing[0]}; take another model")
    return tuple(sorted(ids, key=ids.__getitem__)), {token: ids[token] for token in SPECIAL}
