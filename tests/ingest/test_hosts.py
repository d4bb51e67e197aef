"""Connecting to a host: only to the addresses that were checked, whatever a resolver says later."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from web_server import Answer, serve

from reader.errors import FetchFailed
from reader.ingest.web.fetch import fetch
from reader.ingest.web.hosts import look_up

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = b"<html><p>It had rained since Thursday.</p></html>"
CERTIFICATE = Path(__file__).parents[1] / "data/ingest/tls/essays.example.pem"
"""Of `essays.example`, signed by itself, with its key."""
PUBLIC = "93.184.216.34"


class Resolver:
    """Answers each question about a name with the next of its addresses."""

    def __init__(self, **answers: list[str]) -> None:
        self._answers = {name.replace("_", "."): iter(found) for name, found in answers.items()}

    def __call__(self, host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        address = next(self._answers[host])
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, port))]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


@contextlib.contextmanager
def _serve_securely() -> Iterator[int]:
    """Run a server with a certificate that answers one request; yield its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with contextlib.suppress(OSError):  # the client may refuse the certificate
                raw, _ = server.accept()
                with context.wrap_socket(raw, server_side=True) as connection:
                    connection.recv(9_000)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 49\r\n\r\n" + PAGE)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(9)


def test_a_second_answer_of_the_resolver_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[object] = []

    def connect(_: socket.socket, address: object) -> None:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    for scheme, port in (("http", 80), ("https", 443)):
        tried.clear()
        monkeypatch.setattr(socket, "getaddrinfo", Resolver(rebinds_example=[PUBLIC, "127.0.0.1"]))
        with pytest.raises(FetchFailed, match="the host refuses connections"):
            fetch(f"{scheme}://rebinds.example/", lambda _: None)
        assert tried == [(PUBLIC, port)]


def test_each_redirect_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver = Resolver(a_example=["127.0.0.1"], b_example=["127.0.0.1"])
    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    answers: dict[str, Answer] = {"/b": Answer(PAGE)}
    with serve(answers) as server:
        port = urlsplit(server.url).port
        answers["/a"] = Answer(status=302, headers={"Location": f"http://b.example:{port}/b"})
        fetched = fetch(f"http://a.example:{port}/a", lambda _: None)
        hosts = [headers["Host"] for _, headers in server.requests]
    assert (fetched.data, hosts) == (PAGE, [f"a.example:{port}", f"b.example:{port}"])


@pytest.mark.parametrize(
    ("host", "message"),
    [("essays.example", ""), ("others.example", "the site's certificate is not valid")],
)
def test_the_certificate_is_checked_for_the_name(
    host: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    resolver = Resolver(essays_example=["127.0.0.1"], others_example=["127.0.0.1"])
    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    with _serve_securely() as port:
        if message:
            with pytest.raises(FetchFailed, match=message):
                fetch(f"https://{host}:{port}/", lambda _: None)
        else:
            assert fetch(f"https://{host}:{port}/", lambda _: None).data == PAGE


def test_a_handshake_that_does_not_end_is_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"https://127.0.0.1:{server.getsockname()[1]}/"
        with pytest.raises(FetchFailed, match=r"no full answer within 0\.3 seconds"):
            fetch(url, lambda _: None, time_limit=0.3)


@pytest.mark.parametrize(
    ("address", "is_public"),
    [
        (PUBLIC, True), ("2606:4700::1111", True), ("10.0.0.1", False), ("169.254.169.254", False),
        ("100.64.0.1", False), ("224.0.0.1", False), ("::1", False), ("fd00::1", False),
        ("fe80::1%eth0", False), ("fec0::1", False), ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False), ("2002:7f00:1::1", False), ("64:ff9b::5db8:d822", True),
    ],
)  # fmt: skip
def test_an_address_of_the_own_network_is_not_public(
    address: str, is_public: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", Resolver(a_example=[address]))
    host = look_up(urlsplit("http://a.example/"), time.monotonic() + 9)
    assert host.is_public == is_public
