"""`dowse evaluate`: search quality on a BEIR-format dataset, by words, by meaning and by both."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from dowse.server.cli.workspace import add_model_argument, bar
from dowse.server.settings import Settings

if TYPE_CHECKING:
    from dowse.model.evaluation import Dataset, Score
    from dowse.model.retrieval import Ranking


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `dowse evaluate`."""
    parser.add_argument("dataset", type=Path, help="folder with corpus, queries and qrels")
    parser.add_argument("--split", help="name of the judgements to use, such as test")
    # `run` is the name of the subcommand's own function, so the option has another one inside
    parser.add_argument(
        "--run", type=Path, dest="run_file", metavar="FILE", help="write the ranking as TREC run"
    )
    add_model_argument(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Print MRR, recall, NDCG and MAP with 95 % intervals."""
    from dowse.model.evaluation import evaluate, load_dataset, write_run

    dataset = load_dataset(arguments.dataset, arguments.split)
    rankings = _rankings(dataset, arguments.model)
    scores = {
        name: evaluate({q: [d for d, _ in hits] for q, hits in found.items()}, dataset.relevance)
        for name, found in rankings.items()
    }
    if arguments.run_file is not None:
        write_run(arguments.run_file, rankings["both"])
    print(_json(dataset, scores) if arguments.json else _table(dataset, scores))
    return 0


def _rankings(dataset: Dataset, model: str) -> dict[str, Mapping[str, Ranking]]:
    from dowse.context.meaning import open_cache
    from dowse.model.retrieval import DenseCorpus, fuse, search_by_words
    from dowse.server.model import load_model

    embedder, _ = load_model(Settings(model=model))
    cache = open_cache(Settings().cache, embedder)
    words = search_by_words(dataset)
    with bar("embedding documents") as report:
        dense = DenseCorpus(dataset, embedder, cache, report)
    embedder.close()
    return {"words": words, "meaning": dense.search(), "both": fuse(dataset, words, dense)}


def _json(dataset: Dataset, scores: Mapping[str, Mapping[str, Score]]) -> str:
    shown = {
        name: {metric: asdict(score) for metric, score in metrics.items()}
        for name, metrics in scores.items()
    }
    return json.dumps({"dataset": dataset.name, "queries": len(dataset.queries), **shown})


def _table(dataset: Dataset, scores: Mapping[str, Mapping[str, Score]]) -> str:
    lines = [f"{dataset.name}: {len(dataset.corpus):,} documents, {len(dataset.queries):,} queries"]
    metrics = list(next(iter(scores.values())))
    lines.append("".join([f"{'':<9}", *(f"{metric:>21}" for metric in metrics)]))
    for name, found in scores.items():
        cells = [
            f"{100 * s.mean:>7.1f} [{100 * s.low:4.1f}, {100 * s.high:4.1f}]"
            for s in found.values()
        ]
        lines.append("".join([f"{name:<9}", *(f"{cell:>21}" for cell in cells)]))
    return "\n".join(lines)
