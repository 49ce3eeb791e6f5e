"""Tries a model file out in a child process, so that one that crashes llama.cpp crashes the child.

A file that passed is remembered by its hash; the file shipped in this package needs no trial.
An adapter is tried out on its model. Run as `python -m dowse.model.trial PATH [ADAPTER]`, it loads
a model, embeds one text and prints JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from dowse.context.errors import DowseError, ModelError
from dowse.model.adapters import Adapter, read_adapter
from dowse.model.folders import cache_folder, weights_folder
from dowse.model.gguf import read_header
from dowse.model.manifest import derive_manifest, read_manifest, write_atomically

TIMEOUT_SECONDS = 120.0
"""A 600 MB encoder takes about 3 s on two cores; a child that takes this long hangs."""


def ensure_passed(path: Path, sha256: str, adapter: Adapter | None = None) -> None:
    """Try a file out in a child process, unless one with this hash is known to work.

    Args:
        path: a GGUF file whose header was checked.
        sha256: the file's hash.
        adapter: what is to run on top of it, checked too.

    Raises:
        ModelError: it crashes or hangs llama.cpp, or gives no vector.
    """
    tried = f"{sha256}-{adapter.manifest.sha256}" if adapter else sha256
    mark = cache_folder() / "trials" / f"{tried}-{version('llama-cpp-python')}"
    if tried in _shipped() or mark.exists():
        return
    report = _run([path, adapter.path] if adapter else [path])
    if "error" in report:
        raise ModelError(report["error"])
    try:
        write_atomically(mark, "passed\n")
    except ModelError:
        # A read-only cache costs a trial at every start, and nothing else.
        return


def _shipped() -> set[str]:
    """Hashes of the files that came with this package, whose manifests are part of it."""
    return {read_manifest(path).sha256 for path in weights_folder().glob("*.json")}


def _run(paths: list[Path]) -> dict[str, str]:
    names = " with ".join(path.name for path in paths)
    # -P: a folder named `dowse` where the editor was started must not stand in for this package.
    command = [sys.executable, "-P", "-m", "dowse.model.trial", *map(os.fspath, paths)]
    try:
        child = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
        report = json.loads(child.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        raise ModelError(f"{names} hangs llama.cpp; choose another model") from None
    except OSError as error:
        raise ModelError(f"cannot start a trial of {names}: {error.strerror}") from None
    except (ValueError, IndexError):
        raise ModelError(
            f"{names} crashes llama.cpp; get the file again or choose another"
        ) from None
    return dict(report)


def main(path: Path, adapter: Path | None = None) -> dict[str, object]:
    """Load a model, with an adapter if one is given, and embed a text that fills its context.

    Returns:
        `dimensions`, or `error` with a sentence.
    """
    from dowse.model.engine import LlamaEmbedder
    from dowse.model.settings import EngineSettings

    try:
        manifest, header = derive_manifest(path), read_header(path)
        checked = read_adapter(adapter) if adapter else None
        embedder = LlamaEmbedder(path, EngineSettings(), manifest, header, checked)
        return {"dimensions": len(embedder.embed_query("word " * manifest.token_limit))}
    except DowseError as error:
        return {"error": str(error)}


if __name__ == "__main__":
    print(json.dumps(main(*map(Path, sys.argv[1:]))))
