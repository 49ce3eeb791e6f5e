# SPDX-License-Identifier: CC0-1.0
"""Regular expressions: find, extract, replace and validate."""

import re
from collections.abc import Iterable, Mapping


def find_email_addresses(text: str) -> list[str]:
    """Extract all e-mail addresses from a text."""
    return re.findall(r"\b[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+\b", text)


def find_urls(text: str) -> list[str]:
    """Extract all http and https URLs from a text, without the punctuation behind them."""
    return [url.rstrip(".,;:!?)'\"") for url in re.findall(r"https?://[^\s<>\"]+", text)]


def find_numbers(text: str) -> list[float]:
    """Extract all numbers from a text, with sign, decimals and exponent."""
    return [float(n) for n in re.findall(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", text)]


def find_dates(text: str) -> list[str]:
    """Find all dates of the form YYYY-MM-DD in a text."""
    return re.findall(r"\b\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])\b", text)


def find_hashtags(text: str) -> list[str]:
    """Extract the hashtags from a text, without the `#`."""
    return re.findall(r"(?<!\w)#(\w+)", text)


def parse_log_line(line: str) -> dict[str, str] | None:
    """Parse a line of an Apache or nginx access log with named groups; None if it is no such."""
    pattern = re.compile(
        r"(?P<host>\S+) \S+ (?P<user>\S+) \[(?P<time>[^]]+)] "
        r'"(?P<method>[A-Z]+) (?P<path>\S+) [^"]*" (?P<status>\d{3}) (?P<size>\d+|-)'
    )
    match = pattern.match(line)
    return match.groupdict() if match else None


def text_between(text: str, start: str, end: str) -> list[str]:
    """Extract every part of a text that stands between two markers."""
    return re.findall(f"{re.escape(start)}(.*?){re.escape(end)}", text, flags=re.DOTALL)


def replace_words(text: str, replacements: Mapping[str, str]) -> str:
    """Replace several words in a text at once, in a single pass and as whole words only."""
    longest_first = sorted(replacements, key=len, reverse=True)
    pattern = "|".join(map(re.escape, longest_first))
    if not pattern:
        return text
    return re.sub(rf"\b(?:{pattern})\b", lambda match: replacements[match[0]], text)


def split_on(text: str, separators: Iterable[str]) -> list[str]:
    """Split a string on several separators and drop the empty parts."""
    pattern = "|".join(map(re.escape, separators))
    return [part.strip() for part in re.split(pattern, text) if part.strip()]


def split_sentences(text: str) -> list[str]:
    """Split a text into sentences at full stops, question marks and exclamation marks."""
    return [part for part in re.split(r"(?<=[.!?])\s+(?=[\"'(]?[A-Z0-9])", text.strip()) if part]


def contains_word(text: str, word: str) -> bool:
    """Check whether a text contains a whole word, ignoring case."""
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) is not None


def is_strong_password(password: str, length: int = 12) -> bool:
    """Check that a password is long enough and mixes upper case, lower case, digits and signs."""
    kinds = (r"[a-z]", r"[A-Z]", r"\d", r"[^\w\s]")
    return len(password) >= length and all(re.search(kind, password) for kind in kinds)


def is_valid_email(address: str) -> bool:
    """Check that a string looks like an e-mail address; only a message sent to it proves it."""
    return re.fullmatch(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", address) is not None


def parse_key_values(text: str) -> dict[str, str]:
    """Parse `key=value` pairs from a text into a dict; values may stand in double quotes."""
    pairs = re.findall(r'(\w+)=(?:"([^"]*)"|(\S*))', text)
    return {key: quoted or plain for key, quoted, plain in pairs}


def remove_comments(source: str) -> str:
    """Remove `//` and `/* */` comments from source code but leave strings as they are."""
    pattern = r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|/\*.*?\*/|//[^\n]*"""
    return re.sub(pattern, lambda match: match[1] or "", source, flags=re.DOTALL)
