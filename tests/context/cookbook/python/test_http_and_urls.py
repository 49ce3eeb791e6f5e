from __future__ import annotations

import json
import threading
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from dowse.context.cookbook.python import http_and_urls as recipes


@contextmanager
def running(server: HTTPServer) -> Iterator[str]:
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class Handler(BaseHTTPRequestHandler):
    """Answers by path; `/flaky` fails twice."""

    failures = 0

    def answer(self, status: int, body: bytes, content_type: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        if self.path == "/flaky" and type(self).failures < 2:
            type(self).failures += 1
            self.answer(503, b"")
        elif self.path == "/none":
            type(self).failures += 1
            self.answer(404, b"")
        elif self.path == "/latin":
            self.answer(200, "ä".encode("latin-1"), "text/html; charset=iso-8859-1")
        elif self.path == "/broken":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"half")
        else:
            self.answer(200, b'{"path": "%s"}' % self.path.encode())

    def do_HEAD(self) -> None:
        self.send_response(404 if self.path == "/none" else 200)
        self.end_headers()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        sent = {"body": body.decode(), "type": self.headers["Content-Type"]}
        self.answer(200, json.dumps(sent | {"auth": self.headers["Authorization"]}).encode())

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    Handler.failures = 0
    with running(HTTPServer(("127.0.0.1", 0), Handler)) as address:
        yield address


def test_getting(url: str) -> None:
    assert recipes.get_json(f"{url}/a") == {"path": "/a"}
    assert recipes.get_text(f"{url}/latin") == "ä"
    with pytest.raises(urllib.error.HTTPError):
        recipes.get_json(f"{url}/none")


def test_posting(url: str) -> None:
    answer = recipes.post_json(url, {"a": 1}, token="t")
    assert answer == {"body": '{"a": 1}', "type": "application/json", "auth": "Bearer t"}
    form = json.loads(recipes.post_form(url, {"q": "ä&b"}))
    assert parse_qs(form["body"]) == {"q": ["ä&b"]}


def test_server_errors_are_retried_and_client_errors_are_not(url: str) -> None:
    assert recipes.fetch_with_retries(f"{url}/flaky", delay=0.001) == b'{"path": "/flaky"}'
    Handler.failures = 0
    with pytest.raises(urllib.error.HTTPError):
        recipes.fetch_with_retries(f"{url}/none", delay=0.001)
    assert Handler.failures == 1
    Handler.failures = 0
    with pytest.raises(urllib.error.HTTPError):
        recipes.fetch_with_retries(f"{url}/flaky", attempts=2, delay=0.001)


def test_downloading(url: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    recipes.download_file(f"{url}/a", path)
    assert path.read_bytes() == b'{"path": "/a"}'
    steps: list[tuple[int, int]] = []
    recipes.download_with_progress(f"{url}/b", path, lambda *step: steps.append(step))
    assert path.read_bytes() == b'{"path": "/b"}'
    assert steps[-1] == (14, 14)
    with pytest.raises(urllib.error.HTTPError):
        recipes.download_file(f"{url}/none", tmp_path / "none")
    assert list(tmp_path.iterdir()) == [path]


def test_a_broken_download_leaves_no_file(url: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    with pytest.raises(ConnectionError, match="4 of 100 bytes"):
        recipes.download_file(f"{url}/broken", path)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ConnectionError, match="4 of 100 bytes"):
        recipes.download_with_progress(f"{url}/broken", path, lambda *_: None)


def test_uploading(url: str, tmp_path: Path) -> None:
    path = tmp_path / 'my "file".txt'
    path.write_text("hello\r\n--x")
    sent = json.loads(recipes.upload_file(url, path))
    raw = f"Content-Type: {sent['type']}\r\n\r\n{sent['body']}".encode()
    (part,) = BytesParser().parsebytes(raw).get_payload()
    assert not isinstance(part, str)
    assert part.get_filename() == "my %22file%22.txt"
    assert part.get_param("name", header="Content-Disposition") == "file"
    assert part.get_payload() == "hello\r\n--x"


def test_status(url: str) -> None:
    assert recipes.status_of_url(url) == 200
    assert recipes.status_of_url(f"{url}/none") == 404
    assert recipes.status_of_url("http://127.0.0.1:1/") is None


def test_urls() -> None:
    assert recipes.basic_auth_header("a", "b") == {"Authorization": "Basic YTpi"}
    url = "https://u@example.org:8443/a?x=1&y=2#top"
    changed = recipes.add_query_parameters(url, y="ä &", z=3)
    assert changed == "https://u@example.org:8443/a?x=1&y=%C3%A4+%26&z=3#top"
    assert recipes.query_parameters(changed) == {"x": "1", "y": "ä &", "z": "3"}
    assert recipes.domain_of_url(url) == "example.org"
    assert recipes.domain_of_url("a/b") is None
    assert recipes.join_url("https://x.org/api", "a b", "c/d/") == "https://x.org/api/a%20b/c%2Fd"


def test_valid_urls() -> None:
    assert recipes.is_http_url("https://example.org:80/a")
    for broken in (
        "example.org",
        "ftp://x.org",
        "http://",
        "http://a:99999",
        "http://[",
        "http://a:b",
    ):
        assert not recipes.is_http_url(broken)


def test_serving(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.json").write_text("[1]")
    with running(recipes.folder_server(tmp_path)) as address:
        assert recipes.get_json(f"{address}/a.json") == [1]
    with running(HTTPServer(("127.0.0.1", 0), recipes.JsonEchoHandler)) as address:
        assert recipes.post_json(address, [1]) == {"received": [1]}
        with pytest.raises(urllib.error.HTTPError, match="400"):
            recipes.post_form(address, {"a": "b"})
