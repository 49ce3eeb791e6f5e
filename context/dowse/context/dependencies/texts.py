"""The licence texts that lie in a package's folder."""

from __future__ import annotations

import os
import re
from pathlib import Path

from dowse.context.dependencies.reading import entries, is_folder, read_head
from dowse.context.licenses import license_of_text

_FILE = re.compile(r"(?:un)?licen[cs]e|copying", re.IGNORECASE)
_TEXT = 200_000
"""Bytes of a text that are read; the GPL has 35,000."""
_FILES = 4
"""Texts of one folder that are read."""


def license_of_folder(folder: Path) -> str | None:
    """What the licence texts of a folder are recognized as; the first one that is known decides.

    The text of the LGPL goes first, because it comes with that of the GPL.
    """
    found = [entry for entry in entries(folder) if _FILE.match(entry.name)]
    files = [entry.path for entry in found if not is_folder(entry)]
    files.sort(key=lambda path: "lesser" not in os.path.basename(path).lower())
    for path in files[:_FILES]:
        if known := license_of_text(read_head(path, _TEXT).decode("utf-8", "replace")):
            return known
    return None
