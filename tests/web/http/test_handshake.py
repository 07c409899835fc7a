"""Clients that connect to TLS and never finish the handshake: on a real socket, on both event loops."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from genmedia_exporter.daemon.loops import new_loop
from genmedia_exporter.web.http import server
from genmedia_exporter.web.http.connections import Connections
from genmedia_exporter.web.http.web_config import load_web_config
from tests.web.certificates import self_signed
from tests.web.http.test_connections import rest
from tests.web.site import Backend, serve

Loops = Callable[[], asyncio.AbstractEventLoop]
ASK = b"GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
HELLO_BEGUN = bytes.fromhex("16030100c8010000c40303")


@pytest.fixture(params=[new_loop, asyncio.new_event_loop], ids=["usual", "standard"])
def loops(request: pytest.FixtureRequest) -> Loops:
    """The event loop that is used, and the one where uvloop is not installed."""
    made: Loops = request.param
    return made


@contextlib.contextmanager
def secure_site(folder: Path, loops: Loops) -> Iterator[str]:
    """Serve over TLS."""
    self_signed(folder, "server", "DNS:localhost,IP:127.0.0.1")
    file = folder / "web.yml"
    file.write_text("tls_server_config: {cert_file: server.pem, key_file: server.key}")
    with serve(Backend().services(), load_web_config(file), loop_factory=loops) as url:
        yield url


def connect(url: str) -> socket.socket:
    """Open a connection and say nothing."""
    place = urlsplit(url)
    return socket.create_connection((str(place.hostname), place.port or 0), 10)


def healthy(url: str, *, at_once: bool = False) -> bool:
    """Ask over TLS, on a connection of its own; *at_once*: in one packet with our last of the handshake."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if not at_once:
        with connect(url) as raw, context.wrap_socket(raw, server_hostname="localhost") as channel:
            channel.sendall(ASK)
            return channel.recv(4096).startswith(b"HTTP/1.1 200 OK")
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    begun = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with connect(url) as raw:
        while True:
            try:
                begun.do_handshake()
                break
            except ssl.SSLWantReadError:
                raw.sendall(outgoing.read())
                incoming.write(raw.recv(65_536))
        begun.write(ASK)
        raw.sendall(outgoing.read())
        return _answered(begun, raw, incoming)


def _answered(channel: ssl.SSLObject, raw: socket.socket, incoming: ssl.MemoryBIO) -> bool:
    while True:
        try:
            return channel.read(4096).startswith(b"HTTP/1.1 200 OK")
        except ssl.SSLWantReadError:
            data = raw.recv(65_536)
            if not data:
                return False
            incoming.write(data)


@pytest.mark.parametrize("at_once", [False, True])
def test_a_handshake_leads_to_an_answer(tmp_path: Path, loops: Loops, at_once: bool) -> None:
    """Also when the request comes with the end of the handshake."""
    with secure_site(tmp_path, loops) as url:
        assert healthy(url, at_once=at_once)


@pytest.mark.parametrize("said", [b"", HELLO_BEGUN])
def test_who_waits_longest_makes_room(
    tmp_path: Path, loops: Loops, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    """Handshakes count as connections of their client: the oldest goes, the newest is heard."""
    monkeypatch.setattr(Connections.__init__, "__defaults__", (10, 2))
    with secure_site(tmp_path, loops) as url, contextlib.ExitStack() as held:
        first, _ = (held.enter_context(connect(url)) for _ in range(2))
        first.sendall(said)
        assert healthy(url)
        assert rest(first) == b""


def test_a_handshake_has_a_deadline(
    tmp_path: Path, loops: Loops, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of a head; and the place is given back."""
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.1)
    with secure_site(tmp_path, loops) as url, connect(url) as raw:
        raw.sendall(HELLO_BEGUN)
        assert rest(raw) == b""
        monkeypatch.undo()  # a loaded machine takes longer for its own
        assert healthy(url)


@pytest.mark.parametrize("said", [b"GET / HTTP/1.1\r\n\r\n", b"\x00" * 64, b"SSH-2.0-x\r\n"])
def test_what_is_no_tls_is_closed(tmp_path: Path, loops: Loops, said: bytes) -> None:
    """And the next client is served."""
    with secure_site(tmp_path, loops) as url, connect(url) as raw:
        raw.sendall(said)
        assert b"HTTP" not in rest(raw)
        assert healthy(url)
