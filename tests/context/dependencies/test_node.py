from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Folder = Callable[..., Path]


def package(name: str, version: str = "1.0.0", **fields: object) -> str:
    return json.dumps({"name": name, "version": version, **fields})


def test_packages_are_found_with_version_place_and_licence(folder: Folder, found) -> None:
    root = folder(
        {
            "package.json": package("own", dependencies={"express": "^4"}, license="MIT"),
            "node_modules/express/package.json": package("express", "4.18.2", license="MIT"),
            "node_modules/@scope/name/package.json": package("@scope/name", "2.0.0-rc.1"),
            "node_modules/@scope/name/LICENSE.md": "Permission is hereby granted, free of charge",
            "node_modules/.bin/tool/package.json": package("tool"),
            "node_modules/.package-lock.json": "{}",
            "node_modules/empty/index.js": "",
        }
    )
    packages = found(root, "node")
    assert {*packages} == {"express", "@scope/name"}
    express, scoped = packages["express"], packages["@scope/name"]
    assert (express.version, express.license, express.direct) == ("4.18.2", "MIT", True)
    assert express.location == root / "node_modules" / "express"
    assert (express.files, express.modules) == (None, ("express",))
    assert (scoped.version, scoped.license, scoped.direct) == ("2.0.0-rc.1", "MIT", False)


@pytest.mark.parametrize(
    "field", ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"]
)
def test_every_kind_of_dependency_is_direct(folder: Folder, found, field: str) -> None:
    files = {
        "package.json": json.dumps({field: {"a": "*"}}),
        "node_modules/a/package.json": package("a"),
    }
    assert found(folder(files), "node")["a"].direct


def test_another_version_inside_a_package_is_found_and_not_direct(folder: Folder, found) -> None:
    root = folder(
        {
            "package.json": json.dumps({"dependencies": {"a": "*", "b": "*"}}),
            "node_modules/a/package.json": package("a", "1.0.0"),
            "node_modules/b/package.json": package("b", "1.0.0"),
            "node_modules/b/node_modules/a/package.json": package("a", "0.5.0"),
        }
    )
    assert found(root, "node")["b"].direct
    (root / "node_modules" / "a" / "package.json").unlink()
    inner = found(root, "node")["a"]
    assert (inner.version, inner.direct) == ("0.5.0", False)
    assert inner.location == root / "node_modules" / "b" / "node_modules" / "a"


@pytest.mark.parametrize(
    ("stated", "license_"),
    [
        ({"license": "(MIT OR Apache-2.0)"}, "MIT OR Apache-2.0"),
        ({"license": {"type": "ISC", "url": "x"}}, "ISC"),
        ({"licenses": [{"type": "MIT"}, {"type": "Apache 2.0"}]}, "MIT OR Apache-2.0"),
        ({"licenses": [{"type": "MIT"}, {"type": "unknown"}]}, None),
        ({"license": "SEE LICENSE IN x"}, None),
        ({"license": 1}, None),
        ({"licenses": {}}, None),
        ({}, None),
    ],
)
def test_old_and_new_statements_of_a_licence_are_read(
    folder: Folder, found, stated: dict[str, object], license_: str | None
) -> None:
    root = folder({"node_modules/a/package.json": package("a", **stated)})
    assert found(root, "node")["a"].license == license_


def test_projects_use_the_folders_above_them(folder: Folder, found) -> None:
    root = folder(
        {
            ".git/HEAD": "",
            "node_modules/shared/package.json": package("shared"),
            "packages/one/package.json": json.dumps({"dependencies": {"shared": "*", "own": "*"}}),
            "packages/one/node_modules/own/package.json": package("own"),
            "packages/two/node_modules/other/package.json": package("other"),
        }
    )
    for workspace, names in (
        (root, {"shared", "own", "other"}),
        (root / "packages/one", {"shared", "own"}),
    ):
        packages = found(workspace, "node")
        assert {*packages} == names
        assert packages["shared"].direct
        assert packages["own"].direct


def test_links_into_pnpms_store_are_followed(folder: Folder, found) -> None:
    store = "node_modules/.pnpm"
    root = folder(
        {
            "package.json": json.dumps({"dependencies": {"express": "*"}}),
            f"{store}/express@4.18.2/node_modules/express/package.json": package("express"),
            f"{store}/@s+inner@1.0.0/node_modules/@s/inner/package.json": package("@s/inner"),
        }
    )
    stored = root / store / "express@4.18.2" / "node_modules"
    (root / "node_modules" / "express").symlink_to(stored / "express")
    (stored / "@s").mkdir()
    (stored / "@s" / "inner").symlink_to(root / store / "@s+inner@1.0.0/node_modules/@s/inner")
    packages = found(root, "node")
    assert {name: each.direct for name, each in packages.items()} == {
        "express": True,
        "@s/inner": False,
    }
    assert packages["express"].location == stored / "express"


def test_linked_projects_are_no_packages(folder: Folder, found, tmp_path: Path) -> None:
    root = folder({"packages/own/package.json": package("own"), "node_modules/.keep": ""})
    outside = folder({"package.json": package("outside")}, "outside")
    (root / "node_modules" / "own").symlink_to(root / "packages" / "own")
    (root / "node_modules" / "outside").symlink_to(outside)
    assert found(root, "node") == {}


def test_links_that_go_round_end(folder: Folder, found) -> None:
    root = folder(
        {"node_modules/a/package.json": package("a"), "node_modules/a/node_modules/b/x": ""}
    )
    (root / "node_modules" / ".pnpm").symlink_to(".")
    (root / "node_modules" / "a" / "node_modules" / "a").symlink_to("../../a")
    (root / "node_modules" / "a" / "node_modules" / ".pnpm").symlink_to("../..")
    (root / "node_modules" / "self").symlink_to("self")
    assert {*found(root, "node")} == {"a"}


def test_types_and_aliases_are_imported_under_other_names(folder: Folder, found) -> None:
    root = folder(
        {
            "package.json": json.dumps({"dependencies": {"alias": "npm:real@1"}}),
            "node_modules/alias/package.json": package("real"),
            "node_modules/@types/node/package.json": package("@types/node"),
            "node_modules/@types/babel__core/package.json": package("@types/babel__core"),
        }
    )
    packages = found(root, "node")
    assert (packages["real"].modules, packages["real"].direct) == (("alias",), True)
    assert packages["@types/node"].modules == ("@types/node", "node")
    assert packages["@types/babel__core"].modules == ("@types/babel__core", "@babel/core")


@pytest.mark.parametrize(
    "manifest",
    [
        *("", "{", "[]", "null", "[" * 100_000, '{"name": "a"}', '{"version": "1"}'),
        *(package("../a"), package("a", "../1"), '{"name": 1, "version": 2}', package("a/b/c")),
        *(b"\xff\xfe\x00", json.dumps({"name": "a", "version": "1" * 5_000})),
    ],
)
def test_a_package_with_a_broken_manifest_is_passed_over(
    folder: Folder, found, manifest: str | bytes
) -> None:
    files = {"node_modules/a/package.json": manifest, "node_modules/b/package.json": package("b")}
    assert {*found(folder(files), "node")} == {"b"}
