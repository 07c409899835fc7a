"""What exporters and commands on one PostgreSQL leave each other: stops of depths, and forgotten jobs."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import Connection, text

from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.state import DepthState, TargetState
from genmedia_exporter.spending import statements as ledger
from genmedia_exporter.spending.statements import JobRow, Reservation
from genmedia_exporter.storage.disabled_depths import DisabledDepth, record_create
from genmedia_exporter.storage.leases import Claims
from genmedia_exporter.storage.rows import state_row
from genmedia_exporter.storage.store import Batch, open_store
from tests.fakes import START, make_target
from tests.postgres import Server, postgres


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A running server; skipped where Debian's postgresql is not installed, but never in CI."""
    with postgres() as running:
        open_store(running.place).close()
        yield running


# --- jobs of targets nobody watches any more


def test_jobs_of_targets_that_nobody_watches_are_settled(server: Server) -> None:
    """Long after its end, at what was reserved; one whose target has a lease is its owner's."""
    owner = Claims(server.place, "first", 30.0)
    owner.renew(frozenset({"watched"}), (), False)
    store = open_store(server.place)

    def book(connection: Connection) -> list[Reservation]:
        made = [ledger.book(connection, START, "x", name, 0.4) for name in ("watched", "gone")]
        for each in made:
            ledger.keep_job(connection, JobRow(each, "identity", START, "{}"))
        return made

    booked = store.transact(book)
    store.transact(lambda connection: ledger.settle_abandoned(connection, START + 1))
    left = store.transact(
        lambda connection: [job.reservation for job in ledger.kept_jobs(connection)]
    )
    open_ = store.transact(
        lambda connection: (
            connection.execute(text("SELECT target FROM ledger WHERE settled_usd IS NULL"))
            .scalars()
            .all()
        )
    )
    store.close()
    owner.close()
    assert left == [booked[0]]
    assert open_ == ["watched"]


# --- stops


def test_a_stop_is_kept_by_whoever_writes_next(server: Server) -> None:
    """Also where it is written while an exporter is about to replace the row."""
    target = make_target()
    state = TargetState(target, {Depth.ACCEPT: DepthState(total=1)})
    stopped = DepthState(total=1, disabled=Reason.ACCEPT_UNANSWERED, unanswered=3)
    store, command = open_store(server.place), open_store(server.place)
    store.write(Batch([state_row(state)]))
    told: list[DisabledDepth] = []
    with ThreadPoolExecutor(1) as pool:

        def stop(connection: Connection) -> Future[None]:
            record_create(connection, replace(state, depths={Depth.ACCEPT: stopped}), Depth.ACCEPT)
            writing = pool.submit(lambda: told.extend(store.write(Batch([state_row(state)]))))
            connection.execute(text("SELECT pg_sleep(0.3)"))
            assert not writing.done()
            return writing

        command.transact(stop).result()
    saved = store.saved()["a"]
    store.close()
    command.close()
    assert told == [("a", Depth.ACCEPT, Reason.ACCEPT_UNANSWERED)]
    assert saved.depths[Depth.ACCEPT].disabled is Reason.ACCEPT_UNANSWERED
