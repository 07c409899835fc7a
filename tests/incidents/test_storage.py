"""Incidents in a real database: they survive a restart, two exporters tell of the same, and there are bounds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import pytest
from sqlalchemy import Connection, insert, text

from genmedia_exporter.core.clock import DAY, Unix
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.incidents.codec import incident_of, row_of
from genmedia_exporter.incidents.machine import HOLD_OFF
from genmedia_exporter.incidents.merge import MOST_EXHIBITS, chosen, merged
from genmedia_exporter.incidents.model import Incident
from genmedia_exporter.incidents.register import IncidentRegister
from genmedia_exporter.incidents.statements import KEPT, load, save
from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.storage.place import Place
from genmedia_exporter.storage.store import Store, open_store
from genmedia_exporter.storage.tables import incidents
from tests.events import messages
from tests.fakes import FakeClock
from tests.incidents.boards import MINUTE, OK, Boards
from tests.incidents.samples import closed, incident, member, of_our_network
from tests.metrics.samples import AT
from tests.storage.helpers import rows_in

T = TypeVar("T")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A database that is open."""
    opened = open_store(Place(tmp_path / "g.db"))
    yield opened
    opened.close()


class KeptStore:
    """A database as the register uses it; it can be broken."""

    retention = 90 * DAY
    shared = True

    def __init__(self, store: Store) -> None:
        self.store = store
        self.broken = False

    async def transact(self, work: Callable[[Connection], T]) -> T:
        """Do *work* in one transaction."""
        if self.broken:
            raise StorageError("the disk is full")
        return self.store.transact(work)


class Exporter:
    """A register that looks at a board each minute."""

    def __init__(self, store: Store, board: Boards, clock: FakeClock) -> None:
        self.database = KeptStore(store)
        self.board = board
        self.clock = clock
        self.register = IncidentRegister(self.database, clock)
        self.register.configure(state.target for state in board.states.values())

    async def begin(self) -> None:
        """Read what is stored."""
        await self.register.open()

    def look(self) -> tuple[Incident, ...]:
        """Look at the board as it is now."""
        self.board.now = self.clock.now()
        self.register.look(self.board.snapshot())
        return self.register.view


@pytest.mark.parametrize(
    "one", [incident(), closed(), of_our_network()], ids=lambda i: i.domain.scope
)
def test_what_is_written_is_read(one: Incident, store: Store) -> None:
    """The same object; and again, when it is written again."""
    assert incident_of(row_of(one)) == one
    for _ in range(2):
        assert store.transact(lambda c: save(c, [one], Unix(0.0))) == (one,)
    assert store.transact(lambda c: load(c, Unix(0.0))) == (one,)


def test_a_database_that_is_away_is_told_once(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """Not with each look, which would be six lines a minute; but anew when it goes a second time."""

    async def scenario() -> None:
        clock = FakeClock()
        exporter = Exporter(store, Boards(), clock)
        for broken in (True, True, True, False, True, True):
            exporter.database.broken = broken
            await exporter.register.open()

    asyncio.run(scenario())
    assert messages(caplog.records) == ["incidents unreadable"] * 2


def test_a_row_that_cannot_be_read_is_left_out(store: Store) -> None:
    """The others are there; and an exporter that meets it again writes it anew."""
    store.transact(lambda c: save(c, [incident(), closed()], Unix(0.0)))
    store.transact(
        lambda c: c.execute(text("UPDATE incidents SET data = '{' WHERE scope = 'vendor'"))
    )
    assert store.transact(lambda c: load(c, Unix(0.0))) == (closed(),)
    store.transact(lambda c: save(c, [incident()], Unix(0.0)))
    assert store.transact(lambda c: load(c, Unix(0.0))) == (incident(), closed())


def test_old_ones_go_and_there_are_not_too_many(store: Store) -> None:
    """By the retention, and by count; an open one stays."""
    many = [
        replace(closed(), id=f"x{n}", begin=AT + n, closed_at=AT + n + HOLD_OFF)
        for n in range(KEPT)
    ]
    old = replace(incident(), begin=Unix(1_000.0))
    store.transact(lambda c: c.execute(insert(incidents), [*map(row_of, many)]))
    store.transact(lambda c: save(c, [closed()], Unix(0.0)))
    store.transact(lambda c: save(c, [old], AT - 100_000))
    kept = {row.id for row in store.transact(lambda c: c.execute(incidents.select()).all())}
    assert (rows_in(store, incidents), old.id in kept, closed().id in kept) == (
        KEPT + 1,
        True,
        False,
    )
    assert "x0" in kept
    store.transact(lambda c: save(c, [replace(many[-1], id="x", begin=AT + KEPT)], Unix(0.0)))
    assert rows_in(store, incidents) == KEPT + 1


def test_it_goes_on_after_a_restart(store: Store) -> None:
    """With the same id, also when it ended while nobody looked."""

    async def scenario() -> None:
        clock, board = FakeClock(), Boards("ab")
        one = Exporter(store, board, clock)
        await one.begin()
        board.turn("ab")
        (first,) = one.look()
        await one.register.write()

        again = Exporter(store, board, clock)
        await again.begin()
        clock.freeze(HOLD_OFF * 2)
        board.now = clock.now()
        board.turn("a", OK)
        (known,) = again.look()
        assert (known.id, known.open) == (first.id, True)
        board.turn("b", OK)
        again.look()
        clock.freeze(HOLD_OFF - 1)
        assert again.look()[0].open
        clock.freeze(1)
        (ended,) = again.look()
        assert (ended.id, ended.open) == (first.id, False)
        await again.register.write()
        assert [i.open for i in store.transact(lambda c: load(c, Unix(0.0)))] == [False]

    asyncio.run(scenario())


def test_two_exporters_tell_of_the_same(store: Store) -> None:
    """Whoever writes first has named it, even when the other saw another beginning."""

    async def scenario() -> None:
        clock = FakeClock()
        ours, theirs = Boards("abc"), Boards("abc")
        left, right = Exporter(store, ours, clock), Exporter(store, theirs, clock)
        await left.begin()
        await right.begin()
        ours.now = theirs.now = clock.now()
        ours.turn("ab")
        (first,) = left.look()
        clock.freeze(MINUTE)
        theirs.now = clock.now()
        theirs.turn("bc", Reason.NO_CHANNEL)
        (second,) = right.look()
        assert first.id != second.id

        await left.register.write()
        await right.register.write()
        (known,) = right.register.view
        assert (known.id, known.begin, known.count) == (first.id, first.begin, 3)
        await left.register.open()
        assert left.register.view == right.register.view

        for exporter in (left, right):  # nothing to tell each other
            exporter.board.states = dict(right.board.states)
            exporter.board.turn("a", Reason.NO_CHANNEL)
            exporter.look()
            await exporter.register.write()
        await left.register.open()
        assert left.register.view == right.register.view

    asyncio.run(scenario())


def test_nothing_is_lost_while_nothing_can_be_written(store: Store) -> None:
    """It waits in memory, and is written when it can be."""

    async def scenario() -> None:
        clock, board = FakeClock(), Boards("ab")
        one = Exporter(store, board, clock)
        one.database.broken = True
        await one.begin()
        board.turn("ab")
        one.look()
        await one.register.write()
        assert rows_in(store, incidents) == 0
        one.database.broken = False
        await one.register.write()
        assert rows_in(store, incidents) == 1

    asyncio.run(scenario())


def test_what_two_know_is_put_together() -> None:
    """The first page's word and the higher cost; of a target, what we know."""
    stored = incident(cost_usd=2.0, members=MappingProxyType({"x": member("x"), "y": member("y")}))
    ours = incident(
        id="other",
        begin=AT,
        page=None,
        members=MappingProxyType({"y": member("y", until=AT, since=AT - 10)}),
    )
    found = merged(stored, ours)
    assert (found.id, found.begin, found.cost_usd) == (stored.id, stored.begin, 2.0)
    assert found.page == stored.page
    assert found.members["x"].broken
    assert (found.members["y"].until, found.members["y"].since) == (AT, AT - 300)


def test_evidence_is_chosen_by_reason_then_by_target() -> None:
    """One of each reason and target; the first of each reason before a second target's."""
    (one,) = incident().exhibits
    again = tuple(replace(one, id=f"p{n}", at=AT + n) for n in range(20))
    others = tuple(replace(one, id=f"t{n}", at=AT + 50 + n, target=f"t{n}") for n in range(9))
    last = replace(one, id="late", at=AT + 99, reason=Reason.NO_CHANNEL)
    kept = chosen((*again, *others, last))
    assert [each.id for each in kept] == ["p0", "t0", "t1", "t2", "t3", "late"]
    assert len(kept) == MOST_EXHIBITS
    assert chosen((*kept, *again)) == kept
