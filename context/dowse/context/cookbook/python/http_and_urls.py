# SPDX-License-Identifier: CC0-1.0
"""HTTP and URLs: request, download, upload, serve, and take URLs apart."""

import base64
import json
import mimetypes
import shutil
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit


def get_json(url: str, timeout: float = 10.0) -> Any:
    """Fetch JSON from a URL by HTTP GET, with a timeout; a status of 400 or more raises."""
    request = urllib.request.Request(url, headers={"Accept": "application/json"})
    with urllib.request.urlopen(request, timeout=timeout) as response:
        return json.load(response)


def get_text(url: str, timeout: float = 10.0) -> str:
    """Fetch a web page by HTTP GET and decode it by the character set that its header names."""
    with urllib.request.urlopen(url, timeout=timeout) as response:
        charset = response.headers.get_content_charset() or "utf-8"
        return str(response.read().decode(charset, errors="replace"))


def post_json(url: str, data: Any, token: str | None = None, timeout: float = 10.0) -> Any:
    """Send JSON to a URL by HTTP POST, with a bearer token if given, and parse the JSON answer."""
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, json.dumps(data).encode(), headers, method="POST")
    with urllib.request.urlopen(request, timeout=timeout) as response:
        return json.load(response)


def post_form(url: str, fields: Mapping[str, str], timeout: float = 10.0) -> bytes:
    """Submit form fields by HTTP POST (application/x-www-form-urlencoded)."""
    data = urlencode(fields).encode()
    with urllib.request.urlopen(url, data, timeout=timeout) as response:
        return bytes(response.read())


def fetch_with_retries(url: str, attempts: int = 4, delay: float = 0.5) -> bytes:
    """Fetch a URL and retry with exponential backoff on network errors and server errors.

    A client error such as 404 is final; 429 (too many requests) is worth another attempt.
    """
    for attempt in range(attempts):
        try:
            with urllib.request.urlopen(url, timeout=10) as response:
                return bytes(response.read())
        except urllib.error.HTTPError as error:
            if attempt == attempts - 1 or (error.code < 500 and error.code != 429):
                raise
        except OSError:
            if attempt == attempts - 1:
                raise
        time.sleep(delay * 2**attempt)
    raise ValueError("attempts must be at least 1")


def download_file(url: str, path: Path, timeout: float = 30.0) -> None:
    """Download a file to disk in a stream, without holding it in memory.

    It gets its final name only when it is complete, which `read()` does not check by itself.
    """
    partial_path = path.with_name(path.name + ".part")
    try:
        with (
            urllib.request.urlopen(url, timeout=timeout) as response,
            partial_path.open("wb") as file,
        ):
            shutil.copyfileobj(response, file)
            expected = response.headers.get("Content-Length")
            if expected is not None and file.tell() != int(expected):
                raise ConnectionError(f"only {file.tell()} of {expected} bytes came from {url}")
        partial_path.replace(path)
    finally:
        partial_path.unlink(missing_ok=True)


def download_with_progress(url: str, path: Path, report: Callable[[int, int], None]) -> None:
    """Download a file and report the progress as bytes done and bytes in all (0 if unknown)."""
    with urllib.request.urlopen(url, timeout=30) as response, path.open("wb") as file:
        total = int(response.headers.get("Content-Length", 0))
        done = 0
        while chunk := response.read(64 * 1024):
            file.write(chunk)
            done += len(chunk)
            report(done, total)
    if done < total:
        raise ConnectionError(f"only {done} of {total} bytes came from {url}")


def upload_file(url: str, path: Path, field: str = "file") -> bytes:
    """Upload a file by HTTP POST as multipart/form-data."""
    boundary = uuid.uuid4().hex
    content_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    name = quote(path.name, safe=" ()")
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
        f"Content-Type: {content_type}\r\n\r\n"
    )
    body = head.encode() + path.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=30) as response:
        return bytes(response.read())


def status_of_url(url: str, timeout: float = 5.0) -> int | None:
    """Check whether a URL is reachable: its HTTP status code, or None without an answer."""
    request = urllib.request.Request(url, method="HEAD")
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def basic_auth_header(user: str, password: str) -> dict[str, str]:
    """Build the Authorization header for HTTP basic authentication."""
    credentials = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {credentials}"}


def add_query_parameters(url: str, **parameters: object) -> str:
    """Add or replace query parameters of a URL, properly encoded."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    query |= {key: str(value) for key, value in parameters.items()}
    return urlunsplit(parts._replace(query=urlencode(query)))


def query_parameters(url: str) -> dict[str, str]:
    """Parse the query string of a URL into a dict; of repeated parameters the last one counts."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def domain_of_url(url: str) -> str | None:
    """Extract the host name from a URL, without port and user name."""
    return urlsplit(url).hostname


def join_url(base: str, *parts: str) -> str:
    """Join a base URL with path segments, each of them quoted, with single slashes between."""
    quoted = "/".join(quote(part.strip("/"), safe="") for part in parts)
    return urljoin(base if base.endswith("/") else f"{base}/", quoted)


def is_http_url(text: str) -> bool:
    """Check that a string is a valid absolute URL of http or https."""
    try:
        parts = urlsplit(text)
        valid_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and valid_port


def folder_server(folder: Path, port: int = 0) -> ThreadingHTTPServer:
    """Serve the files of a folder over HTTP on this machine; call `serve_forever()` on it.

    Port 0 takes a free one, which is then found in `server_port`.
    """
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    return ThreadingHTTPServer(("127.0.0.1", port), handler)


class JsonEchoHandler(BaseHTTPRequestHandler):
    """A small HTTP server's handler that accepts JSON by POST and answers with JSON.

    Run it by `ThreadingHTTPServer(("127.0.0.1", 8000), JsonEchoHandler).serve_forever()`.
    """

    def do_POST(self) -> None:
        """Answer a POST request with the data that it sent."""
        try:
            data = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        except (TypeError, ValueError):
            self.send_error(400, "the body is no JSON")
            return
        body = json.dumps({"received": data}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
