"""`dowse evaluate`: search quality on a BEIR-format dataset or on a person's own repository."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from dowse.server.cli.workspace import add_model_argument, bars, existing_folder, whole_number
from dowse.server.settings import Settings

if TYPE_CHECKING:
    from dowse.model.evaluation.comparison import Comparison, GroupScores, ModelScores
    from dowse.model.evaluation.metrics import Score
    from dowse.model.evaluation.report import Results
    from dowse.model.evaluation.workspace import WorkspaceTest
    from dowse.model.manifest import Model
    from dowse.server.cli.workspace import Progress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `dowse evaluate`."""
    parser.add_argument(
        "dataset", type=Path, nargs="?", help="folder with corpus, queries and qrels"
    )
    parser.add_argument("--split", help="name of the judgements to use, such as test")
    _add_workspace(parser)
    _add_models(parser)
    # `run` is the name of the subcommand's own function, so the option has another one inside
    parser.add_argument(
        "--run", type=Path, dest="run_file", metavar="FILE", help="write the ranking as TREC run"
    )
    parser.add_argument(
        "--report", type=Path, metavar="FOLDER", help="write a page with plots and examples"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(usage_error=parser.error)


def _add_workspace(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("your own repository")
    group.add_argument(
        "--workspace",
        type=existing_folder,
        metavar="PATH",
        help="ask for the definitions below PATH by their docstrings and commit messages",
    )
    for name, default, purpose in (
        ("queries", 1_000, "queries of each kind, drawn by chance"),
        ("documents", 10_000, "definitions searched, drawn by chance beside the answers"),
        ("commits", 2_000, "newest commits looked at; 0 for none"),
        ("seed", 0, "other numbers draw other queries"),
    ):
        least = int(name in ("queries", "documents"))
        group.add_argument(
            f"--{name}",
            type=whole_number(least),
            default=default,
            metavar="N",
            help=f"{purpose} (default: {default:,})",
        )


def _add_models(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("models")
    add_model_argument(parser)
    group.add_argument(
        "--models", metavar="A,B,…", help="compare models; the first is the one in use"
    )
    group.add_argument(
        "--adapter",
        type=Path,
        metavar="FILE",
        help="evaluate the model with this LoRA adapter, and compare it with the model alone",
    )
    group.add_argument(
        "--quantizations",
        action="store_true",
        help="compare F16 and each quantization of the model",
    )
    group.add_argument(
        "--base",
        metavar="ENCODER",
        help="what to quantize: a sentence-transformers folder, package:NAME or a hub id",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print MRR, recall, NDCG and MAP with 95 % intervals; write what is asked for."""
    from dowse.model.evaluation.metrics import write_run
    from dowse.model.evaluation.report import as_json, write_report

    _check(arguments)
    with bars() as progress, tempfile.TemporaryDirectory(prefix="dowse-evaluate-") as folder:
        test = _test(arguments, progress)
        results = _results(arguments, test, Path(folder), progress)
    # What took so long is shown first: a file may turn out not to be writable.
    print(json.dumps(as_json(results)) if arguments.json else "\n".join(_lines(results)))
    if arguments.run_file is not None:
        write_run(arguments.run_file, results.main.rankings["both"])
    if arguments.report is not None:
        page = write_report(results, arguments.report)
        print(f"The report is {page}.", file=sys.stderr)
    return 0


def _check(arguments: argparse.Namespace) -> None:
    """Find out before hours of work what cannot end well."""
    if (arguments.dataset is None) == (arguments.workspace is None):
        arguments.usage_error("name either a dataset or --workspace PATH")
    if arguments.split and arguments.workspace is not None:
        arguments.usage_error("--split names judgements of a dataset, which a workspace has not")
    if arguments.model and arguments.models:
        arguments.usage_error("give either --model or --models")
    if arguments.adapter and (arguments.models or arguments.quantizations):
        arguments.usage_error("--adapter belongs to one model; give it with --model")
    if arguments.base and not arguments.quantizations:
        arguments.usage_error("--base says what --quantizations compares; give both")
    if arguments.report is not None:
        from dowse.model.evaluation.plots import require_matplotlib

        require_matplotlib()


def _test(arguments: argparse.Namespace, progress: Progress) -> WorkspaceTest:
    from dowse.model.evaluation.beir import load_dataset
    from dowse.model.evaluation.workspace import Sizes, WorkspaceTest, build_test

    if arguments.workspace is None:
        return WorkspaceTest(load_dataset(arguments.dataset, arguments.split), {}, ())
    sizes = Sizes(
        queries=arguments.queries,
        documents=arguments.documents,
        commits=arguments.commits,
        seed=arguments.seed,
    )
    return build_test(arguments.workspace, Settings().limits, sizes, progress)


def _results(
    arguments: argparse.Namespace, test: WorkspaceTest, folder: Path, progress: Progress
) -> Results:
    from dowse.model.evaluation.comparison import contest, group_queries, score_group, score_models
    from dowse.model.evaluation.report import Results

    models, reference = _models(arguments, folder, progress)
    found = contest(test.dataset, models, Settings().cache, progress)
    groups = group_queries(test.dataset)
    by_size = sorted(found, key=lambda each: -each.model.manifest.bytes)
    return Results(
        dataset=test.dataset,
        main=found[0],
        groups=[score_group(group, found[0].scores) for group in groups],
        models=score_models(groups, by_size, found[models.index(reference)]),
        reference=reference.manifest.name,
        counts=test.counts,
        notes=test.notes,
        command=shlex.join(["dowse", *sys.argv[1:]]),
    )


def _models(
    arguments: argparse.Namespace, folder: Path, progress: Progress
) -> tuple[list[Model], Model]:
    """The models, the one in use first, and the one that the others are compared with."""
    from dowse.model.adapters import adapted
    from dowse.model.evaluation.variants import quantizations
    from dowse.model.registry import chosen_model, find_model

    names = arguments.models.split(",") if arguments.models else [arguments.model]
    models = [find_model(name) if name else chosen_model() for name in names]
    reference = models[0]
    if arguments.adapter:
        models = [adapted(reference, arguments.adapter), reference]
    if arguments.quantizations:
        made = quantizations(models[0], arguments.base, folder, progress)
        models += made
        reference = made[0]
    different: dict[tuple[str, Path | None], Model] = {}
    for model in models:
        different.setdefault((model.manifest.sha256, model.adapter), model)
    return list(different.values()), different[reference.manifest.sha256, reference.adapter]


def _lines(results: Results) -> Iterator[str]:
    """What a person reads in the terminal."""
    dataset = results.dataset
    count = f"{dataset.documents:,} documents, {len(dataset.queries):,} queries"
    yield f"{dataset.name}: {count}, {results.main.model.manifest.name}"
    if results.counts:
        yield ", ".join(f"{name}: {number:,}" for name, number in results.counts.items())
    yield from results.notes
    for scores in results.groups:
        yield ""
        yield from _group_lines(scores)
    if len(results.models) > 1:
        yield ""
        yield from _model_lines(results)


def _group_lines(scores: GroupScores) -> Iterator[str]:
    metrics = list(next(iter(scores.methods.values())))
    yield f"{scores.group.title} ({len(scores.group.queries):,})"
    yield "".join([f"{'':<9}", *(f"{metric:>21}" for metric in metrics)])
    for name, found in scores.methods.items():
        yield "".join([f"{name:<9}", *(f"{_interval(score):>21}" for score in found.values())])
    for comparison in scores.comparisons:
        yield f"{comparison.one} against {comparison.other}: {_difference(comparison)}"


def _interval(score: Score) -> str:
    return f"{100 * score.mean:.1f} [{100 * score.low:4.1f}, {100 * score.high:4.1f}]"


def _difference(comparison: Comparison) -> str:
    found = comparison.difference
    ends = f"[{100 * found.low:+.2f}, {100 * found.high:+.2f}], p = {found.p:.3g}"
    verdict = "" if found.significant else ": not significant"
    return f"{comparison.metric} {100 * found.mean:+.2f} {ends}{verdict}"


def _model_lines(results: Results) -> Iterator[str]:
    width = max(len(each.model.manifest.name) for each in results.models)
    head = f"{'MB':>7}{'cosine':>9}{'MRR':>21}{'NDCG@10':>21}"
    for number, scores in enumerate(results.models[0].groups):
        yield f"models by meaning alone, {scores.group.title}"
        yield f"{'':<{width}}{head}  against {results.reference}"
        for each in results.models:
            yield f"{each.model.manifest.name:<{width}}{_model_cells(each, number)}"


def _model_cells(scores: ModelScores, number: int) -> str:
    group = scores.groups[number]
    found = group.methods["meaning"]
    cosine = f"{scores.cosines[0]:.5f}" if scores.cosines else ""
    against = next((c for c in group.comparisons if c.metric == "NDCG@10"), None)
    cells = f"{scores.model.manifest.bytes / 1e6:>7.1f}{cosine:>9}"
    cells += f"{_interval(found['MRR']):>21}{_interval(found['NDCG@10']):>21}"
    return f"{cells}  {_difference(against)}" if against else cells
