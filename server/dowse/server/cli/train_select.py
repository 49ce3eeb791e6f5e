"""`dowse train select`: choose the pairs that are like what people ask, or have people ask them."""

from __future__ import annotations

import argparse
import json
from contextlib import closing
from functools import partial
from pathlib import Path

from dowse.server.cli.workspace import add_model_argument, bars, share, whole_number


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `dowse train select`."""
    parser.add_argument(
        "pairs", nargs="+", type=Path, help="JSON lines (.jsonl, .jsonl.gz) with query and code"
    )
    parser.add_argument(
        "--like",
        nargs="+",
        type=Path,
        required=True,
        metavar="FILE",
        help="real queries: JSON lines of pairs, or a text with one query a line",
    )
    parser.add_argument(
        "--keep", type=whole_number(1), required=True, metavar="N", help="pairs that are kept"
    )
    parser.add_argument(
        "--paraphrase",
        type=share,
        metavar="COSINE",
        help="instead, give code the real queries that are at least so near to its description",
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="gets them (.jsonl, .jsonl.gz)"
    )
    add_model_argument(parser)
    parser.add_argument("--json", action="store_true", help="print the counts as one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Choose, write, and say how many were kept."""
    from dowse.model.training.data.likeness import likest, read_queries
    from dowse.model.training.data.pairs import read_pairs, write_pairs
    from dowse.model.training.data.paraphrases import paraphrased
    from dowse.server.model import load_model
    from dowse.server.settings import Settings

    pairs = [pair for path in arguments.pairs for pair in read_pairs(path)]
    asked = [query for path in arguments.like for query in read_queries(path)]
    settings = Settings(model=arguments.model)
    embedder, _ = load_model(settings)
    with closing(embedder), bars() as progress:
        if arguments.paraphrase is not None:
            choose = partial(paraphrased, least=arguments.paraphrase)
        else:
            choose = partial(likest)
        kept = choose(
            pairs, asked, embedder, arguments.keep, cache=settings.cache, progress=progress
        )
    write_pairs(arguments.out, kept)
    counts = {"pairs": len(pairs), "queries": len(asked), "kept": len(kept)}
    line = f"{len(kept):,} of {len(pairs):,} pairs kept, nearest to {len(asked):,} queries"
    print(json.dumps(counts) if arguments.json else f"{line}\n{arguments.out}")
    return 0
