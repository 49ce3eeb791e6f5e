from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Folder = Callable[..., Path]
MIT = "Permission is hereby granted, free of charge"
CACHE = "go/pkg/mod"


def test_required_modules_are_found_in_the_cache(folder: Folder, found, home: Path) -> None:
    folder(
        {
            f"{CACHE}/github.com/!azure/sdk/v2@v2.0.0+incompatible/LICENSE.txt": MIT,
            f"{CACHE}/github.com/!azure/sdk/v2@v2.0.0+incompatible/sdk.go": "",
            f"{CACHE}/golang.org/x/text@v0.3.0/text.go": "",
            f"{CACHE}/gopkg.in/yaml.v3@v3.0.1/yaml.go": "",
            f"{CACHE}/cache/download/golang.org/x/text/@v/v0.3.0.ziphash": "h1:abc=\n",
            f"{CACHE}/example.com/unused@v1.0.0/x.go": "",
        },
        "home",
    )
    root = folder(
        {
            "go.mod": "module example.com/own // require x v1\n\ngo 1.21\n\n"
            "require github.com/Azure/sdk/v2 v2.0.0+incompatible // of old\n"
            'require(\n\tgolang.org/x/text v0.3.0 // indirect\n\t"gopkg.in/yaml.v3" v3.0.1\n'
            "\texample.com/missing v1.0.0\n)\nexclude example.com/unused v1.0.0\n"
        }
    )
    packages = found(root, "go")
    assert {name: (each.version, each.direct) for name, each in packages.items()} == {
        "github.com/Azure/sdk/v2": ("v2.0.0+incompatible", True),
        "golang.org/x/text": ("v0.3.0", False),
        "gopkg.in/yaml.v3": ("v3.0.1", True),
    }
    azure = packages["github.com/Azure/sdk/v2"]
    assert azure.location == home / CACHE / "github.com/!azure/sdk/v2@v2.0.0+incompatible"
    assert (azure.license, azure.files, azure.modules) == ("MIT", None, (azure.name,))
    assert packages["golang.org/x/text"].identity == "h1:abc="


def test_replaced_modules_are_what_they_are_replaced_with(folder: Folder, found) -> None:
    folder({f"{CACHE}/fork.io/b@v2.0.0/b.go": "", f"{CACHE}/old.io/c@v1.0.0/c.go": ""}, "home")
    folder({f"{CACHE}/old.io/d@v1.0.0/d.go": ""}, "home")
    root = folder(
        {
            "go.mod": "require (\n old.io/b v1.0.0\n old.io/c v1.0.0\n old.io/d v1.0.0\n)\n"
            "replace old.io/b => fork.io/b v2.0.0\nreplace (\n old.io/c v1.0.0 => ../c\n"
            " old.io/d v9.0.0 => ../d\n old.io/not => ../not\n)\n"
        }
    )
    packages = found(root, "go")
    assert {*packages} == {"fork.io/b", "old.io/d"}
    assert packages["fork.io/b"].modules == ("old.io/b",)


@pytest.mark.parametrize("variable", ["GOMODCACHE", "GOPATH"])
def test_the_cache_may_lie_elsewhere(
    folder: Folder, found, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    cache = folder({"pkg/mod/a.io/b@v1.0.0/b.go": ""}, "elsewhere")
    monkeypatch.setenv(variable, str(cache if variable == "GOPATH" else cache / "pkg" / "mod"))
    assert {*found(folder({"go.mod": "require a.io/b v1.0.0"}), "go")} == {"a.io/b"}


@pytest.mark.parametrize(
    "text",
    [
        *(
            "require ../../x v1.0.0",
            "require /x v1.0.0",
            "require a.io/b ../v1",
            "require a.io/../x v1",
        ),
        *(
            "require (\n(\n)\n",
            "replace => =>",
            "replace a =>\nrequire a v1",
            "require",
            "\0",
            "=>",
        ),
    ],
)
def test_modules_with_hostile_names_are_not_looked_for(folder: Folder, found, text: str) -> None:
    folder({"go/x@v1.0.0/x.go": "", f"{CACHE}/x@v1/x.go": "", f"{CACHE}/a.io/v1/x.go": ""}, "home")
    assert found(folder({"go.mod": text}), "go") == {}


def test_the_standard_library_is_a_package(
    folder: Folder, found, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = folder(
        {
            "VERSION": "go1.22.1\ntime 2024-02-29T18:18:48Z\n",
            "LICENSE": "Redistribution and use in source and binary forms; Neither the name of",
            "src/net/http/client.go": "",
            "src/net/http/client_test.go": "",
            "src/net/http/testdata/x.go": "",
            "src/fmt/print.go": "",
            "src/internal/abi/abi.go": "",
            "src/cmd/go/main.go": "",
            "src/vendor/golang.org/x/y.go": "",
        },
        "goroot",
    )
    monkeypatch.setenv("GOROOT", str(root))
    library = found(folder({"main.go": ""}), "go")["std"]
    assert (library.version, library.license, library.direct) == ("1.22.1", "BSD-3-Clause", True)
    assert library.location == root / "src"
    assert library.files == ("fmt/print.go", "internal/abi/abi.go", "net/http/client.go")
    assert library.modules == ("fmt", "net")
    assert not found(folder({"a.py": ""}, "other"), "go")["std"].direct
