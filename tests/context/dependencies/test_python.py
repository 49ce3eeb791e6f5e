from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dowse.context.dependencies import Package, find_packages
from dowse.context.dependencies.projects import projects_of
from dowse.context.dependencies.python_manifests import named_distributions

Folder = Callable[..., Path]
ENV = {"pyvenv.cfg": "version = 3.11.7\n", "lib/python3.11/site-packages/.keep": ""}
SITE = "lib/python3.11/site-packages"


@pytest.fixture
def site(folder: Folder, tmp_path: Path) -> Callable[[dict[str, str | bytes]], dict[str, Package]]:
    """The packages of an environment whose folder of packages holds these files."""

    def read(files: dict[str, str | bytes]) -> dict[str, Package]:
        environment = folder({**ENV, **{f"{SITE}/{k}": v for k, v in files.items()}}, "env")
        (tmp_path / "empty").mkdir(exist_ok=True)
        return {each.name: each for each in find_packages(tmp_path / "empty", environment)}

    return read


def metadata(name: str = "Some.Name", version: str = "1.0", *fields: str) -> str:
    head = ["Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}", *fields]
    return "\n".join(head) + "\n\nLicense: GPL-3.0-only\nThe description.\n"


def test_a_distribution_is_what_record_lists(site) -> None:
    package = site(
        {
            "some_name-1.0.dist-info/METADATA": metadata("Some.Name"),
            "some_name-1.0.dist-info/RECORD": "some_name/__init__.py,sha256=a,1\n"
            "some_name/core.py,sha256=b,2\r\nsome_name/core.pyi,sha256=c,3\n"
            "some_name/fast.pyi,sha256=d,3\nsome_name/fast.so,sha256=d,3\n"
            '"some_name/odd,""name"".py",sha256=e,3\n"some_name/two, plain.py",,\n'
            "some_name/tests/test_core.py,sha256=f,4\nsome_name/data.json,sha256=f,4\n"
            "../../../bin/some,sha256=f,4\nsome_name-1.0.dist-info/RECORD,,\n",
        }
    )["some-name"]
    assert package.files == (
        "some_name/__init__.py",
        "some_name/core.py",
        "some_name/fast.pyi",
        "some_name/two, plain.py",
    )
    assert package.modules == ("some_name",)
    assert package.version == "1.0"
    assert package.location.name == "site-packages"


def test_two_installs_of_one_wheel_have_one_key_and_changed_files_another(site) -> None:
    info = "a-1.0.dist-info"
    files = {f"{info}/METADATA": metadata("a"), f"{info}/RECORD": "a.py,sha256=x,1\n"}
    first = site(files)["a"].key
    installed_by_others = {f"{info}/INSTALLER": "uv", f"{info}/RECORD": "INSTALLER,sha256=q,2\n"}
    again = files[f"{info}/RECORD"] + installed_by_others[f"{info}/RECORD"]
    assert site({**files, f"{info}/INSTALLER": "uv", f"{info}/RECORD": again})["a"].key == first
    assert site({**files, f"{info}/RECORD": "a.py,sha256=y,1\n"})["a"].key != first


@pytest.mark.parametrize(
    ("fields", "files", "license_"),
    [
        (["License-Expression: mit OR isc", "License: GPLv3"], {}, "MIT OR ISC"),
        (["License: Apache License, Version 2.0"], {}, "Apache-2.0"),
        (["License: MIT", "Classifier: License :: OSI Approved :: ISC License (ISCL)"], {}, "MIT"),
        (["License: Copyright me", "  Permission is hereby granted, free of charge"], {}, "MIT"),
        (["Classifier: License :: OSI Approved :: Apache Software License"], {}, "Apache-2.0"),
        (
            [
                "Classifier: License :: OSI Approved :: MIT License",
                "Classifier: License :: OSI Approved :: ISC License (ISCL)",
            ],
            {},
            "ISC AND MIT",
        ),
        (
            ["License: BSD", "Classifier: License :: OSI Approved :: BSD License"],
            {"licenses/LICENSE.txt": "Redistribution and use in source and binary forms"},
            "BSD-2-Clause",
        ),
        ([], {"COPYING": "This is free and unencumbered software"}, "Unlicense"),
        (["License: BSD"], {}, None),
    ],
)
def test_a_licence_is_read_from_expression_name_classifier_or_text(
    site, fields: list[str], files: dict[str, str], license_: str | None
) -> None:
    info = "a-1.0.dist-info"
    texts = {f"{info}/{name}": text for name, text in files.items()}
    package = site({f"{info}/METADATA": metadata("a", "1.0", *fields), "a.py": "", **texts})["a"]
    assert package.license == license_


def test_without_record_the_importable_folders_are_listed(site) -> None:
    packages = site(
        {
            "PyJWT-2.6.0.egg-info/PKG-INFO": metadata("PyJWT", "2.6.0"),
            "PyJWT-2.6.0.egg-info/top_level.txt": "jwt\nmissing\n../x\n",
            "jwt/__init__.py": "",
            "jwt/deep/algorithms.py": "",
            "jwt/tests/test_it.py": "",
            "jwt/__pycache__/x.py": "",
            "Some_Name/__init__.py": "",
            "some_name-3.egg-info": metadata("some-name", "3"),
            "six.py": "",
            "six-1.16.0.dist-info/METADATA": metadata("six", "1.16.0"),
        }
    )
    assert packages["pyjwt"].files == ("jwt/__init__.py", "jwt/deep/algorithms.py")
    assert packages["pyjwt"].modules == ("jwt",)
    assert packages["some-name"].files == ("Some_Name/__init__.py",)
    assert packages["six"].files == ("six.py",)


def test_links_are_not_listed(site, tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("")
    files = {"a/__init__.py": "", "a-1.egg-info/PKG-INFO": metadata("a", "1")}
    top = site(files)["a"].location
    (top / "a" / "link.py").symlink_to(tmp_path / "secret.py")
    (top / "a" / "folder").symlink_to(tmp_path, target_is_directory=True)
    (top / "b").symlink_to(tmp_path, target_is_directory=True)
    packages = site({"b-1.egg-info": metadata("b", "1")})
    assert packages["a"].files == ("a/__init__.py",)
    assert packages["b"].files == ()


def test_stubs_are_imported_under_the_name_that_they_describe(site) -> None:
    info = "types_requests-2.0.dist-info"
    record = "requests-stubs/__init__.pyi,sha256=a,1\n"
    files = {f"{info}/METADATA": metadata("types-requests", "2.0"), f"{info}/RECORD": record}
    package = site(files)["types-requests"]
    assert (package.modules, package.files) == (("requests",), ("requests-stubs/__init__.pyi",))


def test_editable_installs_are_workspaces_of_their_own(site) -> None:
    info = "a-1.0.dist-info"
    files = {f"{info}/METADATA": metadata("a"), "a.py": "", f"{info}/RECORD": "a.py,,\n"}
    for editable, expected in ((True, set()), (False, {"a"}), ("yes", {"a"})):
        origin = {"url": "file:///x", "dir_info": {"editable": editable}}
        assert {*site({**files, f"{info}/direct_url.json": json.dumps(origin)})} == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "no fields", "Name: a", "Version: 1", metadata("../a"), metadata("a", "../../b")),
        *(metadata("a b"), metadata("a", "1 0"), "\0" * 100, " Name: a"),
    ],
)
def test_metadata_without_name_and_version_is_passed_over(site, text: str) -> None:
    packages = site({"a-1.0.dist-info/METADATA": text, "b-1.dist-info/METADATA": metadata("b")})
    assert {*packages} == {"b"}


def test_what_is_left_of_a_removed_package_is_passed_over(site) -> None:
    assert site({"~-1.0.dist-info/METADATA": metadata("a")}) == {}


PARTS = st.sampled_from(["a", "b.py", "..", "", ".", "C:", "\\", "c\\..\\d.py", '"', ",", "ü.py"])
ROWS = st.lists(st.lists(PARTS, max_size=5).map("/".join) | st.text(max_size=20), max_size=8)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]), raw=st.booleans())
def test_no_row_of_record_leads_out_of_the_folder(site, rows, quoting, raw) -> None:
    text = io.StringIO()
    csv.writer(text, quoting=quoting).writerows([row, "sha256=x", "1"] for row in rows)
    record = "\n".join(f"{row},," for row in rows) if raw else text.getvalue()
    files = {"a-1.0.dist-info/METADATA": metadata("a")}
    record_bytes = record.encode("utf-8", "surrogatepass")
    for package in site({**files, "a-1.0.dist-info/RECORD": record_bytes}).values():
        for path in package.files or ():
            top = os.path.join(package.location, "")
            assert os.path.normpath(package.location / path).startswith(top)
            assert "\\" not in path


def named(root: Path) -> set[str]:
    return named_distributions(root, projects_of(root))


def test_every_kind_of_manifest_names_distributions(folder: Folder) -> None:
    root = folder(
        {
            "pyproject.toml": """
                [project]
                dependencies = ["Py_One>=1; python_version > '3'", "py-two[extra] @ https://x/y"]
                optional-dependencies = {dev = ["py.three"]}
                [dependency-groups]
                test = ["py-four", {include-group = "dev"}]
                [tool.uv]
                dev-dependencies = ["py-five"]
                [tool.poetry.dependencies]
                python = "^3.11"
                py-six = {version = "1", optional = true}
                [tool.poetry.group.docs.dependencies]
                py-seven = "*"
            """,
            "setup.cfg": "[metadata]\nname = no\n[options]\ninstall_requires =\n    py-eight>1\n"
            "    # comment\nzip_safe = false\n[options.extras_require]\ndev = py-nine; x\n  py-ten",
            "Pipfile": '[packages]\npy-eleven = "*"\n[dev-packages]\npy-twelve = "*"\n',
            "requirements-dev.txt": "py-thirteen==1 # why\n-r more/base.txt\n-e .\n--no-index\n"
            "git+https://host/x.git@main#egg=py-fourteen\nhttps://host/no.whl\n",
            "more/base.txt": "py-fifteen \\\n  >= 2\n-c ../requirements-dev.txt\n",
            "requirements/any.in": "py-sixteen\n",
            "service/pyproject.toml": '[project]\ndependencies = ["py-seventeen"]\n',
        }
    )
    numbers = (
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen"
    )
    assert named(root) == {f"py-{number}" for number in numbers.split()}


def test_requirement_files_outside_the_workspace_are_not_read(
    folder: Folder, tmp_path: Path
) -> None:
    (tmp_path / "secret.txt").write_text("secret\n")
    root = folder({"requirements.txt": f"-r ../secret.txt\n-r {tmp_path}/secret.txt\n-rlink.txt\n"})
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    assert named(root) == set()


def test_what_the_manifests_name_is_direct(folder: Folder, found) -> None:
    files = {
        ".venv/pyvenv.cfg": "",
        f".venv/{SITE}/a.py": "",
        f".venv/{SITE}/a-1.dist-info/METADATA": metadata("A", "1"),
        f".venv/{SITE}/b-1.dist-info/METADATA": metadata("b", "1"),
        "pyproject.toml": '[project]\ndependencies = ["a"]',
    }
    packages = found(folder(files), "python")
    assert {name: each.direct for name, each in packages.items()} == {"a": True, "b": False}
