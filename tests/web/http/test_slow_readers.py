"""Exports and clients that take them slowly, or not at all: others are served, memory is bounded."""

from __future__ import annotations

import contextlib
import socket
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from genmedia_exporter.storage.place import Place
from genmedia_exporter.storage.reader import Reader
from genmedia_exporter.web.routes import history
from genmedia_exporter.web.routes.history import MAX_EXPORTS
from tests.bench.export_scale import fill
from tests.events import events
from tests.web.site import Backend, said, serve

MANY = 50_000
TRIES = 1_000
END = b"0\r\n\r\n"
"""How a stream ends that is whole."""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site with many records: an export is thirteen megabytes."""
    path = tmp_path_factory.mktemp("slow") / "g.db"
    fill(path, MANY, targets=3)
    reader = Reader(Place(path))
    with serve(Backend().services(reader=lambda: reader)) as site:
        yield site


def get(url: str, path: str) -> httpx2.Response:
    """Ask over a connection of its own."""
    return httpx2.get(url + path, timeout=60, trust_env=False)


def reading(url: str) -> socket.socket:
    """Ask for an export until there is a place for it, and take only the beginning."""
    address = urlsplit(url)
    for _ in range(TRIES):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(10)
        connection.connect((address.hostname, address.port))
        connection.sendall(b"GET /api/v1/export HTTP/1.1\r\nHost: localhost\r\n\r\n")
        if connection.recv(15) == b"HTTP/1.1 200 OK":
            return connection
        connection.close()
    raise AssertionError("there was never a place")


def rest(connection: socket.socket) -> bytes:
    """Take all that still comes."""
    taken = b""
    with contextlib.suppress(ConnectionError):
        while more := connection.recv(65_536):
            taken = (taken + more)[-100:]
    return taken


def served(url: str) -> httpx2.Response:
    """Ask for an export until there is a place for it: who has left gives it back in a moment."""
    for _ in range(TRIES):
        answer = get(url, "/api/v1/export")
        if answer.status_code == 200:
            return answer
    raise AssertionError("the places were never given back")


def test_as_many_as_there_are_places(url: str) -> None:
    """One more is told to come back; nobody else waits; who leaves gives the place back."""
    tracemalloc.start()
    with contextlib.ExitStack() as stack:
        for _ in range(MAX_EXPORTS):
            stack.enter_context(reading(url))
        refused = get(url, "/api/v1/export")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert said(refused) == "4 exports are running; try again in a few seconds."
        assert get(url, "/-/healthy").status_code == 200
        assert get(url, "/api/v1/export?limit=5").status_code == 200
        head = httpx2.head(url + "/api/v1/export", timeout=60, trust_env=False)
        assert (head.status_code, head.content) == (200, b"")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30_000_000  # four times thirteen megabytes are under way
    served(url)


def test_whoever_takes_nothing_is_cut_off(
    url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """After a while the place is given to others, and the stream visibly breaks off."""
    monkeypatch.setattr(history, "STALL_SECONDS", 0.05)
    with contextlib.ExitStack() as stack:
        stalled = [stack.enter_context(reading(url)) for _ in range(MAX_EXPORTS)]
        served(url)
        assert not rest(stalled[0]).endswith(END)
    assert ("export stalled by its client", {"timeout_seconds": 0.05}) in events(caplog.records)


def test_a_database_that_vanishes_breaks_the_stream_off(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody takes half of an export for the whole."""
    fill(tmp_path / "g.db", MANY, targets=3)
    reader = Reader(Place(tmp_path / "g.db"))
    with serve(Backend().services(reader=lambda: reader)) as site, reading(site) as connection:
        (tmp_path / "g.db").unlink()
        assert not rest(connection).endswith(END)
    told = dict(events(caplog.records))
    assert str(told["export failed"]["err"]).startswith("there is no history yet")


def test_a_disk_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An export that cannot begin is a 503, not a client that waits for ever."""
    monkeypatch.setattr(history, "CHUNK_SECONDS", 0.05)
    disk = threading.Event()

    def hangs() -> Reader:
        disk.wait(60)
        return Reader(Place(tmp_path / "g.db"))

    with serve(Backend().services(reader=hangs)) as site:
        refused = get(site, "/api/v1/export")
        disk.set()
    assert (refused.status_code, said(refused)) == (503, "the database is too slow to respond.")


def test_every_record_comes_through(url: str) -> None:
    """Over HTTP as by command."""
    document = served(url).json()
    assert sum(map(len, document.values())) == MANY


@pytest.mark.parametrize("path", ["/api/v1/catalogue", "/config", "/badge/x.svg"])
def test_many_who_ask_for_much_and_take_nothing(url: str, path: str) -> None:
    """A hundred clients with twenty requests each at once: /metrics and /-/healthy do not wait for them."""
    address = urlsplit(url)
    asked = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() * 20
    with contextlib.ExitStack() as held:
        for _ in range(100):
            connection = held.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            connection.connect((address.hostname, address.port))
            connection.sendall(asked)
        assert get(url, "/metrics").status_code == 200
        assert get(url, "/-/healthy").status_code == 200
