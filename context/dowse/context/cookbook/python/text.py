# SPDX-License-Identifier: CC0-1.0
"""Text: clean, convert, compare and format strings."""

import difflib
import re
import string
import textwrap
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from html.parser import HTMLParser


def slugify(text: str) -> str:
    """Turn a title into a URL slug of lower-case ASCII letters, digits and hyphens."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text.lower()).strip("-")


def remove_accents(text: str) -> str:
    """Remove accents and other diacritics from letters, so that `café` becomes `cafe`."""
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def normalize_whitespace(text: str) -> str:
    """Replace runs of spaces, tabs and newlines by one space and strip both ends."""
    return " ".join(text.split())


def camel_to_snake(name: str) -> str:
    """Convert a name from camelCase or PascalCase to snake_case, `HTTPServer` to `http_server`."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    return "_".join(parts).lower()


def snake_to_camel(name: str) -> str:
    """Convert a name from snake_case to camelCase."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def truncate(text: str, length: int, ellipsis: str = "…") -> str:
    """Shorten a text to a maximum length at a word boundary and add an ellipsis."""
    if len(text) <= length:
        return text
    head = text[: length - len(ellipsis) + 1]
    words = re.sub(r"\s+\S*$", "", head)
    return (words if words != head else head[:-1]) + ellipsis


def wrap_paragraph(text: str, width: int = 72, indent: str = "") -> str:
    """Wrap a long text into lines of a maximum width, with an indentation before each line."""
    return textwrap.fill(text, width, initial_indent=indent, subsequent_indent=indent)


def format_file_size(size: float) -> str:
    """Format a number of bytes for humans, such as `1.5 MiB`."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(size) < 1024:
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TiB"


def pluralize(count: int, singular: str, plural: str | None = None) -> str:
    """Write a count with its noun in the singular or plural, such as `1 file` or `3 files`."""
    return f"{count} {singular if count == 1 else plural or singular + 's'}"


def join_with_and(words: Sequence[str]) -> str:
    """Join words into an English list with commas and `and`, such as `a, b and c`."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def most_common_words(text: str, count: int = 10) -> list[tuple[str, int]]:
    """Count how often each word occurs in a text and return the most frequent ones."""
    return Counter(re.findall(r"\w+", text.casefold())).most_common(count)


def closest_match(word: str, choices: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Find the most similar string in a list, for a "did you mean" hint; None when none is near."""
    matches = difflib.get_close_matches(word, list(choices), n=1, cutoff=cutoff)
    return matches[0] if matches else None


def edit_distance(first: str, second: str) -> int:
    """Calculate the Levenshtein edit distance between two strings."""
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, start=1):
        diagonal, row[0] = row[0], i
        for j, b in enumerate(second, start=1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (a != b))
    return row[-1]


def unified_diff(old: str, new: str, name: str = "text") -> str:
    """Show the difference between two texts as a unified diff, like `diff -u`."""
    lines = difflib.unified_diff(
        old.splitlines(), new.splitlines(), f"{name} (old)", f"{name} (new)", lineterm=""
    )
    return "\n".join(lines)


def natural_sort_key(text: str) -> list[tuple[bool, int, str]]:
    """Sort strings with numbers the way humans do (`file2` before `file10`), as a `key` of sort."""
    parts = re.split(r"(\d+)", text.casefold())
    return [(i % 2 == 0, int(p) if i % 2 else 0, p) for i, p in enumerate(parts) if p]


def equal_ignoring_case(first: str, second: str) -> bool:
    """Compare two strings without regard to case and Unicode form."""

    def fold(text: str) -> str:
        return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())

    return fold(first) == fold(second)


def html_to_text(html: str) -> str:
    """Strip the HTML tags from a page and return its visible text, without scripts and styles."""

    class Extractor(HTMLParser):
        hidden = 0
        parts: list[str]

        def handle_starttag(self, tag: str, attrs: object) -> None:
            self.hidden += tag in ("script", "style")

        def handle_endtag(self, tag: str) -> None:
            self.hidden -= tag in ("script", "style")

        def handle_data(self, data: str) -> None:
            self.parts += [] if self.hidden else [data]

    extractor = Extractor()
    extractor.parts = []
    extractor.feed(html)
    extractor.close()
    return " ".join("".join(extractor.parts).split())


def html_list(items: Iterable[str]) -> str:
    """Build an HTML list from texts, with special characters escaped against script injection."""
    return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"


def fill_template(template: str, values: Mapping[str, object]) -> str:
    """Fill `$name` placeholders in a text template; a missing value raises `KeyError`.

    Unlike `str.format`, a template from a user cannot reach into the objects that are filled in.
    """
    return string.Template(template).substitute(values)


def decode_bytes(data: bytes, encodings: Sequence[str] = ("utf-8-sig", "cp1252")) -> str:
    """Decode bytes of unknown encoding: try each encoding, at last Latin-1, which never fails."""
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def mask_secret(secret: str, visible: int = 4) -> str:
    """Hide a secret such as an API key or card number except for its last characters."""
    shown = secret[-visible:] if len(secret) > 2 * visible else ""
    return "*" * (len(secret) - len(shown)) + shown


def caesar_cipher(text: str, shift: int) -> str:
    """Shift the letters of a text in the alphabet (Caesar cipher, ROT13 with a shift of 13)."""
    lower, upper = string.ascii_lowercase, string.ascii_uppercase
    by = shift % 26
    moved = lower[by:] + lower[:by] + upper[by:] + upper[:by]
    return text.translate(str.maketrans(lower + upper, moved))
