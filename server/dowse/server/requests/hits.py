"""Hits as the commands hand them to editors, and what comes back of one that was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dowse.context.types import Answer, Hit
from dowse.server.presentation import location, state, why
from dowse.server.uris import uri_of


def answer_fields(answer: Answer) -> dict[str, Any]:
    """The hits of an answer and what it rests on, as a word and as a sentence."""
    hits = [_fields(hit) for hit in answer.hits]
    return {"tier": answer.tier.value, "state": state(answer.tier), "hits": hits}


def _fields(hit: Hit) -> dict[str, Any]:
    provenance = hit.provenance
    return {
        "symbol": hit.snippet.symbol,
        "kind": hit.snippet.kind.value,
        "language": hit.snippet.language,
        "uri": uri_of(provenance.root / provenance.path),
        "path": provenance.path,
        "startLine": provenance.start_line,
        "endLine": provenance.end_line,
        "location": location(hit),
        "source": provenance.source.value,
        "package": provenance.package,
        "version": provenance.version,
        "license": provenance.license,
        "score": round(hit.score, 4),
        "why": why(hit),
        "text": hit.text,
        "indentation": hit.indentation,
    }


@dataclass(frozen=True, slots=True)
class Chosen:
    """The part of a hit that is needed to insert it."""

    text: str
    language: str
    indentation: str

    @classmethod
    def of(cls, fields: object) -> Chosen | None:
        """What a client sends back; None if it is no hit."""
        if not isinstance(fields, Mapping):
            return None
        values = [fields.get(name) for name in ("text", "language", "indentation")]
        texts = [value for value in values if isinstance(value, str)]
        return cls(*texts) if len(texts) == len(values) else None
