"""The licence that a file or its project states, as an SPDX identifier."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

_TAG = re.compile(rb"SPDX-License-Identifier:\s*([A-Za-z0-9.+() -]+?)\s*(?:\*/|-->|[\r\n]|$)")
_HEADER = 2_048
_TEXT_FILES = ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENSE.rst", "COPYING")
_METADATA: dict[str, tuple[str, Callable[[str], Any]]] = {
    "pyproject.toml": ("project", tomllib.loads),
    "package.json": ("", json.loads),
    "Cargo.toml": ("package", tomllib.loads),
}
"""Metadata files with the table that states the licence and what reads them."""
_OPENINGS = (
    ("Apache License Version 2.0", "Apache-2.0"),
    ("Mozilla Public License Version 2.0", "MPL-2.0"),
    ("GNU AFFERO GENERAL PUBLIC LICENSE Version 3", "AGPL-3.0-only"),
    ("GNU LESSER GENERAL PUBLIC LICENSE Version 3", "LGPL-3.0-only"),
    ("GNU LESSER GENERAL PUBLIC LICENSE Version 2.1", "LGPL-2.1-only"),
    ("GNU GENERAL PUBLIC LICENSE Version 3", "GPL-3.0-only"),
    ("GNU GENERAL PUBLIC LICENSE Version 2", "GPL-2.0-only"),
    ("Permission is hereby granted, free of charge", "MIT"),
    ("Permission to use, copy, modify, and/or distribute", "ISC"),
    ("Neither the name of", "BSD-3-Clause"),
    ("Redistribution and use in source and binary forms", "BSD-2-Clause"),
    ("This is free and unencumbered software", "Unlicense"),
)
"""Sentences that only one licence has; the ones above decide first."""


def license_of_file(source: bytes) -> str | None:
    """The identifier of a file's own SPDX tag (SPDX 2.3, annex E), if it has one."""
    tag = _TAG.search(source, 0, _HEADER)
    return tag.group(1).decode() if tag else None


def license_of_project(root: Path) -> str | None:
    """What the project's metadata states, else what its licence text is known as."""
    return _stated(root) or _recognized(root)


def _stated(root: Path) -> str | None:
    for name, (table, loads) in _METADATA.items():
        try:
            metadata = loads((root / name).read_text("utf-8"))
            license_ = (metadata[table] if table else metadata)["license"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if isinstance(license_, str):
            return license_
        if isinstance(license_, dict) and isinstance(license_.get("text"), str):
            return str(license_["text"]).partition("\n")[0][:60] or None
    return None


def _recognized(root: Path) -> str | None:
    for name in _TEXT_FILES:
        try:
            text = " ".join((root / name).read_text("utf-8", "replace").split()).lower()
        except OSError:
            continue
        return next((spdx for opening, spdx in _OPENINGS if opening.lower() in text), None)
    return None
