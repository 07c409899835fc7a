"""What is proven of one create: whether a byte of it can have left this machine.

Money hangs on it: only where nothing was sent may the next route be tried without an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any, Final

import httpx2

from genmedia_client.credentials import line_problem

_CONNECTING: Final = ("connection.connect_tcp.", "connection.start_tls.")
"""Names of httpx2's trace events that come before the first byte of a request."""
_CONNECTED: Final = "connection.connect_tcp.complete"


class UnsendableError(ValueError):
    """A request that no server would get to see."""


class Stage(Enum):
    """How far a create has come."""

    OPENING = auto()  # the client is set up: what fails is the route's, or this machine's
    WRITING = auto()  # the request is put together: what fails is the caller's argument
    GIVEN = auto()  # to the transport, which has told nothing yet
    CONNECTING = auto()  # it told that it connects, and nothing since
    SENT = auto()  # the first byte may have left


class Sending:
    """Watches one request. Silence of the transport proves nothing: then it may have been sent."""

    def __init__(self) -> None:
        self.stage = Stage.OPENING
        self._stream: Any = None  # httpx2's own, whose type it does not tell

    @property
    def nothing_left(self) -> bool:
        """Whether it is proven that nothing was sent."""
        return self.stage not in (Stage.GIVEN, Stage.SENT)

    async def give(self, request: httpx2.Request) -> None:
        """Let the transport have *request*, for httpx2's hook. Raises UnsendableError."""
        for name, value in request.headers.raw:
            problem = line_problem(name, value)
            if problem:
                raise UnsendableError(problem)
        request.extensions["trace"] = self._trace
        self.stage = Stage.GIVEN

    async def hang_up(self) -> None:
        """Close a connection that was never used: httpx2 forgets one whose handshake is cut short."""
        if self.stage is Stage.CONNECTING and self._stream is not None:
            await self._stream.aclose()

    async def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        if event == _CONNECTED:
            self._stream = info.get("return_value")
        if self.stage is not Stage.SENT:
            connecting = event.startswith(_CONNECTING)
            self.stage = Stage.CONNECTING if connecting else Stage.SENT
