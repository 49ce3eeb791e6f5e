"""Other sources than the workspace: packages at their versions, the cookbook, room on disk."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from dowse.context.dependencies import Ecosystem, Package
from dowse.context.library import Library
from dowse.context.meaning import Filling
from dowse.context.shelf import beyond, outdated, remove, shelved
from dowse.context.sources import Dependencies, open_cookbook
from dowse.context.types import Answer, Query, Source
from dowse.context.units import package_unit

OWN = (
    "def load_settings(path):\n    '''Load settings from a file.'''\n    return path.read_text()\n"
)
THEIRS = "def load_settings(name):\n    '''Load settings from a registry.'''\n    return name\n"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def library(folder, cache: Path) -> Library:
    library = Library(cache)
    library.open(folder({"own.py": OWN}, "project")).refresh()
    return library


def package(location: Path, version: str = "1.0", direct: bool = True) -> Package:
    files = ("theirs/__init__.py", "theirs/settings.py")
    return Package(Ecosystem.PYTHON, "theirs", version, location, files, "MIT", ("theirs",), direct)


def installed(folder, name: str, text: str = THEIRS) -> Path:
    return folder({"theirs/settings.py": text, "theirs/__init__.py": "", "other.py": OWN}, name)


def dependencies(library: Library, cache: Path, *packages: Package, most: int = 10**9):
    found = Dependencies(library, cache, None, most)
    found._packages.update({package.key: package for package in packages})
    return found


def paths(answer: Answer) -> list[str]:
    return [hit.provenance.path for hit in answer.hits]


def test_a_hit_in_a_package_names_package_version_and_licence(library, cache, folder) -> None:
    dependencies(library, cache).open(package(installed(folder, "site")))
    answer = library.search(Query("settings from a registry"))
    provenance = answer.hits[0].provenance
    assert (provenance.source, provenance.package, provenance.version, provenance.license) == (
        Source.DEPENDENCY,
        "theirs",
        "1.0",
        "MIT",
    )
    assert (provenance.path, provenance.start_line) == ("theirs/settings.py", 0)
    assert answer.hits[0].text == THEIRS.rstrip()


def test_a_package_that_is_looked_at_before_it_is_read_gets_its_vectors(
    library, cache, folder, embedder
) -> None:
    library.attach(embedder)
    shard = library.open(package_unit(package(installed(folder, "site"))))
    library.fill()
    shard.refresh()
    library.changed()
    told: list[Filling] = []
    library.fill(progress=told.append)
    assert told == [Filling(1, 1)]


def test_only_the_files_of_the_package_are_searched(library, cache, folder) -> None:
    dependencies(library, cache).open(package(installed(folder, "site")))
    assert "other.py" not in paths(library.search(Query("load settings file")))


def test_links_of_a_package_are_not_followed(library, cache, folder, tmp_path) -> None:
    site = installed(folder, "site")
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "settings.py").write_text(THEIRS.replace("registry", "vault"))
    (site / "theirs/settings.py").unlink()
    (site / "theirs/settings.py").symlink_to(secret / "settings.py")
    dependencies(library, cache).open(package(site))
    shutil.rmtree(site / "theirs")
    (site / "theirs").symlink_to(secret, target_is_directory=True)
    dependencies(library, cache).open(package(site, "2.0"))
    assert library.search(Query("settings vault"), sources=[Source.DEPENDENCY]).hits == ()


def test_at_equal_fit_the_workspace_comes_first(library, cache, folder) -> None:
    dependencies(library, cache).open(package(installed(folder, "site", OWN)))
    (hit,) = library.search(Query("load settings from a file")).hits
    assert hit.provenance.source is Source.WORKSPACE
    assert [copy.source for copy in hit.copies] == [Source.DEPENDENCY]


def test_sources_can_be_narrowed(library, cache, folder) -> None:
    dependencies(library, cache).open(package(installed(folder, "site")))
    words = Query("load settings")
    assert paths(library.search(words, sources=[Source.WORKSPACE])) == ["own.py"]
    assert paths(library.search(words, sources=[Source.DEPENDENCY])) == ["theirs/settings.py"]


def test_scores_of_a_small_and_a_large_shard_compare(library, cache, folder) -> None:
    filler = "".join(f"def load_{n}(x):\n    return x + {n}\n\n\n" for n in range(500))
    site = installed(folder, "site", f"{filler}def tune_guitar():\n    return 'EADGBE'\n")
    dependencies(library, cache).open(package(site))
    # "load" tells little where five hundred have it, however rare it is in the workspace
    assert library.search(Query("load guitar")).hits[0].snippet.symbol == "tune_guitar"


def test_a_package_is_read_once_for_every_workspace(library, cache, folder) -> None:
    first = dependencies(library, cache).open(package(installed(folder, "one")))
    other = Library(cache)
    elsewhere = installed(folder, "two")
    again = dependencies(other, cache).open(package(elsewhere))
    assert first is not None
    assert again is not None
    assert (first.changed, again.changed) == (2, 0)
    hit = other.search(Query("settings from a registry")).hits[0]
    assert hit.provenance.root == elsewhere
    assert hit.text == THEIRS.rstrip()


def test_a_package_that_was_tampered_with_is_not_quoted(library, cache, folder) -> None:
    site = installed(folder, "site")
    dependencies(library, cache).open(package(site))
    (site / "theirs/settings.py").write_text(THEIRS.replace("registry", "REGISTRY"))
    answer = library.search(Query("settings from a registry"), sources=[Source.DEPENDENCY])
    assert (answer.hits, len(answer.stale)) == ((), 1)


def test_reading_a_package_goes_on_where_it_was_stopped(library, cache, folder) -> None:
    waiting = dependencies(library, cache, package(installed(folder, "site")))
    seen: list[int] = []
    (theirs,) = waiting.direct()
    stopped = waiting.open(theirs, lambda done, total: seen.append(done), lambda: bool(seen))
    assert (stopped, waiting.direct()) == (None, [theirs])
    done = waiting.open(theirs)
    assert done is not None
    assert (done.changed, done.files, waiting.direct()) == (1, 2, [])


def test_a_package_is_needed_when_a_manifest_or_an_import_names_it(library, cache, folder) -> None:
    waiting = dependencies(library, cache, package(installed(folder, "site"), direct=False))
    assert waiting.direct() == []
    assert waiting.imported(["os", "json.decoder"]) == []
    assert [p.name for p in waiting.imported(["theirs.settings.loader"])] == ["theirs"]


def test_packages_used_longest_ago_make_room(library, cache, folder) -> None:
    old = dependencies(Library(cache), cache)
    old.open(package(installed(folder, "old"), "0.9"))
    new = dependencies(library, cache, most=1)
    time.sleep(0.01)
    new.open(package(installed(folder, "new"), "1.0"))
    assert new.make_room() > 0
    assert [s.title for s in shelved(cache) if s.source is Source.DEPENDENCY] == ["theirs 1.0"]
    assert paths(library.search(Query("settings from a registry")))[0] == "theirs/settings.py"


def test_what_is_outdated_can_be_pruned_and_comes_back(library, cache, folder) -> None:
    theirs = package(installed(folder, "site"))
    dependencies(library, cache).open(theirs)
    gone = folder({"a.py": OWN}, "gone")
    Library(cache).open(gone).refresh()
    (gone / "a.py").unlink()
    gone.rmdir()
    (cache / "shards-1" / "ancient").mkdir(parents=True)
    note = next((cache / "shards-2" / "dependency").glob("*/unit.json"))
    os.utime(note, (0, 0))
    titles = {shard.title for shard in outdated(shelved(cache), days=30)}
    assert titles == {str(gone), "theirs 1.0", "shards-1"}
    assert remove(outdated(shelved(cache), days=30)) > 0
    again = Library(cache)
    again.open(package_unit(theirs)).refresh()
    assert paths(again.search(Query("settings from a registry"))) == ["theirs/settings.py"]


def test_what_fits_stays(library, cache, folder) -> None:
    dependencies(library, cache).open(package(installed(folder, "site")))
    shards = shelved(cache)
    assert beyond(shards, most=10**9) == []
    assert [shard.title for shard in beyond(shards, most=0)] == ["theirs 1.0"]
    assert beyond(shards, most=0, keep=[shard.folder for shard in shards]) == []


def test_without_a_language_recipes_are_in_those_of_the_folders(folder, cache) -> None:
    files = {"a.py": "def one():\n    return 1\n", "b.ts": "export function two() { return 2; }\n"}
    library = Library(cache)
    shard = library.open(folder(files))
    open_cookbook(library)

    def languages(language: str | None = None) -> set[str]:
        hits = library.search(Query("retry with backoff", language), 20).hits
        return {hit.snippet.language for hit in hits}

    assert {"go", "python", "typescript"} < languages(), "nothing is indexed yet"
    shard.refresh()
    library.changed()
    assert languages() == {"python", "javascript", "typescript"}
    assert languages("go") == {"go"}


def test_the_cookbook_answers_in_an_empty_workspace(folder, cache) -> None:
    library = Library(cache)
    library.open(folder({}, "empty")).refresh()
    open_cookbook(library)
    hit = library.search(Query("retry with exponential backoff", "python")).hits[0]
    assert hit.provenance.source is Source.COOKBOOK
    assert hit.provenance.license == "CC0-1.0"
    assert hit.snippet.language == "python"
