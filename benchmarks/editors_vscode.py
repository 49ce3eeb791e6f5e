"""VS Code's part of `editors`: its workbench in headless Chromium, driven by editors_vscode.mjs.

VS Code asks for code actions 250 ms after the caret has come to rest, and for inline completions as
soon as the keys pause.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.round_trip import WORDS, percentiles

TURNS = 40
STARTS = 5
HERE = Path(__file__).parent
EXTENSION = HERE.parent / "editors" / "vscode" / "dist"


def measure(file: Path, sources: Sequence[str]) -> dict[str, Any]:
    """Sizes, activation, and the time from keys to what they bring on the screen."""
    seen = _session(file, sources)
    return {
        "version": seen["version"],
        "vsix_megabytes": round((EXTENSION / "dowse.vsix").stat().st_size / 1e6, 2),
        "extension_kilobytes": round((EXTENSION / "extension.js").stat().st_size / 1e3),
        "starts": STARTS,
        "activation_p50_ms": statistics.median(seen["activations"]),
        "turns": TURNS,
        "key_to_ghost_text": percentiles(seen["ghost"]),
        "key_to_light_bulb": percentiles(seen["bulb"]),
    }


def _session(file: Path, sources: Sequence[str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        report, plan = Path(folder, "report.json"), Path(folder, "plan.json")
        program = Path(sys.executable).with_name("dowse")
        given = {
            "folder": str(file.parent),
            "file": str(file),
            "vsix": str(EXTENSION / "dowse.vsix"),
            "extensions": str(Path(folder, "extensions")),
            "settings": {"dowse.server.path": str(program), "dowse.sources": sources},
            "words": WORDS,
            "turns": TURNS,
            "starts": STARTS,
            "report": str(report),
        }
        plan.write_text(json.dumps(given))
        script = ["node", str(HERE / "editors_vscode.mjs"), str(plan)]
        environment = {**os.environ, "HOME": folder}
        subprocess.run(script, env=environment, check=True, stdout=subprocess.DEVNULL)
        return dict(json.loads(report.read_text()))
