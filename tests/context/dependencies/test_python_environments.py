"""Which Python a workspace uses, told from layouts on the disk; no test runs what is found."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dowse.context.dependencies import find_packages

Folder = Callable[..., Path]
SITE = "lib/python3.11/site-packages"


def distribution(site: str, name: str, version: str = "1.0") -> dict[str, str]:
    info = f"{site}/{name}-{version}.dist-info"
    return {
        f"{site}/{name}.py": "",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/RECORD": f"{name}.py,sha256=abc,0\n",
    }


def virtual(prefix: str, name: str, base: str = "/nowhere/bin") -> dict[str, str]:
    settings = f"home = {base}\nversion = 3.11.7\n"
    return {f"{prefix}/pyvenv.cfg": settings, **distribution(f"{prefix}/{SITE}", name)}


def installed(name: str) -> dict[str, str]:
    """An interpreter with its library and one distribution, below the folder that is made."""
    return {
        "bin/python3.11": "",
        "lib/python3.11/os.py": "",
        "lib/python3.11/json/__init__.py": "",
        "lib/python3.11/test/test_os.py": "",
        "lib/python3.11/idlelib/idle.py": "",
        "lib/python3.11/unittest/test/test_case.py": "",
        "lib/python3.11/lib-dynload/x.py": "",
        "lib/python3.11/_sysconfigdata__linux_.py": "",
        "include/python3.11/patchlevel.h": '#define PY_VERSION      "3.11.9"\n',
        **distribution(SITE, name),
    }


def names(workspace: Path, python: Path | None = None) -> set[str]:
    return {each.name for each in find_packages(workspace, python) if each.ecosystem == "python"}


@pytest.mark.parametrize("name", [".venv", "venv", "env"])
def test_a_workspace_has_its_own_environment(folder: Folder, name: str) -> None:
    assert names(folder(virtual(name, "mine"))) == {"mine"}


def test_an_environment_of_the_repository_serves_the_folders_in_it(folder: Folder) -> None:
    root = folder({".git/HEAD": "", "packages/one/a.py": "", **virtual(".venv", "shared")})
    assert names(root / "packages" / "one") == {"shared"}


def test_an_environment_above_a_folder_without_repository_is_not_used(folder: Folder) -> None:
    root = folder({"one/a.py": "", **virtual(".venv", "other")})
    assert names(root / "one") == set()


def test_environments_of_projects_below_are_used_where_there_is_none_above(folder: Folder) -> None:
    files = {**virtual("backend/.venv", "back"), **virtual("jobs/.venv", "job")}
    assert names(folder(files)) == {"back", "job"}
    assert names(folder({**files, **virtual(".venv", "mine")})) == {"mine"}


def test_what_is_named_comes_before_what_is_found(folder: Folder, tmp_path: Path) -> None:
    root = folder(virtual(".venv", "mine"))
    other = folder(virtual("other", "named"), "elsewhere") / "other"
    (other / "bin").mkdir()
    (other / "bin" / "python").symlink_to("/nowhere/bin/python3.11")
    (other / "bin" / "python3").write_text("")
    assert names(root, other) == {"named"}
    assert names(root, other / "bin" / "python3") == {"named"}
    assert names(root, tmp_path / "missing") == set()
    assert names(root, Path(".venv")) == {"mine"}


@pytest.mark.parametrize("variable", ["VIRTUAL_ENV", "CONDA_PREFIX"])
def test_an_activated_environment_is_used(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    prefix = folder(virtual("active", "activated"), "elsewhere") / "active"
    monkeypatch.setenv(variable, str(prefix))
    assert names(folder({"a.py": ""})) == {"activated"}


def test_an_interpreter_on_the_path_is_followed_to_its_library(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = folder(installed("global"), "python")
    programs = tmp_path / "usr" / "bin"
    programs.mkdir(parents=True)
    (programs / "python3").symlink_to(prefix / "bin" / "python3.11")
    monkeypatch.setenv("PATH", os.pathsep.join(["", ".", str(programs)]))
    assert names(folder({"a.py": ""})) == {"python", "global"}


def test_the_standard_library_is_a_package(folder: Folder, found) -> None:
    prefix = folder(installed("global"), "python")
    library = found(folder({"a.py": ""}), "python", prefix)["python"]
    assert (library.version, library.license, library.direct) == ("3.11.9", "PSF-2.0", True)
    assert library.location == prefix / "lib" / "python3.11"
    assert library.files == ("json/__init__.py", "os.py")
    assert library.modules == ("json", "os")
    assert not found(folder({"a.go": ""}, "without"), "python", prefix)["python"].direct


def test_without_its_headers_an_interpreter_tells_the_short_version(folder: Folder, found) -> None:
    prefix = folder({"lib/python3.11/os.py": ""}, "python")
    assert found(folder({}), "python", prefix)["python"].version == "3.11"
    folder({"conda-meta/python-3.11.5-h955ad1f_0.json": ""}, "python")
    assert found(folder({}), "python", prefix)["python"].version == "3.11.5"


def test_an_environment_has_the_library_that_it_was_made_from(folder: Folder, found) -> None:
    prefix = folder(installed("global"), "python")
    root = folder(virtual(".venv", "mine", str(prefix / "bin")))
    packages = found(root, "python")
    assert {*packages} == {"python", "mine"}
    assert packages["python"].version == "3.11.7"
    settings = root / ".venv" / "pyvenv.cfg"
    settings.write_text(settings.read_text() + "include-system-site-packages = true\n")
    assert {*found(root, "python")} == {"python", "mine", "global"}


def test_debian_keeps_packages_elsewhere(folder: Folder, found) -> None:
    files = {
        "lib/python3.11/os.py": "",
        **distribution("lib/python3/dist-packages", "system"),
        **distribution("local/lib/python3.11/dist-packages", "local"),
    }
    assert {*found(folder({}), "python", folder(files, "usr"))} == {"python", "system", "local"}


def test_windows_keeps_packages_elsewhere(folder: Folder, found) -> None:
    files = {"pyvenv.cfg": "version = 3.11.7\n", **distribution("Lib/site-packages", "mine")}
    assert {*found(folder({}), "python", folder(files, "env"))} == {"mine"}


def test_a_persons_own_packages_belong_to_the_installed_python(
    folder: Folder, found, home: Path
) -> None:
    folder(distribution(f".local/{SITE}", "personal"), "home")
    prefix = folder(installed("global"), "python")
    assert "personal" in found(folder({}), "python", prefix)
    environment = folder(virtual("env", "mine", str(prefix / "bin")), "elsewhere") / "env"
    assert "personal" not in found(folder({}), "python", environment)


def test_pyenv_is_asked_by_its_files(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    root = folder({"shims/python3": "", "version": "3.11.9\n"}, "pyenv")
    folder(installed("chosen"), "pyenv/versions/3.11.9")
    folder(installed("named"), "pyenv/versions/named")
    folder(installed("hostile"), "hostile")
    monkeypatch.setenv("PATH", str(root / "shims"))
    workspace = folder({"a.py": ""})
    assert names(workspace) == {"python", "chosen"}
    (workspace / ".python-version").write_text("named\n")
    assert names(workspace) == {"python", "named"}
    (workspace / ".python-version").write_text(f"../../hostile\n{tmp_path}/hostile\n")
    assert names(workspace) == {"python", "chosen"}


def test_nothing_that_is_found_is_run(folder: Folder, tmp_path: Path) -> None:
    root = folder({**virtual(".venv", "mine"), "a.py": "", "setup.py": "open('ran', 'w')\n"})
    program = root / ".venv" / "bin" / "python"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    program.chmod(0o755)
    (root / ".venv" / SITE / "evil.pth").write_text(f"import os; os.mkdir('{tmp_path}/ran')\n")
    assert names(root) == {"mine"}
    assert names(root, program) == {"mine"}
    assert not (tmp_path / "ran").exists()


def test_links_that_go_round_end(folder: Folder) -> None:
    root = folder(virtual(".venv", "mine"))
    (root / ".venv" / "lib64").symlink_to("lib")
    (root / ".venv" / SITE / "loop").symlink_to(root, target_is_directory=True)
    (root / "venv").symlink_to("venv")
    assert names(root) == {"mine"}


def test_the_environment_of_this_test_is_read(found, folder: Folder) -> None:
    packages = found(folder({"requirements.txt": "PyTest\n"}), "python", Path(sys.prefix))
    own, library = packages["pytest"], packages["python"]
    assert own.direct
    assert own.license == "MIT"
    assert {"pytest", "_pytest"} <= {*own.modules}
    assert own.files
    assert all((own.location / path).is_file() for path in own.files)
    assert library.version.startswith("{}.{}".format(*sys.version_info))
    assert (library.location / "json" / "decoder.py").is_file()
    assert "dowse" not in packages
