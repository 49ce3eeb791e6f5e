from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Folder = Callable[..., Path]
SOURCE = "registry/src/index.crates.io-6f17d22bba15001f"
INDEX = 'source = "registry+https://github.com/rust-lang/crates.io-index"'


def locked(name: str, version: str, source: str = INDEX, checksum: str = "c0ffee") -> str:
    return (
        f'[[package]]\nname = "{name}"\nversion = "{version}"\n{source}\nchecksum = "{checksum}"\n'
    )


def own(*dependencies: str) -> str:
    listed = ", ".join(f'"{each}"' for each in dependencies)
    return f'[[package]]\nname = "own"\nversion = "0.1.0"\ndependencies = [{listed}]\n'


def crate(
    name: str, version: str, license_: str = 'license = "MIT"', lib: str = ""
) -> dict[str, str]:
    top = f".cargo/{SOURCE}/{name}-{version}"
    manifest = f'[package]\nname = "{name}"\nversion = "{version}"\n{license_}\n\n[lib]\n{lib}\n'
    return {f"{top}/Cargo.toml": manifest, f"{top}/src/lib.rs": ""}


def test_locked_crates_are_found_in_the_cache(folder: Folder, found, home: Path) -> None:
    folder(
        {
            **crate("serde-json", "1.0.1", 'license = "MIT/Apache-2.0"'),
            **crate("md-5", "0.10.0", 'license = "MIT"', 'name = "md5"\npath = "src/lib.rs"'),
            **crate("unused", "1.0.0"),
        },
        "home",
    )
    root = folder(
        {
            "Cargo.toml": '[package]\nname = "own"\n[dependencies]\nserde-json = "1"\n',
            "Cargo.lock": own("serde-json")
            + locked("serde-json", "1.0.1")
            + locked("md-5", "0.10.0", 'source = "sparse+https://index.crates.io/"')
            + locked("missing", "1.0.0")
            + locked("unused", "1.0.0", 'source = "git+https://host/unused"'),
        }
    )
    packages = found(root, "cargo")
    assert {*packages} == {"serde-json", "md-5"}
    json = packages["serde-json"]
    assert (json.version, json.license, json.direct) == ("1.0.1", "MIT OR Apache-2.0", True)
    assert (json.modules, json.files, json.identity) == (("serde_json",), None, "c0ffee")
    assert json.location == home / ".cargo" / SOURCE / "serde-json-1.0.1"
    assert (packages["md-5"].modules, packages["md-5"].direct) == (("md5",), False)


def test_every_kind_of_dependency_is_direct(folder: Folder, found) -> None:
    names = ["a", "b", "c", "d", "e", "real-name"]
    folder({k: v for name in names for k, v in crate(name, "1.0.0").items()}, "home")
    root = folder(
        {
            "Cargo.toml": '[workspace]\nmembers = ["one"]\n[workspace.dependencies]\na = "1"\n',
            "one/Cargo.toml": "[dependencies]\na = {workspace = true}\n"
            'alias = {package = "real-name", version = "1"}\n[dev-dependencies]\nb = "1"\n'
            "[build-dependencies]\nc = \"1\"\n[target.'cfg(unix)'.dependencies]\nd = '1'\n",
            "Cargo.lock": own(*names[:4], "real-name") + "".join(locked(n, "1.0.0") for n in names),
        }
    )
    packages = found(root, "cargo")
    assert {name for name, each in packages.items() if each.direct} == {*names} - {"e"}
    assert packages["real-name"].modules == ("real_name", "alias")


def test_of_two_versions_the_one_that_is_depended_on_is_direct(folder: Folder, found) -> None:
    from dowse.context.dependencies import find_packages

    folder({**crate("rand", "0.7.3"), **crate("rand", "0.8.5")}, "home")
    lock = own("rand 0.8.5") + locked("rand", "0.7.3") + locked("rand", "0.8.5")
    root = folder({"Cargo.lock": lock, "Cargo.toml": '[dependencies]\nrand = "0.8"\n'})
    packages = [each for each in find_packages(root) if each.ecosystem == "cargo"]
    assert [(each.version, each.direct) for each in packages] == [("0.8.5", True), ("0.7.3", False)]


def test_a_licence_may_be_a_text(folder: Folder, found) -> None:
    folder(crate("a", "1.0.0", 'license-file = "LICENSE"'), "home")
    folder({f".cargo/{SOURCE}/a-1.0.0/LICENSE": "This is free and unencumbered software"}, "home")
    root = folder({"Cargo.lock": locked("a", "1.0.0")})
    assert found(root, "cargo")["a"].license == "Unlicense"


def test_the_cache_may_lie_elsewhere(folder: Folder, found, monkeypatch, home: Path) -> None:
    folder(crate("a", "1.0.0"), "elsewhere")
    monkeypatch.setenv("CARGO_HOME", str(home.parent / "elsewhere" / ".cargo"))
    assert {*found(folder({"Cargo.lock": locked("a", "1.0.0")}), "cargo")} == {"a"}


@pytest.mark.parametrize(
    "lock",
    [
        *("", "package = 1", "[package]", "[[package]]\nname = 1", "package = [1, 'x', {}]", "\0"),
        *(
            locked("../a", "1.0.0"),
            locked("a", "/../../a"),
            "[[package]]\n" * 3,
            "x = " + "[" * 999,
        ),
        *("a." * 900_000 + "a = 1", '[[package]]\nname = "a"\nversion = "1.0.0"\nsource = 1'),
    ],
)
def test_a_broken_lock_file_names_nothing(folder: Folder, found, lock: str) -> None:
    folder({**crate("a", "1.0.0"), ".cargo/registry/src/a-1.0.0/Cargo.toml": ""}, "home")
    assert found(folder({"Cargo.lock": lock}), "cargo") == {}
