from __future__ import annotations

import hashlib
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, ClassVar

import pytest

from dowse.context.errors import ModelError
from dowse.model import registry
from dowse.model.hub import pull

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"
CONTENT = registry.bundled_model().path.read_bytes()
REPO, FILE = "someone/models", "mini.gguf"


class Hub(BaseHTTPRequestHandler):
    """The part of the hub's protocol that a download speaks, with faults on demand."""

    protocol_version = "HTTP/1.1"
    content: ClassVar[bytes]
    etag: ClassVar[str]
    stop_after: ClassVar[int | None]
    ranges: ClassVar[list[str | None]]
    tokens: ClassVar[list[str | None]]

    def do_HEAD(self) -> None:
        self.answer(body=False)

    def do_GET(self) -> None:
        self.answer(body=True)

    def answer(self, body: bool) -> None:
        parts = self.path.strip("/").split("/")
        self.tokens.append(self.headers.get("Authorization"))
        if "/".join(parts[:2]) != REPO:
            return self.refuse("RepoNotFound")
        if parts[3] not in ("main", COMMIT):
            return self.refuse("RevisionNotFound")
        if parts[4] != FILE:
            return self.refuse("EntryNotFound")
        return self.send(body)

    def refuse(self, code: str) -> None:
        self.send_response(404)
        self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def send(self, body: bool) -> None:
        wanted = self.headers.get("Range")
        start = int(wanted.removeprefix("bytes=").split("-")[0]) if wanted else 0
        piece = self.content[start:]
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(piece)))
        if wanted:
            size = len(self.content)
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        self.send_header("ETag", '"0000"')
        self.send_header("X-Linked-Etag", f'"{self.etag}"')
        self.send_header("X-Linked-Size", str(len(self.content)))
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if body:
            self.ranges.append(wanted)
            self.wfile.write(piece[: self.stop_after])
            self.close_connection = self.stop_after is not None

    def log_message(self, *args: object) -> None:
        return


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DOWSE_DATA", str(tmp_path))
    return tmp_path


@contextmanager
def serving() -> Iterator[str]:
    """The address of a hub that has the bundled model under another name."""
    Hub.content, Hub.etag = CONTENT, hashlib.sha256(CONTENT).hexdigest()
    Hub.stop_after, Hub.ranges, Hub.tokens = None, [], []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def hub() -> Iterator[str]:
    with serving() as address:
        yield address


def test_pull_checks_installs_and_reports(hub: str, data: Path) -> None:
    seen: list[tuple[int, int]] = []
    model = pull(REPO, FILE, endpoint=hub, progress=lambda done, total: seen.append((done, total)))
    registry.verify(model)
    assert model.path == data / "models" / "someone" / "models" / "mini.gguf"
    assert model.manifest.name == "someone/models/mini"
    assert registry.find_model("mini") == model
    assert (seen[0], seen[-1]) == ((0, len(CONTENT)), (len(CONTENT), len(CONTENT)))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert set(Hub.tokens) == {None}, "no token is sent unasked"


def test_a_token_is_sent_when_given(hub: str) -> None:
    pull(REPO, FILE, endpoint=hub, token="abc")
    assert set(Hub.tokens) == {"Bearer abc"}


def test_a_broken_off_download_goes_on(hub: str, data: Path) -> None:
    half = len(CONTENT) // 2
    partial = data / "models" / ".partial" / f"{Hub.etag}.gguf"
    partial.parent.mkdir(parents=True)
    partial.write_bytes(CONTENT[:half])
    registry.verify(pull(REPO, FILE, endpoint=hub))
    assert Hub.ranges == [f"bytes={half}-"]
    assert not partial.exists()


def test_a_connection_that_breaks_is_taken_up_again(hub: str) -> None:
    # More than the 10 MiB that huggingface_hub reads at a time: it keeps whole pieces only.
    Hub.stop_after = 11_000_000
    registry.verify(pull(REPO, FILE, endpoint=hub))
    assert len(Hub.ranges) == 3
    assert Hub.ranges[0] is None


def test_a_corrupted_body_is_refused_and_deleted(hub: str, data: Path) -> None:
    Hub.content = CONTENT[:-1] + bytes([CONTENT[-1] ^ 1])
    with pytest.raises(ModelError, match="SHA-256 differs"):
        pull(REPO, FILE, endpoint=hub)
    assert not list(data.rglob("*.gguf"))


def test_what_is_no_model_is_refused(hub: str, data: Path) -> None:
    Hub.content = b"GGUF" + b"\x00" * 1000
    Hub.etag = hashlib.sha256(Hub.content).hexdigest()
    with pytest.raises(ModelError, match="not a usable model"):
        pull(REPO, FILE, endpoint=hub)
    assert not list(data.rglob("*.gguf"))


def test_no_hash_no_download(hub: str) -> None:
    Hub.etag = "a" * 40
    with pytest.raises(ModelError, match="gives no SHA-256"):
        pull(REPO, FILE, endpoint=hub)
    assert Hub.ranges == []


@pytest.mark.parametrize(
    ("repo", "file", "revision", "message"),
    [
        ("nobody/nothing", FILE, None, "no repository nobody/nothing"),
        (REPO, "other.gguf", None, "no file other.gguf"),
        (REPO, FILE, "gone", "no such revision"),
        ("nobody", FILE, None, "OWNER/NAME"),
        ("../..", FILE, None, "OWNER/NAME"),
        (REPO, "../x.gguf", None, "no .gguf file"),
        (REPO, "/x.gguf", None, "no .gguf file"),
        (REPO, "model.safetensors", None, "no .gguf file"),
    ],
)
def test_what_is_not_there(
    hub: str, repo: str, file: str, revision: str | None, message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        pull(repo, file, revision, endpoint=hub)


@pytest.mark.parametrize("name", ["DOWSE_OFFLINE", "HF_HUB_OFFLINE"])
def test_offline_opens_no_socket(hub: str, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "1")
    with pytest.raises(ModelError, match="downloads are off"):
        pull(REPO, FILE, endpoint=hub)
    assert Hub.tokens == []


def test_server_out_of_reach() -> None:
    with pytest.raises(ModelError, match="pull again"):
        pull(REPO, FILE, endpoint="http://127.0.0.1:9")


def test_folder_that_cannot_be_written(hub: str, data: Path) -> None:
    (data / "models").write_text("a file")
    with pytest.raises(ModelError, match=r"failed|cannot be written"):
        pull(REPO, FILE, endpoint=hub)
