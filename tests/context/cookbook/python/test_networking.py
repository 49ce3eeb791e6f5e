from __future__ import annotations

import asyncio
import contextlib
import smtplib
import socket
import ssl
from pathlib import Path

import pytest

from dowse.context.cookbook.python import networking as recipes


def test_ports() -> None:
    port = recipes.free_port()
    assert not recipes.is_port_open("127.0.0.1", port)
    with pytest.raises(TimeoutError, match=str(port)):
        recipes.wait_for_port("127.0.0.1", port, timeout=0)
    with socket.create_server(("127.0.0.1", port)):
        assert recipes.is_port_open("127.0.0.1", port)
        recipes.wait_for_port("127.0.0.1", port)


def test_addresses() -> None:
    socket.inet_aton(recipes.local_address())
    assert "127.0.0.1" in recipes.resolve_host("127.0.0.1")
    assert recipes.is_in_network("10.1.2.3", ["192.168.0.0/16", "10.0.0.0/8"])
    assert not recipes.is_in_network("11.1.2.3", ["10.0.0.0/8", "::/0"])
    assert recipes.is_public_address("8.8.8.8")
    for inside in ("127.0.0.1", "10.0.0.1", "169.254.169.254", "::1"):
        assert not recipes.is_public_address(inside)


async def test_lines_are_echoed() -> None:
    server = await recipes.echo_server()
    async with server:
        host, port = server.sockets[0].getsockname()[:2]
        both = (asyncio.to_thread(recipes.request_line, host, port, text) for text in ("a", "ä"))
        assert await asyncio.gather(*both) == ["a", "ä"]


def test_messages_have_ends() -> None:
    left, right = socket.socketpair()
    with left, right:
        for data in (b"", b"hello", b"x" * 50_000):
            recipes.send_message(left, data)
        assert [len(recipes.receive_message(right)) for _ in range(3)] == [0, 5, 50_000]
        left.sendall(b"\0\0\0\5ab")
        left.close()
        with pytest.raises(ConnectionError):
            recipes.receive_message(right)


def test_datagrams() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(10)
        recipes.send_udp(*receiver.getsockname(), b"hello")
        assert receiver.recv(100) == b"hello"


def test_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    class Secure(contextlib.AbstractContextManager["Secure", None]):
        def __exit__(self, *args: object) -> None:
            pass

        def getpeercert(self) -> dict[str, str]:
            return {"notAfter": "May  1 12:30:00 2034 GMT"}

    monkeypatch.setattr(ssl.SSLContext, "wrap_socket", lambda *args, **kwargs: Secure())
    with socket.create_server(("127.0.0.1", 0)) as server:
        expiry = recipes.certificate_expiry("127.0.0.1", server.getsockname()[1])
    assert expiry.isoformat() == "2034-05-01T12:30:00+00:00"


def test_mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    attachment = tmp_path / "a.pdf"
    attachment.write_bytes(b"%PDF")
    message = recipes.compose_email("a@x.org", ["b@x.org", "c@x.org"], "Hi", "Ä", [attachment])
    assert message["To"] == "b@x.org, c@x.org"
    (part,) = message.iter_attachments()
    assert (part.get_filename(), part.get_content_type()) == ("a.pdf", "application/pdf")
    calls: list[tuple[object, ...]] = []

    class Server(contextlib.AbstractContextManager["Server", None]):
        def __init__(self, *args: object, timeout: float) -> None:
            calls.append(args)

        def __exit__(self, *args: object) -> None:
            pass

        def starttls(self, context: ssl.SSLContext) -> None:
            calls.append((context.verify_mode,))

        def login(self, *args: object) -> None:
            calls.append(args)

        def send_message(self, *args: object) -> None:
            calls.append(args)

    monkeypatch.setattr(smtplib, "SMTP", Server)
    recipes.send_email(message, "mail.example.org", "user", "password")
    host, secured, login, sent = calls
    assert (host, login, sent) == (("mail.example.org", 587), ("user", "password"), (message,))
    assert secured == (ssl.CERT_REQUIRED,)
