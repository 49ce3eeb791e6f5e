# SPDX-License-Identifier: CC0-1.0
"""Networking: sockets, ports, addresses, servers and e-mail."""

import asyncio
import ipaddress
import mimetypes
import smtplib
import socket
import ssl
import struct
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path


def is_port_open(host: str, port: int, timeout: float = 1.0) -> bool:
    """Check whether a TCP port accepts connections."""
    try:
        with socket.create_connection((host, port), timeout):
            return True
    except OSError:
        return False


def wait_for_port(host: str, port: int, timeout: float = 10.0) -> None:
    """Wait until a server accepts connections on a TCP port, or raise `TimeoutError`."""
    end = time.monotonic() + timeout
    while True:
        try:
            socket.create_connection((host, port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise TimeoutError(f"nothing listens on {host}:{port}") from None
            time.sleep(0.05)


def free_port() -> int:
    """Find a free TCP port on this machine; another program may take it before you do."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def local_address() -> str:
    """Find the IP address of this machine in its network; no packet is sent for it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def resolve_host(name: str) -> list[str]:
    """Look up the IP addresses of a host name (DNS), IPv4 and IPv6."""
    answers = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return sorted({str(address[0]) for *_, address in answers})


def is_in_network(address: str, networks: Iterable[str]) -> bool:
    """Check whether an IP address lies in one of several networks such as `10.0.0.0/8`."""
    ip = ipaddress.ip_address(address)
    return any(ip in ipaddress.ip_network(network) for network in networks)


def is_public_address(address: str) -> bool:
    """Check that an IP address is public, to keep requests out of the internal network."""
    return ipaddress.ip_address(address).is_global


def request_line(host: str, port: int, line: str, timeout: float = 5.0) -> str:
    """Send a line of text to a TCP server and read the line that it answers."""
    with socket.create_connection((host, port), timeout) as connection:
        connection.sendall(line.encode() + b"\n")
        with connection.makefile("r", encoding="utf-8") as answers:
            return answers.readline().rstrip("\n")


def send_message(connection: socket.socket, data: bytes) -> None:
    """Send a message over a TCP socket with its length in front, so that the reader finds its end.

    TCP is a stream: without a length, one `recv` may hold half a message or two.
    """
    connection.sendall(struct.pack("!I", len(data)) + data)


def receive_message(connection: socket.socket) -> bytes:
    """Receive a message from a TCP socket that has its length in front (4 bytes, big-endian)."""

    def read(count: int) -> bytes:
        data = b""
        while len(data) < count:
            part = connection.recv(count - len(data))
            if not part:
                raise ConnectionError("the connection was closed in the middle of a message")
            data += part
        return data

    (length,) = struct.unpack("!I", read(4))
    return read(length)


def send_udp(host: str, port: int, data: bytes) -> None:
    """Send a UDP datagram; nobody says whether it arrives."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(data, (host, port))


async def echo_server(host: str = "127.0.0.1", port: int = 0) -> asyncio.Server:
    """Start an asyncio TCP server that serves many clients at once and echoes their lines."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write(line)
                await writer.drain()
        finally:
            writer.close()

    return await asyncio.start_server(serve, host, port)


def certificate_expiry(host: str, port: int = 443, timeout: float = 5.0) -> datetime:
    """Read when the TLS certificate of a server expires; an invalid certificate raises."""
    context = ssl.create_default_context()
    with (
        socket.create_connection((host, port), timeout) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        certificate = secure.getpeercert() or {}
    seconds = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
    return datetime.fromtimestamp(seconds, UTC)


def compose_email(
    sender: str, to: Iterable[str], subject: str, text: str, attachments: Iterable[Path] = ()
) -> EmailMessage:
    """Compose an e-mail with a text and files attached."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, ", ".join(to), subject
    message.set_content(text)
    for path in attachments:
        guessed = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        main, _, sub = guessed.partition("/")
        message.add_attachment(path.read_bytes(), main, sub, filename=path.name)
    return message


def send_email(message: EmailMessage, host: str, user: str, password: str, port: int = 587) -> None:
    """Send an e-mail by SMTP over an encrypted connection (STARTTLS) with a login."""
    with smtplib.SMTP(host, port, timeout=30) as server:
        server.starttls(context=ssl.create_default_context())
        server.login(user, password)
        server.send_message(message)
