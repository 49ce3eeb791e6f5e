"""Writes an evaluation as one HTML page with plots, tables and examples.

The page holds everything and loads nothing. Queries and names come from a repository that is not
trusted, so all text is escaped and the page forbids scripts.
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from dowse.context.errors import DowseError
from dowse.model.evaluation import plots
from dowse.model.evaluation.comparison import BOTH, MEANING, METHODS
from dowse.model.evaluation.examples import examples
from dowse.model.evaluation.metrics import METRICS, recall, summarize_all
from dowse.model.evaluation.page import HEAD, TAIL, difference, interval, section, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from dowse.model.evaluation.comparison import Contestant, GroupScores, ModelScores
    from dowse.model.evaluation.examples import Example
    from dowse.model.evaluation.metrics import Dataset

DEPTHS = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100)
"""Where recall is drawn; nobody reads further."""


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that an evaluation found."""

    dataset: Dataset
    main: Contestant
    """The model whose figures are shown in full."""
    groups: Sequence[GroupScores]
    models: Sequence[ModelScores]
    """Every model, largest first; one where nothing is compared."""
    reference: str
    """Name of the model that the others are compared with."""
    counts: Mapping[str, int]
    notes: Sequence[str]
    command: str
    """What was typed."""


def as_json(results: Results) -> dict[str, Any]:
    """The figures as JSON holds them."""
    return {
        "dataset": results.dataset.name,
        "documents": results.dataset.documents,
        "queries": len(results.dataset.queries),
        **{way: _scores(columns) for way, columns in _overall(results).items()},
        "groups": [_group(group) for group in results.groups],
        "model": results.main.model.manifest.name,
        "reference": results.reference,
        "models": [_model(each) for each in results.models],
        "counts": dict(results.counts),
        "notes": list(results.notes),
    }


def _overall(results: Results) -> dict[str, dict[str, list[float]]]:
    return {
        way: {metric: list(values.values()) for metric, values in found.items()}
        for way, found in results.main.scores.items()
    }


def _scores(columns: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    return {metric: asdict(score) for metric, score in summarize_all(columns).items()}


def _group(scores: GroupScores) -> dict[str, Any]:
    methods = {
        way: {metric: asdict(score) for metric, score in found.items()}
        for way, found in scores.methods.items()
    }
    about = {"kind": scores.group.kind, "language": scores.group.language}
    compared = [asdict(comparison) for comparison in scores.comparisons]
    return {**about, "queries": len(scores.group.queries), **methods, "comparisons": compared}


def _model(scores: ModelScores) -> dict[str, Any]:
    manifest = scores.model.manifest
    mean, least = scores.cosines or (None, None)
    return {
        "name": manifest.name,
        "quantization": manifest.quantization,
        "bytes": manifest.bytes,
        "sha256": manifest.sha256,
        "mean_cosine": mean,
        "least_cosine": least,
        "groups": [_group(group) for group in scores.groups],
    }


def write_report(results: Results, folder: Path) -> Path:
    """Write `report.html`, the plots in it as SVG files, and `results.json`.

    Args:
        results: what was found.
        folder: made if need be; files of an earlier report are replaced.

    Returns:
        The path of the page.

    Raises:
        DowseError: matplotlib is not installed, or the folder cannot be written.
    """
    plots.require_matplotlib()
    drawn = _drawn(results)
    text = json.dumps(as_json(results), indent=2, ensure_ascii=False) + "\n"
    files = {**{f"{name}.svg": svg for name, svg in drawn.items()}, "results.json": text}
    files["report.html"] = "".join(_page(results, drawn))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            temporary = folder / f".{name}.partial"
            temporary.write_text(content, encoding="utf-8", errors="replace", newline="\n")
            temporary.replace(folder / name)
    except OSError as error:
        raise DowseError(
            f"cannot write the report into {folder}: {error.strerror}; choose another folder"
        ) from None
    return folder / "report.html"


def _drawn(results: Results) -> dict[str, str]:
    drawn = {
        "quality": plots.quality(results.groups),
        "recall": plots.recall(_curves(results)),
    }
    if len(results.models) > 1:
        drawn["models"] = plots.sizes(results.models, results.reference)
    return drawn


def _curves(results: Results) -> dict[str, dict[str, plots.Curve]]:
    wholes = [scores.group for scores in results.groups if not scores.group.language]
    return {g.kind: {way: _curve(results, way, g.queries) for way in METHODS} for g in wholes}


def _curve(results: Results, way: str, queries: Sequence[str]) -> plots.Curve:
    rankings = results.main.rankings[way]
    ranked = {query: [name for name, _ in rankings.get(query, ())] for query in queries}
    gains = results.dataset.relevance
    return summarize_all({k: [recall(ranked[q], gains[q], k) for q in queries] for k in DEPTHS})


def _page(results: Results, drawn: Mapping[str, str]) -> Iterator[str]:
    dataset = results.dataset
    title = f"How well dowse finds things in {dataset.name}"
    yield HEAD.replace("TITLE", escape(title))
    yield f"<h1>{escape(title)}</h1>\n<p>{escape(_summary(results))}</p>\n"
    yield "".join(f"<p class=note>{escape(note)}</p>\n" for note in results.notes)
    yield section("Quality by language", _image(drawn["quality"], "MRR and NDCG@10 by language"))
    yield section("How far one has to look", _image(drawn["recall"], "Recall by depth"))
    if "models" in drawn:
        yield section(
            "Models and quantizations",
            _image(drawn["models"], "NDCG@10 against file size"),
            _model_table(results),
        )
    yield section("All figures", *(_group_table(scores) for scores in results.groups))
    for kind in dict.fromkeys(scores.group.kind for scores in results.groups):
        yield from _example_sections(results, kind)
    yield section("How this was measured", _method(results))
    yield TAIL


def _summary(results: Results) -> str:
    whole = next(iter(results.groups))
    better = next(c for c in whole.comparisons if c.metric == "MRR")
    best = whole.methods[BOTH]
    verdict = "no certain difference" if not better.difference.significant else "a real difference"
    return (
        f"{len(results.dataset.queries):,} queries, {results.dataset.documents:,} documents, "
        f"model {results.main.model.manifest.name}. For {whole.group.title}, "
        f"{100 * best['Recall@1'].mean:.0f} % of the answers stand first and "
        f"{100 * best['Recall@10'].mean:.0f} % among the first ten. Words and meaning together "
        f"against {better.other} alone: MRR {100 * better.difference.mean:+.1f}, {verdict} "
        f"(p = {better.difference.p:.3g})."
    )


def _image(svg: str, text: str) -> str:
    data = base64.b64encode(svg.encode()).decode()
    return f'<img alt="{escape(text)}" src="data:image/svg+xml;base64,{data}">\n'


def _group_table(scores: GroupScores) -> str:
    rows = [
        [way, *(interval(found[metric]) for metric in METRICS)]
        for way, found in scores.methods.items()
    ]
    lines = "".join(
        f"<p>{c.metric}: {escape(c.one)} against {escape(c.other)}: {difference(c.difference)}</p>"
        for c in scores.comparisons
    )
    title = f"{scores.group.title}: {len(scores.group.queries):,}"
    return f"<h3>{escape(title)}</h3>\n{table(['', *METRICS], rows)}{lines}\n"


def _model_table(results: Results) -> str:
    rows = [row for each in results.models for row in _model_rows(each, results.reference)]
    head = ["model", "MB", "cosine: mean, least", "queries", "MRR, meaning", "NDCG@10, meaning"]
    return table([*head, "NDCG@10, both", f"NDCG@10 of meaning against {results.reference}"], rows)


def _model_rows(scores: ModelScores, reference: str) -> Iterator[list[str]]:
    manifest = scores.model.manifest
    cosines = "{:.5f}, {:.5f}".format(*scores.cosines) if scores.cosines else "–"
    for group in scores.groups:
        meaning, both = group.methods[MEANING], group.methods[BOTH]
        against = [c for c in group.comparisons if c.metric == "NDCG@10"]
        yield [
            escape(manifest.name),
            f"{manifest.bytes / 1e6:.1f}",
            cosines,
            escape(group.group.kind or "all"),
            *(interval(each) for each in (meaning["MRR"], meaning["NDCG@10"], both["NDCG@10"])),
            difference(against[0].difference) if against else "reference",
        ]


def _example_sections(results: Results, kind: str) -> Iterator[str]:
    queries = next(s.group.queries for s in results.groups if s.group.kind == kind)
    best, worst = examples(results.dataset, results.main.rankings, queries)
    name = f"{kind} queries" if kind else "queries"
    yield section(
        f"Where meaning helps most: {name}",
        "<p>The answer stands first, and words alone put it furthest down.</p>\n",
        _example_table(best),
    )
    yield section(
        f"Where the search fails: {name}",
        "<p>The answer stands furthest down; what stands first is beside it.</p>\n",
        _example_table(worst),
    )


def _example_table(found: Sequence[Example]) -> str:
    rows = [
        [
            escape(each.query),
            escape(each.expected),
            *("–" if each.ranks[way] is None else f"{each.ranks[way]}" for way in METHODS),
            escape(each.first),
        ]
        for each in found
    ]
    return table(["query", "expected", *METHODS, "stands first by both"], rows)


def _method(results: Results) -> str:
    counts = "".join(f"<li>{escape(name)}: {n:,}</li>" for name, n in results.counts.items())
    return (
        f"<p>Made by <code>{escape(results.command)}</code>.</p>\n<p>Figures are percentages with "
        "95 % bootstrap intervals over queries. A difference is paired: the same queries, both "
        "ways; p is the chance of such a difference if there were none, not corrected for the "
        "number of comparisons on this page. Ranks are counted among the 200 best texts; – is a "
        "rank below them.</p>\n"
        f"<ul>{counts}</ul>\n"
    )
