"""Time from process start to the answer of `initialize`, beside a bare pygls server.

Both are started in turns in one run, with warm file caches; the median of the pairs is reported.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from typing import Any

BARE = (
    "from pygls.lsp.server import LanguageServer\n"
    "server = LanguageServer('bare', '1')\n"
    "server.start_io()\n"
)
SERVERS = {
    "bare pygls": [sys.executable, "-c", BARE],
    "dowse": [sys.executable, "-m", "dowse.server", "serve"],
}
ROUNDS = 15


def message(content: dict[str, Any]) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", **content}).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def initialize_seconds(command: list[str]) -> float:
    """Start a server, send `initialize`, and wait for the first byte of the answer."""
    params = {"processId": None, "rootUri": None, "capabilities": {}}
    request = message({"id": 1, "method": "initialize", "params": params})
    started = time.perf_counter()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(request)
        server.stdin.flush()
        server.stdout.read(1)
        seconds = time.perf_counter() - started
        server.stdin.write(message({"id": 2, "method": "shutdown"}))
        server.stdin.write(message({"method": "exit"}))
        server.stdin.close()
        server.stdout.read()
    return seconds


def measure() -> dict[str, Any]:
    """Milliseconds of both servers and their ratio."""
    for command in SERVERS.values():
        initialize_seconds(command)
    times: dict[str, list[float]] = {name: [] for name in SERVERS}
    for _ in range(ROUNDS):
        for name, command in SERVERS.items():
            times[name].append(1_000 * initialize_seconds(command))
    medians = {name: statistics.median(values) for name, values in times.items()}
    return {
        **{f"{name}_ms": round(value, 1) for name, value in medians.items()},
        "ratio": round(medians["dowse"] / medians["bare pygls"], 3),
    }


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
