"""XML that others wrote, without document types: no entity can expand, no address is opened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from dowse.context.dependencies.reading import read_text

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_MAX_BYTES = 4_000_000
"""Bytes of the largest file; the longest of 1,867 from a repository in use has 92,549."""


def read_xml(path: Path) -> Element | None:
    """The root element of a file in UTF-8; None for a document with a type, and for what is none.

    The text is decoded here, so that what is searched for a document type is what is parsed.
    """
    from xml.etree.ElementTree import ParseError, fromstring

    text = read_text(path, _MAX_BYTES)
    if not text or "<!DOCTYPE" in text or "<!ENTITY" in text:
        return None
    try:
        return fromstring(text)
    except (ParseError, ValueError):
        return None


def children(element: Element | None, *path: str) -> Iterator[Element]:
    """Yield the elements at a path of names below one, whatever their namespace."""
    if element is None:
        return
    name, *rest = path
    for child in element:
        if isinstance(child.tag, str) and child.tag.rpartition("}")[2] == name:
            if rest:
                yield from children(child, *rest)
            else:
                yield child


def text_of(element: Element | None, *path: str) -> str:
    """The text of the first element at a path below one; empty where there is none."""
    found = next(children(element, *path), None)
    return (found.text or "").strip() if found is not None else ""
