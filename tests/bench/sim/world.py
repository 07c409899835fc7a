"""The demo world's services without its sockets: answers, faults by the clock, and the money charged."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.demo.environment import Environment
from genmedia_exporter.demo.faults import KINDS, make_fault
from genmedia_exporter.demo.jobs import JobBook
from genmedia_exporter.demo.ledger import Ledger
from genmedia_exporter.demo.message import Request, Response
from genmedia_exporter.demo.services import build_services
from genmedia_exporter.demo.services.contract import Service, Shared
from genmedia_exporter.demo.transport import Fault

VIDEO_SECONDS = 90.0
"""How long a pretend video takes; real ones take 11 seconds to 6 minutes (docs/wire.md §1.6, §4.2)."""
IMAGE_SECONDS = 15.0
IMAGES = frozenset({"openai-image", "sora-image"})
SHOWN_BY_GENERATION = "job_fails"
NEAREST: Mapping[str, str] = {
    "upstream_saturated": "overloaded",
    "upstream_quota": "quota",
    "risk_control": "server_error",
    "accepts_invalid": "job_fails",
}
"""What stands in for a kind that a service has no words for; of generations, a failing one."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A fault at one service for a while, in simulated seconds."""

    service: str
    kind: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Charge:
    """Money that a service took."""

    at: float  # Unix seconds of the machine's clock when the request left
    service: str
    micro_usd: int


def service_kinds(template: str) -> frozenset[str]:
    """Return the fault kinds that the demo world's service *template* can show."""
    return _templates()[template].kinds


def templates() -> tuple[str, ...]:
    """Return the names of the demo world's services."""
    return tuple(_templates())


def showable(template: str, kind: str) -> str:
    """Return *kind*, or the nearest one that *template* can show."""
    kinds = service_kinds(template)
    near = NEAREST.get(kind, SHOWN_BY_GENERATION if KINDS[kind].layer == "generation" else "")
    return next((k for k in (kind, near, "server_error") if k in kinds), "reset")


def _templates() -> dict[str, Service]:
    environment = Environment()
    return build_services(Shared(environment, JobBook(environment, 1.0), Ledger(), 1.0))


class SimWorld:
    """Services of our own names, each made after one of the demo world's, in the time of *clock*."""

    def __init__(
        self,
        services: Mapping[str, str],
        troubles: Iterable[Trouble],
        clock: Callable[[], float],
        wall: Callable[[], Unix],
        seed: int,
    ) -> None:
        dice = random.Random(seed)  # noqa: S311 - pretend chance, repeatable
        self._door = Environment(clock=clock, wall=lambda: float(wall()), dice=dice)
        self._ledger = Ledger(services)
        self._services = {name: self._made(name, after) for name, after in services.items()}
        self._troubles: dict[str, list[tuple[Trouble, Fault]]] = {}
        for trouble in sorted(troubles, key=lambda t: t.start):
            known = self._troubles.setdefault(trouble.service, [])
            known.append((trouble, make_fault(trouble.kind, {})))
        self.charged: Callable[[Charge], None] = lambda _charge: None
        self.requests = 0

    def _made(self, name: str, after: str) -> Service:
        seconds = IMAGE_SECONDS if after in IMAGES else VIDEO_SECONDS
        shared = Shared(self._door, JobBook(self._door, seconds), self._ledger, seconds)
        template = build_services(shared)[after]
        return type(template)(name, template.models, shared)

    @property
    def usd(self) -> float:
        """What all services together have charged."""
        return self._ledger.total_usd

    def latency(self) -> float:
        """Return how long the next answer takes besides its own time."""
        return self._door.dice.uniform(0.05, 0.3)

    def fault(self, name: str) -> Fault | None:
        """Return what is wrong with a service now: the fault that began last."""
        now = self._door.clock()
        found = [f for t, f in self._troubles.get(name, ()) if t.start <= now < t.end]
        return found[-1] if found else None

    def answer(self, name: str, request: Request) -> Response:
        """Return the service's answer, and note what it charged."""
        self.requests += 1
        service, account = self._services[name], self._ledger[name]
        before = account.spent_micro_usd
        fault = self.fault(name)

        def ask(seen: Fault | None) -> Response:
            return service.answer(request, seen)

        play = KINDS[fault.kind].play if fault else None
        response = play(fault, ask, self._door.dice) if fault and play else ask(None)
        taken = account.spent_micro_usd - before
        if taken:
            self.charged(Charge(self._door.wall(), name, taken))
        return dataclasses.replace(response, wait=response.wait + self.latency())
