"""`dowse models`: list, pull, choose and verify models."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from dowse.server.cli.workspace import bar

if TYPE_CHECKING:
    from dowse.model.manifest import Model


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommands of `dowse models`."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="show the models at hand")
    listing.set_defaults(act=_list)
    pulling = actions.add_parser("pull", help="download a GGUF model from a hub")
    pulling.add_argument("repository", metavar="REPOSITORY", help="owner/name")
    pulling.add_argument("file", metavar="FILE", help="the .gguf file in it")
    pulling.add_argument("--revision", help="branch, tag or commit")
    pulling.add_argument("--endpoint", help="address of the hub, if it is not the public one")
    pulling.set_defaults(act=_pull)
    for name, act, purpose in (
        ("use", _use, "choose the model that dowse runs"),
        ("verify", _verify, "check a model's file against its manifest"),
    ):
        action = actions.add_parser(name, help=purpose)
        action.add_argument("model", help="name or path")
        action.set_defaults(act=act)
    for action in actions.choices.values():
        action.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Carry out the action."""
    arguments.act(arguments)
    return 0


def _list(arguments: argparse.Namespace) -> None:
    from dowse.model.registry import chosen_model, list_models

    chosen, models = chosen_model().path, list_models()
    if arguments.json:
        print(json.dumps([{**_fields(m), "chosen": m.path == chosen} for m in models]))
        return
    for model in models:
        mark = "*" if model.path == chosen else " "
        print(f"{mark} {_line(model)}")


def _pull(arguments: argparse.Namespace) -> None:
    from dowse.model.hub import pull

    with bar(f"pulling {arguments.file}") as report:
        model = pull(
            arguments.repository,
            arguments.file,
            revision=arguments.revision,
            endpoint=arguments.endpoint,
            progress=report,
        )
    _print(arguments, model, f"Pulled {_line(model)}; `dowse models use` chooses it.")


def _use(arguments: argparse.Namespace) -> None:
    from dowse.model.registry import use

    model = use(arguments.model)
    _print(arguments, model, f"dowse now runs {_line(model)}.")


def _verify(arguments: argparse.Namespace) -> None:
    from dowse.model.registry import find_model, verify

    model = find_model(arguments.model)
    verify(model)
    _print(arguments, model, f"{model.manifest.name} is what its manifest says.")


def _print(arguments: argparse.Namespace, model: Model, sentence: str) -> None:
    print(json.dumps(_fields(model)) if arguments.json else sentence)


def _fields(model: Model) -> dict[str, object]:
    return {**asdict(model.manifest), "path": str(model.path)}


def _line(model: Model) -> str:
    manifest = model.manifest
    size = f"{manifest.bytes / 1_000_000:.0f} MB"
    return f"{manifest.name} ({size}, {manifest.dimensions} dimensions, {manifest.license})"
