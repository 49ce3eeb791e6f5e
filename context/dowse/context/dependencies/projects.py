"""The folders of a workspace that may hold manifests: a repository often has several projects."""

from __future__ import annotations

import os
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from dowse.context.dependencies.reading import entries, is_folder

DEPTH = 3
"""Levels below the workspace: `apps/<group>/<project>` is the deepest common layout."""
FOLDERS = 1_000
"""Folders of one workspace that are looked at, those near its top first."""
_ABOVE = 8
"""Levels above the workspace that are looked at, up to the top of its repository."""

_NOT_ENTERED = frozenset(
    ("node_modules", "site-packages", "__pycache__", "vendor", "target", "build", "dist", "out")
)
"""Installed and derived files, whose manifests are not the workspace's own."""


@dataclass(frozen=True, slots=True)
class Project:
    """A folder of the workspace and the names of the files in it."""

    folder: Path
    files: frozenset[str]

    def having(self, *names: str) -> list[Path]:
        """Those of the named files that are there."""
        return [self.folder / name for name in names if name in self.files]


def projects_of(workspace: Path) -> list[Project]:
    """The workspace and the folders below it, nearest first; links are not followed."""
    found: list[Project] = []
    pending = deque([(workspace, 0)])
    while pending and len(found) < FOLDERS:
        folder, depth = pending.popleft()
        listed = entries(folder)
        folders = [entry.name for entry in listed if is_folder(entry)]
        names = frozenset(entry.name for entry in listed) - {*folders}
        if depth and "pyvenv.cfg" in names:
            continue
        found.append(Project(folder, names))
        if depth < DEPTH:
            pending.extend((folder / name, depth + 1) for name in folders if _is_entered(name))
    return found


def _is_entered(name: str) -> bool:
    return not name.startswith(".") and name not in _NOT_ENTERED


def folders_above(workspace: Path) -> list[Path]:
    """The workspace and the folders above it up to the top of its repository, nearest first.

    Without a repository only the workspace: what lies above may be anybody's.
    """
    above = [workspace, *workspace.parents][: _ABOVE + 1]
    tops = (depth for depth, each in enumerate(above, 1) if os.path.exists(each / ".git"))
    return above[: next(tops, 1)]
