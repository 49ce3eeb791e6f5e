"""How hits read: titles, labels and the Why card."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dowse.context.types import Answer, Hit, Provenance, Source, Tier

_COPIES = 3
"""Places of copies that a card names."""
_WORDS = 12
"""Matched words that it names; code that is searched for has many."""

_OBEYED = re.compile(r"[\\`*{}\[\]()<>#+\-!|~&]|(?<![^\W_])_|_(?![^\W_])")
"""Characters that mean something to Markdown."""

_TIERS = {
    Tier.LEXICAL: "found by words alone, without the model",
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
        reasons.append(f"Words: {_some(hit.why.matched_words, _WORDS)}.")
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
        reasons.append(f"Nearly the same code: {_some(list(map(_place, hit.copies)), _COPIES)}.")
    return reasons


def _some(names: Sequence[str], most: int) -> str:
    shown, more = ", ".join(names[:most]), len(names) - most
    return f"{shown} and {more} more" if more > 0 else shown


def card(hit: Hit, *, markdown: bool) -> str:
    """What a person needs to trust or dismiss a hit: source, licence, reasons, code."""
    origin = f"{location(hit)} · {hit.provenance.source.value} · {license_(hit)}"
    reasons = " ".join(why(hit))
    if not markdown:
        return f"{hit.snippet.symbol}\n{origin}\n{reasons}\n\n{code(hit)}"
    fence = "`" * max(3, _longest_run_of_backticks(hit.text) + 1)
    fenced = f"{fence}{hit.snippet.language}\n{code(hit)}\n{fence}"
    return f"**{_span(hit.snippet.symbol)}** — {plain(origin)}\n\n{plain(reasons)}\n\n{fenced}"


def code(hit: Hit) -> str:
    """The code of a hit moved to the margin, where its first line stands already."""
    return hit.text.replace(f"\n{hit.indentation}", "\n")


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
    """Text of a file so that Markdown shows it and obeys nothing in it.

    A `_` inside a word means nothing to Markdown, and editors that show the source show it too.
    """
    return _OBEYED.sub(r"\\\g<0>", text)


def _span(text: str) -> str:
    """A name of a file as a code span, in which Markdown obeys nothing."""
    fence = "`" * (_longest_run_of_backticks(text) + 1)
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _longest_run_of_backticks(text: str) -> int:
    longest = run = 0
    for character in text:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    return longest
