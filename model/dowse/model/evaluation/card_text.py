"""The text of a model card: what a model is, what it does better, and what it does worse.

After Mitchell et al. 2019, "Model Cards for Model Reporting" (arXiv:1810.03993).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dowse.model.evaluation.findings import CHANGED, NAMES, SIDES, WAYS
from dowse.model.evaluation.verdict import verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dowse.model.evaluation.findings import Effect, Findings, Quality, Robustness
    from dowse.model.evaluation.metrics import Difference, Score
    from dowse.model.manifest import Model

_LISTED = 12
"""Languages, sources and licences that are listed; the others are summed up."""


def interval(score: Score) -> str:
    """A mean with its interval, in percent."""
    return f"{100 * score.mean:.1f} [{100 * score.low:.1f}, {100 * score.high:.1f}]"


def difference(found: Difference) -> str:
    """A difference with its interval, in points, and what to make of it."""
    ends = f"[{100 * found.low:+.1f}, {100 * found.high:+.1f}], p = {found.p:.3g}"
    return f"{100 * found.mean:+.1f} {ends}{'' if found.significant else ': not significant'}"


def step(effect: Effect, side: str) -> str:
    """MRR of a model as it is and with a change, in percent."""
    means = (100 * getattr(pair, side).mean for pair in (effect.clean, effect.changed))
    return "{:.1f} to {:.1f}".format(*means)


def card_lines(found: Findings, training: Mapping[str, Any] | None) -> Iterator[str]:
    """The card in Markdown, line by line; texts from files are escaped.

    Args:
        found: what was measured.
        training: what `dowse train fit` recorded; None where it is not known.
    """
    yield f"# {_cell(found.after.manifest.name)}"
    yield from _about(found.after, found.before, training)
    yield from ("", "## What fine-tuning did", "")
    for sentence, points in verdict(found):
        yield f"- {sentence}{':' if points else '.'}"
        yield from (f"  - {_cell(point)}" for point in points)
    yield from _data(training)
    yield from ("", "## Before and after", "", "![MRR before and after](quality.svg)")
    for quality in found.quality:
        yield from _quality(quality)
    yield from _robustness(found)
    yield from _speed(found)
    yield from _method(found, training)


def _about(model: Model, before: Model, training: Mapping[str, Any] | None) -> Iterator[str]:
    manifest, record = model.manifest, training or {}
    base = record.get("base") or manifest.base or "not known"
    yield ""
    yield (
        "A sentence encoder for code search, to be run by dowse: it turns a query and pieces of "
        "code into vectors whose cosine says how well they fit. It is made to rank code that is "
        "at hand; it writes none, and does not tell whether code is right or safe to use."
    )
    rows = {
        "file": f"`{model.path.name}`, {manifest.bytes / 1e6:.1f} MB, {manifest.quantization}",
        "base": str(base),
        "licence": str(record.get("license") or manifest.license or "not known"),
        "vectors": f"{manifest.dimensions} dimensions, {manifest.pooling} pooling, "
        f"texts cut to {manifest.token_limit} tokens",
        "SHA-256": manifest.sha256,
        "compared with": f"{before.manifest.name}, SHA-256 {before.manifest.sha256}",
    }
    yield from _table(["", ""], [[name, _cell(text)] for name, text in rows.items()])


def _data(training: Mapping[str, Any] | None) -> Iterator[str]:
    yield from ("", "## What it was trained on", "")
    if training is None:
        yield "Not told; `--training FOLDER` takes it from what `dowse train fit` wrote."
        return
    data = training["data"]
    yield f"{_number(data.get('pairs'))} pairs of a sentence and code;"
    yield f"{_number(data.get('development_pairs'))} others watched the training."
    rows = [
        [title, _counted(data.get(name))]
        for title, name in (("languages", "languages"), ("sources", "sources"),
                            ("licences", "licenses"))
    ]  # fmt: skip
    yield from _table(["", "pairs"], rows)


def _number(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else "an unknown number of"


def _counted(counts: object) -> str:
    """The largest counts, and how many there are beside them."""
    if not isinstance(counts, dict):
        return "not known"
    rows = sorted(counts.items(), key=lambda row: -row[1])
    listed = ", ".join(f"{_cell(str(name))} {count:,}" for name, count in rows[:_LISTED])
    more = sum(count for _, count in rows[_LISTED:])
    return f"{listed}, {len(rows) - _LISTED} others {more:,}" if more else listed


def _quality(quality: Quality) -> Iterator[str]:
    yield from ("", f"### {_cell(quality.title)}: {quality.queries:,} queries")
    rows = [
        [f"{metric}, {way}", interval(pair.before), interval(pair.after),
         difference(pair.difference)]
        for way, figures in quality.ways.items()
        for metric, pair in figures.items()
    ]  # fmt: skip
    yield from _table(["", "before", "after", "after minus before"], rows)


def _robustness(found: Findings) -> Iterator[str]:
    yield from ("", "## Robustness", "", "![MRR as it is and changed](robustness.svg)", "")
    yield (
        f"MRR as it is to MRR changed, on up to {found.sample:,} documents of each set, answers "
        "first. Texts that could not be changed (no word to mistype, code that no grammar reads, "
        "no line to put a comment on) stay as they are and count. Only queries with an attacker "
        "of their own are asked under keyword stuffing."
    )
    head = ["", "texts changed", "before", "after", "after minus before, changed",
            "after loses less by"]  # fmt: skip
    for way in WAYS:
        for name in dict.fromkeys(each.dataset for each in found.robustness):
            rows = [_row(each, way) for each in found.robustness if each.dataset == name]
            yield from ("", f"### {_cell(name)}, {NAMES[way]}")
            yield from _table(head, rows)
    if attacked := [each for each in found.robustness if each.change == "stuffing"]:
        yield from _stuffing(attacked)


def _row(each: Robustness, way: str) -> list[str]:
    effect = each.ways[way]
    return [
        CHANGED[each.change],
        f"{each.changed:,} of {each.total:,} {each.unit}",
        f"{step(effect, 'before')} ({difference(effect.loss_before)})",
        f"{step(effect, 'after')} ({difference(effect.loss_after)})",
        difference(effect.changed.difference),
        difference(effect.less_loss),
    ]


def _stuffing(attacked: Sequence[Robustness]) -> Iterator[str]:
    yield from ("", "### Keyword stuffing", "")
    yield (
        "An attacker's document repeats the words of a query three times in a comment above "
        "unrelated code. Percentage of attacked queries in which it stands above every answer:"
    )
    yield from ("", "![Share of queries that the attacker wins](stuffing.svg)")
    rows = [
        [f"{_cell(each.dataset)}, {way}", f"{each.queries:,}", interval(pair.before),
         interval(pair.after), difference(pair.difference)]
        for each in attacked
        for way, effect in each.ways.items()
        if (pair := effect.outranked)
    ]  # fmt: skip
    yield from _table(["", "queries", "before", "after", "after minus before"], rows)


def _speed(found: Findings) -> Iterator[str]:
    yield from ("", "## Speed and size")
    models = found.before, found.after
    rows = [
        [side, f"{speed.documents_per_second:.1f}", f"{speed.milliseconds_per_query:.2f}",
         f"{model.manifest.bytes:,}"]
        for side, model, speed in zip(SIDES, models, found.speeds, strict=True)
    ]  # fmt: skip
    yield from _table(["", "documents a second", "milliseconds a query", "bytes of the file"], rows)
    yield from ("", "The fastest of five turns each, in one run on the machine at hand. The file")
    yield "itself was run: the copy that dowse makes on some CPUs is faster."


def _method(found: Findings, training: Mapping[str, Any] | None) -> Iterator[str]:
    yield from ("", "## How this was measured", "")
    yield f"By `{_cell(found.command)}`, seed {found.seed}." if found.command else ""
    yield (
        "Scores are percentages with 95 % bootstrap intervals over queries; differences are "
        "paired, in points, and p is the chance of such a difference if there were none. Ranks "
        "are counted among the 200 best texts. Meaning is the cosine less a share of a text's "
        "crowding, as dowse searches. `results.json` holds all figures."
    )
    recipe = (training or {}).get("recipe")
    varied = recipe if isinstance(recipe, dict) else {}
    if seen := [name for name, share in varied.items() if name.startswith("augment_") and share]:
        yield from ("", f"The recipe turned on {', '.join(map(_cell, seen))}: the model has seen")
        yield "such changes while it was trained, made by the same code as those above."


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield from ("", f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}")
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _cell(text: str) -> str:
    """A text that cannot end a cell or a line, or become a tag."""
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())
