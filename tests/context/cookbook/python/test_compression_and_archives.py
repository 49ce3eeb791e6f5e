from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from dowse.context.cookbook.python import compression_and_archives as recipes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text("one\ntwo ä\n", "utf-8")
    (folder / "sub" / "b.txt").write_text("b")
    return folder


def test_zip_round_trip(folder: Path, tmp_path: Path) -> None:
    archive = folder / "a.zip"
    recipes.zip_folder(folder, archive)
    assert recipes.list_zip(archive) == {"a.txt": 11, "sub/b.txt": 1}
    assert recipes.read_file_in_zip(archive, "a.txt") == "one\ntwo ä\n"
    recipes.unzip(archive, tmp_path / "out")
    assert (tmp_path / "out" / "sub" / "b.txt").read_text() == "b"
    with pytest.raises(ValueError, match="more than 5 bytes"):
        recipes.unzip(archive, tmp_path / "bomb", max_bytes=5)


def test_hostile_zip_stays_inside(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    archive.write_bytes(recipes.zip_in_memory({"../../evil": b"x", "good": b"y"}))
    recipes.unzip(archive, tmp_path / "a" / "b")
    assert sorted(p.name for p in (tmp_path / "a" / "b").iterdir()) == ["evil", "good"]
    assert not (tmp_path / "evil").exists()
    assert zipfile.is_zipfile(io.BytesIO(archive.read_bytes()))


@pytest.mark.skipif(not hasattr(tarfile, "data_filter"), reason="this Python has no filters")
def test_tar_round_trip(folder: Path, tmp_path: Path) -> None:
    archive = tmp_path / "a.tar.gz"
    recipes.create_tar_gz(folder, archive)
    recipes.extract_tar(archive, tmp_path / "out")
    assert (tmp_path / "out" / "data" / "sub" / "b.txt").read_text() == "b"
    with tarfile.open(archive, "w:gz") as target:
        target.addfile(tarfile.TarInfo("../evil"))
    with pytest.raises(tarfile.OutsideDestinationError):
        recipes.extract_tar(archive, tmp_path / "out")


def test_gzip_round_trip(folder: Path) -> None:
    packed = recipes.gzip_file(folder / "a.txt")
    assert packed.name == "a.txt.gz"
    assert list(recipes.read_gzip_lines(packed)) == ["one", "two ä"]
    (folder / "a.txt").unlink()
    assert recipes.gunzip_file(packed).read_text("utf-8") == "one\ntwo ä\n"


def test_text_round_trip() -> None:
    data = recipes.compress_text("ä" * 1000)
    assert len(data) < 100
    assert recipes.decompress_text(data) == "ä" * 1000
