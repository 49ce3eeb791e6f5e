from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dowse.context.errors import DatasetError
from dowse.context.languages import language_named
from dowse.context.parsing import parse
from dowse.model.evaluation.metrics import Dataset, Origin
from dowse.model.evaluation.robustness import (
    CHANGES,
    Changed,
    outranked,
    sample,
    with_keyword_stuffing,
    with_misleading_comments,
    with_neutral_names,
    with_typos,
)

CODE = {
    "python": "import os\n\n\ndef read_lines(path, limit=9):\n    out = []\n"
    "    for line in open(os.path.join(path)):\n        out.append(line.strip())\n"
    "    return out[:limit]\n",
    "javascript": "function groupByKey(rows, key) {\n  const found = {};\n"
    "  for (const row of rows) {\n    found[row[key]] = row;\n  }\n  return found;\n}\n",
    "go": "func ReadLines(path string) (int, error) {\n\tout := load(path)\n\tlog.Print(out)\n"
    "\treturn save(path, out)\n}\n",
    "java": "public List<String> readLines(String path) {\n    int size = size(path);\n"
    "    this.size = size;\n    return load(path, size);\n}\n",
    "rust": "fn read_lines(path: &str) -> Lines {\n    let out = load(path);\n    keep(&out);\n"
    "    Lines { out, limit: 9 }\n}\n",
    "sql": "with big as (select o.id from orders o) select big.id from big",
    "": "%% ?? neither code ]] nor ((",
}
WORDS = ("read", "lines", "group", "rows", "of", "a", "file", "quickly", "by", "key", "größe")
KEPT = {
    "python": {"os", "join", "open", "append", "strip", "def", "import", "return"},
    "javascript": {"function", "const", "return"},
    "go": {"load", "save", "log", "Print", "func", "string"},
    "java": {"List", "String", "this", "load", "public"},
    "rust": {"load", "keep", "Lines", "limit", "let"},
    "sql": {"select", "from", "orders", "id"},
}


@st.composite
def datasets(draw: st.DrawFn) -> Dataset:
    """Some pieces of code, told or guessed, and queries of which each has an answer or two."""
    languages = draw(st.lists(st.sampled_from(list(CODE)), min_size=2, max_size=8))
    names = [f"d{n}" for n in range(len(languages))]
    texts = draw(
        st.lists(
            st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join),
            min_size=1,
            max_size=6,
        )
    )
    answers = st.dictionaries(st.sampled_from(names), st.integers(0, 2), min_size=1, max_size=2)
    return Dataset(
        "drawn",
        {name: f"{CODE[each]}\n" for name, each in zip(names, languages, strict=True)},
        {f"q{n}": text for n, text in enumerate(texts)},
        {f"q{n}": {**draw(answers), names[0]: 1} for n in range(len(texts))},
        {name: Origin(each) for name, each in zip(names, languages, strict=True)},
    )


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


@pytest.mark.parametrize("kind", CHANGES)
@settings(deadline=None, max_examples=25)
@given(dataset=datasets(), seed=st.integers(0, 5))
def test_a_change_keeps_what_it_does_not_concern(kind, dataset, seed) -> None:
    changed = CHANGES[kind](dataset, seed)
    assert changed == CHANGES[kind](dataset, seed)
    assert changed.kind == kind
    assert 0 <= changed.changed <= changed.total
    assert len(changed.dataset.corpus) == len(dataset.corpus) + len(changed.attackers)
    assert set(changed.dataset.queries) <= set(dataset.queries)
    for query, gains in changed.dataset.relevance.items():
        assert gains == dataset.relevance[query]
    texts = [("queries", changed.dataset.queries, dataset.queries),
             ("documents", changed.dataset.corpus, dataset.corpus)]  # fmt: skip
    for unit, now, before in texts:
        differ = sum(now.get(name, text) != text for name, text in before.items())
        assert differ == (changed.changed if unit == changed.unit and kind != "stuffing" else 0)


@pytest.mark.parametrize("kind", CHANGES)
@settings(deadline=None, max_examples=10)
@given(dataset=datasets())
def test_what_happens_to_a_text_does_not_depend_on_the_others(kind, dataset) -> None:
    # Another document at the end: only the attackers are drawn from all of them.
    more = replace(dataset, corpus={**dataset.corpus, "more": "x = 1"})
    one, other = (CHANGES[kind](each, 3).dataset for each in (dataset, more))
    if kind != "stuffing":
        assert {**one.corpus, "more": other.corpus["more"]} == other.corpus
        assert one.queries == other.queries


@settings(deadline=None, max_examples=25)
@given(dataset=datasets(), seed=st.integers(0, 5))
def test_a_typo_changes_one_or_two_long_words_by_a_letter(dataset, seed) -> None:
    changed = with_typos(dataset, seed)
    for query, before in dataset.queries.items():
        old, new = before.split(), changed.dataset.queries[query].split()
        differing = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
        assert len(differing) <= 2
        for a, b in differing:
            assert len(a) >= 4
            assert a[0] == b[0]
            assert abs(len(a) - len(b)) <= 2


@pytest.mark.parametrize("language", KEPT)
@pytest.mark.parametrize("seed", range(3))
def test_renaming_is_consistent_and_the_code_still_parses(language, seed) -> None:
    code = CODE[language]
    dataset = Dataset("one", {"d": code}, {"q": "read"}, {"q": {"d": 1}}, {"d": Origin(language)})
    changed = with_neutral_names(dataset, seed)
    new = changed.dataset.corpus["d"]
    assert changed.changed == 1
    pairs = dict(zip(words(code), words(new), strict=True)) if language != "rust" else {}
    # One new name for each old one, and no two that become the same.
    assert len(set(words(new))) >= len(set(words(code)))
    assert len(set(pairs.values())) == len(pairs)
    assert set(words(new)) >= KEPT[language]
    grammar = language_named(language)
    assert grammar is not None
    assert (
        parse(new.encode(), grammar).root_node.has_error
        == parse(code.encode(), grammar).root_node.has_error
    )
    assert "read_lines" not in new
    assert "path" not in words(new) or language == "python"  # `os.path` is no name of its own


def test_a_comment_says_a_query_of_another_document() -> None:
    names = {name: f"{name} question" for name in CODE if name and name != "sql"}
    dataset = Dataset(
        "comments",
        {name: CODE[name] for name in names},
        names,
        {name: {name: 1} for name in names},
        {name: Origin(name) for name in names},
    )
    changed = with_misleading_comments(dataset)
    assert changed.changed == len(names)
    for name, text in changed.dataset.corpus.items():
        (added,) = set(text.splitlines()) - set(CODE[name].splitlines())
        sign, _, said = added.strip().partition(" ")
        assert sign == ("#" if name == "python" else "//")
        assert said in set(names.values()) - {names[name]}


def test_what_no_grammar_reads_stays_and_is_counted() -> None:
    dataset = Dataset("odd", {"d": CODE[""], "e": CODE["python"]}, {"q": "a b", "r": "read lines"},
                      {"q": {"d": 1}, "r": {"e": 1}})  # fmt: skip
    part = sample(dataset, 9)
    assert [part.origins[name].language for name in ("d", "e")] == ["", "python"]
    for change in (with_neutral_names, with_misleading_comments):
        changed = change(part, 0)
        assert changed.dataset.corpus["d"] == CODE[""]
        assert (changed.changed, changed.total, changed.unit) == (1, 2, "documents")
    typos = with_typos(part)
    assert typos.dataset.queries["q"] == "a b"
    assert (typos.changed, typos.total, typos.unit) == (1, 2, "queries")


def test_an_attacker_repeats_the_query_above_code_that_does_not_answer_it() -> None:
    dataset = Dataset("attack", {"d": CODE["go"], "e": CODE["python"]}, {"q": "read lines"},
                      {"q": {"d": 1}}, {"e": Origin("python")})  # fmt: skip
    changed = with_keyword_stuffing(dataset)
    attacker = changed.attackers["q"]
    comment = "# read lines read lines read lines\n"
    assert changed.dataset.corpus[attacker] == comment + CODE["python"]
    assert changed.dataset.origins[attacker].language == "python"


def test_nothing_attacks_where_everything_is_an_answer() -> None:
    dataset = Dataset("all", {"d": "x"}, {"q": "read"}, {"q": {"d": 1}})
    changed = with_keyword_stuffing(dataset)
    assert changed == Changed("stuffing", changed.dataset, 0, 1, "queries", {})
    assert not changed.dataset.queries


@pytest.mark.parametrize(
    ("ranking", "is_above"),
    [
        (["x", "attacker", "answer"], True),
        (["x", "answer", "attacker"], False),
        (["wrong", "attacker"], True),
        (["answer"], False),
        (["x"], False),
        ([], False),
    ],
)
def test_an_attacker_wins_above_every_answer(ranking, is_above) -> None:
    assert outranked(ranking, "attacker", {"answer": 1, "wrong": 0}) is is_above


@settings(deadline=None, max_examples=50)
@given(dataset=datasets(), most=st.integers(3, 9), seed=st.integers(0, 5))
def test_a_sample_keeps_all_answers_of_its_queries(dataset, most, seed) -> None:
    part = sample(dataset, most, seed)
    assert part == sample(dataset, most, seed)
    assert len(part.corpus) == min(most, len(dataset.corpus))
    assert [*part.corpus] == [name for name in dataset.corpus if name in part.corpus]
    assert set(part.origins) == set(part.corpus)
    for query, gains in part.relevance.items():
        right = {name for name, gain in dataset.relevance[query].items() if gain > 0}
        assert right == {name for name, gain in gains.items() if gain > 0}
    if most >= len(dataset.corpus):
        assert part.queries == dataset.queries


def test_a_sample_that_holds_no_query_says_what_to_do() -> None:
    names = [f"d{n}" for n in range(5)]
    dataset = Dataset(
        "many", dict.fromkeys(names, "x"), {"q": "read"}, {"q": dict.fromkeys(names, 1)}
    )
    with pytest.raises(DatasetError, match="give a larger sample"):
        sample(dataset, 3)
