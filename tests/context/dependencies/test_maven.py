from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

Folder = Callable[..., Path]
REPOSITORY = ".m2/repository"
GRADLE = ".gradle/caches/modules-2/files-2.1"


def pom(*parts: str, name: str = "own", version: str = "1") -> str:
    coordinate = f"<groupId>g</groupId><artifactId>{name}</artifactId><version>{version}</version>"
    namespace = 'xmlns="http://maven.apache.org/POM/4.0.0"'
    return f'<?xml version="1.0"?>\n<project {namespace}>{coordinate}{"".join(parts)}</project>'


def dependency(group: str, artifact: str, version: str = "", scope: str = "") -> str:
    fields = {"groupId": group, "artifactId": artifact, "version": version, "scope": scope}
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items() if value)
    return f"<dependency>{inner}</dependency>"


def dependencies(*each: str) -> str:
    return f"<dependencies>{''.join(each)}</dependencies>"


def managed(*each: str) -> str:
    return f"<dependencyManagement>{dependencies(*each)}</dependencyManagement>"


def parent(artifact: str, version: str = "1", relative: str = "") -> str:
    place = f"<relativePath>{relative}</relativePath>" if relative else ""
    coordinate = f"<groupId>g</groupId><artifactId>{artifact}</artifactId>"
    return f"<parent>{coordinate}<version>{version}</version>{place}</parent>"


def licensed(*names: str) -> str:
    each = "".join(f"<license><name>{name}</name></license>" for name in names)
    return f"<licenses>{each}</licenses>"


def library(artifact: str, version: str, text: str = "", group: str = "g") -> dict[str, str]:
    top = f"{REPOSITORY}/{group.replace('.', '/')}/{artifact}/{version}/{artifact}-{version}"
    return {f"{top}-sources.jar": "jar", f"{top}.pom": text or pom()}


def versions(packages: dict) -> dict[str, str]:
    return {name: each.version for name, each in packages.items()}


def test_dependencies_are_found_as_sources_jars(folder: Folder, found, home: Path) -> None:
    text = pom(licensed("The Apache Software License, Version 2.0"))
    folder(library("guava", "33.0-jre", text, "com.google.guava"), "home")
    folder({f"{REPOSITORY}/g/binary/1/binary-1.jar": ""}, "home")
    root = folder(
        {
            "pom.xml": pom(
                dependencies(
                    dependency("com.google.guava", "guava", "[33.0-jre]"),
                    dependency("g", "binary", "1"),
                    dependency("g", "missing", "1"),
                )
            )
        }
    )
    packages = found(root, "maven")
    assert {*packages} == {"com.google.guava:guava"}
    guava = packages["com.google.guava:guava"]
    assert (guava.version, guava.license, guava.direct) == ("33.0-jre", "Apache-2.0", True)
    place = f"{REPOSITORY}/com/google/guava/guava/33.0-jre/guava-33.0-jre-sources.jar"
    assert guava.location == home / place
    assert (guava.files, guava.modules) == (None, ())


def test_properties_and_managed_versions_are_filled_in(folder: Folder, found) -> None:
    names = ["own-property", "of-parent", "of-list", "managed", "same-version", "nested"]
    folder({k: v for n in names for k, v in library(n, "2").items()}, "home")
    bom = pom(
        "<properties><list.version>2</list.version></properties>",
        managed(dependency("g", "of-list", "${list.version}"), dependency("g", "managed", "1")),
    )
    folder(library("bom", "7", bom), "home")
    root = folder(
        {
            "pom.xml": pom(
                "<properties><v>2</v><w>${v}</w><parent.v>1</parent.v></properties>",
                managed(
                    dependency("g", "of-parent", "${parent.v}"),
                    dependency("g", "managed", "2"),
                    dependency("g", "bom", "7", "import"),
                    dependency("g", "never-used", "2"),
                ),
                name="top",
                version="2",
            ),
            "module/pom.xml": pom(
                parent("top", "2"),
                "<properties><parent.v>2</parent.v></properties>",
                dependencies(
                    dependency("g", "own-property", "${v}"),
                    dependency("g", "nested", "${w}"),
                    dependency("g", "of-parent"),
                    dependency("g", "of-list"),
                    dependency("${project.groupId}", "managed"),
                    dependency("g", "same-version", "${project.parent.version}"),
                    dependency("g", "unknown", "${unknown}"),
                ),
            ),
        }
    )
    assert versions(found(root, "maven")) == {f"g:{name}": "2" for name in names}


def test_parents_come_from_the_repository_too(folder: Folder, found) -> None:
    folder(
        {
            **library("a", "2"),
            **library("top", "1", pom(managed(dependency("g", "a", "2")), name="top")),
        },
        "home",
    )
    root = folder({"pom.xml": pom(parent("top"), dependencies(dependency("g", "a")))})
    assert versions(found(root, "maven")) == {"g:a": "2"}


def test_a_licence_may_be_the_parents(folder: Folder, found) -> None:
    folder(library("top", "1", pom(licensed("MIT License", "EPL 2.0"), name="top")), "home")
    folder(
        {**library("a", "1", pom(parent("top"))), **library("b", "1", pom(licensed("Own")))}, "home"
    )
    both = dependencies(dependency("g", "a", "1"), dependency("g", "b", "1"))
    packages = found(folder({"pom.xml": pom(both)}), "maven")
    assert packages["g:a"].license == "MIT OR EPL-2.0"
    assert packages["g:b"].license is None


def test_build_files_of_gradle_name_libraries(folder: Folder, found, home: Path) -> None:
    names = ["a", "b", "c", "d", "e", "f", "h", "no"]
    folder({f"{GRADLE}/g.x/{n}/1.0/0a1b/{n}-1.0-sources.jar": "" for n in names}, "home")
    folder({f"{GRADLE}/g.x/a/1.0/ffff/a-1.0.pom": pom(licensed("MIT"))}, "home")
    root = folder(
        {
            "build.gradle": "dependencies {\n  implementation 'g.x:a:1.0'\n"
            '  testImplementation("g.x:b:1.0@jar")\n  // implementation "g.x:no:1.0"\n'
            "  api group: 'g.x', name: 'c', version: '1.0'\n /* api 'g.x:no:1.0' */\n"
            '  api "g.x:no:$version"\n  description "g.x:no:1.0"\n}\n',
            "app/build.gradle.kts": 'dependencies { kapt("g.x:d:1.0") }\n',
            "gradle/libs.versions.toml": '[versions]\nv = "1.0"\n[libraries]\n'
            'e = { module = "g.x:e", version.ref = "v" }\nf = "g.x:f:1.0"\n'
            'h = { group = "g.x", name = "h", version = { strictly = "1.0" } }\n'
            'bom = { module = "g.x:no" }\nodd = 1\n',
        }
    )
    packages = found(root, "maven")
    assert {*packages} == {f"g.x:{name}" for name in names[:-1]}
    assert packages["g.x:a"].license == "MIT"
    assert packages["g.x:a"].location == home / GRADLE / "g.x/a/1.0/0a1b/a-1.0-sources.jar"


def test_document_types_are_refused(folder: Folder, found) -> None:
    folder(library("a", "1"), "home")
    text = pom(dependencies(dependency("g", "a", "1")))
    bombs = [
        '<!DOCTYPE project [<!ENTITY a "1">]>',
        '<!DOCTYPE project SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE lolz [<!ENTITY l "lol"><!ENTITY m "&l;&l;&l;&l;&l;&l;&l;&l;">]>',
    ]
    for bomb in bombs:
        hostile = text.replace("\n", f"\n{bomb}\n", 1)
        assert found(folder({"pom.xml": hostile}), "maven") == {}
        for encoding in ("utf-16", "utf-7"):
            encoded = hostile.replace('"1.0"', f'"1.0" encoding="{encoding}"', 1).encode(encoding)
            assert found(folder({"pom.xml": encoded}), "maven") == {}
    assert {*found(folder({"pom.xml": text}), "maven")} == {"g:a"}


@pytest.mark.parametrize(
    "text",
    [
        *("", "<", "<a/>", "<project>" * 50_000, "<project>&undefined;</project>", "\0"),
        pom(parent("own", relative="pom.xml"), dependencies(dependency("g", "a", "${x}"))),
        pom(parent("own", relative="."), dependencies(dependency("..", "..", ".."))),
        pom(dependencies(dependency("g", "../x", "1"), dependency("/g", "a", "1"))),
        pom(
            "<properties><x>${x}${x}</x><y>${x}${y}${y}</y></properties>",
            dependencies(dependency("g", "a", "${x}"), dependency("g", "${y}", "1")),
        ),
        pom(managed(dependency("g", "loop", "1", "import")), dependencies(dependency("g", "b"))),
    ],
)
def test_broken_and_endless_poms_name_nothing(folder: Folder, found, text: str) -> None:
    loop = pom(parent("loop"), managed(dependency("g", "loop", "1", "import")), name="loop")
    outside = {f"{REPOSITORY}/x/x-1-sources.jar": "", f"{REPOSITORY}/x/1/x": ""}
    folder({**library("a", "1"), **library("loop", "1", loop), **outside}, "home")
    assert found(folder({"pom.xml": text}), "maven") == {}


def test_properties_cannot_grow_a_value_without_end(folder: Folder, found) -> None:
    long = f"<properties><x>{'1' * 1_000_000}</x></properties>"
    root = folder({"pom.xml": pom(long, dependencies(dependency("g", "a", "${x}" * 120)))})
    tracemalloc.start()
    try:
        assert found(root, "maven") == {}
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
    finally:
        tracemalloc.stop()
