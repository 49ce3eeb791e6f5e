"""Recipes that a compiler or an interpreter runs, where one is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from .recipes import COOKBOOK, TESTS

needs = {
    program: pytest.mark.skipif(not shutil.which(program), reason=f"needs {program}")
    for program in ("node", "go", "rustc", "javac", "gcc", "g++", "ruby", "php")
}
WARNINGS = ("-Wall", "-Wextra", "-Werror")


def run(*command: str | Path, folder: Path | None = None, **environment: str) -> str:
    """Run a command and return what it said; it has to succeed."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=150,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def node_version() -> tuple[int, ...]:
    text = run("node", "--version") if shutil.which("node") else "v0.0"
    return tuple(int(part) for part in text.strip().lstrip("v").split("."))


@pytest.mark.skipif(node_version() < (20, 13), reason="needs Node.js 20.13")
def test_javascript() -> None:
    assert "# fail 0" in run(
        "node", "--test", "--test-reporter=tap", TESTS / "javascript" / "recipes.test.mjs"
    )


@pytest.mark.skipif(node_version() < (22, 18), reason="needs a Node.js that strips types")
def test_typescript() -> None:
    assert "# fail 0" in run(
        "node", "--test", "--test-reporter=tap", TESTS / "typescript" / "recipes.test.mts"
    )


@needs["go"]
def test_go(tmp_path: Path) -> None:
    for path in (*(COOKBOOK / "go").glob("*.go"), TESTS / "go" / "recipes_test.go"):
        shutil.copy(path, tmp_path)
    (tmp_path / "go.mod").write_text("module recipes\n\ngo 1.19\n")
    assert run("go", "test", ".", folder=tmp_path, GOTOOLCHAIN="local").startswith("ok")


@needs["rustc"]
def test_rust(tmp_path: Path) -> None:
    program = tmp_path / "recipes"
    source = TESTS / "rust" / "recipes.rs"
    run("rustc", "--edition=2021", "--test", "-Dwarnings", "-Adead-code", "-o", program, source)
    assert "0 failed" in run(program)


@needs["javac"]
def test_java(tmp_path: Path) -> None:
    sources = [*(COOKBOOK / "java").glob("*.java"), TESTS / "java" / "RecipesTest.java"]
    run("javac", "--release=17", "-Xlint:all,-serial", "-Werror", "-d", tmp_path, *sources)
    assert run("java", "-cp", tmp_path, "RecipesTest") == "passed\n"


@needs["gcc"]
def test_c(tmp_path: Path) -> None:
    run("gcc", "-std=c11", *WARNINGS, "-o", tmp_path / "recipes", TESTS / "c" / "recipes.c")
    assert run(tmp_path / "recipes", tmp_path / "file") == "passed\n"


@needs["g++"]
def test_cpp(tmp_path: Path) -> None:
    source = TESTS / "cpp" / "recipes.cpp"
    run("g++", "-std=c++17", *WARNINGS, "-pthread", "-o", tmp_path / "recipes", source)
    (tmp_path / "files").mkdir()
    assert run(tmp_path / "recipes", tmp_path / "files") == "passed\n"


@needs["ruby"]
def test_ruby() -> None:
    assert run("ruby", "-w", TESTS / "ruby" / "recipes_test.rb") == "passed\n"


@needs["php"]
def test_php(tmp_path: Path) -> None:
    assert run("php", TESTS / "php" / "recipes_test.php", tmp_path) == "passed\n"
