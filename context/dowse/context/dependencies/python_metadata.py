"""What a distribution says of itself: name, version, licence.

Formats: "Core metadata specifications" and "Direct URL" of the Python packaging user guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dowse.context.dependencies.package import is_version
from dowse.context.dependencies.reading import read_head, read_json, table
from dowse.context.dependencies.texts import license_of_folder
from dowse.context.licenses import license_of_text, spdx

_METADATA = 1_000_000
"""Bytes of METADATA that are read: fields stand in its head, the description behind them."""
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")
_CLASSIFIERS = {"Apache Software License": "Apache-2.0"}
"""Classifiers whose words do not tell the version, which is known."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """The fields of METADATA or PKG-INFO that are of use."""

    name: str
    version: str
    expression: str
    license: str
    """Free text, which may be a name or the whole licence."""
    classifiers: tuple[str, ...]


def read_metadata(info: Path) -> Metadata | None:
    """The metadata in a `.dist-info` or `.egg-info` folder, or in a file of the latter kind."""
    for file in (info / "METADATA", info / "PKG-INFO", info):
        if source := read_head(file, _METADATA):
            return parse_metadata(source.decode("utf-8", "replace"))
    return None


def parse_metadata(text: str) -> Metadata | None:
    """Read the head of a metadata file; None where it holds no name and version that could be."""
    fields = _fields(re.split(r"\r?\n\r?\n", text, maxsplit=1)[0])
    name, version, expression, license_ = (
        fields.get(key, [""])[0] for key in ("name", "version", "license-expression", "license")
    )
    if not _NAME.fullmatch(name) or not is_version(version):
        return None
    return Metadata(name, version, expression, license_, tuple(fields.get("classifier", ())))


def _fields(head: str) -> dict[str, list[str]]:
    """The values of each field; one goes on in lines that start with white space."""
    fields: dict[str, list[str]] = {}
    values = [""]
    for line in head.splitlines():
        if line[:1].isspace():
            values[-1] += "\n" + line.strip()
        else:
            key, _, value = line.partition(":")
            values = fields.setdefault(key.strip().lower(), [])
            values.append(value.strip())
    return fields


def is_editable(info: Path) -> bool:
    """Whether the files lie in a workspace of their own (PEP 660)."""
    return table(read_json(info / "direct_url.json"), "dir_info").get("editable") is True


def license_of_distribution(metadata: Metadata, info: Path) -> str | None:
    """The licence by expression, by name, by classifiers, by the texts beside the metadata."""
    return (
        spdx(metadata.expression)
        or _stated(metadata.license)
        or _classified(metadata.classifiers)
        or license_of_folder(info)
        or license_of_folder(info / "licenses")
    )


def _stated(text: str) -> str | None:
    return license_of_text(text) if "\n" in text else spdx(text)


def _classified(classifiers: Iterable[str]) -> str | None:
    """The licences that classifiers name: all of them, because none says that one may choose."""
    names = [each.rpartition(" :: ")[2] for each in classifiers if each.startswith("License :: ")]
    known = {_CLASSIFIERS.get(name) or spdx(name) for name in names}
    return " AND ".join(sorted(filter(None, known))) or None
