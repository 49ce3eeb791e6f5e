"""`dowse export`: convert a sentence-transformers encoder to GGUF and quantize it."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from dowse.server.cli.workspace import bar

if TYPE_CHECKING:
    from dowse.model.adapters import Adapter
    from dowse.model.manifest import Model


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `dowse export`."""
    from dowse.model.training.export import TYPES

    parser.add_argument(
        "base",
        help="a folder, package:NAME of an installed package, model:NAME or a .gguf file of a "
        "model, or a hub id",
    )
    parser.add_argument("--out", type=Path, default=Path.cwd(), metavar="FOLDER", help="where to")
    parser.add_argument(
        "--type",
        action="append",
        choices=("F32", *TYPES),
        dest="types",
        help="number format, Q8_0 by default (repeatable)",
    )
    parser.add_argument("--name", help="name of the model (default: that of the base)")
    parser.add_argument(
        "--adapter",
        action="store_true",
        help="also write the LoRA weights beside a trained model as an adapter of its base",
    )
    parser.add_argument("--json", action="store_true", help="print the manifests as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Export and print what was written."""
    from dowse.model.training.adapter import export_adapter
    from dowse.model.training.export import export

    adapter = None
    if arguments.adapter:
        adapter = export_adapter(Path(arguments.base), arguments.out, name=arguments.name)
    with bar("exporting") as report:
        models = export(
            arguments.base,
            arguments.out,
            arguments.types or ("Q8_0",),
            name=arguments.name,
            progress=lambda step, done, total: report(done, total),
        )
    for model in models:
        _show(model, model.manifest.quantization, arguments.json)
    if adapter is not None:
        _show(adapter, "adapter", arguments.json)
    return 0


def _show(made: Model | Adapter, kind: str, as_json: bool) -> None:
    line = f"{made.path}  {made.manifest.bytes / 1e6:.1f} MB  {kind}"
    print(json.dumps(asdict(made.manifest)) if as_json else line)
