from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dowse.context.languages import TABLED
from dowse.context.shard import embedding_text
from dowse.model.evaluation.fragments import read_fragment
from dowse.model.evaluation.names import read_names
from dowse.model.evaluation.renaming import renamed
from dowse.model.training.augment import augment, augment_batch
from dowse.model.training.code_changes import (
    own_function,
    with_comment,
    with_description,
    without_docstring,
)
from dowse.model.training.data.pairs import Pair
from dowse.model.training.query_changes import with_changed_words, with_typo
from dowse.model.training.questions import as_question
from dowse.model.training.recipe import Recipe

KINDS = ("question", "name", "words", "typos", "no_docstring", "rename", "dead_comments", "place")
ALL = replace(Recipe(), **{f"augment_{kind}": 1.0 for kind in KINDS})

CODE = {
    "python": "def read_lines(path, limit=9):\n    out = []\n    for line in open(path):\n"
    "        out.append(line.strip())\n    return out[:limit]\n",
    "javascript": "  readLines(path, {limit}) {\n    const out = load(path);\n"
    "    this.out = out;\n    return {out, limit};\n  }\n",
    "typescript": "async readLines(path: string): Promise<Line[]> {\n  const out = load(path);\n"
    "  this.out = out;\n  return out;\n}\n",
    "go": "func (r *Reader) ReadLines(path string) (int, error) {\n\tout := load(path)\n"
    "\tr.out = out\n\treturn save(File{path: path}, out)\n}\n",
    "rust": 'pub fn read_lines(path: &str) -> Lines {\n    let out = load(path);\n'
    '    println!("{}", out.path);\n    Lines { out, limit: 9 }\n}\n',
    "java": "public List<String> readLines(String path) {\n    int size = size(path);\n"
    "    this.size = size;\n    return load(path, size);\n}\n",
    "csharp": "public static int ReadLines(string path)\n{\n    var out1 = Load(path);\n"
    "    return out1.Length + path.Length;\n}\n",
    "c": "static int *read_lines(struct file *path, int limit)\n{\n    int *out = load(path);\n"
    "    path->out = out;\n    return read_lines(path, limit - 1);\n}\n",
    "cpp": "int Reader::read_lines(const std::string& path) {\n    auto out = load(path);\n"
    "    this->out = out;\n    return out.size();\n}\n",
    "ruby": "def read_lines(path, limit: 9)\n  out = load(path)\n  out.each { |line| line.strip }\n"
    "  @out = out\nend\n",
    "php": "public function readLines(string $path): array {\n    $out = load($path);\n"
    "    $this->out = $out;\n    return $out;\n}\n",
    "lua": "function M.read_lines(path)\n  local out = load(path)\n  M.out = out\n"
    "  return {path = path}\nend\n",
    "bash": 'read_lines() {\n  local out="$1"\n  load "$out" out\n  echo "$out" > "$HOME"\n}\n',
    "sql": "with big as (select o.id from orders o) select big.id from big",
}  # fmt: skip
"""A function in each language, most of them methods outside of their classes."""

PAIRS = [Pair(f"Reads number {n} of lines", code, name) for n, (name, code) in
         enumerate(CODE.items())]  # fmt: skip


def words(code: str) -> list[str]:
    return re.findall(r"\w+", code)


def kept(name: str, code: str) -> set[str]:
    """Words of the code that stay, whatever the draw says."""
    draws = (renamed(code, name, random.Random(seed)) or "" for seed in range(5))
    return set(words(code)).intersection(*map(words, draws))


# --- questions ----------------------------------------------------------------------------


def asked(sentence: str, language: str = "") -> set[str | None]:
    return {as_question(sentence, language, random.Random(seed)) for seed in range(200)}


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("Return the sum of a list.", "how to return the sum of a list"),
        ("Returns the sum of a list", "how to return the sum of a list"),
        ("Checks if the string does not contain the seed",
         "how can i check if the string does not contain the seed"),
        ("Parses the header and returns a dictionary of its fields.",
         "how do i parse the header and return a dictionary of its fields"),
        ("Copies a directory, then removes it", "how to copy a directory, then remove it"),
        ("Pushes an element onto the heap.", "best way to push an element onto the heap"),
        ("Asynchronously resolve a hostname to a single IPv4 address",
         "how to asynchronously resolve a hostname to a single ipv4 address"),
        ("Helper function that converts a date to a string",
         "how to convert a date to a string"),
        ("A simple method to split a path (in place).", "how to split a path"),
        ("Use this method to delete a message", "how to delete a message"),
        ("Return the average of numbers. Wiki: https://en.wikipedia.org/wiki/Average",
         "how to return the average of numbers"),
        ("Encodes `obj` , using the codec registered for `encoding` .",
         "function to encode obj, using the codec registered for encoding"),
    ],
)  # fmt: skip
def test_what_a_docstring_says_becomes_a_question(sentence: str, question: str) -> None:
    assert question in asked(sentence)


@pytest.mark.parametrize(
    ("language", "questions"),
    [
        ("python", {"python how to sort the list", "how to sort the list in python",
                    "python sort list", "sort list in python", "how to sort the list"}),
        ("csharp", {"c# how to sort the list", "how to sort the list in c#"}),
        ("bash", {"bash command to sort the list"}),
        ("sql", {"sql query to sort the list"}),
    ],
)  # fmt: skip
def test_half_of_the_questions_name_the_language(language: str, questions: set[str]) -> None:
    assert questions <= asked("Sorts the list.", language)
    spoken = [each for each in asked("Sort the list", language) if each and "list" in each]
    assert any("c#" in each or language in each for each in spoken)


@pytest.mark.parametrize(
    "text",
    [
        "How to sort a list", "python sort list", "Number of items in the cart",
        "Tests for the parser", "Count of rows", "The default encoding of files", "",
        "format = mixed cannot be used", "list", "Elegant way to create a dictionary",
    ],
)  # fmt: skip
def test_what_does_not_say_what_is_done_stays(text: str) -> None:
    assert asked(text, "python") == {None}


def test_a_language_that_is_named_is_not_named_again() -> None:
    found = asked("Convert a date to a string in Python", "python")
    assert all(each and each.count("python") == 1 for each in found)


# --- words --------------------------------------------------------------------------------


@given(st.lists(st.text("abcxyz", min_size=1, max_size=9)), st.integers())
def test_one_word_is_dropped_copied_or_switched(said: list[str], seed: int) -> None:
    changed = with_changed_words(" ".join(said), random.Random(seed))
    if len(said) < 4:
        assert changed is None
        return
    before, after = Counter(said), Counter((changed or "").split())
    assert sum(((before - after) + (after - before)).values()) <= 1
    assert abs(before.total() - after.total()) <= 1


@given(st.lists(st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=9)), st.integers())
def test_a_typo_is_in_one_word_and_leaves_its_first_letter(said: list[str], seed: int) -> None:
    changed = with_typo(" ".join(said), random.Random(seed))
    if all(len(word) < 4 for word in said):
        assert changed is None
        return
    different = [
        (one, other)
        for one, other in zip(said, (changed or "").split(), strict=True)
        if one != other
    ]
    assert len(different) == 1
    one, other = different[0]
    assert one[0] == other[0]
    assert len(one) >= 4
    assert abs(len(one) - len(other)) <= 1


def test_names_and_addresses_have_no_typos() -> None:
    assert with_typo("os.path.join() at http://example.org/path", random.Random(0)) is None


# --- code ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CODE)
@given(seed=st.integers())
def test_renamed_code_parses_and_has_as_many_names(name: str, seed: int) -> None:
    code = renamed(CODE[name], name, random.Random(seed))
    assert code is not None
    fragment = read_fragment(code, name)
    assert fragment is not None
    assert not fragment.has_error
    before = read_fragment(CODE[name], name)
    assert before is not None
    assert len(read_names(fragment)) == len(read_names(before)) > 0
    # An attribute may have the name of a variable, and stays.
    assert len(set(words(code))) >= len(set(words(CODE[name])))
    assert set(words(code)) >= kept(name, CODE[name])
    assert code == renamed(CODE[name], name, random.Random(seed))


@pytest.mark.parametrize(
    ("name", "gone", "stay"),
    [
        ("python", "read_lines path limit out line", "open append strip"),
        ("javascript", "readLines path", "load this out limit"),
        ("typescript", "readLines path", "string Line load out"),
        ("go", "ReadLines r", "Reader out path File save"),
        ("rust", "read_lines", "path out limit Lines println"),
        ("java", "readLines path", "List String size load"),
        ("csharp", "ReadLines path out1", "Load Length"),
        ("c", "read_lines limit path", "file out load"),
        ("cpp", "read_lines path", "Reader std string out size"),
        ("ruby", "read_lines path line", "load each strip out"),
        ("php", "readLines path", "out load array"),
        ("lua", "read_lines", "M out load path"),
        ("bash", "read_lines", "out load HOME"),
        ("sql", "big o", "id orders"),
    ],
)
def test_own_names_go_and_those_of_others_stay(name: str, gone: str, stay: str) -> None:
    left = kept(name, CODE[name])
    assert not set(gone.split()) & left
    assert set(stay.split()) <= left


def test_renaming_leaves_what_the_code_does() -> None:
    code = (
        "import math as m\n"
        "def area(radius, *more, digits=2):\n"
        "    sizes = {n: m.pi * r ** 2 for n, (r, _) in enumerate([(radius, 0), *more])}\n"
        "    total = sum(map(lambda size: sizes[size], sizes))\n"
        "    return f'{total:.{digits}f}' if digits else area(radius, *more, digits=1)\n"
    )
    for seed in range(9):
        spaces: list[dict[str, object]] = [{}, {}]
        changed = renamed(code, "python", random.Random(seed)) or ""
        for text, space in zip((code, changed), spaces, strict=True):
            exec(text, space)
        (one,), (other,) = (
            [each for name, each in space.items() if callable(each)] for space in spaces
        )
        assert one(2, (3, 0)) == other(2, (3, 0)) == "40.84"
        assert one(2, digits=0) == other(2, digits=0) == "12.6"


@given(st.sampled_from([each.name for each in TABLED] + ["toml", "", "klingon"]),
       st.text() | st.sampled_from(list(CODE.values())), st.integers())  # fmt: skip
def test_no_text_and_no_language_is_too_strange(name: str, code: str, seed: int) -> None:
    pair = Pair("Returns what is asked", code, name)
    first = augment(pair, PAIRS, ALL, random.Random(seed))
    assert first == augment(pair, PAIRS, ALL, random.Random(seed))


@pytest.mark.parametrize(
    ("name", "code", "bare"),
    [
        ("python", 'def f(x):\n    """Say x.\n\n    Loudly.\n    """\n    print(x)\n',
         "def f(x):\n    print(x)\n"),
        ("python", 'class A:\n    """An A."""\n\n    def f(self):\n        "Do."\n        go()\n',
         "class A:\n\n    def f(self):\n        go()\n"),
        ("java", "/** Says x. */\nvoid f(int x) {\n    // loudly\n    say(x);\n}",
         "void f(int x) {\n    // loudly\n    say(x);\n}"),
        ("go", "// F says x.\n// Loudly.\nfunc F(x int) {\n\tsay(x)\n}\n",
         "func F(x int) {\n\tsay(x)\n}\n"),
        ("rust", "/// Says x.\n#[inline]\nfn f(x: i32) { say(x) }\n",
         "#[inline]\nfn f(x: i32) { say(x) }\n"),
    ],
)  # fmt: skip
def test_documentation_is_taken_out(name: str, code: str, bare: str) -> None:
    assert without_docstring(code, name) == bare


@pytest.mark.parametrize(
    "code", ['def f():\n    """All that is here."""\n', "f(x)", CODE["python"]]
)
def test_code_without_documentation_or_with_nothing_else_stays(code: str) -> None:
    assert without_docstring(code, "python") is None


@pytest.mark.parametrize("name", [name for name in CODE if name != "sql"])
@given(seed=st.integers())
def test_a_comment_has_the_sign_of_the_language_and_a_line_of_its_own(name: str, seed: int) -> None:
    code = with_comment(CODE[name], name, "It says ?> and \\", random.Random(seed))
    assert code is not None
    fragment = read_fragment(code, name)
    assert fragment is not None
    assert not fragment.has_error
    lines = code.splitlines()
    (place,) = (n for n, line in enumerate(lines) if "It says" in line)
    sign = {"python": "#", "ruby": "#", "bash": "#", "lua": "--"}.get(name, "//")
    assert re.fullmatch(rf"\s+{sign} It says( \?>)? and", lines[place])
    assert [*lines[:place], *lines[place + 1 :]] == CODE[name].splitlines()
    following = lines[place + 1]
    indentation = re.match(r"\s*", following)
    assert indentation
    assert lines[place].startswith(f"{indentation[0]}{sign}")


def test_no_comment_stands_before_all_of_the_code_or_inside_of_a_text() -> None:
    assert with_comment("run(x)", "python", "about", random.Random(0)) is None
    assert with_comment("<p>\n<b>x</b></p>", "html", "about", random.Random(0)) is None
    for seed in range(20):
        code = with_comment('a = """\nb\n"""\nrun(\n  a)\n', "python", "c", random.Random(seed))
        assert code == 'a = """\nb\n"""\n# c\nrun(\n  a)\n'


@pytest.mark.parametrize(
    ("name", "code", "function"),
    [
        ("python", CODE["python"], "read_lines"),
        ("csharp", CODE["csharp"], "ReadLines"),
        ("go", CODE["go"], "ReadLines"),
        ("php", CODE["php"], "readLines"),
        ("python", "class A:\n    def read_lines(self): go()\n", None),
        ("python", f"{CODE['python']}\n\n{CODE['python']}", None),
        ("python", f"{CODE['python']}\nprint(read_lines('x'))\nprint(read_lines('y'))\n", None),
        ("python", "run(x)", None),
    ],
)
def test_one_function_is_told_by_its_name(name: str, code: str, function: str | None) -> None:
    assert own_function(code, name) == function


@pytest.mark.parametrize("name", CODE)
def test_a_description_is_put_where_the_language_has_it(name: str) -> None:
    described = with_description(CODE[name], name, 'Reads "all"\\ lines') or ""
    fragment = read_fragment(described, name)
    assert fragment is None or not fragment.has_error
    assert sorted(words(described)) == sorted([*words(CODE[name]), "Reads", "all", "lines"])


def test_no_description_where_there_is_no_place_for_one() -> None:
    assert with_description("def f(): return 1", "python", "Return one") is None
    assert with_description("x", "html", "A page") is None


# --- pairs --------------------------------------------------------------------------------


@given(st.sampled_from(PAIRS), st.integers())
def test_no_probability_changes_nothing(pair: Pair, seed: int) -> None:
    assert augment(pair, PAIRS, Recipe(), random.Random(seed)) == pair


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_changes_its_side_alone(kind: str) -> None:
    pair = Pair("Reads all lines of a file", f"{CODE['python'][:35]}", "python")
    code = CODE["python"].replace("9):\n", '9):\n    """Read."""\n')
    pair = replace(pair, code=code, path="reading.py")
    recipe = replace(Recipe(), **{f"augment_{kind}": 1.0})
    found = augment(pair, PAIRS, recipe, random.Random(1))
    assert (found.query != pair.query) is (kind in KINDS[:4])
    assert (found.code != pair.code) is (kind in ("name", *KINDS[4:]))


def test_a_name_that_is_asked_for_does_not_stand_in_the_code() -> None:
    recipe = replace(Recipe(), augment_name=1.0)
    found = augment(PAIRS[0], PAIRS, recipe, random.Random(0))
    assert found.query == "read lines"
    assert "read_lines" not in found.code
    assert "out.append(line.strip())" in found.code
    assert f'    """{PAIRS[0].query}."""\n' in found.code, (
        "the description is told apart from the name"
    )
    # A name of one word says too little.
    short = replace(PAIRS[0], code=CODE["python"].replace("read_lines", "read"))
    assert augment(short, PAIRS, recipe, random.Random(0)) == short


def test_a_batch_is_varied_by_seed_and_epoch_and_nothing_else() -> None:
    def varied(epoch: int, seed: int = 0) -> tuple[list[str], list[str]]:
        recipe = replace(ALL, seed=seed)
        return augment_batch(PAIRS, [0, 3], [CODE["python"]], recipe, epoch)

    queries, codes = varied(0)
    assert (len(queries), len(codes)) == (2, 3)
    assert varied(0) == varied(0)
    assert varied(0) != varied(1)
    assert varied(0) != varied(0, seed=1)
    # In whatever batch a pair is, an epoch sees it in one way.
    other = augment_batch(PAIRS, [3, 5], [CODE["python"]], ALL, 0)
    assert (other[0][0], other[1][0]) == (queries[1], codes[1])
    assert "read_lines" not in codes[2]


# --- place --------------------------------------------------------------------------------


def test_code_stands_below_its_place_as_in_the_index() -> None:
    recipe = replace(Recipe(), augment_place=1.0)
    pair = replace(PAIRS[0], path="lib/reading.py", symbol="read_lines")
    varied = augment(pair, PAIRS, recipe, random.Random(0))
    assert varied.code == embedding_text("lib/reading.py", "read_lines", pair.code)
    assert augment(PAIRS[0], PAIRS, recipe, random.Random(0)) == PAIRS[0]
