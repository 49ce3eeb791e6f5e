from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from dowse.context.errors import DatasetError
from dowse.context.types import Limits
from dowse.model.training.data.documentation import code_blocks
from dowse.model.training.data.mining import mine
from dowse.model.training.data.places import PERMISSIVE, is_allowed, packages, repository

FILES = {
    "pyproject.toml": '[project]\nname = "shop"\nlicense = "MIT"\n',
    "cart.py": (
        'def total_price(things):\n    """Add up the prices of all things.\n\n    More."""\n'
        "    # leave out everything that is free\n"
        "    paid = [each for each in things if each.price]\n"
        "    return sum(each.price for each in paid)\n"
    ),
    "tests/test_cart.py": (
        "def test_total_price_of_an_empty_cart_is_zero():\n    assert total_price([]) == 0\n"
    ),
    "README.md": "# Shop\n\nTo see what a cart costs, add up its prices:\n\n"
    "```python\nprint(total_price(cart))\n```\n",
}


def repo(root: Path, files: Mapping[str, str] = FILES) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_every_miner_finds_its_pair_with_licence_and_place(tmp_path: Path) -> None:
    root = repo(tmp_path)
    git = ("git", "-C", str(root), "-c", "user.name=n", "-c", "user.email=e")
    for command in (
        ("init", "-q"),
        ("add", "."),
        ("commit", "-qm", "Leave out what is free (#12)"),
    ):
        subprocess.run([*git, *command], check=True)
    found = {pair.source: pair for pair in mine(repository(root), Limits())}
    assert {name: pair.query for name, pair in found.items()} == {
        "docstring": "Add up the prices of all things",
        "comment": "leave out everything that is free",
        "test": "total price of an empty cart is zero",
        "commit": "Leave out what is free",
        "documentation": "To see what a cart costs, add up its prices",
    }
    assert {(pair.license, pair.language) for pair in found.values()} == {("MIT", "python")}
    assert found["test"].symbol == found["docstring"].symbol == "total_price"
    assert "Add up" not in found["docstring"].code
    assert found["comment"].code.startswith("paid = [")
    assert found["documentation"].path == "README.md"


def test_only_the_miners_that_are_wanted_run(tmp_path: Path) -> None:
    (pair,) = mine(repository(repo(tmp_path)), Limits(), ["test"])
    assert pair.source == "test"


def test_a_test_that_names_nothing_it_calls_gives_no_pair(tmp_path: Path) -> None:
    files = {
        **FILES,
        "tests/test_cart.py": "def test_it_is_good_and_fast_too():\n    total_price(1)\n",
    }
    assert not list(mine(repository(repo(tmp_path, files)), Limits(), ["test"]))


def test_rows_of_a_table_are_no_block(tmp_path: Path) -> None:
    rows = "    'a long first name',\n    'a long second name',\n"
    source = f"x = [\n    # names of all known colours\n{rows}]\n"
    root = repo(tmp_path, {"a.py": source})
    assert not list(mine(repository(root), Limits(), ["comment"]))


def test_documentation_blocks_need_a_language_and_a_sentence() -> None:
    text = (
        "Sort a list of names:\n\n.. code-block:: python\n   :linenos:\n\n   names.sort()\n\n"
        "Install it with pip now:\n\n```console\npip install x\n```\n\n"
        "Read the value of a key.\n\n```pycon\n>>> get('a')\n1\n```\n\n```python\nalone()\n```\n"
    )
    assert sorted(code_blocks(text)) == [
        ("Read the value of a key", "get('a')", "python"),
        ("Sort a list of names", "names.sort()", "python"),
    ]


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("", False),
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("(MIT OR GPL-2.0-only) AND BSD-3-Clause", True),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("MIT MIT", False),
        ("(", False),
    ],
)
def test_a_licence_expression_is_allowed_if_it_can_be_met(expression: str, allowed: bool) -> None:
    assert is_allowed(expression, PERMISSIVE) is allowed


def test_an_installed_package_is_mined_with_its_version(tmp_path: Path) -> None:
    site = tmp_path / "lib" / "python3.11" / "site-packages"
    info = site / "shop-1.2.dist-info"
    repo(site, {"shop/cart.py": FILES["cart.py"]})
    repo(info, {"METADATA": "Metadata-Version: 2.4\nName: shop\nVersion: 1.2\n"
                "License-Expression: ISC\n\n" + FILES["README.md"],
                "RECORD": "shop/cart.py,,\n"})  # fmt: skip
    (tmp_path / "pyvenv.cfg").write_text("version = 3.11.0\n")
    (place,) = packages(tmp_path, frozenset({"shop"}))
    found = list(mine(place, Limits()))
    assert {pair.source for pair in found} == {"docstring", "comment", "documentation"}
    assert {(pair.repository, pair.license) for pair in found} == {("shop==1.2", "ISC")}


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="there is no folder"):
        repository(tmp_path / "missing")
    with pytest.raises(DatasetError, match="nothing-like-this is not installed"):
        packages(tmp_path, frozenset({"nothing-like-this"}))
