"""Small named fakes: a clock that tests advance, probes that answer by script, and their ingredients."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from dataclasses import replace
from itertools import count

from genmedia_exporter.core.clock import Monotonic, Unix
from genmedia_exporter.core.evidence import (
    Evidence,
    Exchange,
    Hints,
    Observation,
    Role,
    Transport,
    Verdict,
)
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Certainty, Channel, Depth, Operation
from genmedia_exporter.providers.prices import Price
from genmedia_exporter.providers.schema import Provider
from genmedia_exporter.targets.model import Account, Target

START = Unix(1_700_000_000.0)


class FakeClock:
    """Time that stands still until a test moves it."""

    def __init__(self) -> None:
        self._elapsed = 0.0
        self.wall_step = 0.0
        self._order = count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> Unix:
        """Return the wall time, which tests may step."""
        return START + self._elapsed + self.wall_step

    def monotonic(self) -> Monotonic:
        """Return the time since the test began."""
        return Monotonic(self._elapsed)

    async def sleep(self, seconds: float) -> None:
        """Wait until a test has advanced the time that far."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        due = self._elapsed + max(0.0, seconds)
        heapq.heappush(self._sleepers, (due, next(self._order), future))
        await future

    async def advance(self, seconds: float) -> None:
        """Let *seconds* pass, waking each sleeper at its own moment."""
        until = self._elapsed + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= until:
            due, _, future = heapq.heappop(self._sleepers)
            self._elapsed = max(self._elapsed, due)
            if not future.done():
                future.set_result(None)
            await settle()
        self._elapsed = until
        await settle()

    def freeze(self, seconds: float) -> None:
        """Let *seconds* pass without anybody noticing: a paused machine."""
        self._elapsed += seconds


async def settle() -> None:
    """Give every task that can run its turn."""
    for _ in range(25):
        await asyncio.sleep(0)


class CountingMeter:
    """A meter that keeps everything it is told."""

    def __init__(self) -> None:
        self.lags: list[float] = []
        self.in_flight: list[int] = []
        self.self_delays: list[float] = []
        self.saturated: list[bool] = []

    def observe_lag(self, seconds: float, target: str = "") -> None:
        """Keep a lag."""
        self.lags.append(seconds)

    def observe_self_delay(self, seconds: float, target: str = "") -> None:
        """Keep a delay."""
        self.self_delays.append(seconds)

    def set_saturated(self, saturated: bool) -> None:
        """Keep a judgement."""
        self.saturated.append(saturated)

    def set_in_flight(self, count: int) -> None:
        """Keep a count."""
        self.in_flight.append(count)


class ScriptedProbes:
    """Probes that take *takes* seconds of the clock and answer as *answer* says."""

    def __init__(
        self, clock: FakeClock, answer: Callable[[Target, Depth], Verdict], takes: float = 0.1
    ) -> None:
        self.clock = clock
        self.answer = answer
        self.takes = takes
        self.started: list[tuple[float, str, Depth]] = []
        self.running: list[str] = []
        self.overlapped = False
        self.most = 0

    async def probe(self, target: Target, depth: Depth, hints: Hints) -> Observation:
        """Answer by script after a while."""
        self.overlapped |= target.name in self.running
        self.running.append(target.name)
        self.most = max(self.most, len(self.running))
        self.started.append((float(self.clock.monotonic()), target.name, depth))
        try:
            await self.clock.sleep(self.takes)
            found = verdict_evidence(self.clock, target, depth, self.answer(target, depth))
        finally:
            self.running.remove(target.name)
        return found

    def times(self, name: str, depth: Depth) -> list[float]:
        """Return when probes of *name* at *depth* started."""
        return [at for at, who, how in self.started if (who, how) == (name, depth)]


def verdict_evidence(
    clock: FakeClock,
    target: Target,
    depth: Depth,
    verdict: Verdict,
    duration: float = 0.1,
    self_delay: float = 0.0,
) -> Observation:
    """Return an observation whose evidence fits *verdict*; *self_delay* seconds of it were ours."""
    seen = evidence(clock, target, depth, verdict.reason, duration)
    return Observation(replace(seen, self_delay=self_delay), verdict)


TRANSPORTS = {
    Reason.DNS_FAILURE: Transport.DNS,
    Reason.CONNECT_TIMEOUT: Transport.CONNECT_TIMEOUT,
    Reason.CONNECT_REFUSED: Transport.CONNECT_REFUSED,
    Reason.RESPONSE_TIMEOUT: Transport.RESPONSE_TIMEOUT,
}


def evidence(
    clock: FakeClock, target: Target, depth: Depth, reason: Reason, duration: float = 0.1
) -> Evidence:
    """Return evidence of one exchange that led to *reason*."""
    broken = TRANSPORTS.get(reason)
    exchange = Exchange(
        "call",
        Role.PROBE,
        "GET",
        target.account.base_url,
        target.account.host,
        status=None if broken else 200,
        transport=broken,
        duration=duration,
    )
    return Evidence(target.name, depth, clock.now(), duration, (exchange,))


def verdict(
    reason: Reason = Reason.OK,
    certainty: Certainty | None = None,
    retry_after: float | None = None,
) -> Verdict:
    """Return the usual verdict for *reason*."""
    meaning = reason.meaning
    usual = Certainty.TRANSIENT if meaning.transient else Certainty.EXPLICIT
    return Verdict(
        meaning.outcome,
        meaning.status,
        meaning.fault,
        reason,
        f"test.{reason}",
        certainty=certainty or usual,
        retry_after=retry_after,
    )


PROVIDER = Provider.model_validate(
    {
        "name": "pretend",
        "title": "Pretend",
        "kind": "direct",
        "calls": [
            {"id": "models", "depth": "reach", "path": "/models", "proves": ["key"]},
            {"id": "create", "depth": "accept", "path": "/videos", "proves": ["route"]},
        ],
    }
)


def make_target(
    name: str = "a",
    *,
    host: str = "api.example.com",
    depths: tuple[Depth, ...] = (Depth.REACH, Depth.ACCEPT),
    intervals: dict[Depth, float] | None = None,
    account: str = "main",
    concurrency: int = 4,
    schedule: str = "timer",
    ends_at: Unix | None = None,
    credential_problem: str | None = None,
) -> Target:
    """Return a target of the pretend provider."""
    every = intervals or {Depth.REACH: 60.0, Depth.ACCEPT: 600.0}
    owner = Account(
        account,
        PROVIDER,
        f"https://{host}",
        Channel.OFFICIAL,
        concurrency=concurrency,
        credential_problem=credential_problem,
    )
    return Target(
        name,
        owner,
        "model-1",
        Operation.VIDEO,
        Channel.OFFICIAL,
        depths,
        {d: every[d] for d in depths},
        schedule="scrape" if schedule == "scrape" else "timer",
        price=Price(usd_per_second=0.1),
        ends_at=ends_at,
        end_date_binding=ends_at is not None,
    )
