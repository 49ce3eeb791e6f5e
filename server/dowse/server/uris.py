"""Files as URIs and back."""

from __future__ import annotations

import os
from pathlib import Path

from pygls.uris import from_fs_path, to_fs_path, uri_scheme


def path_of(uri: str) -> Path | None:
    """The absolute path of a `file:` URI; None for others (untitled, cells, virtual files)."""
    if uri_scheme(uri) != "file":
        return None
    path = to_fs_path(uri)
    return Path(os.path.abspath(path)) if path and "\0" not in path else None


def uri_of(path: Path) -> str:
    """The `file:` URI of a path, every special character escaped."""
    return str(from_fs_path(str(path)))
