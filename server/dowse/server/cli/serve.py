"""`dowse serve`: the language server."""

from __future__ import annotations

import argparse
import gc
import logging
import sys

_SWITCH_SECONDS = 0.0005
"""How long a thread may keep Python to itself: an answer gives it up at every call into SQLite and
tantivy, and would wait 5 ms, Python's default, each time that the index is being written."""
_LEVELS = ("debug", "info", "warning", "error")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `dowse serve`."""
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--stdio", action="store_true", help="speak on standard streams (default)")
    way.add_argument("--tcp", type=address, metavar="HOST:PORT", help="listen for one client")
    parser.add_argument("--log", choices=_LEVELS, default="warning", help="how much goes to stderr")


def address(text: str) -> tuple[str, int]:
    """Parse `HOST:PORT`; the host may be an IPv6 address in brackets."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT, such as 127.0.0.1:2087")
    return host.strip("[]"), int(port)


def run(arguments: argparse.Namespace) -> int:
    """Serve until the client leaves; it is a failure if it leaves without `shutdown`."""
    from dowse.context.errors import DowseError

    gc.disable()  # importing makes many objects that all stay: looking for garbage is a fifth of it
    from dowse.server.language_server import DowseServer

    gc.freeze()
    gc.enable()

    sys.setswitchinterval(_SWITCH_SECONDS)
    logging.basicConfig(
        level=arguments.log.upper(), stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s"
    )
    server = DowseServer()
    if arguments.tcp is None:
        server.start_io()
        return 0 if server.asked_to_stop else 1  # pygls drops the status of its own `sys.exit`
    host, port = arguments.tcp
    try:
        server.start_tcp(host, port)
    except OSError as error:
        raise DowseError(f"cannot listen on {host}:{port} ({error}); name another port") from error
    return 0 if server.asked_to_stop else 1
