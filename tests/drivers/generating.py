"""What the tests of paid generation share: the demo world on a clock that waits by jumping."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from genmedia_exporter.core.clock import Clock
from genmedia_exporter.core.evidence import Exchange, JobRef, Observation, Role
from genmedia_exporter.core.secret import Secret
from genmedia_exporter.core.status import Channel, Depth, Operation
from genmedia_exporter.demo.environment import Environment
from genmedia_exporter.demo.world import World, run_in_thread
from genmedia_exporter.drivers.contract import Run
from genmedia_exporter.probing.prober import Prober
from genmedia_exporter.providers.loader import load_provider
from genmedia_exporter.targets.model import Account, Target
from genmedia_exporter.transport.network import Network
from tests.fakes import FakeClock

NETWORK = Network()
PROMPT = "A paper boat on a calm lake."


class JumpingClock(FakeClock):
    """Nobody waits: who sleeps is woken at once, and the time has passed."""

    async def sleep(self, seconds: float) -> None:
        """Let *seconds* pass."""
        self.freeze(max(0.0, seconds))
        await asyncio.sleep(0)


@dataclass(frozen=True)
class Place:
    """Where a pretend service is watched: provider file, model, operation, channel."""

    provider: str
    model: str
    operation: Operation = Operation.VIDEO
    channel: Channel = Channel.OFFICIAL


_REVERSE = Channel.REVERSE
PLACES = {
    "sora-2-official": Place("openai", "sora-2"),
    "sora-2-pro-official": Place("openai", "sora-2-pro"),
    "sora-2-reverse": Place("sora2api", "sora-2", channel=_REVERSE),
    "sora-2-pro-reverse": Place("sora2api", "sora-2-pro", channel=_REVERSE),
    "veo-3.1-reverse": Place("new-api", "veo-3.1", channel=_REVERSE),
    "sora-image": Place("new-api", "sora_image", Operation.IMAGE, _REVERSE),
    "gemini-omni": Place("gemini", "gemini-omni-1.2-flash"),
    "kling": Place("kling", "kling-v3"),
    "fal": Place("fal", "fal-ai/wan/v2.7/text-to-video"),
    "dashscope": Place("dashscope", "wan2.7-t2v"),
    "openai-image": Place("openai", "gpt-image-2.5-flare", Operation.IMAGE),
    "replicate": Place("replicate", "acme/some-video"),
    "bfl": Place("bfl", "flux-3-video"),
    "minimax": Place("minimax", "MiniMax-H3"),
    "comfyui": Place("comfyui", "sd.safetensors", Operation.IMAGE),
    "pixverse": Place("pixverse", "v5"),
    "runway": Place("runway", "gen4.5"),
}
JOBS = tuple(
    n for n, p in PLACES.items() if p.operation is Operation.VIDEO and p.provider != "sora2api"
)
WITHOUT_A_QUEUE = ("bfl", "comfyui", "pixverse")
"""What a poll says there is the same before a job runs and while it does."""
STREAMS = ("sora-2-reverse", "sora-2-pro-reverse", "sora-image")


def place_of(url: str, service: str, **job: Any) -> Target:
    """Return a target for *service* of the world at *url*; *job* changes how it generates."""
    place = PLACES[service]
    provider = load_provider(place.provider)
    if job:
        own = provider.job_for(place.operation, place.model)
        assert own is not None
        provider = provider.model_copy(update={"jobs": (own.model_copy(update=job),)})
    at = Account("demo", provider, f"{url}/{service}", place.channel, api_key=Secret("demo-key"))
    return Target(
        service,
        at,
        place.model,
        place.operation,
        place.channel,
        (Depth.GENERATE,),
        {Depth.GENERATE: 3600.0},
        timeout=2.0,
    )


@dataclass
class Customer:
    """Pays for one generation and remembers what it was told on the way."""

    clock: Clock = field(default_factory=JumpingClock)
    accepted: list[JobRef] = field(default_factory=list)
    progress: list[tuple[str, float | None]] = field(default_factory=list)

    def run(self, job: JobRef | None = None) -> Run:
        """Return what the driver is given."""

        async def accept(ref: JobRef) -> None:
            self.accepted.append(ref)

        def note(phase: str, share: float | None) -> None:
            self.progress.append((phase, share))

        return Run(self.clock, PROMPT, accept, note, job)

    def generate(self, target: Target, job: JobRef | None = None) -> Observation:
        """Generate once."""
        prober = Prober(NETWORK, self.clock)
        return asyncio.run(prober.generate(target, self.run(job)))


@contextmanager
def world_of(customer: Customer, **settings: Any) -> Iterator[World]:
    """Run a demo world whose jobs move with the customer's clock."""

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.01))

    clock = customer.clock
    environment = Environment(lambda: float(clock.monotonic()), lambda: float(clock.now()), sleep)
    with run_in_thread(**{"environment": environment, "job_seconds": 60.0, **settings}) as world:
        yield world
        assert world.ledger.slips == 0


def calls(seen: Observation, role: Role | None = None) -> list[str]:
    """Return the names of the exchanges that were kept, of one role or of all."""
    return [e.call for e in seen.evidence.exchanges if role in (None, e.role)]


def exchange(seen: Observation, name: str) -> Exchange:
    """Return the last exchange of that name."""
    return next(e for e in reversed(seen.evidence.exchanges) if e.call == name)


AT_ONCE = {"sora-image", "openai-image", *STREAMS}  # the answer itself is the result


def generate(service: str, fault: str = "", **job: Any) -> tuple[Observation, Customer, int]:
    """Generate once; return what was seen, who asked, and how many creates were paid for."""
    customer = Customer()
    seconds = 0.0 if service in AT_ONCE else 60.0
    with world_of(customer, job_seconds=seconds) as world:
        if fault:
            world.set_fault(service, fault)
        seen = customer.generate(place_of(world.url, service, **job))
        return seen, customer, world.ledger[service].creates
