"""Key press to ghost text and to light bulb in real editors, on a workspace of 5,000 snippets.

The workspace and the cookbook are indexed before, with every vector; packages are left out, since
they would be read meanwhile. What the editors wait for by themselves is part of the figures. It
needs what `tests/e2e/install.sh` installs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import editors_neovim, editors_vscode
from benchmarks.corpus import copy_snippets, fresh_cache

SNIPPETS = 5_000
SOURCES = ["workspace", "cookbook"]
SESSIONS = {"vscode": editors_vscode.measure, "neovim": editors_neovim.measure}


def measure() -> dict[str, Any]:
    """The figures of each editor, with how busy the machine was before."""
    with tempfile.TemporaryDirectory() as folder, fresh_cache():
        workspace = Path(folder, "workspace")
        snippets = copy_snippets(workspace, SNIPPETS)
        (workspace / ".git").mkdir()
        file = workspace / "scratch.py"
        file.write_text("import json\n\n\n")
        _index(workspace)
        figures: dict[str, Any] = {}
        for name, session in SESSIONS.items():
            print(f"  {name} …", file=sys.stderr, flush=True)
            load = round(os.getloadavg()[0], 1)
            figures[name] = {"load_average_before": load, **session(file, SOURCES)}
    return {"snippets": snippets, **figures}


def _index(workspace: Path) -> None:
    program = Path(sys.executable).with_name("dowse")
    command = [program, "index", "--source", ",".join(SOURCES), workspace]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
