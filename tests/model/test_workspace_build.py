from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from dowse.context.errors import DatasetError
from dowse.context.types import Limits
from dowse.model.evaluation.workspace import Sizes, WorkspaceTest, build_test

Folder = Callable[..., Path]

FILES: dict[str, str | bytes] = {
    "shop/cart.py": (
        'class Cart:\n    """Things that a customer wants to buy."""\n\n'
        '    def total(self):\n        """Add up the prices of all things.\n\n        Slow."""\n'
        "        return sum(each.price for each in self.things)\n\n"
        '    def clear(self):\n        """Empty."""\n        self.things = []\n'
    ),
    "shop/tax.go": (
        "package shop\n\n// AddTax adds the tax of a country to a price.\n"
        "func AddTax(price int) int {\n\treturn price * 119 / 100\n}\n"
    ),
    "web/cart.js": (
        "/** Add up the prices of all things. */\n"
        "export function total(things) {\n  return things.reduce(plus, 0);\n}\n"
    ),
    "page.html": "<p>Add up the prices of all things</p>\n",
    "README.md": "# Add up the prices of all things\n",
}


def build(root: Path, **sizes: int) -> WorkspaceTest:
    return build_test(root, Limits(), Sizes(**sizes))


def test_docstrings_ask_for_their_definitions_without_docstrings(folder: Folder) -> None:
    test = build(folder(FILES))
    dataset = test.dataset
    asked = {
        text: {dataset.origins[name].symbol for name in dataset.relevance[query]}
        for query, text in dataset.queries.items()
    }
    # The one of Cart.clear is too short; the same words twice are one query with two answers.
    assert asked == {
        "Things that a customer wants to buy": {"Cart"},
        "Add up the prices of all things": {"Cart.total", "total"},
        "adds the tax of a country to a price": {"AddTax"},
    }
    assert set(dataset.kinds.values()) == {"docstring"}
    searched = " ".join(dataset.corpus.values())
    assert "Cart.clear" in {origin.symbol for origin in dataset.origins.values()}
    assert not any(text in searched for text in asked)
    assert {origin.language for origin in dataset.origins.values()} == {
        "python",
        "go",
        "javascript",
    }
    assert dataset.origins["shop/tax.go:4"].line == 4
    assert dataset.name == "project"


def test_without_a_repository_the_note_says_so(folder: Folder) -> None:
    (note,) = build(folder(FILES)).notes
    assert note.startswith("No commit is a query: git ")
    assert build(folder(FILES), commits=0).notes == ()


def test_the_same_folder_gives_the_same_test(folder: Folder) -> None:
    root = folder({f"m{n}.py": function(n) for n in range(20)})
    first, again = build(root, queries=5, documents=9), build(root, queries=5, documents=9)
    assert first.dataset == again.dataset
    assert build(root, queries=5, documents=9, seed=1).dataset != first.dataset


def function(number: int, body: str = "pass") -> str:
    return f'def f{number}():\n    """Answer the question number {number} here."""\n    {body}\n'


def test_queries_and_documents_are_bounded_and_answers_always_searched(folder: Folder) -> None:
    root = folder({f"m{n}.py": function(n) for n in range(20)})
    test = build(root, queries=5, documents=9, commits=0)
    assert (len(test.dataset.queries), test.dataset.documents) == (5, 9)
    answers = {name for gains in test.dataset.relevance.values() for name in gains}
    assert answers <= test.dataset.corpus.keys()
    assert [note.partition(" ")[0] for note in test.notes] == ["5", "9"]
    assert build(root, queries=5, documents=1, commits=0).dataset.documents == 5


def test_definitions_of_equal_text_are_one_document(folder: Folder) -> None:
    body = "return self.value"
    source = function(1, body).replace("f1", "same") + function(2, body).replace("f2", "same")
    dataset = build(folder({"a.py": source, "b.py": "def other():\n    pass\n"})).dataset
    assert dataset.documents == 2
    assert [list(gains) for gains in dataset.relevance.values()] == [["a.py:1"], ["a.py:1"]]


def test_a_long_definition_is_searched_by_its_passages(folder: Folder) -> None:
    long = function(1, "\n    ".join(f"step_{n}()" for n in range(90)))
    dataset = build(folder({"a b.py": long})).dataset
    assert list(dataset.corpus) == ["a%20b.py:1", "a%20b.py:1#2", "a%20b.py:1#3"]
    assert set(dataset.parts.values()) == {"a%20b.py:1"} == set(dataset.origins)
    assert dataset.documents == 1


def test_definitions_on_one_line_have_ids_of_their_own(folder: Folder) -> None:
    line = "/** First words are here. */\nfunction a() { run(1) } function b() { run(2) }\n"
    dataset = build(folder({"a.js": line})).dataset
    assert list(dataset.corpus) == ["a.js:2", "a.js:2:b"]


@pytest.mark.parametrize(
    "files", [{}, {"a.py": "def f():\n    pass\n"}, {"a.md": "# Words here\n"}]
)
def test_a_folder_without_descriptions_is_told(folder: Folder, files: dict[str, str]) -> None:
    with pytest.raises(DatasetError, match="describes a definition"):
        build(folder(files))


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_commit_messages_ask_for_what_they_changed(folder: Folder) -> None:
    root = folder({"a.py": "def old():\n    return 1\n"})

    def commit(subject: str) -> None:
        options = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-C", str(root)]
        for words in (["add", "--all"], ["commit", "--quiet", "-m", subject]):
            subprocess.run(["git", *options, *words], check=True, env=os.environ)

    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    commit("Initial commit")
    (root / "a.py").write_text("def old():\n    return 2\n\n\ndef gone():\n    return 3\n")
    commit("fix: return the right number (#12)")
    (root / "a.py").write_text("def old():\n    return 2\n")
    commit("remove what nobody needs")
    dataset = build(root).dataset
    assert dataset.queries == {"commit-1": "return the right number"}
    assert dataset.relevance == {"commit-1": {"a.py:1": 1}}
    assert dataset.kinds == {"commit-1": "commit"}


def test_progress_tells_its_steps(folder: Folder) -> None:
    steps: list[tuple[str, int, int]] = []
    build_test(folder(FILES), Limits(), progress=lambda *step: steps.append(step))
    assert steps[-1] == ("reading definitions", 5, 5)
