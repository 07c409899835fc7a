"""Room for connections: so many in all, and of one client; who waits longest makes room for who comes."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import resource
from collections import Counter, deque
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final, Protocol

from starlette.types import ASGIApp, Receive, Scope, Send

from genmedia_exporter.web.http.responses import problem

MAX_CONNECTIONS: Final = 1000
"""Connections at once; fewer where the operating system does not allow twice as many open files, and OUR_FILES."""
OUR_FILES: Final = 100
"""Open files that probes, the database and the process itself have before any connection."""
FEWEST_CONNECTIONS: Final = 8
MAX_OF_CLIENT: Final = 500
"""Of one address, or one IPv6 network of 64 bits."""
MAX_UNTAKEN: Final = 32 << 20
"""Bytes of answers that clients leave untaken, in all; above it, who has left his for longest is ended."""
MAX_REQUESTS: Final = 500
"""Requests under way at once, without those for /metrics and /-/healthy."""
MAX_REQUESTS_OF_CLIENT: Final = 250
"""Of one client; a Prometheus that scrapes thousands of targets by /probe stays below."""
MAX_OF_ROUND: Final = 4
"""Requests that begin in one round of the event loop; each may take milliseconds of it."""
MAX_RESERVED_OF_ROUND: Final = 2
"""The same for what is always answered."""
ROUNDS: Final = 8
"""Rounds until more requests begin while some wait: each round accepts one connection, and costs little else."""
CROWD_OF_CLIENT: Final = MAX_OF_CLIENT // 2
CROWD: Final = 3 * MAX_CONNECTIONS // 4
"""With so many that wait, of one client or in all, answers come first: more connections would have no room."""
ENOUGH_FILES: Final = 10_240
RETRY: Final = "5"
"""Seconds after which a client that was refused may ask again."""


class Connection(Protocol):
    """What has to be known of a connection."""

    def abort(self) -> None:
        """End it at once."""
        ...


@dataclass(slots=True)
class _Client:
    """The connections of one client; those that wait are no request under way, the oldest first."""

    count: int = 0
    waiting: dict[Connection, None] = field(default_factory=dict)


class Connections:
    """Who is connected. A new connection is always heard: if there is no room, one that only waits ends.

    So whoever opens connections without asking anything takes the room of its own kind, and first
    its own.
    """

    def __init__(self, most: int | None = None, most_of_client: int = MAX_OF_CLIENT) -> None:
        self._most = room() if most is None else min(MAX_CONNECTIONS, most)
        self._most_of_client = most_of_client
        self._clients: dict[str, _Client] = {}
        self._all: dict[Connection, str] = {}
        self._waiting: dict[Connection, None] = {}
        self._untaken: dict[Connection, int] = {}

    def add(self, connection: Connection, address: str) -> None:
        """Take in a connection that waits for its first request."""
        name = client_of(address)
        client = self._clients.setdefault(name, _Client())
        client.count += 1
        self._all[connection] = name
        self.wait(connection)
        if client.count > self._most_of_client:
            self._end(next(iter(client.waiting)))
        elif len(self._all) > self._most:
            self._end(next(iter(self._waiting)))

    def _end(self, connection: Connection) -> None:
        self.remove(connection)
        connection.abort()

    def wait(self, connection: Connection) -> None:
        """Note that a connection waits for its client from now on: to ask, or to take its answer."""
        name = self._all.get(connection)
        if name is not None:
            self._waiting[connection] = self._clients[name].waiting[connection] = None

    def leave(self, connection: Connection, size: int) -> None:
        """Note that a client leaves *size* bytes of its answer untaken; above MAX_UNTAKEN, the oldest such is ended."""
        self.wait(connection)
        self._untaken[connection] = size
        while len(self._untaken) > 1 and sum(self._untaken.values()) > MAX_UNTAKEN:
            self._end(next(iter(self._untaken)))

    def take(self, connection: Connection) -> None:
        """Note that a client takes its answer again."""
        self._untaken.pop(connection, None)

    def work(self, connection: Connection) -> None:
        """Note that a request is under way: it is not ended for others."""
        name = self._all.get(connection)
        if name is not None:
            self._waiting.pop(connection, None)
            self._clients[name].waiting.pop(connection, None)

    def remove(self, connection: Connection) -> None:
        """Forget a connection that has ended."""
        self.work(connection)
        self.take(connection)
        name = self._all.pop(connection, None)
        if name is not None:
            client = self._clients[name]
            client.count -= 1
            if not client.count:
                del self._clients[name]


def client_of(address: str) -> str:
    """Return whom an address belongs to: with IPv6 whoever has one has all of its 64 bits."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return address
    return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))


def room() -> int:
    """Return how many connections there may be at once."""
    for_clients = (allow_open_files() - OUR_FILES) // 2
    return min(MAX_CONNECTIONS, max(FEWEST_CONNECTIONS, for_clients))


def allow_open_files() -> int:
    """Raise how many files may be open at once as far as the operating system lets us; return that."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max(soft, ENOUGH_FILES if hard == resource.RLIM_INFINITY else hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


class Turns:
    """Lets so many requests begin at once in the event loop, of one client after the other.

    Hundreds that are ready at once would each be served before a scrape that comes after them, and
    before its connection is even accepted.
    """

    def __init__(self, each: int = MAX_OF_ROUND) -> None:
        self._each = self._left = each
        # By client; whose turn is next stands first.
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}
        self._planned = False

    async def come(self, client: str = "") -> None:
        """Wait for a turn of *client* (`client_of`); those of one client come in the order of their asking."""
        loop = asyncio.get_running_loop()
        if not self._planned:
            self._planned = True
            loop.call_soon(self._next, loop)
        if self._left:
            self._left -= 1
            return
        turn = loop.create_future()
        self._waiting.setdefault(client, deque()).append(turn)
        await turn

    def _is_crowded(self) -> bool:
        numbers = [len(own) for own in self._waiting.values()]
        return max(numbers) >= CROWD_OF_CLIENT or sum(numbers) >= CROWD

    def _next(self, loop: asyncio.AbstractEventLoop, rounds: int = 1) -> None:
        if self._waiting and rounds < ROUNDS and not self._is_crowded():
            loop.call_soon(self._next, loop, rounds + 1)
            return
        self._left = self._each
        while self._left and self._waiting:
            client = next(iter(self._waiting))
            own = self._waiting.pop(client)
            turn = own.popleft()
            if own:
                self._waiting[client] = own  # behind those of others
            if not turn.done():  # its request may have ended
                turn.set_result(None)
                self._left -= 1
        self._planned = self._left < self._each
        if self._planned:
            loop.call_soon(self._next, loop)


class Admission:
    """ASGI middleware: so many requests at once, in all and of one client; *reserved* paths always.

    Reserved ones also have turns of their own. They are fewer, because between two rounds only one
    connection is accepted, and who comes last must not wait for all that those before him ask.
    """

    def __init__(self, app: ASGIApp, reserved: Collection[str] = ()) -> None:
        self._app = app
        self._reserved = frozenset(reserved)
        self._under_way: Counter[str] = Counter()
        self._turns = Turns()
        self._reserved_turns = Turns(MAX_RESERVED_OF_ROUND)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        client = client_of(scope["client"][0]) if scope["client"] else ""
        if scope["path"] in self._reserved:
            await self._reserved_turns.come(client)
            await self._app(scope, receive, send)
            return
        busy, of_client = self._under_way.total(), self._under_way[client]
        if busy >= MAX_REQUESTS or of_client >= MAX_REQUESTS_OF_CLIENT:
            text = "Too many requests at once."
            headers = {"Retry-After": RETRY, "Connection": "close"}
            await problem(text, 503, headers)(scope, receive, send)
            return
        self._under_way[client] += 1
        try:
            await self._turns.come(client)
            await self._app(scope, receive, send)
        finally:
            self._under_way[client] -= 1
            if not self._under_way[client]:
                del self._under_way[client]
