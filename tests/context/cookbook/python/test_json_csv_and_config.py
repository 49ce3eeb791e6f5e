from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from dowse.context.cookbook.python import json_csv_and_config as recipes


@dataclass
class Person:
    name: str
    age: int = 0


def test_json_files(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    recipes.write_json(path, {"b": 1, "a": "ä"})
    assert path.read_text("utf-8") == '{\n  "a": "ä",\n  "b": 1\n}\n'
    assert recipes.read_json(path) == {"a": "ä", "b": 1}
    path.write_text("{\n  x}")
    with pytest.raises(ValueError, match=r"a\.json:2:3: invalid JSON"):
        recipes.read_json(path)


def test_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    recipes.write_json_lines(path, [{"a": 1}, "ä\n"])
    path.write_text(path.read_text("utf-8") + "\n", "utf-8")
    assert list(recipes.read_json_lines(path)) == [{"a": 1}, "ä\n"]


def test_json_of_objects() -> None:
    value = {"who": Person("Ada"), "when": date(2024, 5, 1), "tags": {"b", "a"}, "at": Path("x")}
    assert recipes.to_json(value) == (
        '{"who": {"name": "Ada", "age": 0}, "when": "2024-05-01", "tags": ["a", "b"], "at": "x"}'
    )
    with pytest.raises(TypeError, match="object cannot be written"):
        recipes.to_json(object())
    assert recipes.dataclass_from_dict(Person, {"name": "Ada", "city": "x"}) == Person("Ada")


def test_json_is_flattened() -> None:
    data = {"user": {"emails": ["a", "b"], "age": 3}}
    assert recipes.flatten_json(data) == {"user.emails.0": "a", "user.emails.1": "b", "user.age": 3}


def test_csv(tmp_path: Path) -> None:
    path, lines = tmp_path / "a.csv", tmp_path / "a.jsonl"
    recipes.write_csv(path, [{"name": "Ada, L.", "n": 1}, {"name": 'B "x"', "n": 2, "m": 3}])
    path.write_text("\ufeff" + path.read_text("utf-8"), "utf-8")
    rows = [{"name": "Ada, L.", "n": "1", "m": ""}, {"name": 'B "x"', "n": "2", "m": "3"}]
    assert recipes.read_csv(path) == rows
    recipes.csv_to_json_lines(path, lines)
    assert list(recipes.read_json_lines(lines)) == rows
    path.write_text("who,sum\na,1.5\nb,2\na,3\n")
    assert recipes.sum_csv_column(path, "who", "sum") == {"a": 4.5, "b": 2}


def test_configuration_files(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text('[tool]\nname = "x"\n')
    assert recipes.read_toml(path) == {"tool": {"name": "x"}}
    path.write_text("[server]\nport = 80\nfill = 100%\n")
    assert recipes.read_ini(path) == {"server": {"port": "80", "fill": "100%"}}
    with pytest.raises(FileNotFoundError):
        recipes.read_ini(tmp_path / "none")


def test_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKBOOK_SET", " Yes ")
    monkeypatch.setenv("COOKBOOK_BAD", "maybe")
    monkeypatch.setenv("COOKBOOK_OFF", "0")
    for name in ("COOKBOOK_NEW", "COOKBOOK_URL"):
        monkeypatch.setenv(name, "x")
        monkeypatch.delenv(name)
    assert recipes.required_environment("COOKBOOK_BAD") == "maybe"
    with pytest.raises(RuntimeError, match="COOKBOOK_NEW is not set"):
        recipes.required_environment("COOKBOOK_NEW")
    assert recipes.environment_flag("COOKBOOK_SET")
    assert not recipes.environment_flag("COOKBOOK_OFF", default=True)
    assert recipes.environment_flag("COOKBOOK_NEW", default=True)
    with pytest.raises(ValueError, match="neither"):
        recipes.environment_flag("COOKBOOK_BAD")
    path = tmp_path / ".env"
    path.write_text("# c\n\nexport COOKBOOK_NEW='a b'\nCOOKBOOK_URL=x=y\nCOOKBOOK_OFF=1\n")
    assert recipes.load_dotenv(path)["COOKBOOK_OFF"] == "1"
    assert (os.environ["COOKBOOK_NEW"], os.environ["COOKBOOK_URL"]) == ("a b", "x=y")
    assert os.environ["COOKBOOK_OFF"] == "0"


def test_xml(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    recipes.write_xml(path, "people", "person", [{"name": "A & B", "age": 3}])
    assert "A &amp; B" in path.read_text()
    assert list(recipes.read_xml_records(path, "person")) == [{"name": "A & B", "age": "3"}]
