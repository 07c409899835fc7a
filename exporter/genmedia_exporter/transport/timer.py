"""Times one exchange phase by phase, and takes out what our own event loop was late with its answer."""

from __future__ import annotations

from typing import Any, Final, Literal

from genmedia_exporter.core.clock import Clock, Monotonic, Unix
from genmedia_exporter.core.evidence import PHASE_NAMES, Phases
from genmedia_exporter.core.loop_lag import LoopLag

Stage = Literal["start", "resolve", "connect", "tls", "sending", "processing", "transfer"]

_STAGES_BY_EVENT: Final[dict[str, Stage]] = {
    "http11.send_request_headers.started": "sending",
    "http11.receive_response_headers.started": "processing",
    "http11.receive_response_headers.complete": "transfer",
}
_ENDED_BY_DATA: Final = ("processing", "transfer")


class ExchangeTimer:
    """What one exchange tells on its way: where it is, how long each phase took, what TLS showed.

    `deadline` is in monotonic seconds of *clock*. A phase that ended with an answer ended when the
    answer had arrived, not when we came to read it. Of the others nobody knows when they ended; what
    *lag* tells of them is counted, not taken out.
    """

    def __init__(self, clock: Clock, deadline: Monotonic, lag: LoopLag | None = None) -> None:
        self._clock = clock
        self._deadline = deadline
        self._lag = lag
        self.restart()

    def restart(self) -> None:
        """Begin anew, by another connection: what was tried before was no test of the service."""
        self._began = self._entered = self._asked = self._clock.monotonic()
        self._seconds: dict[str, float] = {}
        self._ended: Monotonic | None = None
        self._taken_out = 0.0
        self.stage: Stage = "start"
        self.hung_up = False  # the peer closed its side while we were reading
        self.not_http = False  # the first bytes that came are no answer of HTTP/1
        self.waited: float | None = None  # seconds the newest data lay there unread, if it is known
        self.self_delay = 0.0  # seconds in which our own loop kept the exchange waiting, at most
        self.tls_expiry: Unix | None = None
        self.reused = False  # the connection is one of an earlier exchange

    def enter(self, stage: Stage) -> None:
        """End the present stage and begin *stage*."""
        tick = self._clock.monotonic()
        spent = tick - self._entered
        late = 0.0  # a request is sent at once, or else what we are late with shows in its answer
        if self.stage != "sending":
            since = tick - (self._asked if self.stage == "processing" else self._entered)
            told = self.waited if self.stage in _ENDED_BY_DATA else None
            late = min(since, self._bound(tick) if told is None else told)
            self._taken_out += 0.0 if told is None else late
            spent = spent if told is None else max(0.0, spent - late)
        self.self_delay += late
        self._seconds[self.stage] = self._seconds.get(self.stage, 0.0) + spent
        self._asked = tick if stage == "sending" else self._asked
        self.stage, self._entered, self.waited = stage, tick, None

    def _bound(self, tick: Monotonic) -> float:
        return self._lag.at(tick) if self._lag is not None else 0.0

    def end(self) -> None:
        """Stop: whatever is done with the answer from here on does not count."""
        if self._ended is None:
            self.enter(self.stage)
            self._ended = self._entered

    def phases(self) -> Phases:
        """Return the time spent in each phase so far, the unfinished one included."""
        if self._ended is None:
            self.enter(self.stage)
        return Phases(**{k: v for k, v in self._seconds.items() if k in PHASE_NAMES})

    def elapsed(self) -> float:
        """Return the seconds from the beginning of the exchange until its last answer was there."""
        last = self._clock.monotonic() if self._ended is None else self._ended
        return last - self._began - self._taken_out

    def since(self, came: Unix | None) -> float | None:
        """Return the seconds since what *came* then by the system's clock, None if that is not known."""
        return None if came is None else self._clock.now() - came

    def left(self) -> float:
        """Return the seconds until the deadline, never negative."""
        return max(0.0, self._deadline - self._clock.monotonic())

    async def on_trace(self, event: str, info: dict[str, Any]) -> None:
        """Follow httpcore2's `trace` extension."""
        if event in _STAGES_BY_EVENT:
            self.enter(_STAGES_BY_EVENT[event])
