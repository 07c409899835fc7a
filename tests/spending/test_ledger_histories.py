"""The ledger under everything at once: no story, however wild, spends more than the limits of its day."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from genmedia_exporter.core.clock import EPOCH, Monotonic, Unix
from genmedia_exporter.core.evidence import JobRef
from genmedia_exporter.spending import statements
from genmedia_exporter.spending.clock_guard import ClockGuard
from genmedia_exporter.spending.ledger import Ledger
from genmedia_exporter.spending.limits import Refusal, RefusalKind, SpendingLimits, periods
from genmedia_exporter.spending.statements import Reservation
from genmedia_exporter.spending.transactions import LedgerTransactions
from genmedia_exporter.storage.one_shot import OneShotDatabase
from genmedia_exporter.storage.place import Place
from genmedia_exporter.storage.recorder import Recorder
from genmedia_exporter.storage.store import open_store
from genmedia_exporter.targets.model import Cap, Target
from tests.fakes import FakeClock
from tests.postgres import PASSWORD, Server
from tests.spending.helpers import limits, paid_target
from tests.storage.test_postgres import server

__all__ = ["server"]

DAY = 86_400.0
RETENTION = 90 * DAY
TINY = 1e-6
ZONES = ("UTC", "Asia/Shanghai", "America/Los_Angeles", "Europe/Berlin")
STEPS = (30.0, -30.0, 7_200.0, -7_200.0, DAY, -DAY, 20 * DAY, -20 * DAY)
TARGETS = (
    paid_target("one", account="x", above=Cap(0.9, None)),
    paid_target("two", account="x", above=Cap(0.9, None), own=Cap(None, 2.0)),
    paid_target("three", account="y"),
)


@dataclass
class Sent:
    """Money that really left: what a create was sent for, and what it cost."""

    reservation: Reservation
    target: Target
    tick: Monotonic
    life: int
    cost: float
    settled: bool = False

    @property
    def counts(self) -> float:
        """What it counts for: a bill above the estimate is nobody's fault before it has come."""
        return self.cost if self.settled else min(self.cost, self.reservation.usd)


class World:
    """Exporters on one ledger, a clock that is pushed around, and a book of what really was sent."""

    def __init__(self, seed: int, place: Place, exporters: int) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - a repeatable story
        self.place = place
        self.clock = FakeClock()
        self.limits: SpendingLimits = limits(1.0, 6.0, *TARGETS)
        self.sent: list[Sent] = []
        self.ledgers: list[Ledger] = []
        self.recorders: list[Recorder] = []
        self.lives = [0] * exporters
        self.stepped: list[Monotonic | None] = [None] * exporters

    async def begin(self) -> None:
        """Start every exporter."""
        for number in range(len(self.lives)):
            self.ledgers.append(await self._start(number))

    async def _start(self, number: int) -> Ledger:
        recorder = Recorder(self.place, self.clock, RETENTION)
        self.recorders[number:] = [recorder, *self.recorders[number + 1 :]]
        await recorder.open()
        ledger = Ledger(recorder, self.clock, lambda: self.limits)
        await ledger.refresh()
        self.lives[number] += 1
        self.stepped[number] = None
        return ledger

    async def end(self) -> None:
        """End every exporter in order."""
        for ledger, recorder in zip(self.ledgers, self.recorders, strict=True):
            await ledger.close()
            await recorder.close()

    async def step(self) -> None:
        """Let something happen."""
        happenings = (
            (self.reserve, 10), (self.settle, 6), (self.keep, 2), (self.crash, 2),
            (self.wait, 4), (self.set_clock, 1), (self.reload, 2), (self.switch, 1),
        )  # fmt: skip
        chosen = self.dice.choices([h for h, _ in happenings], [w for _, w in happenings])[0]
        await chosen()

    async def reserve(self) -> None:
        """Ask for money, several at once, from every exporter."""
        asked = [
            (number, self.dice.choice(TARGETS), self.dice.choice((0.05, 0.1, 0.3, 0.45)))
            for number in range(len(self.ledgers))
            for _ in range(self.dice.randint(1, 4))
        ]
        found = await asyncio.gather(*(self.ledgers[n].reserve(t, usd) for n, t, usd in asked))
        for (number, target, usd), given in zip(asked, found, strict=True):
            if isinstance(given, Reservation):
                self._send(number, target, given, usd)

    def _send(self, number: int, target: Target, given: Reservation, usd: float) -> None:
        share = self.dice.choice((0.0, 0.5, 1.0, 1.0, 1.0, 1.4))
        made = Sent(given, target, self.clock.monotonic(), self.lives[number], usd * share)
        made.life = number * 1_000 + self.lives[number]
        self._check(made)
        self._check_window(number, made)
        self.sent.append(made)

    def _check(self, made: Sent) -> None:
        """Hold what was sent in the calendar's day and month against the limits in force."""
        at = made.reservation.at
        when = periods(at, self.limits.zone)
        process, account, own = self.limits.of(made.target)
        same_account = [s for s in self.sent if s.target.account.name == made.target.account.name]
        same_target = [s for s in self.sent if s.target.name == made.target.name]
        for cap, those in ((process, self.sent), (account, same_account), (own, same_target)):
            for start, limit in (
                (when.day_start, cap.daily_usd),
                (when.month_start, cap.monthly_usd),
            ):
                spent = sum(s.counts for s in those if s.reservation.at >= start)
                assert limit is None or spent + made.reservation.usd <= limit + TINY

    def _check_window(self, number: int, made: Sent) -> None:
        """After a clock was set, hold the last 24 real hours of that life against a day's limit."""
        stepped = self.stepped[number]
        if stepped is None or made.tick - stepped >= DAY:
            return
        mine = [s for s in self.sent if s.life == made.life and s.tick > made.tick - DAY]
        spent = sum(s.counts for s in mine)
        assert spent + made.reservation.usd <= (self.limits.process.daily_usd or 0.0) + TINY

    def _open(self, number: int) -> Sequence[Sent]:
        life = number * 1_000 + self.lives[number]
        return [s for s in self.sent if not s.settled and s.life == life]

    async def settle(self) -> None:
        """Book what some have really cost, in parallel."""
        number = self.dice.randrange(len(self.ledgers))
        some = [s for s in self._open(number) if self.dice.random() < 0.6]
        ends = (self.ledgers[number].settle, self.ledgers[number].finish)
        await asyncio.gather(*(self.dice.choice(ends)(s.reservation, s.cost) for s in some))
        for each in some:
            each.settled = True

    async def keep(self) -> None:
        """Note the job of one."""
        number = self.dice.randrange(len(self.ledgers))
        for each in self._open(number)[:1]:
            await self.ledgers[number].keep(each.reservation, each.target, JobRef("j", Unix(1.0)))

    async def crash(self) -> None:
        """Kill an exporter, perhaps while it reserves; its successor finishes some of its jobs."""
        number = self.dice.randrange(len(self.ledgers))
        asking = asyncio.ensure_future(self.ledgers[number].reserve(TARGETS[0], 0.05))
        await asyncio.sleep(0)
        await self.recorders[number]._worker.do(self.recorders[number]._close_store)
        given = await asking  # it may have been committed; nobody is told of it
        assert isinstance(given, Reservation | Refusal)
        self.recorders[number]._worker.shutdown()
        self.ledgers[number] = await self._start(number)
        by_id = {s.reservation.id: s for s in self.sent}
        for kept in await self.ledgers[number].kept():
            known = by_id[kept.reservation.id]
            if self.dice.random() < 0.5:
                await self.ledgers[number].finish(kept.reservation, known.cost)
                known.settled = True

    async def wait(self) -> None:
        """Let time pass."""
        self.clock.freeze(self.dice.choice((1.0, 600.0, 5_000.0, 40_000.0, 2 * DAY)))

    async def set_clock(self) -> None:
        """Set the wall clock, by a little or by a lot."""
        step = self.dice.choice(STEPS)
        self.clock.wall_step += step
        if abs(step) > 300:
            self.stepped = [self.clock.monotonic()] * len(self.ledgers)

    async def reload(self) -> None:
        """Put other limits into force, perhaps in another time zone."""
        made = limits(
            self.dice.choice((0.0, 0.5, 1.0, 2.0)), self.dice.choice((1.0, 6.0, 20.0)), *TARGETS
        )
        self.limits = replace(made, zone=self.dice.choice(ZONES))

    async def switch(self) -> None:
        """Switch spending off; nobody gets anything until it is on again."""
        await self.dice.choice(self.ledgers).enable(False)
        for ledger in self.ledgers:
            assert isinstance(await ledger.reserve(TARGETS[2], 0.01), Refusal)
        await self.dice.choice(self.ledgers).enable(True)


def story(seed: int, place: Place, exporters: int, steps: int) -> int:
    """Live through one; return how often money was given."""

    async def scenario() -> int:
        world = World(seed, place, exporters)
        await world.begin()
        for _ in range(steps):
            await world.step()
        truth = sum(s.counts for s in world.sent)
        booked = sum(b.usd for b in await world.ledgers[0].bookings_since(10 * 365 * DAY))
        assert booked >= truth - TINY
        await world.end()
        return len(world.sent)

    return asyncio.run(scenario())


def test_no_story_overspends(tmp_path: Path) -> None:
    """Parallel reservations, crashes, clocks, reloads, one exporter after the other on a file."""
    given = [story(seed, Place(tmp_path / f"{seed}.db"), 1, 80) for seed in range(16)]

    assert sum(given) > 200


def test_no_story_of_two_overspends(server: Server) -> None:
    """The same with two exporters at once on one PostgreSQL, whatever isolation it defaults to."""
    given = []
    for seed, isolation in enumerate(("read committed", "repeatable read", "serializable") * 3):
        prepare(server.place, isolation)
        given.append(story(100 + seed, server.place, 2, 40))

    assert sum(given) > 50


@pytest.mark.parametrize("isolation", ["read committed", "repeatable read", "serializable"])
def test_the_last_dollar_is_given_once(server: Server, isolation: str) -> None:
    """Who asks while another is about to take it waits, and then sees that it is gone."""
    prepare(server.place, isolation)
    clock = FakeClock()
    stores = [open_store(server.place) for _ in range(2)]
    transactions = LedgerTransactions(clock, lambda: limits(0.4), ClockGuard(clock))
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")

    with ThreadPoolExecutor(1) as elsewhere:

        def first(connection: Connection) -> Future[Reservation | Refusal]:
            statements.lock(connection)
            other = elsewhere.submit(
                stores[1].transact, lambda c: transactions.reserve(c, TARGETS[2], 0.4, None, {})[0]
            )
            while not other.done() and not connection.execute(waiting).scalar():
                pass
            assert isinstance(
                transactions.reserve(connection, TARGETS[2], 0.4, None, {})[0], Reservation
            )
            return other

        second = stores[0].transact(first).result(10)
    for store in stores:
        store.close()

    assert isinstance(second, Refusal)
    assert second.kind is RefusalKind.DAILY


@pytest.mark.parametrize("isolation", ["read committed", "repeatable read", "serializable"])
def test_commands_at_once_share_the_budget(server: Server, isolation: str) -> None:
    """Each `probe --depth generate` opens the ledger anew; together they spend no dollar twice."""
    prepare(server.place, isolation)
    clock = FakeClock()

    async def buy(number: int) -> Reservation | Refusal:
        ledger = Ledger(OneShotDatabase(server.place), clock, lambda: limits(0.4))
        return await ledger.reserve(TARGETS[number % 3], 0.1)

    async def scenario() -> list[Reservation | Refusal]:
        return list(await asyncio.gather(*(buy(number) for number in range(24))))

    given = [found for found in asyncio.run(scenario()) if isinstance(found, Reservation)]
    assert len(given) == 4


def test_a_server_that_goes(server: Server) -> None:
    """Without it no money is given; with it again, and with what was settled meanwhile."""
    prepare(server.place, "read committed")

    async def scenario() -> None:
        world = World(1, server.place, 1)
        await world.begin()
        ledger, recorder = world.ledgers[0], world.recorders[0]
        given = await ledger.reserve(TARGETS[2], 0.9)
        assert isinstance(given, Reservation)
        server.stop()
        refused = await ledger.reserve(TARGETS[2], 0.01)
        assert isinstance(refused, Refusal)
        assert refused.kind is RefusalKind.STORAGE
        assert PASSWORD not in refused.why
        await ledger.finish(given, 0.5)
        server.start()
        assert await recorder.flush()
        assert isinstance(await ledger.reserve(TARGETS[2], 0.5), Reservation)
        assert ledger.spending().spent_today_usd == pytest.approx(1.0)
        await world.end()

    asyncio.run(scenario())


def prepare(place: Place, isolation: str) -> None:
    """Empty the ledger and set what transactions default to."""
    store = open_store(place)
    try:
        for statement in (
            "DELETE FROM jobs", "DELETE FROM ledger", "DELETE FROM settings",
            f"ALTER DATABASE postgres SET default_transaction_isolation = '{isolation}'",
            "ALTER DATABASE postgres SET synchronous_commit = off",
        ):  # fmt: skip
            store.transact(lambda connection, s=statement: connection.execute(text(s)))  # type: ignore[misc]
    finally:
        store.close()


def test_commits_of_a_server_are_durable(server: Server) -> None:
    """Money is on the disk before it is given, also where the server is told not to hurry."""
    prepare(server.place, "read committed")
    store = open_store(server.place)

    level = text("SHOW synchronous_commit")

    assert store.transact(lambda connection: connection.execute(level).scalar()) == "on"
    with store._connection.begin():
        assert store._connection.execute(level).scalar() == "off"
    store.close()


# --- its parts, on a file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the ledger is."""
    return tmp_path / "genmedia.db"


def test_commits_of_a_file_are_durable(path: Path) -> None:
    """With money in it, a transaction is synced to the disk; history's is not."""
    store = open_store(Place(path))
    level = text("PRAGMA synchronous")

    assert store.transact(lambda connection: connection.execute(level).scalar()) == 2
    with store._connection.begin():
        assert store._connection.execute(level).scalar() == 1
    with pytest.raises(ZeroDivisionError):
        store.transact(lambda _: 1 / 0)
    with store._connection.begin():
        assert store._connection.execute(level).scalar() == 1
    store.close()


def test_a_transaction_holds_wholly_or_not_at_all(path: Path) -> None:
    """What raises in the middle leaves nothing behind."""
    store = open_store(Place(path))
    at = Unix(1_700_000_000.0)

    def work(connection: Connection) -> None:
        statements.book(connection, at, "x", "one", 0.4)
        raise KeyError

    with pytest.raises(KeyError):
        store.transact(work)
    assert store.transact(lambda connection: statements.since(connection, EPOCH)) == []
    store.close()


@pytest.mark.parametrize(
    ("ahead", "retention", "left"),
    [(0.0, RETENTION, [80, 10, 0]), (0.0, 3_600.0, [10, 0]), (400 * DAY, 3_600.0, [10, 0])],
)
def test_only_old_bookings_go(path: Path, ahead: float, retention: float, left: list[int]) -> None:
    """Older than the retention and than 62 days before the newest, however far ahead the clock is."""
    now = Unix(1_700_000_000.0)
    store = open_store(Place(path))
    for age in (100, 80, 10, 0):
        at = now - age * DAY

        def add(connection: Connection, at: Unix = at) -> None:
            given = statements.book(connection, at, "x", "one", 0.1)
            statements.keep_job(connection, statements.JobRow(given, "i", Unix(1.0), "{}"))

        store.transact(add)

    gone = store.transact(lambda c: statements.prune(c, now + ahead, retention))

    assert gone == 4 - len(left)
    rows = store.transact(statements.kept_jobs)
    assert [round((now - row.reservation.at) / DAY) for row in rows] == left
    assert store.transact(lambda c: statements.prune(c, now + ahead, retention)) == 0
    store.close()


def test_an_empty_ledger_is_not_pruned(path: Path) -> None:
    """There is nothing to measure age from."""
    store = open_store(Place(path))
    assert store.transact(lambda c: statements.prune(c, Unix(1e9), 1.0)) == 0
    store.close()
