"""Exporters that share targets: one probes each, the others follow; killed, paused, cut off, joined."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
from sqlalchemy import text

from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Status
from genmedia_exporter.daemon.app import App
from genmedia_exporter.daemon.options import Options
from genmedia_exporter.demo.world import World, run_in_thread
from genmedia_exporter.health.board import Board
from genmedia_exporter.health.persisted import Saved, saved_from
from genmedia_exporter.health.state import TargetState
from genmedia_exporter.health.uptime import Sample
from genmedia_exporter.health.uptime_windows import Uptimes
from genmedia_exporter.providers.loader import load_provider
from genmedia_exporter.sharding.coordinator import LeaseCoordinator, own_name
from genmedia_exporter.sharding.membership import LeaseTimings, SingleOwner
from genmedia_exporter.storage.backfill import Backfill
from genmedia_exporter.storage.peers import PeerUpdates
from genmedia_exporter.storage.place import Place, writing
from genmedia_exporter.storage.store import open_store
from genmedia_exporter.targets.source import ConfigSource
from genmedia_exporter.web.http.listening import listen
from tests.fakes import START, FakeClock, make_target, verdict, verdict_evidence
from tests.postgres import Server, postgres
from tests.sharding.processes import (
    PLACES,
    QUICK,
    SERVICES,
    WITHIN,
    Replica,
    configuration,
    replicas,
    until,
)
from tests.storage.helpers import RETENTION, living

ALL = tuple(SERVICES)


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    """A server for all tests of this file."""
    with postgres() as server:
        yield server


@pytest.fixture
def server(running: Server) -> Server:
    """The server with nothing in it."""
    with writing(running.place).begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    return running


def rows(server: Server, question: str) -> list[Any]:
    """Ask the database."""
    with writing(server.place).connect() as connection:
        return list(connection.execute(text(question)).all())


# --- exporters in one process


@contextlib.asynccontextmanager
async def serving(folder: Path, name: str, configured: str) -> AsyncIterator[App]:
    """Run an exporter with short leases until the end of the block, and end it in order."""
    path = folder / f"{name}.yml"
    path.write_text(configured)
    source = ConfigSource(path, os.environ)
    source.load()
    app = App(source, Options(lambda: listen("127.0.0.1:0")), timings=QUICK)
    started = asyncio.Event()
    task = asyncio.create_task(app.run(started))
    await started.wait()
    try:
        yield app
    finally:
        app.stop()
        await task


async def eventually(met: Any, told: Any = lambda: "") -> None:
    """Wait for something that real exporters do; fail when it takes too long."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + WITHIN
    while not met():
        assert loop.time() < deadline, told()
        await asyncio.sleep(0.05)


async def get(app: App, path: str) -> httpx2.Response:
    """Ask an exporter."""
    async with httpx2.AsyncClient(timeout=60, trust_env=False) as client:
        return await client.get(app.url + path)


def probed(app: App) -> dict[str, int]:
    """Return how often an exporter believes that each target was probed."""
    states = app.board.snapshot().targets
    return {n: s.depths[Depth.REACH].total for n, s in states.items() if Depth.REACH in s.depths}


def settled(*apps: App) -> bool:
    """Whether they share evenly and have all seen every target work."""
    counts = sorted(len(app.ownership.owned) for app in apps)
    states = [s for app in apps for s in app.board.snapshot().targets.values()]
    even = sum(counts) == len(ALL) and counts[-1] - counts[0] <= 1
    return even and all(s.now.status is Status.OPERATIONAL for s in states)


def told(*apps: App) -> list[Any]:
    """Return what there is to say when they are not."""
    return [(app.ownership.owned, probed(app)) for app in apps]


def test_three_exporters_probe_each_target_once(server: Server, tmp_path: Path) -> None:
    """From the first to the last: as many requests as records, one transition, everything shown."""

    async def scenario(world: World) -> None:
        configured = configuration(world, server)
        async with serving(tmp_path, "first", configured) as first:
            await eventually(lambda: settled(first), lambda: told(first))
            async with serving(tmp_path, "second", configured) as second:
                await eventually(lambda: settled(first, second), lambda: told(first, second))
                assert first.ownership.owned | second.ownership.owned == set(ALL)
                await _is_shown_by_both(first, second)
                async with serving(tmp_path, "third", configured) as third:
                    three = (first, second, third)
                    await eventually(lambda: settled(*three), lambda: told(*three))
                    since = [
                        {n: s.since for n, s in app.board.snapshot().targets.items()}
                        for app in three
                    ]
                    assert since[0] == since[1] == since[2]
                await eventually(lambda: settled(first, second), lambda: told(first, second))
            # Nobody waited for a lease: both left in order.
            await eventually(lambda: settled(first), lambda: told(first))
            known = probed(first)
            await eventually(lambda: all(n > known[t] for t, n in probed(first).items()))

    with run_in_thread() as world:
        asyncio.run(scenario(world))
        requests = {name: world.ledger[place].requests for name, place in PLACES.items()}
    _one_by_one(server, requests)


async def _is_shown_by_both(first: App, second: App) -> None:
    """Statuses, counters, uptime and metrics are there on both; a probe is made by its owner."""
    name = min(first.ownership.owned)
    await eventually(lambda: second.history.uptimes.over(name, 3_600).ratio == 1.0)
    before = probed(second)[name]
    await eventually(lambda: probed(second)[name] > before)
    pages = [(await get(app, "/metrics")).text for app in (first, second)]
    for page in pages:
        assert f'genmedia_target_status{{target="{name}",status="operational"}} 1' in page
        assert "genmedia_exporter_targets_owned 3" in page
    assert f'genmedia_target_up{{target="{name}"}} 1' in pages[0]
    assert f'genmedia_target_up{{target="{name}"}}' not in pages[1]
    answer = await get(first, f"/probe?target={name}")
    assert answer.status_code == 200
    answer = await get(second, f"/probe?target={name}")
    assert answer.status_code == 409
    watcher = first.ownership.id  # type: ignore[attr-defined]
    assert (
        answer.json()["detail"] == f"'{name}' is not watched here, but by the exporter {watcher}."
    )
    for app in (first, second):
        await eventually(lambda app=app: app.probing.scheduler.progress == (3, 3))
        await _becomes_ready(app)


async def _becomes_ready(app: App) -> None:
    """The web tells of a view that is up to a second old."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + WITHIN
    while (answer := await get(app, "/-/ready")).status_code != 200:
        assert loop.time() < deadline, answer.text
        await asyncio.sleep(0.05)


EXPORTERS: Final = 3


def _one_by_one(server: Server, requests: Mapping[str, int]) -> None:
    """Assert that what was asked was recorded, once, and that nothing ever seemed to change."""
    counted = dict(rows(server, "SELECT target, count(*) FROM history GROUP BY target"))
    for name, count in requests.items():
        # A probe that an ordered end has cut short was asked for and is not recorded; what an
        # account has left is asked for beside the probes, once by each exporter that owns the target.
        balance = load_provider(SERVICES[name][0]).balance
        beside = EXPORTERS * len(balance.calls) if balance is not None else 0
        assert counted[name] <= count <= counted[name] + 3 + beside, (counted, requests)
    changes = "SELECT target, count(*) FROM transitions WHERE status_changed GROUP BY target"
    assert dict(rows(server, changes)) == dict.fromkeys(ALL, 1)
    totals = rows(server, "SELECT name, depths FROM target_state")
    assert {n: json.loads(d)["reach"]["total"] for n, d in totals} == counted


def test_a_reload_moves_what_it_concerns(server: Server, tmp_path: Path) -> None:
    """A new target goes to one of them with its history; one that is gone is given back."""

    async def scenario(world: World) -> None:
        configured = configuration(world, server)
        fewer = configuration(world, server, ALL[:-1])
        async with serving(tmp_path, "first", configured) as first:
            await eventually(lambda: settled(first), lambda: told(first))
            (tmp_path / "first.yml").write_text(fewer)
            assert await first.reload() == []
            assert ALL[-1] not in first.ownership.owned
            async with serving(tmp_path, "second", configured) as second:
                await eventually(lambda: ALL[-1] in second.ownership.owned, lambda: told(second))
                known = probed(second)[ALL[-1]]
                await eventually(lambda: probed(second)[ALL[-1]] > known + 1)
                (tmp_path / "first.yml").write_text(configured)
                assert await first.reload() == []
                await eventually(lambda: settled(first, second), lambda: told(first, second))
                await eventually(lambda: first.history.uptimes.over(ALL[-1], 3_600).known > 1)
                assert probed(first)[ALL[-1]] >= known

    with run_in_thread() as world:
        asyncio.run(scenario(world))
    changes = "SELECT target, count(*) FROM transitions WHERE status_changed GROUP BY target"
    assert dict(rows(server, changes)) == dict.fromkeys(ALL, 1)


def test_each_generation_is_paid_once(server: Server, tmp_path: Path) -> None:
    """Two with one budget buy as much as one would: each target once, on one ledger."""

    async def scenario(world: World) -> None:
        configured = json.loads(configuration(world, server))
        configured["budget"] = {"daily_usd": 100, "monthly_usd": 1_000}
        for target in configured["targets"]:
            target["depths"] = ["reach", "generate"]
            target["price"] = {"usd_per_request": 0.1}
        text = json.dumps(configured)
        async with serving(tmp_path, "one", text) as one, serving(tmp_path, "two", text) as two:
            await eventually(lambda: settled(one, two), lambda: told(one, two))
            await eventually(lambda: set(_bought(server)) == set(ALL), lambda: told(one, two))
            await eventually(lambda: sum(_creates(world).values()) >= len(ALL))

    with run_in_thread(job_seconds=0.5) as world:
        asyncio.run(scenario(world))
        creates = _creates(world)
    assert creates == dict.fromkeys(ALL, 1) == _bought(server)


def _creates(world: World) -> dict[str, int]:
    return {name: world.ledger[place].creates for name, place in PLACES.items()}


def _bought(server: Server) -> dict[str, int]:
    return dict(rows(server, "SELECT target, count(*) FROM ledger GROUP BY target"))


# --- exporters that are killed and paused


def test_one_is_paused_and_killed(server: Server, tmp_path: Path) -> None:
    """Its targets go to the other within the lease and go on as they were; nothing is doubled."""
    with run_in_thread() as world, replicas(tmp_path, configuration(world, server), 2) as two:
        first, second = two
        until(lambda: (first.owned, second.owned) == (3, 3), lambda: first.log + second.log)
        until(lambda: _all_work(first) and _all_work(second))

        first.send(signal.SIGSTOP)
        until(lambda: second.owned == 6, lambda: second.log)
        first.send(signal.SIGCONT)
        until(lambda: (first.owned, second.owned) == (3, 3), lambda: first.log + second.log)
        until(lambda: _all_work(first) and _all_work(second))

        before = second.targets()
        counts = _totals(second)
        first.send(signal.SIGKILL)
        until(lambda: second.owned == 6, lambda: second.log)
        until(lambda: all(target["up"] == 1 for target in second.targets().values()))
        after = second.targets()
        for name in ALL:
            assert after[name]["since"] == before[name]["since"]
            assert after[name]["status"] == "operational"
        now = _totals(second)
        assert all(now[name] > counts[name] for name in ALL)
        second.send(signal.SIGTERM)
        assert second.process.wait(10) == 0
        requests = {name: world.ledger[place].requests for name, place in PLACES.items()}
    counted = dict(rows(server, "SELECT target, count(*) FROM history GROUP BY target"))
    for name in ALL:  # what a dead or paused one had in flight or not yet written is not recorded
        assert counted[name] <= requests[name] <= counted[name] + 6, (counted, requests)
    changes = "SELECT target, count(*) FROM transitions WHERE status_changed GROUP BY target"
    assert dict(rows(server, changes)) == dict.fromkeys(ALL, 1)
    twice = "SELECT target, at FROM history GROUP BY target, at HAVING count(*) > 1"
    assert rows(server, twice) == []


def _all_work(replica: Replica) -> bool:
    return all(target["status"] == "operational" for target in replica.targets().values())


def _totals(replica: Replica) -> dict[str, float]:
    line = 'genmedia_probes_total{{target="{}",depth="reach"}}'
    return {name: replica.metric(line.format(name)) or 0.0 for name in ALL}


# --- leases, by a clock that tests move


class Watcher:
    """A listener that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []
        self.under_way: set[str] = set()

    def reassigned(
        self, before: frozenset[str], owned: frozenset[str], saved: Mapping[str, Saved]
    ) -> None:
        """Keep it."""
        self.told.append(("reassigned", sorted(owned)))

    def peers_updated(self, updates: PeerUpdates) -> None:
        """Keep it."""
        self.told.append(("peers_updated", updates))

    def busy(self, name: str) -> bool:
        """Whether a test said so."""
        return name in self.under_way

    async def flush(self) -> bool:
        """Keep that it was asked for."""
        self.told.append(("flush", None))
        return True

    def discard(self, names: Collection[str]) -> None:
        """Keep it."""
        self.told.append(("discard", sorted(names)))


class Member:
    """One exporter's coordinator without the exporter, moved on by hand."""

    def __init__(self, place: Place, clock: FakeClock, name: str, names: str = "abcd") -> None:
        self.listener = Watcher()
        self.coordinator = LeaseCoordinator(place, clock, self.listener, LeaseTimings(), name)
        self.coordinator.configure(names)

    @property
    def owned(self) -> str:
        """What it watches."""
        return "".join(sorted(self.coordinator.owned))


@contextlib.asynccontextmanager
async def members(place: Place, clock: FakeClock, *names: str) -> AsyncIterator[list[Member]]:
    """Some that share four targets."""
    made = [Member(place, clock, name) for name in names]
    try:
        yield made
    finally:
        for member in made:
            await member.coordinator.close()


@pytest.fixture
def place(server: Server) -> Place:
    """A database with the schema in it."""
    open_store(server.place).close()
    return server.place


def test_what_is_given_back_is_written_first(place: Place) -> None:
    """And what is busy stays until it is not."""

    async def scenario() -> None:
        async with members(place, FakeClock(), "one", "two") as (one, two):
            await one.coordinator.renew()
            assert (one.owned, one.coordinator.ready) == ("abcd", True)
            await two.coordinator.renew()
            assert (two.owned, two.coordinator.ready) == ("", True)
            one.listener.told.clear()
            one.listener.under_way = {"b", "c", "d"}
            await one.coordinator.renew()
            assert one.listener.told == [
                ("flush", None),
                ("reassigned", ["b", "c", "d"]),
                ("flush", None),
                ("discard", ["a"]),
            ]
            one.listener.under_way = {"d"}
            await one.coordinator.renew()
            await two.coordinator.renew()
            assert (one.owned, two.owned) == ("bd", "ac")
            await two.coordinator.poll()
            assert two.coordinator.owner_of("b") == "the exporter one"

    asyncio.run(scenario())


def test_who_has_slept_over_the_lease_asks_first(place: Place) -> None:
    """By either clock; a renewal makes it good, a loss is noticed."""

    async def scenario() -> None:
        clock = FakeClock()
        async with members(place, clock, "one", "two") as (one, two):
            assert not one.coordinator.owns("a")
            await one.coordinator.renew()
            assert one.coordinator.owns("a")
            assert one.coordinator.holds_lease("a")
            clock.freeze(30.0)
            assert not one.coordinator.owns("a")
            assert one.coordinator.lease_lapsed
            await one.coordinator.renew()
            assert one.coordinator.owns("a")
            clock.wall_step += 30.0  # the machine slept, and its monotonic clock with it
            assert not one.coordinator.holds_lease("a")
            with writing(place).begin() as connection:
                connection.execute(text("UPDATE claims SET until = 1"))
                connection.execute(text("UPDATE exporters SET until = 1"))
            await two.coordinator.renew()
            assert two.owned == "abcd"
            one.listener.told.clear()
            await one.coordinator.renew()
            assert one.owned == ""
            assert one.listener.told == [("reassigned", []), ("discard", ["a", "b", "c", "d"])]
            assert not one.coordinator.lease_lapsed

    asyncio.run(scenario())


def test_cut_off_from_the_server(server: Server, place: Place) -> None:
    """Free probes go on, paid ones until the lease ends; afterwards everybody gets his own back."""

    async def scenario() -> None:
        clock = FakeClock()
        async with members(place, clock, "one", "two") as (one, two):
            for _ in range(2):
                await one.coordinator.renew()
                await two.coordinator.renew()
            assert (one.owned, two.owned) == ("ab", "cd")
            server.stop()
            await one.coordinator.renew()
            await two.coordinator.renew()
            assert one.coordinator.holds_lease("a")
            clock.freeze(31.0)
            assert one.coordinator.owns("a")
            assert not one.coordinator.holds_lease("a")
            assert not one.coordinator.lease_lapsed
            server.start()
            with writing(place).begin() as connection:
                connection.execute(text("UPDATE claims SET until = 1"))
                connection.execute(text("UPDATE exporters SET until = 1"))
            await one.coordinator.renew()
            assert (one.owned, one.coordinator.holds_lease("a")) == ("ab", True)
            await two.coordinator.renew()
            assert two.owned == "cd"

    asyncio.run(scenario())


def test_started_without_a_server(server: Server, place: Place) -> None:
    """It watches everything for free, and when the server comes, only its part."""

    async def scenario() -> None:
        clock = FakeClock()
        async with members(place, clock, "one", "two") as (one, two):
            await one.coordinator.renew()
            server.stop()
            await two.coordinator.renew()
            assert (two.owned, two.coordinator.ready) == ("abcd", False)
            assert two.coordinator.owns("a")
            assert not two.coordinator.holds_lease("a")
            server.start()
            two.listener.told.clear()
            await two.coordinator.renew()
            assert two.owned == ""
            assert two.listener.told == [("reassigned", []), ("discard", ["a", "b", "c", "d"])]

    asyncio.run(scenario())


def test_alone_everything_is_ours() -> None:
    """With a file there is nobody to ask."""
    single = SingleOwner()
    single.configure(["a"])
    assert single.owns("a")
    assert single.holds_lease("a")
    assert not single.owns("b")
    assert single.holds_lease("b")
    assert single.ready
    assert not single.lease_lapsed


def test_no_two_processes_have_a_name_in_common() -> None:
    """It fits its column with what is added to it."""
    name = own_name(FakeClock())
    assert str(os.getpid()) in name
    assert len(name) + len("/12345678") <= 60


# --- a board that follows


def _saved(board: Board, name: str = "a") -> Saved:
    return saved_from(_state(board, name))


def _state(board: Board, name: str = "a") -> TargetState:
    found = board.state(name)
    assert found is not None
    return found


def _see(board: Board, clock: FakeClock, reason: Reason = Reason.OK) -> object:
    found = verdict_evidence(clock, make_target(), Depth.REACH, verdict(reason))
    return board.observe(found.evidence, found.verdict)


def test_a_follower_shows_and_does_not_judge() -> None:
    """Status, since and counters are the owner's; `up` is not said; nobody is told of a change."""
    clock = FakeClock()
    owner = Board(clock)
    told: list[str] = []
    follower = Board(
        clock,
        listener=lambda change: told.append(change.after.now.status),
        is_ours=lambda _name: False,
    )
    for board in (owner, follower):
        board.configure([make_target()], {})
    for reason in (Reason.OK, Reason.SERVER_ERROR, Reason.SERVER_ERROR):
        clock.freeze(10)
        _see(owner, clock, reason)
    follower.update_peers(["a"], {"a": _saved(owner)})
    shown, real = _state(follower), _state(owner)
    assert (shown.now.status, shown.now.up) == (Status.DOWN, None)
    assert shown.last_transition == real.last_transition
    assert shown.depths[Depth.REACH].total == 3
    assert shown.newest is None
    assert _see(follower, clock) is None, "a probe that was in flight"
    follower.skip("a", Depth.REACH, "network")
    assert _state(follower).depths[Depth.REACH].skipped == {}
    assert told == []

    clock.freeze(100)
    follower.update_peers(["a"], {})
    clock.freeze(100)
    follower.review()
    assert _state(follower).now.status is Status.DOWN, "its owner was alive 100 s ago"
    clock.freeze(100)
    follower.review()
    assert _state(follower).now.status is Status.UNKNOWN
    assert _state(follower).now.reason is Reason.STALE
    assert _state(follower).last_transition == real.last_transition
    assert told == []
    follower.update_peers(["a"], {"a": _saved(owner)})
    assert _state(follower).now.status is Status.DOWN


def test_a_new_owner_goes_on_where_the_last_ended() -> None:
    """Without a transition, and with its own histogram; the old one lets go of its evidence."""
    clock = FakeClock()
    owned_by_old, owned_by_new = {"a"}, set[str]()
    old = Board(clock, is_ours=owned_by_old.__contains__)
    new = Board(clock, is_ours=owned_by_new.__contains__)
    for board in (old, new):
        board.configure([make_target()], {})
    _see(old, clock)
    since = _state(old).since
    owned_by_old.clear()
    old.hand_over("a", {})
    assert (_state(old).now.status, _state(old).now.up) == (Status.OPERATIONAL, None)
    clock.freeze(20)
    owned_by_new.add("a")
    new.hand_over("a", {"a": _saved(old)})
    assert (_state(new).now.status, _state(new).now.up) == (Status.OPERATIONAL, None)
    _see(new, clock)
    assert (_state(new).now.up, _state(new).since, _state(new).changes) == (1, since, 0)
    assert _state(new).depths[Depth.REACH].total == 2
    owned_by_old.add("a")
    old.hand_over("a", {"a": _saved(new)})
    assert _state(old).depths[Depth.REACH].total == 2
    assert sum(_state(old).depths[Depth.REACH].latency.counts) == 1


def test_counters_never_go_down() -> None:
    """What we counted and could not write stays counted here: a drop would look like a restart."""
    clock = FakeClock()
    owned = {"a"}
    board = Board(clock, is_ours=owned.__contains__)
    board.configure([make_target()], {})
    _see(board, clock)
    written = _saved(board)
    _see(board, clock, Reason.SERVER_ERROR)
    _see(board, clock, Reason.SERVER_ERROR)
    owned.clear()
    board.hand_over("a", {})
    board.update_peers(["a"], {"a": written})
    shown = _state(board)
    assert shown.now.status is Status.OPERATIONAL
    assert shown.depths[Depth.REACH].total == 3
    assert shown.depths[Depth.REACH].failures == {Reason.SERVER_ERROR: 2}
    assert shown.changes == 1


# --- uptime over hand-overs


def test_no_second_of_uptime_is_counted_twice(tmp_path: Path) -> None:
    """Watched, given away, heard from others, taken back: known time is the time that has passed."""
    clock = FakeClock()
    uptimes = Uptimes(clock.now)
    backfill = Backfill(Place(tmp_path / "none"), uptimes, clock, lambda: True)
    uptimes.note("a", Sample(clock.now(), 1, 600.0))
    clock.freeze(60)
    backfill.release(["a"])
    own = Sample(START + 50, 1, 150.0)  # what we wrote ourselves may be heard again
    clock.freeze(60)
    backfill.add_peer_samples({"a": [own, Sample(START + 90, 0, 150.0)], "b": [own]})
    clock.freeze(60)
    backfill.add_peer_samples({"a": [Sample(START + 150, 1, 150.0)]})
    clock.freeze(60)
    backfill.claim(["a"])
    uptimes.note("a", Sample(clock.now(), 1, 600.0))
    clock.freeze(60)
    found = uptimes.over("a", 3_600)
    assert found.known == pytest.approx(300.0)
    assert found.up == pytest.approx(240.0)
    assert uptimes.over("b", 3_600).known == 0


def test_a_target_that_is_added_has_its_past(tmp_path: Path) -> None:
    """By a reload, when storage knows it from an earlier life."""

    async def scenario() -> None:
        clock = FakeClock()
        async with living(tmp_path / "g.db", clock) as first:
            for _ in range(10):
                first.see()
        async with living(tmp_path / "g.db", clock, make_target("b")) as second:
            running = asyncio.create_task(second.history.run())
            try:
                await eventually(lambda: second.history.uptimes.over("a", 3_600).known == 0)
                second.history.configure(["a", "b"], RETENTION)
                await eventually(lambda: second.history.uptimes.over("a", 3_600).known == 90)
            finally:
                running.cancel()

    asyncio.run(scenario())
