from __future__ import annotations

import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dowse.context.dependencies import JarLimits, unpack

Jar = Callable[..., Path]
SOURCES = {"org/a/A.java": "class A {}", "org/a/b/B.kt": "class B"}


@pytest.fixture
def jar(tmp_path: Path) -> Jar:
    """Makes a jar of entries, which are named or described, and their contents."""

    def make(entries: dict[str | zipfile.ZipInfo, str | bytes]) -> Path:
        path = tmp_path / "a-1-sources.jar"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for entry, content in entries.items():
                archive.writestr(entry, content)
        return path

    return make


def unpacked(folder: Path) -> dict[str, str]:
    files = (each for each in folder.rglob("*") if each.is_file())
    return {each.relative_to(folder).as_posix(): each.read_text() for each in files}


def test_the_sources_in_a_jar_are_written(jar: Jar, tmp_path: Path) -> None:
    others = {"META-INF/MANIFEST.MF": "x", "org/a/A.class": "x", "org/a/": "", "LICENSE": "x"}
    folder = tmp_path / "cache" / "maven-a"
    assert unpack(jar({**SOURCES, **others}), folder)
    assert unpacked(folder) == SOURCES
    assert [each.name for each in folder.parent.iterdir()] == ["maven-a"]


def test_a_folder_that_is_there_is_left_as_it_is(jar: Jar, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert unpack(jar(SOURCES), tmp_path / "out")
    assert unpacked(tmp_path / "out") == {}


@pytest.mark.parametrize(
    "name",
    [
        *("../A.java", "/A.java", "a/../../A.java", "C:/A.java", "C:A.java", "a\\..\\..\\A.java"),
        *("a/./A.java", "a//A.java", "a/.. /A.java", "a/nul.java", "com1/A.java", "a\nb.java"),
    ],
)
def test_entries_that_lead_elsewhere_are_left_out(jar: Jar, tmp_path: Path, name: str) -> None:
    entry = zipfile.ZipInfo("x")
    entry.filename = name
    before = {*tmp_path.rglob("*")}
    path = jar({entry: "class Hostile {}", **SOURCES})
    assert unpack(path, tmp_path / "out")
    assert unpacked(tmp_path / "out") == SOURCES
    after = {each for each in tmp_path.rglob("*") if not each.is_relative_to(tmp_path / "out")}
    assert after == before | {path}


def test_links_and_encrypted_entries_are_left_out(jar: Jar, tmp_path: Path) -> None:
    link = zipfile.ZipInfo("Link.java")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    path = jar({link: "/etc/passwd", "Secret.java": "x", **SOURCES})
    content = bytearray(path.read_bytes())
    listed = content.rindex(b"Secret.java") - 46  # its header in the list of entries
    struct.pack_into("<H", content, listed + 8, 1)
    path.write_bytes(content)
    assert unpack(path, tmp_path / "out")
    assert unpacked(tmp_path / "out") == SOURCES


@pytest.mark.parametrize(
    "limits",
    [JarLimits(max_files=1), JarLimits(max_bytes=10), JarLimits(max_directory_bytes=20)],
)
def test_a_jar_beyond_the_limits_is_refused(jar: Jar, tmp_path: Path, limits: JarLimits) -> None:
    assert not unpack(jar(SOURCES), tmp_path / "out", limits)
    assert not (tmp_path / "out").exists()


def test_a_file_beyond_the_limit_is_left_out(jar: Jar, tmp_path: Path) -> None:
    bomb = {"Zeros.java": b"\0" * 1_000_000}
    assert unpack(jar({**bomb, **SOURCES}), tmp_path / "out", JarLimits(max_file_bytes=1_000))
    assert unpacked(tmp_path / "out") == SOURCES


def test_an_entry_that_states_too_few_bytes_writes_nothing(jar: Jar, tmp_path: Path) -> None:
    path = jar({"Zeros.java": b"\0" * 1_000_000})
    content = path.read_bytes().replace(struct.pack("<I", 1_000_000), struct.pack("<I", 10))
    path.write_bytes(content)
    assert not unpack(path, tmp_path / "out")
    assert {each.name for each in tmp_path.iterdir()} == {path.name, "home"}


def test_the_64_bit_form_cannot_hide_a_long_list(jar: Jar, tmp_path: Path) -> None:
    path = jar(SOURCES)
    content = path.read_bytes()
    size, offset = struct.unpack_from("<II", content, len(content) - 10)
    end = b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 2, 2, size, offset)
    locator = b"PK\6\7" + struct.pack("<IQI", 0, len(content) - 22, 1)
    hidden = b"PK\5\6" + struct.pack("<4HIIH", 0, 0, 2, 2, 0, offset, 0)
    path.write_bytes(content[:-22] + end + locator + hidden)
    assert len(zipfile.ZipFile(path).namelist()) == 2
    assert not unpack(path, tmp_path / "out")


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\5\6" + b"\0" * 18, b"PK\5\6" + b"\xff" * 18])
def test_what_is_no_jar_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.jar").write_bytes(content)
    assert not unpack(tmp_path / "a.jar", tmp_path / "out")
    assert not unpack(tmp_path / "missing.jar", tmp_path / "out")


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 400), byte=st.integers(0, 255), cut=st.integers(0, 400))
def test_a_damaged_jar_is_refused_or_read(jar: Jar, tmp_path_factory, at, byte, cut) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    path = jar(SOURCES)
    content = bytearray(path.read_bytes())
    content[at % len(content)] = byte
    path.write_bytes(content[: len(content) - cut // 4 * (cut % 2)])
    done = unpack(path, folder / "inner" / "out")
    written = unpacked(folder)
    assert bool(written) is done
    assert all(name.startswith("inner/out/") for name in written)


NAMES = st.lists(
    st.sampled_from(["a", "..", ".", "", "C:", "A.java", "\\", " ", "nul", "ü"]), max_size=5
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(NAMES.map("/".join), min_size=1, max_size=4, unique=True))
def test_nothing_is_written_outside_the_folder(jar: Jar, tmp_path_factory, names) -> None:
    folder = tmp_path_factory.mktemp("hostile")
    entries = {}
    for name in names:
        entry = zipfile.ZipInfo("x")
        entry.filename = f"{name}.java"
        entries[entry] = "class A {}"
    unpack(jar(entries), folder / "inner" / "out")
    assert all(path.startswith("inner/out/") for path in unpacked(folder))
