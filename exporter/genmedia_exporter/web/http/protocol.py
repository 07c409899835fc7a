"""One connection: uvicorn's protocol, with a deadline for whatever a client owes us."""

from __future__ import annotations

import asyncio
from functools import cache
from http import HTTPStatus
from typing import Any, Final, Literal

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from genmedia_exporter.web.http.connections import Connections
from genmedia_exporter.web.http.framing import MAX_HEAD
from genmedia_exporter.web.http.heads import StrictConnection
from genmedia_exporter.web.http.responses import problem

HEAD_SECONDS: Final = 10.0
"""Seconds from the first byte of a request, or from the connection, to the end of its head."""
BODY_SECONDS: Final = 10.0
"""Seconds for what is left of a body when its request has been answered: nobody reads it."""
KEEP_ALIVE: Final = 65
"""Seconds a connection may idle; longer than the usual scrape interval of a minute."""
TAKE_SECONDS: Final = 60.0
"""Seconds a client may leave an answer untaken."""

_NOTHING_SENT: Final = ("IDLE", "SEND_RESPONSE")
"""Names of h11's states in which an answer can still begin."""

Phase = Literal["head", "answer", "body", "idle"]
"""What is under way: a head arrives, its answer leaves, the body's rest arrives, nothing."""


@cache
def _quieter(logger: Any) -> Any:
    """Return a logger that tells our errors, not those of clients: anybody could fill the disk."""
    quieter = logger.getChild("connections")
    quieter.setLevel("ERROR")  # once: it makes every logger of the process forget what it knows
    return quieter


class HttpProtocol(H11Protocol):
    """A connection among *room*'s."""

    def __init__(self, *arguments: Any, room: Connections, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.conn = StrictConnection(h11.SERVER, MAX_HEAD)
        self.logger = _quieter(self.logger)
        self._room = room
        self._phase: Phase = "head"
        self._deadline: asyncio.TimerHandle | None = None
        self._untaken: asyncio.TimerHandle | None = None

    def abort(self) -> None:
        """End the connection at once: others need its place."""
        self.transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._wait(HEAD_SECONDS)
        self._room.add(self, self.client[0] if self.client else "")

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place back."""
        super().connection_lost(exc)
        self._room.remove(self)
        for timer in (self._deadline, self._untaken):
            if timer is not None:
                timer.cancel()

    def data_received(self, data: bytes) -> None:
        """Take what came; what comes drop by drop moves no deadline."""
        super().data_received(data)
        self._follow()

    def on_response_complete(self) -> None:
        """Wait for what the client owes, or for its next request."""
        super().on_response_complete()
        self._follow()

    def _follow(self) -> None:
        """Set the deadline of a phase when it begins."""
        phase = self._present()
        if self.transport.is_closing():
            return
        if phase == "answer":
            self._busy()
        if phase == self._phase:
            return
        self._phase = phase
        if phase == "answer":
            self._wait(None)
        else:
            self._room.wait(self)
            self._wait({"head": HEAD_SECONDS, "body": BODY_SECONDS, "idle": KEEP_ALIVE}[phase])

    def _busy(self) -> None:
        """Keep the place while an answer is made; who asks ahead, or does not take it, may lose it to others."""
        ahead = bool(self.conn.trailing_data[0]) or self.flow.write_paused
        (self._room.wait if ahead else self._room.work)(self)

    def _present(self) -> Phase:
        cycle: RequestResponseCycle | None = self.cycle  # None before the first request
        if cycle is not None and not cycle.response_complete:
            return "answer"
        if repr(self.conn.their_state) == "SEND_BODY":
            return "body"
        return "head" if cycle is None or self.conn.trailing_data[0] else "idle"

    def _wait(self, seconds: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None if seconds is None else self.loop.call_later(seconds, self._is_late)

    def _is_late(self) -> None:
        if self._phase == "head" and self.conn.trailing_data[0]:
            self._refuse(408, f"The head of the request took longer than {HEAD_SECONDS:g} s.")
        else:
            self.transport.close()

    def pause_writing(self) -> None:
        """Wait for the client to take what it asked for; others may need its place meanwhile."""
        super().pause_writing()
        self._room.leave(self, self.transport.get_write_buffer_size())
        if self._untaken is None:
            self._untaken = self.loop.call_later(TAKE_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Be content: it takes."""
        super().resume_writing()
        self._room.take(self)
        if self._phase == "answer":
            self._busy()
        if self._untaken is not None:
            self._untaken.cancel()
            self._untaken = None

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, unless an answer to its beginning is under way or gone already."""
        if repr(self.conn.our_state) not in _NOTHING_SENT:
            self.transport.close()
            return
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True  # whoever was about to answer it need not
            cycle.message_event.set()
        self._refuse(400, msg)

    def _refuse(self, status: int, text: str) -> None:
        """Answer what cannot be passed on, and end."""
        answer = problem(text, status, {"Connection": "close"})
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode()]
        lines += [name + b": " + value for name, value in answer.raw_headers]
        self.transport.write(b"\r\n".join([*lines, b"", bytes(answer.body)]))
        self.transport.close()
