"""Says in sentences what fine-tuning made better and worse, the bad news as plainly as the good."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dowse.model.evaluation.comparison import TESTED
from dowse.model.evaluation.findings import CHANGED, WAYS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dowse.model.evaluation.findings import Findings
    from dowse.model.evaluation.metrics import Difference

_SLOWER = 0.9
"""Share of the old speed below which a model is called slower; turns differ by some percent."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that was tested."""

    what: str
    difference: Difference
    """Above 0 where fine-tuning helped."""


def verdict(found: Findings) -> list[tuple[str, list[str]]]:
    """What got better, what got worse, what may be chance, and what became slower.

    Returns:
        Sentences without their period, each with the figures that it is about.
    """
    tested, fragile = list(_quality(found)), list(_fragility(found))
    better, worse = _certain(tested, 1), _certain(tested, -1)
    firmer, weaker = _certain(fragile, 1), _certain(fragile, -1)
    lower = [each for each in tested if each.difference.mean < 0 and each not in worse]
    count = len(tested) + len(fragile)
    return [
        _sentence("Better, p < 0.05", "Nothing is better at p < 0.05", better),
        _sentence("Worse, p < 0.05", "Nothing is worse at p < 0.05", worse),
        _sentence("Lower, which may be chance", "Nothing else is lower", lower),
        _sentence("Less fragile, p < 0.05", "Nothing is less fragile at p < 0.05", firmer),
        _sentence("More fragile, p < 0.05", "Nothing is more fragile at p < 0.05", weaker),
        *((sentence, []) for sentence in _costs(found)),
        (
            f"{count} differences were tested, without a correction for their number: by chance "
            f"alone, about {0.05 * count:.0f} of them would pass",
            [],
        ),
    ]


def _quality(found: Findings) -> Iterator[Claim]:
    """Metrics of each set and language, and the MRR of each changed set."""
    for quality in found.quality:
        for way in WAYS:
            for metric in TESTED:
                what = f"{metric} by {way} on {quality.title}"
                yield Claim(what, quality.ways[way][metric].difference)
    for each in found.robustness:
        for way, effect in each.ways.items():
            what = f"MRR by {way} on {each.dataset} with {CHANGED[each.change]}"
            yield Claim(what, effect.changed.difference)


def _fragility(found: Findings) -> Iterator[Claim]:
    """What each change costs, before against after."""
    for each in found.robustness:
        for way, effect in each.ways.items():
            what = f"loss of MRR by {way} on {each.dataset} to {CHANGED[each.change]}"
            yield Claim(what, effect.less_loss)
            if effect.outranked is not None:
                what = f"answers by {way} on {each.dataset} that stay above keyword stuffing"
                yield Claim(what, _negated(effect.outranked.difference))


def _negated(found: Difference) -> Difference:
    return replace(found, mean=-found.mean, low=-found.high, high=-found.low)


def _certain(claims: Sequence[Claim], sign: int) -> list[Claim]:
    return [c for c in claims if c.difference.significant and sign * c.difference.mean > 0]


def _sentence(some: str, none: str, claims: Sequence[Claim]) -> tuple[str, list[str]]:
    listed = [f"{each.what} {100 * each.difference.mean:+.1f}" for each in claims]
    return (some if claims else none), listed


def _costs(found: Findings) -> Iterator[str]:
    before, after = found.speeds
    documents = after.documents_per_second / before.documents_per_second
    queries = before.milliseconds_per_query / after.milliseconds_per_query
    for what, share in (("documents", documents), ("queries", queries)):
        if share < _SLOWER:
            yield f"Slower: {what} are embedded at {100 * share:.0f} % of the old speed"
    sizes = [model.manifest.bytes for model in (found.before, found.after)]
    if sizes[1] > sizes[0]:
        yield f"Larger: {sizes[1] / 1e6:.1f} MB, {sizes[0] / 1e6:.1f} MB before"
