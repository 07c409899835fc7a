"""Plays the catalogue: a pretend service for each row below /chaos, and a port for what comes before a path."""

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import replace

import h11

from genmedia_exporter.demo.chaos.catalogue import ROWS
from genmedia_exporter.demo.chaos.row import SOCKET_PLACES, Place, Row
from genmedia_exporter.demo.chaos.services import LIKES
from genmedia_exporter.demo.chaos.tables import as_configuration, as_page
from genmedia_exporter.demo.delivery import Line, deliver
from genmedia_exporter.demo.message import Request, Response, html_response, json_response
from genmedia_exporter.demo.services.contract import Model, Role, Service, Shared
from genmedia_exporter.demo.transport import Fault

__all__ = ["Stage"]

USD = 0.01
MOST_TURNS = 10_000
HELLO_BYTES = 65_536
ROLES = {Place.CREATE: Role.CREATE, Place.POLL: Role.POLL, Place.ASSET: Role.ASSET}


class Stage:
    """All rows of the catalogue, ready to be asked; `addresses` has the base URL of each."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._services: dict[str, Service] = {}
        self._turns: Counter[tuple[str, str, str]] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self.addresses: dict[str, str] = {}

    @asynccontextmanager
    async def open(self, url: str, host: str) -> AsyncIterator[None]:
        """Listen where a row needs a port of its own, until the block ends; *url* is the world's."""
        shown = f"[{host}]" if ":" in host else host
        async with AsyncExitStack() as stack:
            for row in ROWS.values():
                self.addresses[row.name] = f"{url}/chaos/{row.name}"
                if row.at in SOCKET_PLACES:
                    server = await asyncio.start_server(self._handler(row), host, 0)
                    stack.callback(server.close)
                    port = server.sockets[0].getsockname()[1]
                    scheme = "https" if row.at is Place.TLS else "http"
                    self.addresses[row.name] = f"{scheme}://{shown}:{port}"
                elif row.at is Place.REFUSED:
                    self.addresses[row.name] = f"http://{shown}:{stack.enter_context(_taken(host))}"
                elif row.at is Place.NOWHERE:
                    self.addresses[row.name] = "http://nobody.invalid"
            try:
                yield
            finally:
                for task in self._tasks:
                    task.cancel()

    def _handler(self, row: Row) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]:
        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.get_running_loop().create_task(self._at_socket(row, reader, writer))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        return accept

    async def _at_socket(
        self, row: Row, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        line = Line(reader, writer, h11.Connection(h11.SERVER), self._shared.environment)
        try:
            if row.at is Place.TLS:
                await reader.read(HELLO_BYTES)  # what the client says first
            await deliver(line, row.serve(_nobody, 0))
        except OSError:
            pass  # a client that leaves is part of this world
        finally:
            with suppress(OSError, RuntimeError):
                writer.close()

    def answer(self, request: Request) -> Response:
        """What the row that the path names serves for this request."""
        name, _, rest = request.path.removeprefix("/").partition("/")
        row = ROWS.get(name)
        if row is None:
            return json_response(404, {"error": f"the catalogue has no {name[:100]!r}"})
        return self._played(row, replace(request, path=f"/{rest}"))

    def page(self, request: Request) -> Response:
        """The catalogue for people, and the configuration that watches it."""
        if request.path == "/genmedia.yml":
            text = as_configuration(self.addresses)
            return Response(200, text.encode(), "application/yaml; charset=utf-8")
        return html_response(200, as_page())

    def _played(self, row: Row, request: Request) -> Response:
        service = self._service(row)

        def ask(fault: Fault | None) -> Response:
            return service.answer(request, fault)

        role = service.role_of(request)
        if row.at is not Place.ANY and role is not ROLES.get(row.at):
            return ask(None)
        if len(self._turns) > MOST_TURNS:
            self._turns.clear()
        key = (row.name, request.method, request.path)
        turn = self._turns[key]
        self._turns[key] += 1
        return row.serve(ask, turn)

    def _service(self, row: Row) -> Service:
        if row.name not in self._services:
            name, like = f"chaos/{row.name}", LIKES[row.like]
            self._shared.ledger.open(name)
            self._services[row.name] = like.build(name, Model(like.model, USD), self._shared)
        return self._services[row.name]


def _nobody(fault: Fault | None) -> Response:
    return json_response(404, {"error": "nobody has been asked yet"})


@contextmanager
def _taken(host: str) -> Iterator[int]:
    """A port that is taken, and on which nobody listens."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as bound:
        bound.bind((host, 0))
        yield bound.getsockname()[1]
