from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest

from dowse.context.errors import SettingsError
from dowse.model.training.recipe import (
    SETTINGS,
    Recipe,
    parse_change,
    read_recipe,
    resolve,
    shipped,
)

if TYPE_CHECKING:
    from pathlib import Path

NAMES = {item.name for item in fields(Recipe)}


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_recipe_has_every_setting_on_one_line_with_a_comment(name: str) -> None:
    text = shipped()[name].read_text(encoding="utf-8")
    assert set(tomllib.loads(text)) == NAMES == set(SETTINGS)
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert len(lines) == len(NAMES)
    assert all(re.search(r"  # \S", line) for line in lines)


def test_the_small_recipe_is_read_and_changed() -> None:
    recipe = read_recipe("small", {"epochs": 2, "learning_rate": 1})
    assert (recipe.epochs, recipe.learning_rate, recipe.batch_size) == (2, 1.0, 64)
    assert type(recipe.learning_rate) is float


def test_the_defaults_are_settings_that_make_sense() -> None:
    assert resolve({name: getattr(Recipe(), name) for name in NAMES}) == Recipe() == resolve({})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("batch_size", 1),
        ("batch_size", 64.0),
        ("epochs", True),
        ("temperature", 0),
        ("temperature", float("nan")),
        ("learning_rate", "2e-5"),
        ("symmetric", 1),
        ("decay", "step"),
        ("decay", []),
        ("averages", []),
        ("averages", [0.0]),
        ("averages", 1.0),
        ("lora_modules", "query"),
        ("base", ""),
    ],
)
def test_a_bad_value_is_named_with_what_it_has_to_be(name: str, value: Any) -> None:
    with pytest.raises(SettingsError, match=rf"mine: {name} is .*; it has to be "):
        resolve({name: value}, "mine")


def test_an_unknown_setting_is_told_with_a_near_one() -> None:
    with pytest.raises(SettingsError, match="no setting 'batchsize'; did you mean batch_size"):
        resolve({"batchsize": 64})


@pytest.mark.parametrize(
    "table",
    [
        {"negatives_skip": 50, "negatives_depth": 50},
        {"lora_rank": 8, "layers": 3},
        {"lora_rank": 8, "frozen_layers": 3},
        {"layers": 3, "averages": [0.5, 1.0]},
        {"teachers": ["package:larger"]},
    ],
)
def test_settings_that_do_not_go_together_are_refused(table: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        resolve(table)


@pytest.mark.parametrize("text", ["epochs = ", "= 1", "[[", "epochs = 1\nepochs = 2"])
def test_a_file_that_is_no_toml_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=r"mine\.toml is no TOML"):
        read_recipe(str(path))


@pytest.mark.parametrize("name", ["no-such-recipe", "."])
def test_a_missing_recipe_names_the_shipped_ones(name: str) -> None:
    with pytest.raises(SettingsError, match="large or python-web or small"):
        read_recipe(name)


def test_changes_are_read_like_lines_of_a_recipe() -> None:
    assert parse_change("epochs=2") == ("epochs", 2)
    assert parse_change("averages = [0.5, 1.0]") == ("averages", [0.5, 1.0])
    assert parse_change("base=package:mine") == ("base", "package:mine")
    with pytest.raises(SettingsError, match="write name=value"):
        parse_change("epochs")
