"""How hits read: titles, labels and the Why card."""

from __future__ import annotations

from collections.abc import Sequence

from dowse.context.types import Answer, Hit, Provenance, Source, Tier

_COPIES = 3
"""Places of copies that a card names."""

_TIERS = {
    Tier.LEXICAL: "found by words alone: the model is not at work yet",
    Tier.PARTIAL: "found by words and in part by meaning: the index is being filled",
    Tier.FULL: "found by words and meaning",
}


def location(hit: Hit) -> str:
    """Package or cookbook, file and line, the line counted from 1."""
    return _place(hit.provenance)


def _place(provenance: Provenance) -> str:
    place = f"{provenance.path}:{provenance.start_line + 1}"
    if provenance.package is not None:
        return f"{provenance.package} {provenance.version}, {place}"
    return f"cookbook, {place}" if provenance.source is Source.COOKBOOK else place


def insert_title(hit: Hit) -> str:
    """Title of the action that inserts a hit; says so while words alone decide."""
    note = " (words only)" if hit.why.tier is Tier.LEXICAL else ""
    return f"Insert: {hit.snippet.symbol} — {location(hit)}{note}"


def open_title(hit: Hit) -> str:
    """Title of the action that shows where a hit comes from."""
    return f"Open source: {hit.snippet.symbol} — {location(hit)}"


def why(hit: Hit) -> list[str]:
    """The reasons for a hit, one sentence each."""
    reasons = []
    if hit.why.matched_words:
        reasons.append(f"Words: {', '.join(hit.why.matched_words)}.")
    if hit.why.similarity is not None:
        reasons.append(f"Likeness in meaning: {hit.why.similarity:.2f}.")
    places = [
        f"{place} by {kind}"
        for place, kind in ((hit.why.lexical_rank, "words"), (hit.why.dense_rank, "meaning"))
        if place is not None
    ]
    if places:
        reasons.append(f"Place among the candidates: {', '.join(places)}.")
    reasons += [sentence(reason) for reason in hit.why.reasons]
    if hit.copies:
        reasons.append(f"Nearly the same code: {_listed(hit.copies)}.")
    return reasons


def _listed(copies: Sequence[Provenance]) -> str:
    shown = ", ".join(_place(copy) for copy in copies[:_COPIES])
    more = len(copies) - _COPIES
    return f"{shown} and {more} more" if more > 0 else shown


def card(hit: Hit, *, markdown: bool) -> str:
    """What a person needs to trust or dismiss a hit: source, licence, reasons, code."""
    origin = f"{location(hit)} · {hit.provenance.source.value} · {license_(hit)}"
    reasons = " ".join(why(hit))
    if not markdown:
        return f"{hit.snippet.symbol}\n{origin}\n{reasons}\n\n{hit.text}"
    fence = "`" * max(3, _longest_run_of_backticks(hit.text) + 1)
    code = f"{fence}{hit.snippet.language}\n{hit.text}\n{fence}"
    return f"**{plain(hit.snippet.symbol)}** — {plain(origin)}\n\n{plain(reasons)}\n\n{code}"


def answer_card(words: str, answer: Answer, *, markdown: bool) -> str:
    """The hits of a trigger, for the hover."""
    if not answer.hits:
        return f"Nothing found for “{plain(words) if markdown else words}”. {state(answer.tier)}"
    rule = "\n\n---\n\n" if markdown else "\n\n"
    cards = rule.join(card(hit, markdown=markdown) for hit in answer.hits)
    return f"{cards}{rule}{state(answer.tier)}"


def state(tier: Tier) -> str:
    """What an answer rests on, as a sentence."""
    return sentence(_TIERS[tier])


def sentence(message: str) -> str:
    """A message that stands alone: with a capital and a period."""
    return f"{message[0].upper()}{message[1:]}."


def license_(hit: Hit) -> str:
    """The licence of a hit, or that none is stated."""
    return hit.provenance.license or "no licence stated"


def plain(text: str) -> str:
    """Text of a file so that Markdown shows it and obeys nothing in it."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]()<>#+-!|~&" else c for c in text)


def _longest_run_of_backticks(text: str) -> int:
    longest = run = 0
    for character in text:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    return longest
