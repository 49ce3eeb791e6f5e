"""The life of a connection: start, work behind it, cancellation, and every way to end."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pygls.lsp.client import LanguageClient

from .support.clients import KINDS, PLAIN, VSCODE, Kind
from .support.editor import (
    PATIENCE,
    SERVER,
    WORDS_ONLY,
    Editor,
    Title,
    eventually,
    session,
    started,
)
from .support.samples import SMALL, made

MODULE = "".join(
    f'def decode_{n}(signal, table):\n    """Dots and dashes {n}."""\n    return table[{n}]\n\n\n'
    for n in range(25)
)
ASK = "# find: dots and dashes\n"


FILES = 4_000
"""More than any machine indexes before its work is worth showing."""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that takes seconds to index."""
    files = {f"package_{n % 30}/module_{n}.py": f"NUMBER = {n}\n\n\n{MODULE}" for n in range(FILES)}
    return made(tmp_path_factory.mktemp("large"), files)


# --- the end --------------------------------------------------------------------------------


async def test_exit_after_shutdown_is_a_success(tmp_path: Path) -> None:
    async with session(VSCODE, made(tmp_path / "project", SMALL)) as editor:
        await editor.indexed()
    assert editor.process.returncode == 0


async def test_exit_without_shutdown_is_a_failure(tmp_path: Path) -> None:
    async with started(VSCODE) as editor:
        await editor.initialize([made(tmp_path / "project", SMALL)], WORDS_ONLY)
        await editor.indexed()
        editor.client.exit(None)
        assert await _ended(editor) == 1


@pytest.mark.parametrize("at_work", [False, True], ids=["idle", "at work"])
async def test_the_server_ends_when_the_editor_is_gone(
    at_work: bool, large: Path, tmp_path: Path
) -> None:
    """An editor that crashed sends neither shutdown nor exit; its end of the pipe is closed."""
    root = large if at_work else made(tmp_path / "project", SMALL)
    async with started(VSCODE) as editor:
        await editor.initialize([root], None)
        if at_work:
            await _indexing(editor)
        else:
            await editor.indexed()
        assert editor.process.stdin is not None
        editor.process.stdin.close()
        assert await _ended(editor) == 1


async def test_shutdown_stops_the_work(large: Path) -> None:
    async with session(VSCODE, large, settings=None) as editor:
        await _indexing(editor)
    assert editor.process.returncode == 0


async def _ended(editor: Editor) -> int:
    return await asyncio.wait_for(editor.process.wait(), PATIENCE)


async def _indexing(editor: Editor) -> dict[str, Any]:
    return await eventually(editor.status, lambda status: status["indexing"], "indexing")


# --- TCP ------------------------------------------------------------------------------------


async def test_one_client_over_tcp(tmp_path: Path) -> None:
    root, port = made(tmp_path / "project", SMALL), _free_port()
    server = await asyncio.create_subprocess_exec(*SERVER, "--tcp", f"127.0.0.1:{port}")
    try:
        await _session_over_tcp(port, root)
        assert await asyncio.wait_for(server.wait(), PATIENCE) == 0
    finally:
        if server.returncode is None:
            server.kill()


async def _session_over_tcp(port: int, root: Path) -> None:
    client = LanguageClient("test", "1")
    await _connected(client, port)
    folder = lsp.WorkspaceFolder(root.as_uri(), root.name)
    await client.initialize_async(
        lsp.InitializeParams(
            lsp.ClientCapabilities(),
            workspace_folders=[folder],
            initialization_options=WORDS_ONLY,
        )
    )
    client.initialized(lsp.InitializedParams())
    status = lsp.ExecuteCommandParams("dowse.status")
    await eventually(
        lambda: client.workspace_execute_command_async(status),
        lambda answer: answer["files"] == len(SMALL),
        "the index",
    )
    await client.shutdown_async(None)
    client.exit(None)


async def _connected(client: LanguageClient, port: int) -> None:
    async def connect() -> bool:
        try:
            await client.start_tcp("127.0.0.1", port)
        except ConnectionRefusedError:
            return False
        return True

    await eventually(connect, bool, "the server on its port")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        server = await asyncio.create_subprocess_exec(
            *SERVER, "--tcp", where, stderr=asyncio.subprocess.PIPE
        )
        _, told = await asyncio.wait_for(server.communicate(), PATIENCE)
    assert server.returncode == 1
    assert told.decode().startswith(f"dowse: cannot listen on {where}")
    assert "Traceback" not in told.decode()


# --- work behind the requests ---------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_answers_do_not_wait_for_index_and_model(kind: Kind, large: Path) -> None:
    async with session(kind, large, settings=None) as editor:
        await _indexing(editor)
        buffer = editor.open(large / "package_1" / "module_1.py")
        buffer.type(0, f"x = '𝄞'  {ASK}")
        answers = [answer async for answer in _answers_while_indexing(editor, buffer)]
        assert len(answers) >= 3
        assert all(title.words_only for titles in answers for title in titles)
        await editor.indexed()
        titles = [Title.of(action) for action in await buffer.insertions(0)]
        assert titles
        tier = (await editor.status())["tier"]
        assert tier in {"lexical", "partial"}


async def _answers_while_indexing(editor: Editor, buffer: Any) -> AsyncIterator[list[Title]]:
    while (await editor.status())["tier"] == "lexical" and (await editor.status())["indexing"]:
        answer = asyncio.wait_for(buffer.insertions(0), 5)
        titles = [Title.of(action) for action in await answer]
        buffer.type(0, "#\n")
        buffer.replace(0, 2, "")
        if (await editor.status())["tier"] == "lexical":
            yield titles


async def test_progress_begins_reports_and_ends(large: Path) -> None:
    async with session(VSCODE, large) as editor:
        await editor.indexed()
        (reports,) = [r for r in editor.client.progress_reports.values() if r]
        first, *between, last = reports
        assert isinstance(first, lsp.WorkDoneProgressBegin)
        assert first.title == f"dowse: indexing {large.name}"
        assert first.cancellable
        assert between
        assert all(isinstance(report, lsp.WorkDoneProgressReport) for report in between)
        shares = [report.percentage for report in between]
        assert shares == sorted(shares)
        assert isinstance(last, lsp.WorkDoneProgressEnd)


async def test_progress_can_be_cancelled(large: Path) -> None:
    async with session(VSCODE, large) as editor:
        token = await _begun(editor)
        params = lsp.WorkDoneProgressCancelParams(token)
        editor.client.window_work_done_progress_cancel(params)
        await eventually(editor.status, lambda status: not status["indexing"], "the end")
        assert 0 < (await editor.status())["files"] < FILES
        assert isinstance(editor.client.progress_reports[token][-1], lsp.WorkDoneProgressEnd)
        (done,) = await editor.command("index")
        assert done["files"] == FILES


async def _begun(editor: Editor) -> lsp.ProgressToken:
    async def tokens() -> list[lsp.ProgressToken]:
        return [token for token, reports in editor.client.progress_reports.items() if reports]

    (token,) = await eventually(tokens, bool, "the progress")
    return token


async def test_a_client_without_progress_gets_none(large: Path) -> None:
    async with session(PLAIN, large) as editor:
        await editor.indexed()
        assert editor.client.progress_reports == {}


async def test_a_cancelled_request_is_answered_as_such(tmp_path: Path) -> None:
    root = made(tmp_path / "project", SMALL)
    async with session(VSCODE, root) as editor:
        await editor.indexed()
        # parsing most of a megabyte takes long enough for the cancellation to come in time
        buffer = editor.open(root / "text" / "numbers.py", ASK + MODULE * 400)
        start = lsp.Position(0, 0)
        params = lsp.CodeActionParams(
            buffer.identifier, lsp.Range(start, start), lsp.CodeActionContext([])
        )
        protocol = editor.client.protocol
        answer = protocol.send_request_async("textDocument/codeAction", params, msg_id="mine")
        pending = asyncio.create_task(answer)
        await asyncio.sleep(0)  # the request is written when the task has begun
        protocol.notify("$/cancelRequest", lsp.CancelParams("mine"))
        with pytest.raises(JsonRpcException) as cancelled:
            await asyncio.wait_for(pending, PATIENCE)
        assert cancelled.value.code == lsp.LSPErrorCodes.RequestCancelled.value
        small = editor.open(root / "network" / "requests.py", "# find: retry a request\n")
        assert await small.insertions(0)


async def test_a_request_that_is_unknown_is_refused(tmp_path: Path) -> None:
    async with session(VSCODE, made(tmp_path / "project", SMALL)) as editor:
        with pytest.raises(JsonRpcException) as refused:
            await editor.client.protocol.send_request_async("dowse/nothing", {})
        assert refused.value.code == lsp.ErrorCodes.MethodNotFound.value
        await editor.indexed()
