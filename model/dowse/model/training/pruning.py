"""Takes pieces out of an encoder's vocabulary that the texts it is meant for do not use.

A WordPiece table of 30,522 rows is half of a small encoder's weights, and code and English rarely
use most of it. Rows are taken out and nothing is trained: a word whose piece has gone is split into
smaller pieces, and a text without such a word keeps its vector (so Abdaoui et al. 2020,
arXiv:2010.05609, make encoders of few languages out of one of a hundred).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from dowse.context.errors import DatasetError, SettingsError
from dowse.model.training.base import read_base, read_json
from dowse.model.training.encoder_folder import new_encoder, write_json, write_with_entries
from dowse.model.training.export import require_extra
from dowse.model.wordpiece import SPECIAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dowse.model.training.base import Base

RECORD = "pruning.json"
_TEXTS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was taken out of a model; `pruning.json` holds the same."""

    base: str
    """Name of the model that it was made from."""
    base_sha256: str
    """Of its weights, as an adapter of it would name them."""
    entries_before: int
    entries_after: int
    tokens: int
    """Pieces in all texts, as the base splits them."""
    tokens_kept: int
    """Those of them whose entry has stayed."""
    bytes_before: int
    """Of the file with the weights."""
    bytes_after: int


def prune_vocabulary(
    base: Path,
    out: Path,
    texts: Iterable[str],
    *,
    keep: int | None = None,
    least: int = 1,
    name: str | None = None,
) -> Pruned:
    """Write a copy of a model that knows only the pieces which texts use.

    Special tokens and every ASCII character, alone and within a word, stay whether used or not: so
    each word of ASCII that could be split still can. Entries keep their order.

    Args:
        base: folder of a sentence-transformers BERT encoder.
        out: folder that gets the new one; it may be there if it is empty.
        texts: what pieces are counted in, each as often as it comes.
        keep: entries of the new vocabulary, the most used ones; None leaves it to `least`.
        least: how often a piece has to be used to stay, where `keep` is None.
        name: of the base, for the record; by default that of its folder.

    Raises:
        DatasetError: there is no text.
        ExportError: the base is none that could be exported, `out` holds files or cannot be
            written, or the extra `train` is not installed.
        SettingsError: `keep` is less than what always stays, or more than there is.
    """
    require_extra()
    source = read_base(base, name or base.resolve().name)
    always = _always(source)
    _check(source, always, keep)
    with new_encoder(out) as folder:
        counts = count_pieces(base, texts)
        if not counts:
            raise DatasetError(
                "there is no text to count pieces in; name files with pairs or prose"
            )
        return _made(source, folder, _choose(source, always, counts, keep, least), counts)


def count_pieces(base: Path, texts: Iterable[str]) -> Counter[int]:
    """How often each entry of a model's vocabulary stands in texts, by its own tokenizer, uncut."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    counts: Counter[int] = Counter()
    rest = iter(texts)
    while some := list(islice(rest, _TEXTS_AT_ONCE)):
        for found in tokenizer.encode_batch_fast(some, add_special_tokens=False):
            counts.update(found.ids)
    return counts


def _always(source: Base) -> set[int]:
    """Entries that stay in any case: special and added tokens, and ASCII characters."""
    added = read_json(source.folder, "tokenizer.json").get("added_tokens") or []
    named = {token["content"] for token in added} | set(SPECIAL)
    return {
        number
        for number, piece in enumerate(source.vocabulary)
        if piece in named or (piece.isascii() and len(piece.removeprefix("##")) == 1)
    }


def _check(source: Base, always: set[int], keep: int | None) -> None:
    entries = len(source.vocabulary)
    if keep is not None and not len(always) <= keep <= entries:
        raise SettingsError(
            f"{source.name} can keep from {len(always):,} to {entries:,} entries, not {keep:,}; "
            "give another number"
        )


def _choose(
    source: Base, always: set[int], counts: Counter[int], keep: int | None, least: int
) -> list[int]:
    others = [number for number in range(len(source.vocabulary)) if number not in always]
    if keep is None:
        return sorted(always | {number for number in others if counts[number] >= least})
    # Of pieces used as often as each other the first stay: BERT's are ordered by frequency.
    order = sorted(others, key=lambda number: (-counts[number], number))
    return sorted(always | set(order[: keep - len(always)]))


def _made(source: Base, folder: Path, ids: Sequence[int], counts: Counter[int]) -> Pruned:
    write_with_entries(source, folder, ids)
    pruned = Pruned(
        base=source.name,
        base_sha256=source.sha256,
        entries_before=len(source.vocabulary),
        entries_after=len(ids),
        tokens=counts.total(),
        tokens_kept=sum(counts[number] for number in ids),
        bytes_before=source.weights.stat().st_size,
        bytes_after=(folder / source.weights.name).stat().st_size,
    )
    write_json(folder / RECORD, asdict(pruned))
    return pruned


def corpus(pairs: Iterable[Path], prose: Iterable[Path]) -> Iterator[str]:
    """Queries and code of files of pairs, then files of prose, each a text.

    Args:
        pairs: JSON lines, as `dowse train fit` takes them.
        prose: text in UTF-8, a README for example.

    Raises:
        DatasetError: a file cannot be read or a row is malformed.
    """
    from dowse.model.training.data.pairs import read_pairs

    for path in pairs:
        for pair in read_pairs(path):
            yield from (pair.query, pair.code)
    for path in prose:
        try:
            yield path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise DatasetError(f"cannot read {path}: {error}; name a text in UTF-8") from None
