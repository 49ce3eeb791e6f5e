from __future__ import annotations

import json
import re
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from dowse.context.errors import DowseError
from dowse.model.evaluation.comparison import (
    BOTH,
    MEANING,
    WORDS,
    Contestant,
    group_queries,
    score,
    score_group,
    score_models,
)
from dowse.model.evaluation.examples import EXAMPLES, examples
from dowse.model.evaluation.metrics import Dataset, Origin
from dowse.model.evaluation.report import Results, as_json, write_report
from dowse.model.manifest import Model
from dowse.model.registry import bundled_model

HOSTILE = "</table><script>alert('$x^$')</script> & co"
COUNT = 30
DOCUMENTS = [f"d{n}" for n in range(COUNT)]


def contestant(dataset: Dataset, name: str, shift: int) -> Contestant:
    """Finds the answer of query n at place 1 + n * shift % 7."""
    manifest = replace(bundled_model().manifest, name=name, bytes=1_000_000 * (shift + 1))
    ways = {}
    for n, way in enumerate((WORDS, MEANING, BOTH)):
        ways[way] = {
            query: [
                (DOCUMENTS[(i - place * (shift + n) % 7) % COUNT], 1.0 - i / 9) for i in range(9)
            ]
            for place, query in enumerate(dataset.queries)
        }
    model = Model(bundled_model().path, manifest)
    return Contestant(model, ways, score(ways, dataset), np.eye(2, dtype=np.float32))


def results(models: int = 3, kinds: tuple[str, ...] = ("docstring", "commit")) -> Results:
    queries = {f"q{n}": f"{HOSTILE} {n}" for n in range(COUNT)}
    languages = ["python", "go", HOSTILE]
    dataset = Dataset(
        name=HOSTILE,
        corpus=dict.fromkeys(DOCUMENTS, "text"),
        queries=queries,
        relevance={query: {"d0": 1, f"d{3 * (n % 3)}": 1} for n, query in enumerate(queries)},
        origins={
            name: Origin(languages[n % 9 // 3], f"{HOSTILE}/{name}.py", n + 1, HOSTILE)
            for n, name in enumerate(DOCUMENTS)
        },
        kinds={query: kinds[n % len(kinds)] for n, query in enumerate(queries)},
    )
    found = [contestant(dataset, f"{HOSTILE} {n}", n + 1) for n in range(models)]
    groups = group_queries(dataset)
    return Results(
        dataset=dataset,
        main=found[0],
        groups=[score_group(group, found[0].scores) for group in groups],
        models=score_models(groups, found, found[0]),
        reference=found[0].model.manifest.name,
        counts={HOSTILE: 3},
        notes=[HOSTILE],
        command=HOSTILE,
    )


class Page(HTMLParser):
    """Collects the tags of a page and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def read(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def test_the_page_holds_plots_tables_and_examples_and_loads_nothing(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    path = write_report(results(), tmp_path / "new" / "report")
    page = read(path)
    tags = [tag for tag, _ in page.tags]
    assert tags.count("img") == 3
    sources = [value for _, pairs in page.tags for key, value in pairs.items() if key == "src"]
    assert all(str(source).startswith("data:image/svg+xml;base64,") for source in sources)
    assert not {"script", "link", "iframe"} & set(tags)
    for words in ("NDCG@10", "Where meaning helps most", "Where the search fails", "p = "):
        assert words in page.text
    assert HOSTILE in page.text  # as text, and so not as a tag


def test_plots_are_well_formed_files_of_their_own(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    write_report(results(), tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"report.html", "results.json", "quality.svg", "recall.svg", "models.svg"}
    for path in tmp_path.glob("*.svg"):
        assert ElementTree.parse(path).getroot().tag.endswith("svg")
    assert json.loads((tmp_path / "results.json").read_text())["models"][2]["bytes"] == 4_000_000


def test_equal_results_give_equal_bytes(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    for name in ("one", "two"):
        write_report(results(), tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_one_model_and_one_kind_need_no_plot_of_models(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    page = read(write_report(results(models=1, kinds=("",)), tmp_path))
    assert [tag for tag, _ in page.tags].count("img") == 2
    assert not (tmp_path / "models.svg").exists()


def test_the_figures_as_json() -> None:
    shown = as_json(results())
    assert json.loads(json.dumps(shown)) == shown
    first = shown["groups"][0]
    assert (first["kind"], first["language"], first["queries"]) == ("docstring", "", 15)
    assert first["both"]["MRR"].keys() == {"mean", "low", "high", "queries"}
    assert first["comparisons"][0]["difference"].keys() == {"mean", "low", "high", "p", "queries"}
    assert [model["mean_cosine"] for model in shown["models"]] == [None, 1.0, 1.0]
    assert shown["words"]["MRR"]["queries"] == COUNT


def test_examples_are_the_best_and_the_worst() -> None:
    found = results()
    best, worst = examples(found.dataset, found.main.rankings, found.groups[0].group.queries)
    assert {each.ranks[BOTH] for each in best} == {1}
    assert [each.ranks[WORDS] for each in best] == sorted(
        (each.ranks[WORDS] for each in best), key=lambda rank: -(rank or 99)
    )
    ranks = [each.ranks[BOTH] or 99 for each in worst]
    assert ranks == sorted(ranks, reverse=True)
    assert min(ranks) > 1
    assert max(len(best), len(worst)) <= EXAMPLES
    assert best[0].query.startswith(HOSTILE)
    assert re.search(r"d\d+\.py:\d+", best[0].expected)


def test_a_query_whose_answer_is_nowhere_has_no_rank() -> None:
    dataset = Dataset("d", {"a": "x", "b": "y"}, {"q": "words"}, {"q": {"a": 1}})
    rankings = {WORDS: {}, MEANING: {"q": [("b", 1.0)]}, BOTH: {"q": [("b", 1.0)]}}
    best, (worst,) = examples(dataset, rankings, ["q"])
    assert best == []
    assert (worst.expected, worst.first) == ("a", "b")
    assert set(worst.ranks.values()) == {None}


def test_without_the_extra_the_message_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(DowseError, match=r'pip install "dowse\[report\]"'):
        write_report(results(), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    (tmp_path / "file").write_text("")
    with pytest.raises(DowseError, match="choose another folder"):
        write_report(results(), tmp_path / "file")
