"""Open documents: their text as UTF-8 with lines as the protocol counts them, and positions in it.

pygls splits lines with `str.splitlines`, which also breaks at form feeds and U+2028, so that an
edit after such a character would land on the wrong line.
"""

from __future__ import annotations

from functools import cached_property
from urllib.parse import unquote

from lsprotocol import types as lsp
from pygls.workspace import TextDocument, Workspace

from dowse.context.languages import Language, language_of_id, language_of_path
from dowse.context.lines import Lines


class Positions:
    """Converts between positions of the protocol and byte offsets of one text.

    Args:
        lines: the text.
        encoding: unit of `Position.character` (LSP 3.18, "Position encoding").
    """

    def __init__(self, lines: Lines, encoding: lsp.PositionEncodingKind | str) -> None:
        self._lines = lines
        self.encoding = encoding

    def byte(self, position: lsp.Position) -> int:
        """The byte offset; a position beyond its line or the text means their end."""
        if position.line >= len(self._lines):
            return len(self._lines.source)
        start, end = self._lines.span(position.line)
        return start + self._bytes(self._lines.source[start:end], position.character)

    def _bytes(self, line: bytes, units: int) -> int:
        if self.encoding == lsp.PositionEncodingKind.Utf8 or line.isascii():
            return min(units, len(line))
        text = line.decode("utf-8", "surrogatepass")
        if self.encoding == lsp.PositionEncodingKind.Utf32:
            return len(_utf8(text[:units]))
        before = text.encode("utf-16-le", "surrogatepass")[: 2 * units]
        return len(_utf8(before.decode("utf-16-le", "ignore")))

    def position(self, byte: int) -> lsp.Position:
        """The position of a byte offset."""
        line = self._lines.line_of(byte)
        start, end = self._lines.span(line)
        before = self._lines.source[start : min(byte, end)]
        return lsp.Position(line, self.units(before))

    def units(self, text: bytes) -> int:
        """Length of a UTF-8 text in the units of the client."""
        if self.encoding == lsp.PositionEncodingKind.Utf8 or text.isascii():
            return len(text)
        decoded = text.decode("utf-8", "surrogatepass")
        if self.encoding == lsp.PositionEncodingKind.Utf32:
            return len(decoded)
        return len(decoded.encode("utf-16-le", "surrogatepass")) // 2

    def range(self, start: int, end: int) -> lsp.Range:
        """The range between two byte offsets."""
        return lsp.Range(self.position(start), self.position(end))


class Snapshot:
    """One version of an open document; never changes."""

    def __init__(
        self,
        uri: str,
        version: int | None,
        language_id: str | None,
        source: bytes,
        encoding: lsp.PositionEncodingKind | str,
    ) -> None:
        self.uri = uri
        self.version = version
        self.language_id = language_id
        self.source = source
        self.lines = Lines(source)
        self.positions = Positions(self.lines, encoding)

    @cached_property
    def language(self) -> Language | None:
        """By what the editor says the language is, else by the name of the file."""
        by_id = language_of_id(self.language_id) if self.language_id else None
        return by_id or language_of_path(self.uri)

    def changed(self, change: lsp.TextDocumentContentChangeEvent, version: int | None) -> Snapshot:
        """The next version of the document."""
        text = _utf8(change.text)
        if isinstance(change, lsp.TextDocumentContentChangePartial):
            start = self.positions.byte(change.range.start)
            end = max(start, self.positions.byte(change.range.end))
            text = self.source[:start] + text + self.source[end:]
        return Snapshot(self.uri, version, self.language_id, text, self.positions.encoding)


class Document(TextDocument):
    """An open document; its `snapshot` is replaced by every change."""

    snapshot: Snapshot

    def apply_change(self, change: lsp.TextDocumentContentChangeEvent) -> None:
        """Apply one change of the client."""
        self.snapshot = self.snapshot.changed(change, self.version)

    @property
    def source(self) -> str:
        """The text."""
        return self.snapshot.source.decode("utf-8", "surrogatepass")


class Documents(Workspace):
    """The open documents of a client."""

    def _create_text_document(
        self,
        doc_uri: str,
        source: str | None = None,
        version: int | None = None,
        language_id: str | None = None,
    ) -> Document:
        encoding = self.position_encoding or lsp.PositionEncodingKind.Utf16
        document = Document(doc_uri, version=version, language_id=language_id)
        document.snapshot = Snapshot(doc_uri, version, language_id, _utf8(source or ""), encoding)
        return document

    def update_text_document(
        self,
        text_doc: lsp.VersionedTextDocumentIdentifier,
        change: lsp.TextDocumentContentChangeEvent,
    ) -> None:
        """Apply one change; pygls sets the version afterwards, too late for the snapshot."""
        self.text_documents[unquote(text_doc.uri)].version = text_doc.version
        super().update_text_document(text_doc, change)

    def snapshot(self, uri: str) -> Snapshot | None:
        """The present version of an open document; pygls keeps it under its unquoted URI."""
        document = self.text_documents.get(unquote(uri))
        return document.snapshot if isinstance(document, Document) else None

    def around(self, snapshot: Snapshot) -> tuple[bytes, bytes]:
        """The other cells of a notebook that a cell stands in: those before it and those after.

        They are one text with it: what one cell imports and defines is there for all. Only cells
        of the same language count; both texts are empty where a document is no cell.
        """
        notebook = self.get_notebook_document(cell_uri=snapshot.uri)
        cells = [self.snapshot(cell.document) for cell in notebook.cells] if notebook else []
        alike = [cell for cell in cells if cell and cell.language == snapshot.language]
        place = next((n for n, cell in enumerate(alike) if cell.uri == snapshot.uri), len(alike))
        before, after = alike[:place], alike[place + 1 :]
        return (
            b"".join(cell.source + b"\n" for cell in before),
            b"".join(b"\n" + cell.source for cell in after),
        )

    @property
    def snapshots(self) -> list[Snapshot]:
        """The present versions of all open documents, in the order in which they were opened."""
        documents = list(self.text_documents.values())
        return [each.snapshot for each in documents if isinstance(each, Document)]


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
