"""A database of an older version is brought up to date, and nothing in it is lost."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import Connection, inspect, text

from genmedia_exporter.core.clock import EPOCH, Unix
from genmedia_exporter.spending import statements
from genmedia_exporter.storage.export import export
from genmedia_exporter.storage.place import Place
from genmedia_exporter.storage.reader import Reader
from genmedia_exporter.storage.store import Store, open_store
from genmedia_exporter.storage.tables import VERSION, metadata, version_of
from tests.postgres import Server, postgres

OF_VERSION_1: Final = Path(__file__).parents[1] / "data/storage/version-1.sql"
BACK_TO_VERSION_1: Final = """
ALTER TABLE target_state ADD COLUMN previous VARCHAR(30);
ALTER TABLE target_state ADD COLUMN since DOUBLE PRECISION NOT NULL;
ALTER TABLE ledger ADD COLUMN day VARCHAR(10) NOT NULL;
ALTER TABLE ledger ADD COLUMN month VARCHAR(7) NOT NULL;
ALTER TABLE exporters ADD COLUMN seen_at DOUBLE PRECISION NOT NULL;
CREATE INDEX ledger_day ON ledger (day);
CREATE INDEX ledger_month ON ledger (month);
DROP TABLE daily_uptime;
DROP TABLE incidents;
UPDATE schema_version SET version = 1;
"""
"""What an empty database on a server was like."""


@pytest.fixture
def old(tmp_path: Path) -> Place:
    """A file of version 1: four probes, a settled booking, and one whose job is not done."""
    path = tmp_path / "g.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(OF_VERSION_1.read_text("utf-8"))
    return Place(path)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A running server; skipped where Debian's postgresql is not installed, but never in CI."""
    with postgres() as running:
        yield running


def as_declared(connection: Connection) -> bool:
    """Whether the database has the tables with their columns and indexes, and no others."""
    found = inspect(connection)
    return all(
        found.has_table(table.name)
        and {column["name"] for column in found.get_columns(table.name)} == {*table.columns.keys()}
        and {index["name"] for index in found.get_indexes(table.name)}
        == {index.name for index in table.indexes}
        for table in metadata.sorted_tables
    )


def booked_again(store: Store) -> list[tuple[float, float]]:
    """Book something more; return when and how much was booked so far."""
    at = Unix(1_700_000_120.0)
    store.transact(lambda connection: statements.book(connection, at, "x", "a", 0.5))
    bookings = store.transact(lambda connection: statements.since(connection, EPOCH))
    return [(float(booking.at), booking.usd) for booking in bookings]


def test_a_file_keeps_all_that_is_read(old: Place) -> None:
    """History, state, money and jobs are as they were, and more can be written."""
    before = "".join(export(Reader(old), "csv", EPOCH))  # of an exporter that still runs
    store = open_store(old)

    assert store.transact(version_of) == VERSION
    assert store.transact(as_declared)
    assert "".join(export(Reader(old), "csv", EPOCH)) == before
    assert booked_again(store) == [
        (1_700_000_000.0, 0.3),
        (1_700_000_060.0, 0.4),
        (1_700_000_120.0, 0.5),
    ]
    assert [job.identity for job in store.transact(statements.kept_jobs)] == ["identity"]
    state = "SELECT status, changes, transition_at FROM target_state"
    found = store.transact(lambda connection: connection.execute(text(state)).one())
    assert tuple(found) == ("operational", 2, 1_700_000_040.0)
    store.close()


def test_a_file_is_brought_up_to_date_once(old: Place) -> None:
    """The next start finds nothing to do."""
    for _ in range(2):
        store = open_store(old)
        assert store.transact(version_of) == VERSION
        store.close()


def test_a_server_is_brought_up_to_date(server: Server) -> None:
    """The same steps work there."""
    store = open_store(server.place)
    store.transact(lambda connection: connection.execute(text(BACK_TO_VERSION_1)))
    assert not store.transact(as_declared)
    store.close()

    store = open_store(server.place)
    assert store.transact(version_of) == VERSION
    assert store.transact(as_declared)
    assert booked_again(store) == [(1_700_000_120.0, 0.5)]
    store.close()
