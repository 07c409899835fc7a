"""Claims on a real PostgreSQL: one owner for each target, leases, fair shares, and fences."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import delete, literal, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from genmedia_exporter.core.clock import EPOCH
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.storage.leases import (
    Claims,
    Renewal,
    fence_of,
    limit_waiting,
    lock_claims,
    lock_lease,
    quota_of,
)
from genmedia_exporter.storage.peers import Peers, PeerUpdates
from genmedia_exporter.storage.place import writing
from genmedia_exporter.storage.reader import Reader
from genmedia_exporter.storage.store import open_store
from genmedia_exporter.storage.tables import claims, exporters, history, target_state, transitions
from tests.events import events
from tests.fakes import FakeClock, make_target
from tests.postgres import Server, postgres
from tests.sharding.processes import until
from tests.storage.helpers import living, rows_in

NAMES = frozenset(f"target-{number:02}" for number in range(12))


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    """A server for all tests of this file."""
    with postgres() as server:
        open_store(server.place).close()
        yield server


@pytest.fixture
def server(running: Server) -> Server:
    """The server with nothing in it."""
    with writing(running.place).begin() as connection:
        for table in (claims, exporters, history, transitions, target_state):
            connection.execute(delete(table))
    return running


class Crowd:
    """Exporters by name, each with claims of its own."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.members: dict[str, Claims] = {}

    def renew(
        self, name: str, names: frozenset[str] = NAMES, spare_expired: bool = False
    ) -> Renewal:
        """Let one renew its leases."""
        member = self.members.setdefault(name, Claims(self.server.place, name, 30.0))
        return member.renew(names, (), spare_expired)

    def expire(self, name: str) -> None:
        """Let the leases of one run out: it has been silent for too long."""
        with writing(self.server.place).begin() as connection:
            connection.execute(update(claims).where(claims.c.owner == name).values(until=1.0))
            row = exporters.c.id.startswith(f"{name}/")
            connection.execute(update(exporters).where(row).values(until=1.0))

    def close(self) -> None:
        """Let go of all connections."""
        for member in self.members.values():
            member.close()


@pytest.fixture
def crowd(server: Server) -> Iterator[Crowd]:
    """Nobody yet."""
    made = Crowd(server)
    yield made
    made.close()


def test_quotas_add_up() -> None:
    """Everybody gets the same but for the remainder, which goes to the first by name."""
    for count in range(1, 8):
        members = [f"exporter-{n}" for n in range(count)]
        shares = [quota_of(member, members, 23) for member in members]
        assert sum(shares) == 23
        assert max(shares) - min(shares) <= 1
    assert quota_of("alone", [], 5) == 5


def test_each_target_has_one_owner(server: Server, crowd: Crowd) -> None:
    """Four that claim at the same moment, again and again, never get the same target."""
    together = Barrier(4)

    def claim(name: str) -> frozenset[str]:
        owned: frozenset[str] = frozenset()
        for _ in range(10):
            together.wait(20)
            found = crowd.renew(name)
            owned = found.owned
            extra = sorted(owned)[found.quota :]
            if extra:
                crowd.members[name].release(extra)
                owned -= frozenset(extra)
        return owned

    with ThreadPoolExecutor(4) as threads:
        shares = list(threads.map(claim, ["a", "b", "c", "d"]))
    assert [len(share) for share in shares] == [3, 3, 3, 3]
    assert frozenset().union(*shares) == NAMES


def test_the_first_gets_all_and_gives_back(crowd: Crowd) -> None:
    """A second one changes the quota; what is released is there for it in its next round."""
    assert crowd.renew("a").owned == NAMES
    assert crowd.renew("b").owned == frozenset()
    found = crowd.renew("a")
    assert (len(found.owned), found.quota) == (12, 6)
    given = sorted(found.owned)[:6]
    crowd.members["a"].release(given)
    assert crowd.renew("b").owned == frozenset(given)
    assert crowd.renew("a").owned == NAMES - frozenset(given)


def test_a_dead_ones_targets_return_after_the_lease(crowd: Crowd) -> None:
    """Not before; and it finds out when it was only asleep."""
    crowd.renew("a")
    assert crowd.renew("b").owned == frozenset()
    crowd.expire("a")
    assert crowd.renew("b").owned == NAMES
    late = crowd.renew("a")
    assert (late.owned, late.renewed) == (frozenset(), frozenset())


def test_a_late_one_keeps_what_nobody_took(crowd: Crowd) -> None:
    """Its lease was over, and the claims are renewed all the same."""
    crowd.renew("a")
    crowd.expire("a")
    assert crowd.renew("a").renewed == NAMES


def test_the_patient_take_only_what_is_free(crowd: Crowd) -> None:
    """After a failure of the server everybody's leases are over; nobody is dead for that."""
    crowd.renew("a")
    crowd.expire("a")
    assert crowd.renew("b", spare_expired=True).owned == frozenset()
    assert crowd.renew("a").renewed == NAMES


def test_who_leaves_is_gone_at_once(crowd: Crowd) -> None:
    """An ordered end leaves nothing to wait for."""
    crowd.renew("a")
    crowd.members["a"].leave()
    found = crowd.renew("b")
    assert (found.owned, found.quota) == (NAMES, 12)


def test_each_claims_what_it_has_configured(crowd: Crowd) -> None:
    """Exporters with other targets take nothing from the share, and get nothing of ours."""
    some = frozenset(sorted(NAMES)[:8])
    others = frozenset(sorted(NAMES)[4:])
    assert crowd.renew("a", some).owned == some
    found = crowd.renew("b", others)
    assert found.owned == others - some
    assert found.quota == 8
    assert crowd.renew("a", some).quota == 8


def test_what_is_not_configured_any_more_is_given_back(crowd: Crowd) -> None:
    """A target that leaves one configuration is there for whoever still has it."""
    crowd.renew("a")
    few = frozenset(sorted(NAMES)[:3])
    assert crowd.renew("a", few).owned == few
    assert crowd.renew("b").owned == NAMES - few


def test_nobody_takes_what_is_being_written_about(server: Server, crowd: Crowd) -> None:
    """While a transaction relies on a claim it stays, though its lease runs out meanwhile."""
    name = min(NAMES)
    crowd.renew("a")
    with writing(server.place).connect() as connection:
        with connection.begin():
            assert lock_lease(connection, "a", name)
            assert not lock_lease(connection, "b", name)
            assert lock_claims(connection, "a", NAMES) == NAMES
            assert crowd.renew("a").renewed == NAMES, "our own renewal does not wait for us"
            crowd.expire("a")
            assert crowd.renew("b").owned == frozenset()
        assert crowd.renew("b").owned == NAMES
        with connection.begin():
            assert not lock_lease(connection, "a", name)
            assert lock_claims(connection, "a", NAMES) == frozenset()


def test_an_expired_lease_is_no_permission_to_pay(server: Server, crowd: Crowd) -> None:
    """Writing what was seen is allowed while nobody else has the target; buying is not."""
    crowd.renew("a")
    crowd.expire("a")
    with writing(server.place).begin() as connection:
        assert not lock_lease(connection, "a", min(NAMES))
        assert lock_claims(connection, "a", NAMES) == NAMES


def test_a_paused_process_does_not_hold_its_locks(server: Server, crowd: Crowd) -> None:
    """The server ends a transaction that has stood still for a lease."""
    crowd.renew("a")
    crowd.expire("a")
    with writing(server.place).connect() as connection:
        with connection.begin():
            limit_waiting(connection, 1.0)
        connection.begin()
        assert lock_claims(connection, "a", NAMES) == NAMES
        assert crowd.renew("b").owned == frozenset()
        until(lambda: crowd.renew("b").owned == NAMES)
        with pytest.raises(SQLAlchemyError):
            connection.execute(select(literal(1)))
        connection.invalidate()


def test_only_the_owner_writes(server: Server, crowd: Crowd) -> None:
    """What was noted and not written when another took over is left out, all of it."""

    async def scenario() -> None:
        clock = FakeClock()
        mine = frozenset({"a"})
        crowd.renew("first", mine)
        async with living(server.place, clock, fence=fence_of("first")) as life:
            life.see()
            assert await life.history.flush()
            life.see(Reason.SERVER_ERROR)
            life.see(Reason.SERVER_ERROR)
            crowd.expire("first")
            taken = crowd.renew("second", mine)
            assert taken.saved["a"].now.status == "operational"
            assert await life.history.flush()
            life.see(Reason.SERVER_ERROR)
            life.history.discard(["a"])
            assert await life.history.flush()
        rows = Reader(server.place).latest("a", EPOCH, 10, None)
        assert [row["reason"] for row in rows] == ["ok"]
        store = open_store(server.place)
        assert rows_in(store, transitions) == 1
        assert store.saved()["a"].now.status == "operational"
        store.close()

    asyncio.run(scenario())


def poll(peers: Peers, server: Server, *names: str) -> PeerUpdates:
    """Look once over a connection of its own."""
    with writing(server.place).connect() as connection:
        return peers.poll(connection, names)


def test_others_are_told_once(server: Server, crowd: Crowd) -> None:
    """State and samples of a living owner are news when they are, and only then."""

    async def scenario() -> None:
        peers = Peers("me")
        assert poll(peers, server, "a") == PeerUpdates()
        crowd.renew("first", frozenset({"a"}))
        async with living(server.place) as life:
            life.see()
            assert await life.history.flush()
            updates = poll(peers, server, "a")
            assert updates.owners == {"a": "first"}
            assert updates.saved["a"].changes == 0
            assert [sample.up for sample in updates.samples["a"]] == [1, 1]  # probe and first sight
            again = poll(peers, server, "a")
            assert (again.owners, again.saved, again.samples) == (updates.owners, {}, {})
            life.see()
            assert await life.history.flush()
            assert len(poll(peers, server, "a").samples["a"]) == 1
            peers.reset()
            assert set(poll(peers, server, "a").saved) == {"a"}
            crowd.expire("first")
            assert poll(peers, server, "a") == PeerUpdates()
        assert poll(Peers("first"), server, "a") == PeerUpdates()

    asyncio.run(scenario())


def test_a_row_that_cannot_be_read_is_passed_over(
    server: Server, crowd: Crowd, caplog: pytest.LogCaptureFixture
) -> None:
    """One broken row of a shared server keeps nobody from hearing of the others."""

    async def scenario() -> None:
        crowd.renew("first", frozenset({"a", "b"}))
        async with living(server.place, None, make_target("a"), make_target("b")) as life:
            life.see(name="a")
            life.see(name="b")
            assert await life.history.flush()
        broken = (
            update(target_state).where(target_state.c.name == "a").values(depths='{"reach": 1}')
        )
        with writing(server.place).begin() as connection:
            connection.execute(broken)
        assert set(poll(Peers("me"), server, "a", "b").saved) == {"b"}

    asyncio.run(scenario())
    told = dict(events(caplog.records))
    assert told["saved state unreadable, starting anew"]["target"] == "a"


def test_rows_that_appear_late_are_not_missed(server: Server) -> None:
    """A transaction that began first and ends last has smaller ids than those already seen."""
    peers = Peers("me")
    poll(peers, server, "a", "b")
    row = text(
        "INSERT INTO history (target, at, depth, status, up, holds, duration, http_status, fault,"
        " reason, cost_usd) VALUES (:target, 5, 'reach', 'operational', 1, 60, 1, 200, 'none',"
        " 'ok', 0)"
    )
    engine = writing(server.place)
    seen: Counter[str] = Counter()

    def read() -> None:
        updates = poll(peers, server, "a", "b")
        seen.update({name: len(samples) for name, samples in updates.samples.items()})

    with engine.connect() as slow, engine.connect() as quick:
        with slow.begin():
            slow.execute(row, {"target": "a"})
            with quick.begin():
                quick.execute(row, {"target": "b"})
            read()
            assert seen == {"b": 1}
        read()
        read()
        read()
    assert seen == {"a": 1, "b": 1}


def test_several_begin_at_the_same_moment(server: Server) -> None:
    """One of them makes the schema, the others wait for it."""
    with writing(server.place).begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    together = Barrier(4)

    def begin(_number: int) -> int:
        together.wait(20)
        store = open_store(server.place)
        try:
            return rows_in(store)
        finally:
            store.close()

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(begin, range(4))) == [0, 0, 0, 0]
