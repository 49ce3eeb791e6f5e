"""Hostile and broken workspaces: fewer packages, and never an exception."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dowse.context.dependencies import find_packages
from dowse.context.dependencies.projects import folders_above, projects_of
from dowse.context.dependencies.reading import read_head, read_text

Folder = Callable[..., Path]
SITE = ".venv/lib/python3.11/site-packages"
READ = (
    *("pyproject.toml", "setup.cfg", "Pipfile", "requirements.txt", "package.json", "go.mod"),
    *("Cargo.toml", "Cargo.lock", "pom.xml", "build.gradle", "build.gradle.kts", ".python-version"),
    *("gradle/libs.versions.toml", ".venv/pyvenv.cfg", "node_modules/a/package.json"),
    *(f"{SITE}/a-1.dist-info/{name}" for name in ("METADATA", "RECORD", "top_level.txt")),
    *(f"{SITE}/a-1.dist-info/{name}" for name in ("direct_url.json", "LICENSE")),
)
"""Every file of a workspace that is read."""


def test_nothing_is_found_where_there_is_nothing(tmp_path: Path) -> None:
    assert find_packages(tmp_path / "missing") == []
    (tmp_path / "file").write_text("")
    assert find_packages(tmp_path / "file") == []
    (tmp_path / "empty").mkdir()
    assert find_packages(tmp_path / "empty", Path("no\0name")) == []


def test_packages_of_all_ecosystems_are_found_the_direct_ones_first(folder: Folder) -> None:
    folder({"go/pkg/mod/b.io/c@v1.0.0/c.go": ""}, "home")
    root = folder(
        {
            "go.mod": "require b.io/c v1.0.0\n",
            ".venv/pyvenv.cfg": "version = 3.11.7\n",
            f"{SITE}/a-1.dist-info/METADATA": "Name: a\nVersion: 1\n",
            "node_modules/a/package.json": '{"name": "a", "version": "1"}',
        }
    )
    found = [(each.ecosystem, each.name, each.direct) for each in find_packages(root)]
    assert found == [("go", "b.io/c", True), ("python", "a", False), ("node", "a", False)]


FRAGMENTS = st.sampled_from(
    [
        *(
            "[",
            "]",
            "{",
            "}",
            "(",
            ")",
            '"',
            "'",
            "=",
            ":",
            "\n",
            " ",
            "\t",
            "a",
            "1",
            ".",
            "/",
            "<",
        ),
        *(
            ">",
            "=>",
            "require",
            "replace",
            "Name: a\n",
            "Version: 1\n",
            "[project]\n",
            "\\",
            "${a}",
        ),
        *("dependencies", "[[package]]\n", "name", "version", "<project>", "</project>", "\0", "é"),
        *("implementation", "-r ", "..", "a.py,,\n", '{"name": "a", "version": "1"}', "\ud800"),
    ]
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.dictionaries(st.sampled_from(READ), st.lists(FRAGMENTS, max_size=12)))
def test_no_content_raises(folder: Folder, tmp_path_factory, texts: dict[str, list[str]]) -> None:
    name = f"{tmp_path_factory.mktemp('hostile')}/project"
    encoded = {path: "".join(t).encode("utf-8", "surrogatepass") for path, t in texts.items()}
    assert isinstance(find_packages(folder(encoded, name)), list)


@settings(max_examples=30, deadline=None)
@given(content=st.binary(max_size=60))
def test_no_bytes_raise(tmp_path_factory, content: bytes) -> None:
    root = tmp_path_factory.mktemp("bytes")
    for path in READ:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    assert isinstance(find_packages(root), list)


@pytest.mark.parametrize("path", READ)
def test_a_pipe_a_loop_or_a_folder_in_place_of_a_file_is_passed_over(
    folder: Folder, path: str
) -> None:
    root = folder({".venv/pyvenv.cfg": "version = 3.11.7\n"})
    place = root / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    os.mkfifo(place)
    assert find_packages(root) == []
    place.unlink()
    place.symlink_to(place.name)
    assert find_packages(root) == []
    place.unlink()
    place.mkdir()
    assert find_packages(root) == []


def test_endless_and_large_files_are_not_read(tmp_path: Path) -> None:
    large = tmp_path / "large"
    with open(large, "wb") as file:
        file.truncate(1_000)
    assert read_text(large, 999) == ""
    assert len(read_text(large, 1_000)) == 1_000
    assert read_head(large, 10) == b"\0" * 10
    assert read_head("/dev/zero", 10) == b""


@pytest.mark.skipif(os.name == "nt" or os.getuid() == 0, reason="the superuser may read all")
def test_folders_that_may_not_be_read_are_passed_over(folder: Folder) -> None:
    root = folder(dict.fromkeys(READ, ""))
    for locked in (root / ".venv", root / "node_modules"):
        locked.chmod(0)
    try:
        assert find_packages(root) == []
    finally:
        for locked in (root / ".venv", root / "node_modules"):
            locked.chmod(0o755)


def test_projects_are_the_folders_near_the_top(folder: Folder) -> None:
    root = folder(
        {
            "a/b/c/x": "",
            "a/b/c/d/x": "",
            ".hidden/x": "",
            "node_modules/x": "",
            "target/x": "",
            "own/pyvenv.cfg": "",
            "z/x": "",
        }
    )
    (root / "a" / "loop").symlink_to(root, target_is_directory=True)
    below = [each.folder.relative_to(root).as_posix() for each in projects_of(root)]
    assert below == [".", "a", "z", "a/b", "a/b/c"]


def test_folders_above_end_at_the_top_of_the_repository(folder: Folder) -> None:
    root = folder({".git": "gitdir: elsewhere", "a/b/x": ""})
    assert folders_above(root / "a" / "b") == [root / "a" / "b", root / "a", root]
    assert folders_above(root) == [root]
    (root / ".git").unlink()
    assert folders_above(root / "a" / "b") == [root / "a" / "b"]
