"""`dowse export`: convert a sentence-transformers encoder to GGUF and quantize it."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from dowse.server.cli.workspace import bar


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `dowse export`."""
    from dowse.model.training.export import TYPES

    parser.add_argument("base", help="a folder, package:NAME of an installed package, or a hub id")
    parser.add_argument("--out", type=Path, default=Path.cwd(), metavar="FOLDER", help="where to")
    parser.add_argument(
        "--type",
        action="append",
        choices=("F32", *TYPES),
        dest="types",
        help="number format, Q8_0 by default (repeatable)",
    )
    parser.add_argument("--name", help="name of the model (default: that of the base)")
    parser.add_argument("--json", action="store_true", help="print the manifests as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Export and print what was written."""
    from dowse.model.training.export import export

    with bar("exporting") as report:
        models = export(
            arguments.base,
            arguments.out,
            arguments.types or ("Q8_0",),
            name=arguments.name,
            progress=lambda step, done, total: report(done, total),
        )
    for model in models:
        manifest = model.manifest
        line = f"{model.path}  {manifest.bytes / 1e6:.1f} MB  {manifest.quantization}"
        print(json.dumps(asdict(manifest)) if arguments.json else line)
    return 0
