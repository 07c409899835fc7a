"""When an answer came is the kernel's word: its own clock's ticks, or the time it noted, where both agree."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from genmedia_exporter.core.clock import Monotonic
from genmedia_exporter.transport.arrival import (
    JIFFY,
    arrived,
    keep_stamping,
    since_arrival,
    stamp,
    waited,
)
from genmedia_exporter.transport.body import Body
from genmedia_exporter.transport.engine.connection import Connection, Wire
from genmedia_exporter.transport.engine.engine import Engine
from genmedia_exporter.transport.resolving import resolve_by_system
from genmedia_exporter.transport.timer import ExchangeTimer
from tests.fakes import FakeClock

SO_TIMESTAMPNS = 35

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")


def told(milliseconds: int) -> bytes:
    """Return the beginning of a struct tcp_info of a connection on which data came so long ago."""
    return bytes(52) + struct.pack("I", milliseconds)


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Both ends of a connection, while the kernel notes when packets come."""
    keeper = keep_stamping()
    assert keeper is not None
    with (
        keeper,
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as ours,
        server.accept()[0] as theirs,
    ):
        yield ours, theirs


@pytest.mark.parametrize(("milliseconds", "seconds"), [(0, 0.0), (4, 0.0), (5, 0.001), (164, 0.16)])
def test_a_tick_of_the_kernel_is_no_wait(milliseconds: int, seconds: float) -> None:
    """Its clock is coarse: what one tick may have added is left to the service."""
    told = bytes(52) + struct.pack("I", milliseconds)
    assert JIFFY == 0.004
    assert since_arrival(told) == pytest.approx(seconds)


def test_nobody_tells_of_what_is_no_connection() -> None:
    """A replayed answer has none, another system has no such figure."""
    assert waited(None) is None
    assert waited(threading.Lock()) is None


@pytest.mark.parametrize(
    ("milliseconds", "noted", "seconds"),
    [
        (0, 0.0012, 0.0012),
        (300, 0.3035, 0.3035),
        (300, 0.3079, 0.3079),
        (300, 0.3081, 0.296),
        (300, 0.2921, 0.2921),
        (300, 0.2919, 0.296),
        (2, -0.001, 0.0),
    ],
)
def test_a_noted_time_counts_where_the_ticks_agree(
    milliseconds: int, noted: float, seconds: float
) -> None:
    """A clock that was set meanwhile would make hours of it, or less than nothing."""
    assert since_arrival(told(milliseconds), noted) == pytest.approx(seconds)


@on_linux
def test_the_kernel_notes_when_data_came(ends: tuple[socket.socket, socket.socket]) -> None:
    """Not before it was sent and not after it was there, however late it is asked for; and it can still be read."""
    ours, theirs = ends
    stamp(ours)
    came = None
    while came is None:  # the kernel begins to note in the background
        before = time.time()
        theirs.sendall(b"answer")
        assert ours.recv(1, socket.MSG_PEEK) == b"a"
        after = time.time()
        came = arrived(ours)
        assert ours.recv(64) == b"answer"
    assert before <= float(came) <= after


@on_linux
def test_nothing_noted(ends: tuple[socket.socket, socket.socket]) -> None:
    """Where nothing has come, nobody asked the kernel to note, or the connection is over."""
    ours, theirs = ends
    theirs.sendall(b"answer")
    assert ours.recv(1, socket.MSG_PEEK) == b"a"
    assert arrived(ours) is None
    assert ours.recv(64) == b"answer"
    stamp(ours)
    assert arrived(ours) is None
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    theirs.close()
    assert arrived(ours) is None


@on_linux
def test_what_was_noted_goes_into_the_wait(ends: tuple[socket.socket, socket.socket]) -> None:
    """As far as the kernel's ticks bear it out: a wait of an hour is a clock that was set."""
    ours, theirs = ends
    theirs.sendall(b"answer")
    assert ours.recv(64) == b"answer"
    assert waited(ours, 3600.0) != pytest.approx(3600, abs=10)
    found = waited(ours, 0.0)
    assert found is not None
    assert 0.0 <= found < 3600


class Line:
    """What a connection of the engine is given as transport: one end of a real one, on which nobody reads yet."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def get_extra_info(self, name: str) -> socket.socket:
        """Return the end itself."""
        assert name == "socket"
        return self._end

    def write(self, data: bytes) -> None:
        """Send it."""
        self._end.sendall(data)


async def self_delay(ours: socket.socket, theirs: socket.socket, unread: float) -> float:
    """Let the engine read an answer that has lain there for *unread* seconds of its clock; return what it says of them."""
    clock, room = FakeClock(), bytearray(4_096)
    timer = ExchangeTimer(clock, Monotonic(10.0))
    connection = Connection(None, room)
    wire = Wire("GET", "localhost", 80, tls=False, data=b"GET / HTTP/1.1\r\n\r\n")
    answered = connection.ask(wire, timer, lambda _status, _headers: Body(""))
    connection.connection_made(Line(ours))  # type: ignore[arg-type]
    theirs.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
    assert ours.recv(1, socket.MSG_PEEK) == b"H"
    came = arrived(ours)
    clock.wall_step = 0.0 if came is None else came - clock.now() + unread
    clock.freeze(0.25)
    clock.wall_step -= 0.25
    connection.buffer_updated(ours.recv_into(connection.get_buffer(-1)))
    await answered
    connection.rest()
    return timer.self_delay


@on_linux
def test_the_engine_asks_when_an_answer_came(ends: tuple[socket.socket, socket.socket]) -> None:
    """And takes what it lay there for, less than a tick, for its own. On a machine that stood still the ticks disagree, so it tries again."""
    told = (asyncio.run(self_delay(*ends, 0.0012)) for _ in range(50))
    assert any(seconds == pytest.approx(0.0012, abs=1e-6) for seconds in told)


def sockets() -> set[int]:
    """Return the descriptors of all sockets of this process."""
    found = set()
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):  # that of the listing itself
            if os.readlink(f"/proc/self/fd/{name}").startswith("socket:"):
                found.add(int(name))
    return found


@on_linux
def test_an_engine_keeps_the_kernel_stamping_until_it_is_closed() -> None:
    """With one descriptor, which it gives back."""
    gc.collect()  # engines of other tests give theirs back now
    before = sockets()
    engine = Engine(ssl.create_default_context, resolve_by_system)
    (kept,) = sockets() - before
    with socket.socket(fileno=os.dup(kept)) as keeper:
        assert keeper.getsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS) == 1
    engine.close()
    assert sockets() == before


@on_linux
def test_a_connection_that_is_closed_tells_nothing(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    """The loop asks for room whatever has become of it: an error there would be blamed on the service."""
    ours, _ = ends
    ours.close()
    assert arrived(ours) is None


def test_a_sandbox_that_refuses_leaves_the_ticks() -> None:
    """No exception: a descriptor that is no connection is refused like one in a sandbox."""
    connection = socket.socket()
    connection.close()
    with closing(connection):
        stamp(connection)
