from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dowse.context.modules import Modules

PARTS = st.lists(st.text("abc", min_size=1, max_size=3), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("project.lib.dates", "lib/dates.py"),
        (".dates", "lib/dates.py"),
        ("dates", "dates.py"),
        ("project.lib", "project/lib/__init__.py"),
        ("./lib/dates.js", "src/lib/dates.js"),
        ("../lib/dates", "src/lib/dates.ts"),
        ("./lib", "src/lib/index.ts"),
        ("example.org/project/dates", "project/dates/parse.go"),
        ("crate::lib::dates", "lib/dates.rs"),
        ("lib/dates.h", "include/lib/dates.h"),
        ("org.example.Dates", "src/org/example/Dates.java"),
    ],
)
def test_an_import_means_a_file(name: str, path: str) -> None:
    assert path in Modules([name])


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("other.dates", "lib/dates.py"),
        ("lib", "lib/dates.py"),
        ("update", "lib/date.py"),
        ("", "lib/dates.py"),
        ("...", "dates.py"),
        ("project.lib", "__init__.py"),
    ],
)
def test_other_imports_do_not(name: str, path: str) -> None:
    assert path not in Modules([name])


@given(PARTS, PARTS)
def test_a_longer_or_shorter_way_to_the_same_file_is_the_same_file(
    above: list[str], parts: list[str]
) -> None:
    path = "/".join(parts) + ".py"
    assert path in Modules([".".join([*above, *parts])])
    assert f"{'/'.join(above)}/{path}" in Modules([".".join(parts)])
