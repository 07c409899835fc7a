"""A random life of the exporter: crashes, stepped clocks, reloads, a failing disk, and what it paid."""

from __future__ import annotations

import asyncio
import contextlib
import random
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch
from zoneinfo import ZoneInfo

import httpx2
import yaml

import genmedia_exporter.spending.forecast
import genmedia_exporter.spending.ledger
import genmedia_exporter.spending.runner
from genmedia_exporter.spending.limits import ROUTINE_SHARE
from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.transport.timer import ExchangeTimer
from tests.bench.sim.clock import EPOCH, SimClock, simulate
from tests.bench.sim.fleet import FLEETS, Watched
from tests.bench.sim.network import InProcessNetwork
from tests.bench.sim.ours import Ours, in_memory, without_sockets
from tests.bench.sim.world import Charge, SimWorld, Trouble, service_kinds

HOUR: Final = 3_600.0
DAY: Final = 86_400.0
EVENINGS: Final = (
    EPOCH,
    EPOCH + 7 * DAY,  # the last of November
    EPOCH + 38 * DAY,  # the last of the year
    EPOCH + 124 * DAY,  # in that night Berlin's clocks change
)
ROUND_SECONDS: Final = 30.0
REFRESH_SECONDS: Final = 300.0
REVIEW_SECONDS: Final = 120.0
"""Periods of the daemon that decide nothing about money, longer to save our time."""
GREEDY: Final = 1_000.0
"""In place of the routine's share of a budget: only the ledger holds it back."""
ZONES: Final = ("UTC", "UTC", "Europe/Berlin", "Asia/Shanghai", "America/New_York")
NEVER: Final = 1e9


@dataclass(frozen=True, slots=True)
class Limit:
    """The budget in force from a simulated moment on."""

    since: float
    daily_usd: float
    monthly_usd: float


@dataclass(slots=True)
class Life:
    """What happened in one schedule."""

    seed: int
    zone: str
    limits: list[Limit] = field(default_factory=list)
    charges: list[tuple[float, Charge]] = field(default_factory=list)  # by simulated seconds
    crashes: int = 0
    reloads: int = 0
    steps: int = 0

    @property
    def usd(self) -> float:
        """What the world has charged."""
        return sum(c.micro_usd for _, c in self.charges) / 1e6

    def breaches(self) -> list[str]:
        """Return where the world had charged more than a day's or a month's budget allowed."""
        found: list[str] = []
        spent: dict[str, int] = {}
        for tick, charge in self.charges:
            day = datetime.fromtimestamp(charge.at, ZoneInfo(self.zone)).date().isoformat()
            limit = [at for at in self.limits if at.since <= tick][-1]
            for period, allowed in ((day, limit.daily_usd), (day[:7], limit.monthly_usd)):
                spent[period] = spent.get(period, 0) + charge.micro_usd
                if spent[period] > allowed * 1e6 + 1:
                    usd = spent[period] / 1e6
                    found.append(f"{period}: ${usd:.4f} charged, ${allowed:.4f} allowed")
        return found


class _Line(InProcessNetwork):
    """A network that goes dead with its process, at worst just after a create has been accepted."""

    def __init__(self, world: SimWorld, death: _Death) -> None:
        super().__init__(world)
        self._death = death

    def transport(
        self, timer: ExchangeTimer, *, public_only: bool = False
    ) -> httpx2.AsyncHTTPTransport:
        """Return a transport, which may never answer."""
        inner = super().transport(timer, public_only=public_only)
        guarded = self._death.guard(inner.handle_async_request, self._charged)
        setattr(inner, "handle_async_request", guarded)  # noqa: B010 - for one exchange
        return inner

    def _charged(self) -> bool:
        return self._death.strikes(0.03)


class _Death:
    """When a process ends: at a moment that was drawn, or in the middle of something."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self.came = asyncio.Event()

    def strikes(self, share: float) -> bool:
        """Draw whether it comes now."""
        if self._dice.random() < share:
            self.came.set()
        return self.came.is_set()

    def guard(
        self, work: Callable[..., Awaitable[Any]], after: Callable[[], bool]
    ) -> Callable[..., Awaitable[Any]]:
        """Return *work*, after which the process may be dead, and in whose place it may be."""

        async def guarded(*args: Any, **more: Any) -> Any:
            if self.came.is_set():
                await asyncio.sleep(NEVER)
            done = await work(*args, **more)
            if after():
                await asyncio.sleep(NEVER)
            return done

        return guarded


class Story:
    """Plays one schedule. All chance is of the seed."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - a repeatable story
        fleet = list(FLEETS["demo"])
        self._watched = self._dice.sample(fleet, self._dice.randint(1, 3))
        self._hours = self._dice.uniform(1.5, 6.0)
        self._daily = self._dice.choice((0.15, 0.5, 2.0, 6.0, 15.0)) * self._dice.uniform(0.5, 1.5)
        self.life = Life(seed, self._dice.choice(ZONES))
        self._clock = SimClock()
        midnight = self._dice.choice(EVENINGS) + DAY
        self._clock.step = midnight - EPOCH - self._dice.uniform(0.0, self._hours) * HOUR
        self._broken_disk = self._dice.choice((0.0, 0.0, 0.02, 0.2))

    async def play(self) -> Life:
        """Live through the schedule, from process to process."""
        loop = asyncio.get_running_loop()
        services = {w.slug: w.service for w in self._watched}
        dice, wall = self._dice.randint(0, 2**31), self._clock.now
        world = SimWorld(services, self._troubles(), loop.time, wall, dice)
        world.charged = lambda charge: self.life.charges.append((loop.time(), charge))
        with tempfile.TemporaryDirectory(prefix="genmedia-money-", dir=in_memory()) as folder:
            config = Path(folder) / "genmedia.yml"
            self._write(config)
            while loop.time() < self._hours * HOUR:
                await self._one_process(world, config)
        return self.life

    def _troubles(self) -> list[Trouble]:
        found: list[Trouble] = []
        for one in self._watched:
            # An invalid create that is accepted is an accident: booked, but nobody's decision.
            kinds = sorted(service_kinds(one.service) - {"accepts_invalid", "flood", "bomb"})
            at = self._dice.expovariate(1 / (2 * HOUR))
            while at < self._hours * HOUR:
                end = at + self._dice.expovariate(1 / HOUR)
                found.append(Trouble(one.slug, self._dice.choice(kinds), at, end))
                at = end + self._dice.expovariate(1 / (3 * HOUR))
        return found

    def _write(self, config: Path) -> None:
        """Write a configuration: the same budget most of the time, any subset of the targets."""
        if self.life.limits and self._dice.random() < 0.3:
            self._daily *= self._dice.choice((0.0, 0.5, 1.5))
        monthly = self._daily * self._dice.choice((0.7, 1.5, 31.0, 31.0))
        some = self._dice.sample(self._watched, self._dice.randint(1, len(self._watched)))
        config.write_text(yaml.safe_dump(self._document(some, monthly, config)), "utf-8")
        now = asyncio.get_running_loop().time()
        self.life.limits.append(Limit(now, self._daily, monthly))

    def _document(self, some: list[Watched], monthly: float, config: Path) -> dict[str, Any]:
        each = [w.configuration() for w in some]
        generate = self._dice.choice(("1m", "5m", "20m", "1h"))
        budget = {"daily_usd": self._daily, "monthly_usd": monthly, "timezone": self.life.zone}
        return {
            "defaults": {"interval": {"reach": "15m", "accept": "1h", "generate": generate}},
            "budget": budget,
            "storage": {"path": str(config.with_suffix(".db"))},
            "accounts": {target["account"]: account for account, target in each},
            "targets": [target for _, target in each],
        }

    async def _one_process(self, world: SimWorld, config: Path) -> None:
        loop, death = asyncio.get_running_loop(), _Death(self._dice)
        ends = min(self._hours * HOUR, loop.time() + self._dice.expovariate(1 / (2 * HOUR)))
        with without_sockets(_Line(world, death), REVIEW_SECONDS):
            ours = Ours(config, self._clock)
            disk = self._disk(ours, death)
            setattr(ours.app.history, "transact", disk)  # noqa: B010 - for one process
            ours.dies = death.came
            async with ours.running():
                while loop.time() < ends and not await self._dies(death, ends):
                    await self._happens(ours, config)
                death.strikes(0.7)
            self.life.crashes += death.came.is_set()

    async def _dies(self, death: _Death, ends: float) -> bool:
        """Let some time pass, and say whether the process is dead then."""
        left = ends - asyncio.get_running_loop().time()
        pause = min(self._dice.expovariate(1 / HOUR), left)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(death.came.wait(), max(1.0, pause))
        return death.came.is_set()

    async def _happens(self, ours: Ours, config: Path) -> None:
        if self._dice.random() < 0.5:
            self._set_clock()
            return
        self._write(config)
        await ours.reload()
        self.life.reloads += 1

    def _set_clock(self) -> None:
        size = self._dice.choice((5.0, 600.0, 4 * HOUR, 26 * HOUR, 40 * 24 * HOUR))
        self._clock.step += size * self._dice.choice((-1, 1)) * self._dice.random()
        self.life.steps += 1

    def _disk(self, ours: Ours, death: _Death) -> Callable[..., Awaitable[Any]]:
        """Return the ledger's transactions, some of which fail, before or after they are durable."""
        transact = ours.app.history.transact

        async def shaky(work: Callable[[Any], Any]) -> Any:
            if death.came.is_set():
                await asyncio.sleep(NEVER)
            luck = self._dice.random()
            if luck < self._broken_disk / 2:
                raise StorageError("the disk is full")
            done = await transact(work)
            if death.strikes(0.001):
                await asyncio.sleep(NEVER)
            if luck < self._broken_disk:
                raise StorageError("the answer was lost")
            return done

        return shaky


def live(seed: int) -> Life:
    """Play the story of *seed* and return what happened."""

    async def main() -> Life:
        return await Story(seed).play()

    share = GREEDY if seed % 2 else ROUTINE_SHARE
    with (
        patch.object(genmedia_exporter.spending.forecast, "ROUTINE_SHARE", share),
        patch.object(genmedia_exporter.spending.runner, "ROUND_SECONDS", ROUND_SECONDS),
        patch.object(genmedia_exporter.spending.ledger, "REFRESH_SECONDS", REFRESH_SECONDS),
    ):
        return simulate(main())
