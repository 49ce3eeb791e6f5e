"""Turns a sentence-transformers BERT encoder into GGUF files that llama.cpp runs."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dowse.context.errors import DowseError, ExportError
from dowse.model.gguf import read_header
from dowse.model.manifest import Manifest, Model, manifest_path, sha256_of, write_manifest
from dowse.model.quantizer import quantize
from dowse.model.training.base import Base, base_name, find_folder, read_base
from dowse.model.training.spelling import ggml_piece, tensor_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

TYPES = ("F16", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q4_0")
"""What is made when nothing else is asked; `F32` can be asked for too."""

_UNUSED = re.compile(r"pooler\.|cls\.|embeddings\.position_ids")
"""Heads of the pre-training, and a table of counting numbers: none of them reaches the vector."""


def export(
    base: str,
    out_dir: Path,
    types: Sequence[str] = TYPES,
    *,
    name: str | None = None,
    progress: Callable[[str, int, int], None] = lambda step, done, total: None,
) -> list[Model]:
    """Convert a model to GGUF and quantize it, with a manifest beside each file.

    The same base gives the same bytes, on any machine.

    Args:
        base: a folder, `package:NAME` of an installed package, a model, or an id on the hub; see
            `find_folder`.
        out_dir: where the files go; made if need be.
        types: what to make, from `F32` and `TYPES`.
        name: how the model is called; by default the last part of `base`.
        progress: called before each step, and at the end, with its words, the steps done, and all.

    Raises:
        ExportError: the base is none that can be converted, a type is unknown, the folder cannot
            be written, or the extra `train` is not installed.
    """
    unknown = [kind for kind in types if kind not in ("F32", *TYPES)]
    if unknown or not types:
        raise ExportError(
            f"there is no type {unknown[:1] or 'at all'}; choose from F32, {', '.join(TYPES)}"
        )
    require_extra()
    found = find_folder(base)
    source = read_base(found, name or base_name(base, found).rpartition("/")[2])
    with writing_into(out_dir) as folder:
        return _make(source, base, out_dir, list(types), folder, named=name, report=progress)


@contextmanager
def writing_into(out: Path) -> Iterator[Path]:
    """A folder inside of `out`, gone at the end, whose finished files are moved out of it.

    Args:
        out: made if need be.

    Raises:
        ExportError: `out` cannot be written, or what is done inside failed.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out, prefix=".export-") as folder:
            yield Path(folder)
    except ExportError:
        raise
    except DowseError as error:
        raise ExportError(str(error)) from None
    except OSError as error:
        raise ExportError(
            f"cannot write into {out}: {error.strerror}; choose another folder"
        ) from None


def _make(
    source: Base,
    base: str,
    out_dir: Path,
    types: list[str],
    folder: Path,
    *,
    named: str | None,
    report: Callable[[str, int, int], None],
) -> list[Model]:
    report("convert to F32", 0, len(types) + 1)
    plain = folder / "plain.gguf"
    _write_gguf(source, plain)
    read_header(plain)
    base_sha256 = source.sha256
    models = []
    for done, kind in enumerate(types, 1):
        report(f"write {kind}", done, len(types) + 1)
        path = out_dir / f"{source.name}-{kind}.gguf"
        finished = folder / path.name
        if kind == "F32":
            shutil.copyfile(plain, finished)
        else:
            quantize(plain, finished, kind)
        manifest = _manifest(source, finished, kind, base_sha256, _command(base, kind, named))
        os.replace(finished, path)
        write_manifest(manifest, manifest_path(path))
        models.append(Model(path, manifest))
    report("done", len(types) + 1, len(types) + 1)
    return models


def require_extra() -> None:
    """Find out before any work whether the packages of the extra `train` are there.

    Raises:
        ExportError: one is missing.
    """
    try:
        import gguf
        import safetensors
        import torch
    except ImportError as error:
        raise ExportError(f'export needs {error.name}; `pip install "dowse[train]"`') from None
    del gguf, safetensors, torch


def _command(base: str, kind: str, named: str | None) -> str:
    # A path is recorded by its last part: the place on this machine says nothing elsewhere.
    shown = Path(base).resolve().name if Path(base).exists() else base
    parts = ["dowse", "export", shown, *(["--name", named] if named else []), "--type", kind]
    return shlex.join(parts)


def _manifest(source: Base, path: Path, kind: str, base_sha256: str, command: str) -> Manifest:
    header = read_header(path)
    return Manifest(
        name=path.stem,
        file=path.name,
        base=source.name,
        base_sha256=base_sha256,
        license=source.license,
        pooling=source.pooling,
        dimensions=source.dimensions,
        token_limit=source.token_limit,
        query_prompt=source.query_prompt,
        document_prompt=source.document_prompt,
        quantization=kind,
        tensor_types=dict(sorted(header.tensor_types.items())),
        sha256=sha256_of(path),
        bytes=path.stat().st_size,
        command=command,
    )


def _write_gguf(source: Base, path: Path) -> None:
    import gguf

    writer = gguf.GGUFWriter(path, "bert")
    _add_shape(writer, source)
    _add_vocabulary(writer, source)
    for name, values in _tensors(source):
        writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_shape(writer: Any, source: Base) -> None:
    import gguf

    writer.add_name(source.name)
    if source.license:
        writer.add_license(source.license)
    writer.add_context_length(source.positions)
    writer.add_embedding_length(source.dimensions)
    writer.add_block_count(source.layers)
    writer.add_feed_forward_length(source.inner)
    writer.add_head_count(source.heads)
    writer.add_layer_norm_eps(source.epsilon)
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType[source.pooling.upper()])
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)


def _add_vocabulary(writer: Any, source: Base) -> None:
    import gguf

    special = source.special
    kinds = [
        gguf.TokenType.CONTROL if token in special else gguf.TokenType.NORMAL
        for token in source.vocabulary
    ]
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([ggml_piece(token) for token in source.vocabulary])
    writer.add_token_types(kinds)
    writer.add_token_type_count(source.token_types)
    writer.add_bos_token_id(special["[CLS]"])
    writer.add_eos_token_id(special["[SEP]"])
    writer.add_sep_token_id(special["[SEP]"])
    writer.add_unk_token_id(special["[UNK]"])
    writer.add_pad_token_id(special["[PAD]"])
    writer.add_mask_token_id(special["[MASK]"])


def _tensors(source: Base) -> Iterator[tuple[str, Any]]:
    """Yield ggml's name and the float32 values of each tensor that the vector depends on."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(source.weights, framework="pt") as file:
            for name in sorted(file.keys()):
                short = name.removeprefix("bert.")
                if not _UNUSED.match(short):
                    yield tensor_name(short), file.get_tensor(name).float().numpy()
    except SafetensorError as error:
        raise ExportError(
            f"cannot read {source.weights.name}: {error}; get the model again"
        ) from None
