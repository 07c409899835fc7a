"""Clients that hold connections without asking anything: raw sockets against the real server."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import urlsplit

import httpx2
import pytest
from starlette.types import Message, Receive, Scope, Send

from genmedia_exporter.web.http import connections, protocol
from genmedia_exporter.web.http.connections import Admission, Connections, Turns, client_of
from tests.web.site import Backend, said, serve

HALF = b"GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: "
WITHIN = 60.0
"""Seconds that an answer may take here: on a machine with other work a second proves nothing."""


def connect(url: str, *pieces: bytes) -> socket.socket:
    """Open a connection and send something."""
    place = urlsplit(url)
    raw = socket.create_connection((str(place.hostname), place.port or 0), WITHIN)
    for piece in pieces:
        raw.sendall(piece)
    return raw


def rest(raw: socket.socket) -> bytes:
    """Take all that comes until the end."""
    came = b""
    with contextlib.suppress(ConnectionError):
        while more := raw.recv(65_536):
            came += more
    return came


def answer(raw: socket.socket) -> None:
    """Take one answer of /-/healthy."""
    came = b""
    while not came.endswith(b"Healthy\n"):
        came += raw.recv(65_536)
    assert came.startswith(b"HTTP/1.1 200 OK")


def status(url: str, path: str) -> int:
    """Ask on a connection of its own."""
    return httpx2.get(url + path, timeout=WITHIN, trust_env=False).status_code


@pytest.fixture
def url() -> Iterator[str]:
    """A site."""
    with serve(Backend().services()) as site:
        yield site


def test_a_thousand_half_heads(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """They hold up neither /metrics nor /-/healthy, from the same address, however long they stay."""
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 2 * WITHIN)
    with contextlib.ExitStack() as held:
        for number in range(1_000):
            held.enter_context(connect(url, HALF if number % 2 else b""))
            if number % 100 == 99:
                assert (status(url, "/metrics"), status(url, "/-/healthy")) == (200, 200)
        assert status(url, "/") == 200


@pytest.mark.parametrize(
    ("files", "room"), [(48, 8), (116, 8), (118, 9), (1_024, 462), (9_999, 1_000)]
)
def test_probes_keep_files(files: int, room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However few may be open, connections leave what probes and the database need."""
    monkeypatch.setattr(connections, "allow_open_files", lambda: files)
    assert connections.room() == room


def test_who_waits_longest_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one client as many as it may have: the oldest that asks nothing goes, the newest is heard."""
    monkeypatch.setattr(Connections.__init__, "__defaults__", (10, 2))
    with serve(Backend().services()) as url, contextlib.ExitStack() as held:
        first, second = (held.enter_context(connect(url, HALF)) for _ in range(2))
        third = held.enter_context(connect(url, HALF))
        assert rest(first) == b""
        third.sendall(b"1\r\nConnection: close\r\n\r\n")
        assert rest(third).startswith(b"HTTP/1.1 200 OK")
        second.sendall(b"1\r\nConnection: close\r\n\r\n")
        assert rest(second).startswith(b"HTTP/1.1 200 OK")


def test_who_asks_ahead_or_takes_no_answer_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """As who asks nothing: no other connection has to wait until all is answered, or given up."""
    monkeypatch.setattr(Connections.__init__, "__defaults__", (10, 2))
    with serve(Backend().services()) as url, contextlib.ExitStack() as held:
        for _ in range(2):
            deaf = held.enter_context(socket.socket())
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            deaf.connect((urlsplit(url).hostname, urlsplit(url).port))
            deaf.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 400)
        assert status(url, "/-/healthy") == 200


@pytest.mark.parametrize("drops", [(HALF,), (HALF, b"a", b"b"), (b"GET",)])
def test_a_head_has_a_deadline(
    url: str, monkeypatch: pytest.MonkeyPatch, drops: tuple[bytes, ...]
) -> None:
    """From its first byte, however it trickles; then 408 and the end."""
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.1)
    with connect(url, *drops) as raw:
        came = rest(raw)
    assert came.startswith(b"HTTP/1.1 408 Request Timeout")
    assert b"connection: close" in came.lower()


def test_a_second_head_has_one_too(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a connection that has been answered."""
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.1)
    with connect(url, b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n") as raw:
        answer(raw)
        raw.sendall(HALF)
        assert rest(raw).startswith(b"HTTP/1.1 408 ")


def test_a_body_has_a_deadline(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its request is answered at once; what is owed is waited for, but not for ever."""
    monkeypatch.setattr(protocol, "BODY_SECONDS", 0.1)
    head = b"GET /-/healthy HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"
    with connect(url, head, b"1") as raw:
        came = rest(raw)
    assert came.startswith(b"HTTP/1.1 200 OK")
    assert came.count(b"HTTP/1.1") == 1


def test_an_idle_connection_ends(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while without a question."""
    monkeypatch.setattr(protocol, "KEEP_ALIVE", 0.1)
    with connect(url, b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n") as raw:
        answer(raw)
        assert rest(raw) == b""


SMUGGLED = b"GET /config HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    ("code", "head"),
    [
        (400, b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked"),
        (400, b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 0"),
        (400, b"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive"),
        (400, b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6"),
        (400, b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked"),
        (400, b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity"),
        (400, b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: +5"),
        (400, b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 5"),
        (400, b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5, 5"),
        (400, b"GET / HTTP/1.1\nHost: x"),
        (400, b"GET / HTTP/1.1\r\nHost: x\nX: y"),
        (400, b"GET / HTTP/1.1\r\nHost: x\r\nX: y\r\n z"),
        (400, b"GET / HTTP/1.1\r\nHost: x\r\nX: y\r\n\tz"),
        (400, b"GET / HTTP/1.1\r\nHost: x\r\nX: y\rz"),
        (400, b"GET / HTTP/1.1\r\nHost: x\r\nX: y\x00z"),
        (400, b"GET / HTTP/1.1\r\nHost: x\r\nX: y\x01z"),
        (400, b"GET / HTTP/1.1\r\nHost: x y"),
        (400, b"GET / HTTP/1.1\r\nHost: u@x"),
        (400, b"GET / HTTP/1.1\r\nHost: x/y"),
        (400, b"GET http://u@x/ HTTP/1.1\r\nHost: x"),
        (400, b"GET ftp://x/ HTTP/1.1\r\nHost: x"),
        (400, b"GET /#x HTTP/1.1\r\nHost: x"),
        (400, b"GET * HTTP/1.1\r\nHost: x"),
        (400, b"CONNECT x:80 HTTP/1.1\r\nHost: x"),
        (505, b"PRI * HTTP/2.0\r\nHost: x"),
        (413, b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked"),
        (413, b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1025"),
        (414, b"GET /?" + b"x" * 9_000 + b" HTTP/1.1\r\nHost: x"),
        (431, b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: yyyyyyyy\r\n" * 2_000 + b"X: y"),
    ],
)
def test_a_head_that_is_refused_ends_the_connection(url: str, code: int, head: bytes) -> None:
    """What comes behind it is no request."""
    with connect(url, head + b"\r\n\r\n0\r\n\r\n" + SMUGGLED) as raw:
        came = rest(raw)
    assert came.startswith(b"HTTP/1.1 %d " % code), came[:100]
    assert came.count(b"HTTP/1.1") == 1
    assert b"connection: close" in came.lower()


@pytest.mark.parametrize("target", [b"http://x:9/-/healthy", b"HTTPS://x/-/healthy", b"/-/healthy"])
def test_a_whole_url_is_its_path(url: str, target: bytes) -> None:
    """As a proxy asks; the next request on the connection is one of its own."""
    ask = b"GET " + target + b" HTTP/1.1\r\nHost: y\r\n\r\n"
    with connect(url, ask + ask + ask.replace(b"y\r", b"y\r\nConnection: close\r")) as raw:
        assert rest(raw).count(b"Healthy") == 3


def test_the_host_in_a_whole_url_is_the_one_that_counts(url: str) -> None:
    """Nobody changes anything under a foreign name by writing another one beside it."""
    ask = b"POST http://evil.example/-/reload HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with connect(url, ask) as raw:
        came = rest(raw)
    assert came.startswith(b"HTTP/1.1 403 "), came
    assert b"evil.example" in came


def test_a_flaw_is_found_in_a_head_that_comes_in_pieces(url: str) -> None:
    """It need not be complete, and no piece of it alone need be wrong."""
    with connect(url, b"GET / HTTP/1.1\r\nHost: x\r") as raw:
        raw.sendall(b"\nX: y\r\n")
        raw.sendall(b"\tz")
        assert rest(raw).startswith(b"HTTP/1.1 400 ")


def test_a_body_that_is_refused_is_taken_first(url: str) -> None:
    """Or whoever sends it would be cut off before reading why."""
    body = b"x" * 500_000
    head = b"POST /-/reload HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body)
    with connect(url, head + body) as raw:
        assert rest(raw).startswith(b"HTTP/1.1 413 ")


def test_reserved_paths_have_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """When one client has as many requests under way as it may, the next is told so; scrapes are not."""
    monkeypatch.setattr(connections, "MAX_REQUESTS_OF_CLIENT", 2)
    backend = Backend(hang=True)
    probe = b"GET /probe?target=sora-2-official HTTP/1.1\r\nHost: x\r\n\r\n"
    with (
        serve(backend.services(scrape_driven=lambda: False)) as url,
        connect(url, probe),
        connect(url, probe),
    ):
        while len(backend.probes) < 2:
            assert status(url, "/-/healthy") == 200
        refused = httpx2.get(f"{url}/", timeout=60, trust_env=False)
        assert (refused.status_code, said(refused)) == (503, "Too many requests at once.")
        assert (refused.headers["retry-after"], refused.headers["connection"]) == ("5", "close")
        assert (status(url, "/metrics"), status(url, "/-/healthy")) == (200, 200)


def test_an_answer_that_nobody_takes_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would hold its place and its memory."""
    monkeypatch.setattr(protocol, "TAKE_SECONDS", 0.0)
    text = "x" * 20_000_000
    with (
        serve(Backend().services(config_yaml=lambda: text)) as url,
        connect(url, b"GET /config HTTP/1.1\r\nHost: x\r\n\r\n") as raw,
    ):
        assert len(rest(raw)) < len(text)


def test_answers_that_nobody_takes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond so many bytes whoever began earliest to leave them ends; the newest is never too many."""
    monkeypatch.setattr(connections, "MAX_UNTAKEN", 30_000_000)
    text = "x" * 20_000_000
    ask = b"GET /config HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with serve(Backend().services(config_yaml=lambda: text)) as url, connect(url, ask) as first:
        assert first.recv(12) == b"HTTP/1.1 200"
        with connect(url, ask) as second:
            assert second.recv(12) == b"HTTP/1.1 200"
            assert len(rest(first)) < len(text)
            assert len(rest(second)) > len(text)


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_whose_an_address_is(address: str, client: str) -> None:
    """One IPv4 address, or one IPv6 network."""
    assert client_of(address) == client


class Held:
    """A connection that notes its end."""

    def __init__(self) -> None:
        self.ended = False

    def abort(self) -> None:
        self.ended = True


def test_the_whole_room() -> None:
    """The oldest of all that only waits goes; who works stays; whoever left is forgotten."""
    room = Connections(3, 2)
    busy, waiting, gone, other, last = (Held() for _ in range(5))
    room.add(busy, "192.0.2.1")
    room.work(busy)
    room.add(waiting, "192.0.2.2")
    room.add(gone, "192.0.2.3")
    room.remove(gone)
    room.add(other, "192.0.2.3")
    assert not any(each.ended for each in (busy, waiting, gone, other))
    room.add(last, "192.0.2.4")
    assert [each.ended for each in (busy, waiting, gone, other, last)] == [
        *(False, True, False, False, False)
    ]


def test_a_room_full_of_work() -> None:
    """Who comes then is not heard."""
    room = Connections(10, 1)
    busy, last = Held(), Held()
    room.add(busy, "192.0.2.1")
    room.work(busy)
    room.add(last, "192.0.2.1")
    assert (busy.ended, last.ended) == (False, True)


def test_requests_take_turns() -> None:
    """Of a hundred that are ready at once a few begin in each round, in order; nobody is forgotten."""
    begun: list[int] = []
    rounds: list[int] = []

    async def run() -> None:
        turns = Turns(4)

        async def request(number: int) -> None:
            await turns.come()
            begun.append(number)

        tasks = [asyncio.create_task(request(number)) for number in range(100)]
        tasks[50].cancel()
        while not all(task.done() for task in tasks):
            await asyncio.sleep(0)
            rounds.append(len(begun))
        await asyncio.wait_for(turns.come(), 5)

    asyncio.run(run())
    assert begun == [number for number in range(100) if number != 50]
    steps = [after - before for before, after in pairwise([0, *rounds])]
    assert max(steps) <= 8


@pytest.mark.parametrize(
    ("clients", "requests", "accepts_first"),
    [
        (1, connections.CROWD_OF_CLIENT - 1, True),
        (1, connections.CROWD_OF_CLIENT, False),
        (250, 2, True),
        (250, 3, False),
    ],
)
def test_a_crowd_is_answered_first(clients: int, requests: int, accepts_first: bool) -> None:
    """Connections are accepted between two answers only while there is room for them."""

    async def run() -> int:
        turns = Turns(2)
        names = [str(number) for number in range(clients)] * requests
        tasks = [asyncio.create_task(turns.come(name)) for name in ["first"] * 2 + names]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        begun = sum(task.done() for task in tasks)
        await asyncio.gather(*tasks)
        return begun

    assert (asyncio.run(run()) == 2) == accepts_first


def test_clients_take_turns() -> None:
    """One request of somebody else does not wait for a hundred that one client has asked before."""
    begun: list[str] = []

    async def run() -> None:
        turns = Turns(2)

        async def request(client: str) -> None:
            await turns.come(client)
            begun.append(client)

        tasks = [asyncio.create_task(request(client)) for client in ["a"] * 100 + ["b"]]
        await asyncio.gather(*tasks)

    asyncio.run(run())
    assert begun.index("b") < 6
    assert len(begun) == 101


def test_scrapes_take_turns_too() -> None:
    """Between two rounds one connection is accepted: who comes last does not wait for all pipelined scrapes."""
    served: list[int] = []

    async def page(_scope: Scope, _receive: Receive, _send: Send) -> None:
        served.append(1)

    async def run() -> None:
        admission = Admission(page, ["/metrics"])
        scope: Scope = {"type": "http", "path": "/metrics", "client": ("192.0.2.1", 1)}
        asked = [admission(scope, _never, _ignored) for _ in range(100)]
        tasks = [asyncio.create_task(each) for each in asked]
        await asyncio.sleep(0)
        assert len(served) == connections.MAX_RESERVED_OF_ROUND
        await asyncio.gather(*tasks)

    asyncio.run(run())
    assert len(served) == 100


async def _never() -> Message:
    raise AssertionError("nothing is asked of a body")


async def _ignored(_message: Message) -> None:
    pass
