from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from dowse.context.errors import DatasetError
from dowse.context.types import Limits
from dowse.model.evaluation.history import Change, read_changes, read_commits

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")

Git = Callable[..., str]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "repository"


@pytest.fixture
def git(root: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """Runs git in a new repository, with nobody's own settings."""
    root.mkdir()
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("HOME", str(root.parent))

    def run(*arguments: str, check: bool = True) -> str:
        options = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        command = ["git", *options, *arguments]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=check)
        return done.stdout.strip()

    run("init", "--quiet", "--initial-branch=main")
    return run


def commit(git: Git, root: Path, subject: str, files: dict[str, str | bytes]) -> None:
    for path, content in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    git("add", "--all")
    git("commit", "--quiet", "--allow-empty", "-m", subject)


def changes(root: Path, most: int = 10) -> dict[str, set[tuple[str, str]]]:
    found: list[Change] = list(read_changes(root, read_commits(root, 100), Limits(), most))
    return {change.commit.subject: set(change.definitions) for change in found}


def test_changed_and_new_definitions_are_told_and_others_not(git: Git, root: Path) -> None:
    start = "def one():\n    return 1\n\n\ndef two():\n    return 2\n"
    commit(git, root, "start", {"a.py": start})
    commit(git, root, "change", {"a.py": start.replace("return 2", "return 22")})
    new = (
        start.replace("return 2", "return 22") + "\n\nclass New:\n    def f(self):\n        pass\n"
    )
    commit(git, root, "add", {"a.py": new})
    assert changes(root) == {
        "add": {("a.py", "New"), ("a.py", "New.f")},
        "change": {("a.py", "two")},
        "start": {("a.py", "one"), ("a.py", "two")},
    }


def test_docstrings_comments_above_and_moves_are_no_changes(git: Git, root: Path) -> None:
    commit(git, root, "start", {"a.py": "def one():\n    return 1\n"})
    commit(git, root, "docs", {"a.py": '# Words.\ndef one():\n    """Words."""\n    return 1\n'})
    commit(git, root, "move", {"a.py": "X = 1\n", "b.py": "def one():\n    return 1\n"})
    assert changes(root).keys() == {"start"}


def test_a_renamed_file_has_its_name_of_today(git: Git, root: Path) -> None:
    body = "".join(f"def f{n}():\n    return {n}\n\n\n" for n in range(4))
    commit(git, root, "start", {"old.py": body})
    commit(git, root, "change", {"old.py": body.replace("return 3", "return 33")})
    git("mv", "old.py", "new name.py")
    commit(git, root, "rename", {})
    assert changes(root)["change"] == {("new name.py", "f3")}


def test_large_commits_merges_and_other_files_are_left_out(git: Git, root: Path) -> None:
    many = "".join(f"def f{n}():\n    return {n}\n\n\n" for n in range(11))
    commit(git, root, "many", {"a.py": many})
    commit(git, root, "words", {"README.md": "# Words", "data.py": b"\0\0", "bad.py": b"\xff(\n"})
    git("checkout", "--quiet", "-b", "side")
    commit(git, root, "side", {"b.py": "def b():\n    return 1\n"})
    git("checkout", "--quiet", "main")
    commit(git, root, "main", {"c.py": "def c():\n    return 1\n"})
    git("merge", "--quiet", "--no-ff", "-m", "Merge side", "side")
    assert changes(root).keys() == {"side", "main"}
    assert "many" in changes(root, most=11)


def test_a_folder_inside_a_repository_has_its_own_paths(git: Git, root: Path) -> None:
    commit(git, root, "outside", {"a.py": "def a():\n    return 1\n"})
    commit(git, root, "inside", {"lib/b.py": "def b():\n    return 1\n"})
    assert changes(root / "lib") == {"inside": {("b.py", "b")}}


def test_the_number_of_commits_is_bounded(git: Git, root: Path) -> None:
    for number in range(5):
        commit(git, root, f"number {number}", {"a.py": f"def a():\n    return {number}\n"})
    assert [each.subject for each in read_commits(root, 2)] == ["number 4", "number 3"]


@pytest.mark.parametrize(
    "subject", ["größer 🎉", "\x01 odd : sign", ":100644 is no row", '"$(touch x)"']
)
def test_any_subject_and_path_is_read(git: Git, root: Path, subject: str) -> None:
    commit(git, root, subject, {"ä \n:x.py": "def a():\n    return 1\n"})
    assert changes(root) == {subject: {("ä \n:x.py", "a")}}


def test_blobs_that_are_missing_or_too_large_are_passed_over(git: Git, root: Path) -> None:
    commit(git, root, "small", {"a.py": "def a():\n    return 1\n"})
    commit(git, root, "large", {"b.py": "def b():\n    return 1\n" + "# filled\n" * 1_000})
    commit(git, root, "gone", {"c.py": "def c():\n    return 1\n"})
    blob = git("rev-parse", "HEAD:c.py")
    (root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    found = read_changes(root, read_commits(root, 9), Limits(max_file_bytes=1_000), 10)
    assert [each.commit.subject for each in found] == ["small"]


def test_no_repository_and_no_git_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DatasetError, match="no history"):
        read_commits(tmp_path, 9)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DatasetError, match="not installed"):
        read_commits(tmp_path, 9)


def test_a_git_inside_the_folder_is_not_run(git: Git, root: Path, monkeypatch) -> None:
    commit(git, root, "start", {"a.py": "def a():\n    return 1\n"})
    fake = root / "git"
    fake.write_text(f"#!/bin/sh\ntouch {root}/ran\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{root}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(DatasetError, match="not installed"):
        read_commits(root, 9)
    assert not (root / "ran").exists()


def program(root: Path, name: str) -> str:
    """A program that leaves a trace when it runs."""
    path = root.parent / name
    path.write_text(f"#!/bin/sh\ntouch '{root.parent}/ran-{name}'\n")
    path.chmod(0o755)
    return str(path)


def traces(root: Path) -> set[str]:
    found = {path.name for path in root.parent.glob("ran-*")}
    for path in root.parent.glob("ran-*"):
        path.unlink()
    return found


@pytest.mark.skipif(os.name == "nt", reason="its programs are shell scripts")
def test_a_hostile_repository_runs_nothing(git: Git, root: Path) -> None:
    old = {"a.py": "def a():\n    return 1\n", "b.txt": "1", ".gitattributes": "*.py diff=evil"}
    commit(git, root, "start", old)
    commit(git, root, "change", {"a.py": "def a():\n    return 2\n", "b.txt": "2"})
    keys = ["core.fsmonitor", "core.pager", "core.sshCommand", "gpg.program"]
    keys += ["diff.external", "diff.evil.command", "diff.evil.textconv"]
    for key in keys:
        git("config", key, program(root, key))
    git("config", "log.showSignature", "true")
    raw = git("cat-file", "commit", "HEAD")
    head, _, words = raw.partition("\n\n")
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n xx\n -----END PGP SIGNATURE-----"
    signed = f"{head}\n{signature}\n\n{words}\n"
    (root / ".git" / "signed").write_text(signed)
    git("update-ref", "HEAD", git("hash-object", "-t", "commit", "-w", ".git/signed"))
    # A part of the files is missing, and to be fetched by a program.
    git("config", "core.repositoryFormatVersion", "1")
    git("config", "extensions.partialClone", "origin")
    git("config", "remote.origin.url", "ssh://example.invalid/x")
    git("config", "remote.origin.promisor", "true")
    blob = git("rev-parse", "HEAD~1:a.py")
    # Git itself runs them, so that this test could fail.
    git("log", "-p", check=False)
    git("diff", "HEAD~1", "HEAD", check=False)
    git("status", check=False)
    (root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    git("cat-file", "-p", blob, check=False)
    assert traces(root) == {f"ran-{key}" for key in keys if key != "core.pager"}
    assert changes(root).keys() == {"change"}
    assert traces(root) == set()
