from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dowse.context.dependencies.package import Ecosystem, Package, is_below, is_version, unique

REQUESTS = Package(
    Ecosystem.PYTHON,
    "requests",
    "2.32.3",
    Path("/here"),
    None,
    "Apache-2.0",
    ("requests",),
    False,
    "content",
)


def test_a_key_is_readable_and_the_same_wherever_the_package_lies() -> None:
    assert re.fullmatch(r"python-requests-2\.32\.3-[0-9a-f]{16}", REQUESTS.key)
    assert replace(REQUESTS, location=Path("/there"), direct=True, files=()).key == REQUESTS.key


@pytest.mark.parametrize(
    "change",
    [
        {"ecosystem": Ecosystem.NODE},
        {"name": "Requests"},
        {"version": "2.32.3+local"},
        {"identity": "other content"},
    ],
)
def test_another_package_has_another_key(change: dict[str, str]) -> None:
    assert replace(REQUESTS, **change).key != REQUESTS.key


@given(name=st.text(max_size=300), version=st.text(max_size=300))
def test_a_key_is_a_folder_name_on_every_file_system(name: str, version: str) -> None:
    key = replace(REQUESTS, name=name, version=version).key
    assert re.fullmatch(r"python-[a-z0-9._-]*-[0-9a-f]{16}", key)
    assert len(key) < 100


def test_a_package_that_is_found_twice_is_one() -> None:
    again = replace(REQUESTS, location=Path("/there"), direct=True)
    other = replace(REQUESTS, version="2.32.4")
    assert unique([REQUESTS, again, other]) == [replace(REQUESTS, direct=True), other]


@pytest.mark.parametrize(
    "path", ["a.py", "a/b.py", ".hidden/x", "a b/ü.py", "a..b/c...d", "__init__.py", "c++/x+y.h"]
)
def test_ordinary_paths_are_below(path: str) -> None:
    assert is_below(path)


@pytest.mark.parametrize(
    "path",
    [
        *("", "/etc/passwd", "../x", "a/../../x", "a/..", "./x", "a//b", "a/", "C:/x", "C:x"),
        *("\\\\server\\x", "a\\..\\x", "a/.. /x", "a/b.", "x:stream", "a\0b", "a\nb", "x" * 1_001),
    ],
)
def test_paths_that_lead_elsewhere_are_not_below(path: str) -> None:
    assert not is_below(path)


@given(st.text(st.sampled_from(["a", ".", "/", "\\", ":", " ", "ü", "\0", "~"]), max_size=12))
def test_no_path_leaves_its_folder(path: str) -> None:
    if is_below(path):
        for kind in (PurePosixPath, PureWindowsPath):
            joined = kind("/top") / path
            assert joined.is_relative_to(kind("/top"))
            assert not {"..", ".", ""} & {*joined.parts}


@pytest.mark.parametrize("text", ["1.0", "1!2.0.dev1+cpu", "v0.0.0-20240101-abc", "2.0.0-rc.1"])
def test_versions_are_told(text: str) -> None:
    assert is_version(text)


@pytest.mark.parametrize(
    "text", ["", "..", "../1", "1/2", "1\\2", "1 2", "x" * 101, None, 1.0, "1\n"]
)
def test_what_is_no_version_is_told(text: object) -> None:
    assert not is_version(text)
