"""/live: tells open pages, as server-sent events, that something has happened; they ask for it themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from genmedia_exporter.core.clock import Clock, SystemClock, pause
from genmedia_exporter.web.http.responses import NO_STORE, problem
from genmedia_exporter.web.http.streams import Streams, TooManyStreams

LOOK_SECONDS: Final = 1.0
QUIET_LOOKS: Final = 15
"""Looks without news after which a line is sent all the same: proxies close what is silent."""
RETRY_MS: Final = 5_000
"""Milliseconds after which a page asks again when its stream has ended."""
HEADERS: Final = {**NO_STORE, "X-Accel-Buffering": "no"}


class LiveRoute:
    """Streams the state of the pages: at once, and whenever it changes."""

    def __init__(
        self, state: Callable[[], str], streams: Streams, clock: Clock | None = None
    ) -> None:
        self._state = state
        self._streams = streams
        self._clock = clock or SystemClock()

    async def get(self, request: Request) -> Response:
        """Answer with a stream that ends with the server, or refuse where there are too many."""
        address = request.client.host if request.client else ""
        return _Stream(self._streams, address, self._events)

    async def _events(self) -> AsyncIterator[str]:
        yield f"retry: {RETRY_MS}\n\n"
        told, quiet = "", 0
        while not self._streams.ended.is_set():
            state = self._state()
            quiet += 1
            if state != told:
                told, quiet = state, 0
                yield f"event: state\ndata: {state}\n\n"
            elif quiet >= QUIET_LOOKS:
                quiet = 0
                yield ":\n\n"
            await pause(self._clock, LOOK_SECONDS, self._streams.ended)


class _Stream(Response):
    """A stream that holds its place as long as it is sent."""

    def __init__(
        self, streams: Streams, address: str, events: Callable[[], AsyncIterator[str]]
    ) -> None:
        self._streams = streams
        self._address = address
        self._events = events
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            with self._streams.place(self._address):
                answer = StreamingResponse(self._events(), 200, HEADERS, "text/event-stream")
                await answer(scope, receive, send)
        except TooManyStreams:
            text = "Too many pages are open; this one refreshes by itself."
            await problem(text, 503, {"Retry-After": "30"})(scope, receive, send)
