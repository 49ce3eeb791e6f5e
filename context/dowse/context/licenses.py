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
_OPENINGS = tuple(
    (re.compile(opening, re.IGNORECASE), spdx)
    for opening, spdx in (
        (r"Apache License,? Version 2\.0", "Apache-2.0"),
        (r"Mozilla Public License,? Version 2\.0", "MPL-2.0"),
        (r"GNU AFFERO GENERAL PUBLIC LICENSE Version 3", "AGPL-3.0-only"),
        (r"GNU LESSER GENERAL PUBLIC LICENSE Version 3", "LGPL-3.0-only"),
        (r"GNU LESSER GENERAL PUBLIC LICENSE Version 2\.1", "LGPL-2.1-only"),
        (r"GNU GENERAL PUBLIC LICENSE Version 3", "GPL-3.0-only"),
        (r"GNU GENERAL PUBLIC LICENSE Version 2", "GPL-2.0-only"),
        (r"Eclipse Public License -? ?v(?:ersion)? ?2\.0", "EPL-2.0"),
        (r"Eclipse Public License -? ?v(?:ersion)? ?1\.0", "EPL-1.0"),
        (r"Boost Software License - Version 1\.0", "BSL-1.0"),
        (r"PYTHON SOFTWARE FOUNDATION LICENSE VERSION 2", "PSF-2.0"),
        (r"CC0 1\.0 Universal", "CC0-1.0"),
        (r"Permission is hereby granted, free of charge", "MIT"),
        (r"Permission to use, copy, modify, and/or distribute [^.]{0,99}granted\.", "0BSD"),
        (r"Permission to use, copy, modify, and(?:/or)? distribute", "ISC"),
        (r"Redistribution and use in source and binary forms", "BSD-2-Clause"),
        (r"This software is provided 'as-is', without any express or implied", "Zlib"),
        (r"This is free and unencumbered software", "Unlicense"),
    )
)
"""Sentences that only one licence has. The one that stands first in a text decides, because texts
of bundled software follow the project's own; of two at one place, the upper one."""
_ENDORSEMENT = re.compile(r"Neither the names? of|may not be used to endorse", re.IGNORECASE)
"""What the three-clause BSD licence has beyond the two-clause one."""
_BSD = 2_000
"""Characters of a BSD licence: the text has 1,300, and names may be long."""
_TEXT, _HEAD = 20_000, 2_000
"""Characters of a text that are looked at, and those of them, white space apart, in which the
telling sentence starts: behind the title and the names. What starts later is of bundled software,
and the project's own licence, in front of it, is one that is not known here."""

_STATEMENT = 200
"""Characters of the longest statement that can mean a licence; longer ones are prose."""
_NOISE = frozenset(("a", "the", "under", "software", "public", "version")) | {
    *("license", "licence", "licensed", "licenses")
}
"""Words that a licence is named with or without."""
_NAMES = tuple(
    (re.compile(words), spdx)
    for words, spdx in (
        (r"(?:apache|asl|al)(?: foundation)? 2(?:\.0)?(?: apache 2(?:\.0)?)?", "Apache-2.0"),
        (r"(?:expat )?mit(?: mit| x 11| expat)?|expat", "MIT"),
        (r"bsd 3(?: clause)?(?: (?:new|revised|modified)(?: (?:new|revised|modified))*)?(?: bsd)?"
         r"|(?:new|revised|modified) bsd|3 clause(?: (?:new|revised|modified))? bsd"
         r"|(?:eclipse distribution|edl)(?: 1\.0)?(?: new bsd)?", "BSD-3-Clause"),
        (r"bsd 2(?: clause)?(?: simplified)?|simplified bsd|2 clause bsd|freebsd", "BSD-2-Clause"),
        (r"(?:mozilla|mpl) 2(?:\.0)?(?: mpl 2(?:\.0)?)?", "MPL-2.0"),
        (r"(?:eclipse|epl) 2(?:\.0)?(?: epl 2(?:\.0)?)?", "EPL-2.0"),
        (r"(?:eclipse|epl) 1(?:\.0)?(?: epl 1(?:\.0)?)?", "EPL-1.0"),
        (r"common 1(?:\.0)?", "CPL-1.0"),
        (r"(?:common development and distribution|cddl) 1(?:\.0)?", "CDDL-1.0"),
        (r"isc(?: iscl| isc)?", "ISC"),
        (r"(?:psf|python foundation)(?: 2(?:\.0)?)?(?: psf)?", "PSF-2.0"),
        (r"unlicense(?: unlicense)?", "Unlicense"),
        (r"zlib(?: libpng)?(?: zlib)?", "Zlib"),
        (r"(?:boost|bsl) 1(?:\.0)?(?: (?:boost|bsl) 1(?:\.0)?)?", "BSL-1.0"),
        (r"(?:domain per creative commons )?cc 0(?: .*)?", "CC0-1.0"),
    )
)  # fmt: skip
"""What people call licences, without noise words, in lower case, numbers apart from letters."""
_GNU = re.compile(
    r"(?:gnu )?(affero general|lesser general|general|agpl|lgpl|gpl)(?: (?:agpl|lgpl|gpl))?"
    r" (\d(?:\.\d)?)(?: only)?(?: (?:agpl|lgpl|gpl) \d(?:\.\d)?)?"
    r"(?P<later> \+| (?:or|and)(?: any)? (?:later|newer))?"
    r"(?: (?:agpl|lgpl|gpl) \d(?:\.\d)?(?: \+)?)?"
    r"(?P<classpath> with(?: gnu)? classpath exception)?"
)
_GNU_KINDS = {"affero general": "agpl", "lesser general": "lgpl", "general": "gpl"}
_URLS = (
    (re.compile(r"apache\.org/licenses/license-(2\.0)(?:\.\w+)?", re.IGNORECASE), r"Apache-\1"),
    (re.compile(r"opensource\.org/licenses?/([\w.-]+?)(?:\.php|/)?", re.IGNORECASE), r"\1"),
    (re.compile(r"spdx\.org/licenses/([\w.-]+?)(?:\.html)?", re.IGNORECASE), r"\1"),
)
"""Addresses that stand for a licence."""


def spdx(statement: str) -> str | None:
    """The SPDX expression that a short statement means, or None.

    Args:
        statement: an expression, whose spelling is made canonical (`mit or apache-2.0`), a name
            that people use (`Apache License, Version 2.0`), or an address of the text. A name
            that several licences have in common, such as `BSD`, means none of them.
    """
    statement = statement.strip()
    if not statement or len(statement) > _STATEMENT:
        return None
    return _expression(statement) or _named(statement) or _addressed(statement)


def _expression(statement: str) -> str | None:
    from packaging.licenses import canonicalize_license_expression

    if statement[0] == "(" and statement.find(")") == len(statement) - 1:
        statement = statement[1:-1]  # npm asks for the parentheses
    if "://" not in statement:
        statement = statement.replace("/", " OR ")  # Cargo's spelling of old
    try:
        return canonicalize_license_expression(statement)
    except (ValueError, RecursionError, MemoryError):  # the latter two by nested parentheses
        return None


def _named(statement: str) -> str | None:
    numbers_apart = re.sub(r"\bv(?:er)?\.?(?=\s?\d)|(?<=pl)v(?=\d)", " ", statement.lower())
    found = re.findall(r"[a-z]+|\d+(?:\.\d+)*|\+", numbers_apart)
    words = " ".join(word for word in found if word not in _NOISE)
    named = next((spdx for name, spdx in _NAMES if name.fullmatch(words)), None)
    return named or _gnu(words)


def _gnu(words: str) -> str | None:
    match = _GNU.fullmatch(words)
    if match is None:
        return None
    kind, number = _GNU_KINDS.get(match[1], match[1]), match[2]
    which = "or-later" if match["later"] else "only"
    exception = " WITH Classpath-exception-2.0" if match["classpath"] else ""
    return _expression(f"{kind}-{number if '.' in number else number + '.0'}-{which}{exception}")


def _addressed(statement: str) -> str | None:
    without_scheme = re.sub(r"^https?://(?:www\.)?", "", statement)
    for address, template in _URLS:
        if match := address.fullmatch(without_scheme):
            return _expression(match.expand(template))
    return None


def license_of_text(text: str) -> str | None:
    """The identifier of the licence whose text this is, by the first sentence that tells."""
    text = " ".join(text[:_TEXT].split())
    found = [(m.start(), spdx) for opening, spdx in _OPENINGS if (m := opening.search(text))]
    start, first = min(found, key=lambda pair: pair[0], default=(0, None))
    if start > _HEAD:
        return None
    if first == "BSD-2-Clause" and _ENDORSEMENT.search(text, start, start + _BSD):
        return "BSD-3-Clause"
    return first


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
        if isinstance(license_, dict):
            license_ = license_.get("text")
        if isinstance(license_, str):
            return spdx(license_) or license_.partition("\n")[0][:60] or None
    return None


def _recognized(root: Path) -> str | None:
    for name in _TEXT_FILES:
        try:
            text = (root / name).read_text("utf-8", "replace")
        except OSError:
            continue
        return license_of_text(text)
    return None
