"""The installed packages that a workspace uses, at their exact versions.

Everything is read from files and folders; nothing that is found is run. What is broken, too large
or unreadable is passed over.
"""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from dowse.context.dependencies.cargo import cargo_packages
from dowse.context.dependencies.go import go_packages
from dowse.context.dependencies.jars import JarLimits, unpack
from dowse.context.dependencies.maven import maven_packages
from dowse.context.dependencies.node import node_packages
from dowse.context.dependencies.package import Ecosystem, Package, unique
from dowse.context.dependencies.projects import projects_of
from dowse.context.dependencies.python import python_packages

__all__ = ["Ecosystem", "JarLimits", "Package", "find_packages", "unpack"]


def find_packages(workspace: Path, python: Path | None = None) -> list[Package]:
    """The packages that are installed for a workspace, each name and version once.

    Args:
        workspace: the folder that is open.
        python: an interpreter or the folder of an environment, absolute or below the workspace.
            Without it: the workspace's own environment, else one of a project below, else
            VIRTUAL_ENV, CONDA_PREFIX or the `python3` on PATH.

    Returns:
        the packages, those that the workspace's manifests name before the others.
    """
    workspace = Path(workspace).absolute()
    projects = projects_of(workspace)
    found = unique(
        chain(
            python_packages(workspace, projects, python),
            node_packages(workspace, projects),
            go_packages(projects),
            cargo_packages(projects),
            maven_packages(projects),
        )
    )
    return sorted(found, key=lambda package: not package.direct)
