"""`dowse doctor`: what is installed, and what the model really runs on."""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from dowse.context.errors import DowseError
from dowse.server.cli.workspace import add_model_argument
from dowse.server.settings import Settings

_PACKAGES = (
    "dowse",
    "pygls",
    "lsprotocol",
    "llama-cpp-python",
    "tree-sitter",
    "tree-sitter-language-pack",
    "tantivy",
    "huggingface-hub",
    "torch",
    "sentence-transformers",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `dowse doctor`."""
    add_model_argument(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Print the findings; 1 if the model does not run."""
    findings = {
        "python": f"{platform.python_version()} ({sys.executable})",
        "platform": platform.platform(),
        "packages": {name: _version(name) for name in _PACKAGES},
        "cache": _cache(),
        "model": _model(arguments.model),
    }
    print(json.dumps(findings) if arguments.json else _text(findings))
    return int("problem" in findings["model"] or "problem" in findings["cache"])


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _cache() -> dict[str, Any]:
    folder = Settings().cache
    try:
        folder.mkdir(parents=True, exist_ok=True)
        sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    except OSError as error:
        return {"folder": str(folder), "problem": f"{error}; name another in DOWSE_CACHE"}
    return {"folder": str(folder), "megabytes": round(sum(sizes) / 1e6, 1)}


def _model(name: str) -> dict[str, Any]:
    from dowse.server.model import load_model

    started = time.perf_counter()
    try:
        embedder, found = load_model(Settings(model=name))
    except DowseError as error:
        return {"problem": str(error)}
    loaded = time.perf_counter()
    embedder.embed_query("read a file")
    warm = time.perf_counter()
    embedder.embed_query("parse a date")
    backend = embedder.backend()
    findings = {
        "name": found,
        "backend": backend.name,
        "format": backend.format,
        "devices": list(backend.devices),
        "offloaded_layers": backend.offloaded_layers,
        "total_layers": backend.total_layers,
        "threads": backend.threads,
        "system": backend.system,
        "load_seconds": round(loaded - started, 3),
        "query_ms": round(1_000 * (time.perf_counter() - warm), 2),
    }
    embedder.close()
    return findings


def _text(findings: dict[str, Any]) -> str:
    lines = [f"python    {findings['python']}", f"platform  {findings['platform']}"]
    for part in ("packages", "cache", "model"):
        lines.append(part)
        pairs = findings[part].items()
        lines += [f"  {name}: {'not installed' if v is None else v}" for name, v in pairs]
    return "\n".join(lines)
