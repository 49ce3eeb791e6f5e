"""`dowse.models` and `dowse.pullModel`: the models at hand, and one more of them."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from functools import partial
from typing import Any

from lsprotocol.types import LSPErrorCodes
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams

from dowse.context.errors import DowseError, ModelError
from dowse.model.hub import pull
from dowse.model.manifest import Model
from dowse.model.registry import chosen_model, list_models
from dowse.server.progress import Progress
from dowse.server.requests.options import is_name, options_of
from dowse.server.session import Session

_MEGABYTE = 1_000_000


def models() -> list[dict[str, Any]]:
    """`dowse.models`: every model at hand; the one that runs without a setting is `chosen`."""
    try:
        chosen, known = chosen_model().path, list_models()
    except ModelError as error:
        raise _failed(error) from error
    return [{**_fields(model), "chosen": model.path == chosen} for model in known]


async def pull_model(session: Session, options: object = None) -> dict[str, Any]:
    """`dowse.pullModel`: download a model, with progress; it goes on where it once stopped.

    Args:
        session: the connection.
        options: `{"repository": owner/name, "file": path of the .gguf file, "revision"?: name}`.
    """
    asked_for = options_of(options)
    repository, file = asked_for.get("repository"), asked_for.get("file")
    revision = asked_for.get("revision")
    if not (isinstance(repository, str) and isinstance(file, str) and is_name(revision)):
        raise JsonRpcInvalidParams(
            'dowse.pullModel takes {"repository": owner/name, "file": name, "revision": name}'
        )
    async with session.reporter.progress(f"dowse: pulling {file}") as shown:
        work = partial(pull, repository, file, revision, progress=partial(_report, shown))
        try:
            return _fields(await asyncio.to_thread(work))
        except DowseError as error:
            raise _failed(error) from error


def _report(shown: Progress, done: int, total: int) -> None:
    if shown.cancelled:
        raise ModelError("the download was stopped; pull again and it goes on")
    shown.report(done // _MEGABYTE, total // _MEGABYTE, "MB")


def _fields(model: Model) -> dict[str, Any]:
    return {**asdict(model.manifest), "path": str(model.path)}


def _failed(error: DowseError) -> JsonRpcException:
    return JsonRpcException(str(error), LSPErrorCodes.RequestFailed.value)
