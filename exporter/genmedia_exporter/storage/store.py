"""The writing end of the database: one connection, used by one thread, every batch one transaction."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import Connection, Table, delete, func, insert, literal, select, text
from sqlalchemy.exc import SQLAlchemyError

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.events import EventLog
from genmedia_exporter.health.persisted import Saved
from genmedia_exporter.storage.disabled_depths import DisabledDepth, merge_disabled
from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.storage.leases import Fence, limit_waiting
from genmedia_exporter.storage.lock import hold
from genmedia_exporter.storage.place import Place, writing
from genmedia_exporter.storage.rows import Row, saved_by_name
from genmedia_exporter.storage.tables import history, migrate, target_state, transitions

T = TypeVar("T")

log = EventLog(__name__)

PRUNE_ROWS: Final = 5_000
"""Rows deleted in one transaction."""
MAX_ROWS_PER_TARGET: Final = 500_000
"""Records of one target kept at most, however long the retention."""
MIGRATING: Final = 0x67656E6D65646961
"""Names the lock of a server under which one exporter at a time looks after the schema."""


@dataclass(slots=True)
class Batch:
    """What is written in one transaction."""

    states: Sequence[Row] = field(default_factory=list)
    transitions: Sequence[Row] = field(default_factory=list)
    history: Sequence[Row] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.states) + len(self.transitions) + len(self.history)

    def targets(self) -> set[str]:
        """Return the targets it is about."""
        rows = (*self.transitions, *self.history)
        return {row["name"] for row in self.states} | {row["target"] for row in rows}

    def only(self, names: Collection[str]) -> Batch:
        """Return what of it is about *names*."""
        left_out = self.targets() - set(names)
        if not left_out:
            return self
        log.info("records skipped, another exporter owns the targets", targets=sorted(left_out))
        return Batch(
            [row for row in self.states if row["name"] not in left_out],
            [row for row in self.transitions if row["target"] not in left_out],
            [row for row in self.history if row["target"] not in left_out],
        )


class Store:
    """An open database with the present schema. Close it in the thread that opened it."""

    def __init__(self, place: Place, connection: Connection, release: Callable[[], None]) -> None:
        self._place = place
        self._connection = connection
        self._release = release
        self._file = _inode(place.path) if place.is_file else None

    def write(self, batch: Batch, fence: Fence | None = None) -> Sequence[DisabledDepth]:
        """Write all of *batch* or nothing. Raises StorageError, SQLAlchemyError or OSError.

        With a *fence*, what it does not let through is left out: another exporter writes it.
        Returns the disabled depths that another process has written for these targets; they stay.
        """
        self._check_file()
        with self._connection.begin():
            if fence is not None:
                batch = batch.only(fence(self._connection, batch.targets()))
            states, found = merge_disabled(self._connection, batch.states)
            _replace_states(self._connection, states)
            if batch.transitions:
                self._connection.execute(insert(transitions), batch.transitions)
            if batch.history:
                self._connection.execute(insert(history), batch.history)
        return found

    def transact(self, work: Callable[[Connection], T]) -> T:
        """Do *work* wholly or not at all; done, it outlives even a power cut. Raises like `write`."""
        self._check_file()
        with self._durable(), self._connection.begin():
            if not self._place.is_file:
                hold_server(self._connection)
            return work(self._connection)

    @contextmanager
    def _durable(self) -> Iterator[None]:
        # WAL with synchronous=NORMAL may lose the last commits with the power. That is good enough
        # for history, and not for money. It cannot be changed within a transaction.
        if self._place.is_file:
            self._pragma("synchronous = FULL")
        try:
            yield
        finally:
            if self._place.is_file and not self._connection.invalidated:
                self._pragma("synchronous = NORMAL")

    def _pragma(self, text: str) -> None:
        try:
            cursor = self._connection.connection.cursor()
            cursor.execute(f"PRAGMA {text}")
            cursor.close()
        except sqlite3.Error as error:  # past SQLAlchemy, for it would begin a transaction
            raise StorageError(str(error)) from error

    def saved(self) -> Mapping[str, Saved]:
        """Return what outlived the last end, by target."""
        with self._connection.begin():
            found = self._connection.execute(select(target_state)).mappings().all()
        return saved_by_name(found)

    def prune(self, before: Unix) -> int:
        """Delete some records older than *before* (Unix seconds); return how many. 0: none left."""
        self._check_file()
        gone = 0
        for table in (history, transitions):
            old = select(table.c.id).where(table.c.at < before).order_by(table.c.at)
            gone += self._delete(table, old.limit(PRUNE_ROWS).scalar_subquery())
        return gone

    def bound(self, name: str, most: int = MAX_ROWS_PER_TARGET) -> int:
        """Delete some of a target's records beyond its newest *most*; return how many."""
        gone = 0
        for table in (history, transitions):
            mine = select(table.c.id).where(table.c.target == name).order_by(table.c.id.desc())
            with self._connection.begin():
                last = self._connection.execute(mine.offset(most).limit(1)).scalar()
            if last is not None:
                old = select(table.c.id).where(table.c.target == name, table.c.id <= last)
                gone += self._delete(table, old.limit(PRUNE_ROWS).scalar_subquery())
        return gone

    def _delete(self, table: Table, ids: object) -> int:
        with self._connection.begin():
            statement = delete(table).where(table.c.id.in_(ids))  # type: ignore[arg-type]
            return max(0, self._connection.execute(statement).rowcount)

    def _check_file(self) -> None:
        # SQLite goes on writing to a file that has no name any more, and says nothing.
        if self._file is not None and _inode(self._place.path) != self._file:
            raise StorageError(f"{self._place.shown} was deleted or replaced")

    def close(self) -> None:
        """Let go of the database. Never raises for one that is broken."""
        try:
            self._connection.close()
            self._connection.engine.dispose()
        except SQLAlchemyError:
            self._connection.invalidate()
        finally:
            self._release()


def open_store(place: Place) -> Store:
    """Open the database, bring its schema up to date, and hold it.

    Raises StorageTakenError when another process has it, StorageError for one that cannot be used
    as it is, SQLAlchemyError and OSError for whatever else is wrong.
    """
    release = hold(place.path) if place.is_file else _nothing_held
    with ExitStack() as undo:
        undo.callback(release)
        connection = writing(place).connect()
        undo.callback(connection.close)
        with connection.begin():
            prepare(connection, place)
        store = Store(place, connection, release)
        undo.pop_all()
    return store


def prepare(connection: Connection, place: Place) -> None:
    """Bring the schema up to date, at the beginning of a transaction of the caller's.

    On a server others wait meanwhile: several exporters and commands may start at the same moment.
    Raises StorageError for a schema that is newer.
    """
    if not place.is_file:
        hold_server(connection)  # else a version from before the wait would be seen
        connection.execute(select(func.pg_advisory_xact_lock(literal(MIGRATING))))
    migrate(connection)
    if not place.is_file:
        limit_waiting(connection)  # only now: a step may take longer


def hold_server(connection: Connection) -> None:
    """Hold a server that is told otherwise to what money needs, for one transaction.

    What others have committed is seen at once (with another isolation, a transaction would not see
    what was committed while it waited for a lock), and a commit is on the disk when it is told.
    """
    connection.execute(text("SET TRANSACTION ISOLATION LEVEL READ COMMITTED"))
    lax = func.current_setting("synchronous_commit") == "off"
    connection.execute(select(func.set_config("synchronous_commit", "on", True)).where(lax))


def _nothing_held() -> None:
    """Let go of nothing: a server serves many."""


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _replace_states(connection: Connection, states: Collection[Row]) -> None:
    """Put rows in place of those of the same names; the same two statements on every database."""
    names = [row["name"] for row in states]
    for start in range(0, len(names), 500):
        few = names[start : start + 500]
        connection.execute(delete(target_state).where(target_state.c.name.in_(few)))
    if states:
        connection.execute(insert(target_state), list(states))
