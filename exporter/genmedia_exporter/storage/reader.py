"""The reading end: short questions over connections of their own, which need no lock."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, Select, func, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from genmedia_exporter.core.clock import DAY, EPOCH, Unix
from genmedia_exporter.health.uptime import Sample
from genmedia_exporter.storage.errors import NewerSchemaError, NoHistoryError, StorageError
from genmedia_exporter.storage.place import Place, reading
from genmedia_exporter.storage.tables import (
    VERSION,
    daily_uptime,
    history,
    one_line,
    target_state,
    transitions,
    version_of,
)

PAGE: Final = 2_000
"""Rows fetched at once; between two pages nothing is held open, so that a slow reader costs nothing."""
FEW: Final = 100_000
"""Records whose ids one page may look through; a few hundredths of a second."""
MANY: Final = 1_000_000
"""The same to spare walks through the whole past of all targets."""

MOVES: Final = 10_000
"""Transitions of a target that are looked through for changes of status; some are of `up` alone."""

Record = Mapping[str, Any]


class Reader:
    """Answers questions about the past. Raises StorageError with one sentence when it cannot.

    One that is *hurried* has a server give up on what takes too long.
    """

    def __init__(self, place: Place, *, hurried: bool = False) -> None:
        self._place = place
        self._engine = reading(place, hurried=hurried)

    def unhurried(self) -> Reader:
        """Return a reader whose questions may take as long as they need."""
        return Reader(self._place)

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        self._must_exist()
        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            # A file taken away under a running question says "disk I/O error".
            self._must_exist()
            text = f"{self._place.shown} cannot be read: {one_line(error)}"
            raise StorageError(text) from error

    def _must_exist(self) -> None:
        if self._place.is_file and not self._place.path.is_file():
            raise NoHistoryError(f"there is no history yet: {self._place.shown} does not exist")

    def _all(self, question: Select[*tuple[Any, ...]]) -> Sequence[Record]:
        with self._connected() as connection:
            found = connection.execute(question)
            names = tuple(found.keys())
            # Twice as fast as mappings, and an export is millions of these.
            return [dict(zip(names, row, strict=True)) for row in found.all()]

    def check(self) -> None:
        """Raise StorageError unless there is a database with a schema that we know."""
        with self._connected() as connection:
            if not inspect(connection).has_table(history.name):
                raise NoHistoryError(f"there is no history in {self._place.shown} yet")
            found = version_of(connection)
        if found > VERSION:
            raise NewerSchemaError(
                f"{self._place.shown} has schema version {found}, this exporter knows up to {VERSION}"
            )

    def identities(self) -> Mapping[str, tuple[str, str]]:
        """Return model and channel of every target that was ever watched, by name."""
        table = target_state.c
        found = self._all(select(table.name, table.model, table.channel))
        return {row["name"]: (row["model"], row["channel"]) for row in found}

    def targets(self, first: str = "") -> Iterator[str]:
        """Return the names from *first* on that have history, in order; by leaps over the rows."""
        wanted = history.c.target >= first
        while True:
            found = self._all(select(func.min(history.c.target).label("name")).where(wanted))
            if found[0]["name"] is None:
                return
            yield found[0]["name"]
            wanted = history.c.target > found[0]["name"]

    def newest_id(self) -> int:
        """Return the id of the newest record, 0 without any."""
        return self._all(select(func.max(history.c.id).label("id")))[0]["id"] or 0

    def floor(self, since: Unix, most: int = FEW) -> int:
        """Return an id below which no record is from *since* (Unix seconds) on.

        Without it, a target's whole past would be walked through to find its last hour. 0 when more
        than *most* records are from *since* on: then there is less to gain than looking would cost.
        """
        if since <= EPOCH:
            return 0
        # The limit keeps databases from walking through the ids instead, in search of the least.
        recent = select(history.c.id).where(history.c.at >= since).limit(most + 1).subquery()
        row = self._all(select(func.min(recent.c.id).label("id"), func.count().label("many")))[0]
        if row["many"] > most:
            return 0
        return int(row["id"] or self.newest_id() + 1)

    def records(self, target: str, since: Unix, until_id: int, after: int = 0) -> Iterator[Record]:
        """Return a target's records from *since* (Unix seconds) on, oldest first, page by page.

        Those with the ids after *after*, up to *until_id*.
        """
        return self._walk(select(history), target, since, until_id, after)

    def _walk(
        self, columns: Select[Any], target: str, since: Unix, until_id: int, after: int
    ) -> Iterator[Record]:
        """Yield *columns* of `records`, of which one is the id."""
        while True:
            page = self._all(
                columns.where(
                    history.c.target == target,
                    history.c.id > after,
                    history.c.id <= until_id,
                    history.c.at >= since,
                )
                .order_by(history.c.id)
                .limit(PAGE)
            )
            yield from page
            if len(page) < PAGE:
                return
            after = page[-1]["id"]

    def latest(self, target: str, since: Unix, limit: int, before: int | None) -> Sequence[Record]:
        """Return at most *limit* records, newest first, older than the one with the id *before*."""
        floor = self.floor(since)
        wanted = select(history).where(
            history.c.target == target, history.c.at >= since, history.c.id >= floor
        )
        if before is not None:
            wanted = wanted.where(history.c.id < before)
        return self._all(wanted.order_by(history.c.id.desc()).limit(limit))

    def newest(self, target: str, since: Unix) -> Iterator[Record]:
        """Return a target's records from *since* (Unix seconds) on, newest first, page by page."""
        before: int | None = None
        while True:
            wanted = select(history).where(history.c.target == target)
            if before is not None:
                wanted = wanted.where(history.c.id < before)
            page = self._all(wanted.order_by(history.c.id.desc()).limit(PAGE))
            for row in page:
                if row["at"] < since:
                    return
                yield row
            if len(page) < PAGE:
                return
            before = page[-1]["id"]

    def days(self, target: str, first: int) -> Sequence[tuple[int, float, float]]:
        """Return a target's days from *first* on, oldest first: number, seconds up, seconds known."""
        day = daily_uptime.c
        found = self._all(
            select(day.day, day.up, day.known)
            .where(day.target == target, day.day >= first)
            .order_by(day.day)
        )
        return [(row["day"], row["up"], row["known"]) for row in found]

    def transitions(self, target: str, since: Unix, limit: int) -> Sequence[Record]:
        """Return at most *limit* changes of a target's status from *since* (Unix seconds) on.

        Newest first, in the order they were written; `previous` is None at first sight. They are
        found among the newest MOVES transitions. Raises StorageError.
        """
        newest = (
            select(transitions)
            .where(transitions.c.target == target)
            .order_by(transitions.c.id.desc())
            .limit(MOVES)
            .subquery()
        )
        changed = select(newest).where(newest.c.status_changed, newest.c.at >= since)
        return self._all(changed.order_by(newest.c.id.desc()).limit(limit))

    def samples(self, target: str, since: Unix, floor: int = 0) -> Iterator[Sample]:
        """Return what is known of `up` from a day before *since* on, so that *since* is covered.

        Who asks for a short time gives what `floor_of_samples` says, which is the same for all targets.
        """
        start, newest = since - DAY, self.newest_id()
        columns = select(history.c.id, history.c.at, history.c.up, history.c.holds)
        rows = self._walk(columns, target, start, newest, after=max(0, floor - 1))
        probes = (_sample(row) for row in rows)
        changes = self._all(
            select(transitions.c.at, transitions.c.up, transitions.c.holds)
            .where(transitions.c.target == target, transitions.c.at >= start)
            .order_by(transitions.c.id)
        )
        return heapq.merge(probes, map(_sample, changes), key=lambda sample: sample.at)

    def floor_of_samples(self, since: Unix) -> int:
        """Return an id below which no record is that `samples` of *since* returns."""
        return self.floor(since - DAY, MANY)


def seconds_of(row: Record) -> float | None:
    """Return how long the probe of *row* took; None where nobody saw when it ended."""
    took: float = row["duration"]
    return None if took < 0 else took


def _sample(row: Record) -> Sample:
    return Sample(row["at"], row["up"], row["holds"])
