# SPDX-License-Identifier: CC0-1.0
"""JSON, CSV, XML and configuration files: read, write and convert."""

import configparser
import csv
import dataclasses
import inspect
import json
import os
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


def read_json(path: Path) -> Any:
    """Read and parse a JSON file; an error names the file, line and column."""
    try:
        return json.loads(path.read_text("utf-8"))
    except json.JSONDecodeError as error:
        place = f"{path}:{error.lineno}:{error.colno}"
        raise ValueError(f"{place}: invalid JSON: {error.msg}") from error


def write_json(path: Path, data: Any) -> None:
    """Write data to a JSON file, indented, with sorted keys and readable non-ASCII letters."""
    text = json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False)
    path.write_text(text + "\n", "utf-8")


def read_json_lines(path: Path) -> Iterator[Any]:
    """Read a JSON Lines file (one JSON value a line), lazily; blank lines are skipped."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)


def write_json_lines(path: Path, rows: Iterable[Any]) -> None:
    """Write rows to a JSON Lines file, one JSON value a line."""
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def to_json(value: Any) -> str:
    """Serialize objects to JSON that it does not know: dates, sets, paths and dataclasses."""

    def convert(item: Any) -> Any:
        if dataclasses.is_dataclass(item) and not isinstance(item, type):
            return dataclasses.asdict(item)
        if isinstance(item, date):
            return item.isoformat()
        if isinstance(item, set | frozenset):
            return sorted(item)
        if isinstance(item, Path):
            return str(item)
        raise TypeError(f"{type(item).__name__} cannot be written as JSON")

    return json.dumps(value, default=convert)


def dataclass_from_dict(type_: type[T], data: Mapping[str, Any]) -> T:
    """Create a dataclass from a dict and ignore the keys that are no fields of it."""
    names = inspect.signature(type_).parameters
    return type_(**{key: value for key, value in data.items() if key in names})


def flatten_json(data: Any, prefix: str = "") -> dict[str, Any]:
    """Flatten nested JSON into one dict with dotted keys, such as `user.emails.0`."""
    if isinstance(data, dict):
        pairs = [(str(key), value) for key, value in data.items()]
    elif isinstance(data, list):
        pairs = [(str(index), value) for index, value in enumerate(data)]
    else:
        return {prefix: data}
    flat: dict[str, Any] = {}
    for key, value in pairs:
        flat |= flatten_json(value, f"{prefix}.{key}" if prefix else key)
    return flat


def read_csv(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    """Read a CSV file with a header row into a list of dicts; a byte order mark does no harm."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def write_csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write a list of dicts to a CSV file with a header row of all keys that occur."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)


def csv_to_json_lines(source: Path, target: Path) -> None:
    """Convert a CSV file to JSON Lines, row by row."""
    with (
        source.open(newline="", encoding="utf-8-sig") as rows,
        target.open("w", encoding="utf-8") as lines,
    ):
        for row in csv.DictReader(rows):
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")


def sum_csv_column(path: Path, group: str, amount: str) -> dict[str, float]:
    """Add up a column of a CSV file for each value of another column."""
    totals: dict[str, float] = {}
    with path.open(newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            totals[row[group]] = totals.get(row[group], 0.0) + float(row[amount])
    return totals


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML configuration file, such as pyproject.toml, into a dict."""
    with path.open("rb") as file:
        return tomllib.load(file)


def read_ini(path: Path) -> dict[str, dict[str, str]]:
    """Read an INI configuration file into a dict of sections."""
    parser = configparser.ConfigParser(interpolation=None)
    with path.open(encoding="utf-8") as file:
        parser.read_file(file)
    return {section: dict(parser[section]) for section in parser.sections()}


def required_environment(name: str) -> str:
    """Read an environment variable that must be set and not empty."""
    value = os.environ.get(name, "")
    if not value:
        raise RuntimeError(f"the environment variable {name} is not set")
    return value


def environment_flag(name: str, default: bool = False) -> bool:
    """Read a boolean environment variable: 1, true, yes and on are true, and so on."""
    value = os.environ.get(name, "").strip().lower()
    if value in ("1", "true", "yes", "on"):
        return True
    if value in ("0", "false", "no", "off"):
        return False
    if value:
        raise ValueError(f"{name}={value} is neither true nor false")
    return default


def load_dotenv(path: Path) -> dict[str, str]:
    """Load the variables of a .env file into the environment; those already set are kept."""
    values: dict[str, str] = {}
    for line in path.read_text("utf-8").splitlines():
        key, sign, value = line.strip().removeprefix("export ").partition("=")
        if sign and not key.startswith("#"):
            value = value.strip()
            quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
            values[key.strip()] = value[1:-1] if quoted else value
    for key, value in values.items():
        os.environ.setdefault(key, value)
    return values


def read_xml_records(path: Path, tag: str) -> Iterator[dict[str, str]]:
    """Read the elements of a large XML file one by one as dicts of their children's texts.

    Entities in hostile XML can exhaust the memory: read only files that you trust.
    """
    for _, element in ET.iterparse(path):
        if element.tag == tag:
            yield {child.tag: child.text or "" for child in element}
            element.clear()


def write_xml(path: Path, root: str, item: str, rows: Iterable[Mapping[str, object]]) -> None:
    """Write a list of dicts to an XML file, one element a row."""
    top = ET.Element(root)
    for row in rows:
        element = ET.SubElement(top, item)
        for key, value in row.items():
            ET.SubElement(element, key).text = str(value)
    ET.indent(top)
    ET.ElementTree(top).write(path, encoding="utf-8", xml_declaration=True)
