"""Incidents in the database: what each transaction is made of, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.events import EventLog
from genmedia_exporter.incidents.codec import UNREADABLE, incident_of, row_of
from genmedia_exporter.incidents.merge import merged
from genmedia_exporter.incidents.model import Incident
from genmedia_exporter.storage.tables import incidents

log = EventLog(__name__)

LOCK: Final = 0x6765_6E6D_6C65_696E
"""The advisory lock of a PostgreSQL under which incidents are written; any number that is ours."""
KEPT: Final = 500
"""Incidents kept at most, however long the retention; the open ones always."""


def load(connection: Connection, since: Unix) -> tuple[Incident, ...]:
    """Return the open incidents and those closed from *since* (Unix seconds) on, newest first."""
    table = incidents.c
    wanted = select(incidents).where(or_(table.closed_at.is_(None), table.closed_at >= since))
    rows = connection.execute(wanted.order_by(table.begin_at.desc()).limit(KEPT)).mappings().all()
    found = []
    for row in rows:
        try:
            found.append(incident_of(row))
        except UNREADABLE as error:
            why = f"{type(error).__name__}: {error}"
            log.warning("incident unreadable, left out", incident=row["id"], err=why)
    return tuple(found)


def save(connection: Connection, changed: Iterable[Incident], before: Unix) -> tuple[Incident, ...]:
    """Write *changed*, and return them as they are now, for whoever else has written them too.

    What was closed *before* (Unix seconds) is deleted.
    """
    if connection.dialect.name == "postgresql":  # else two might open the same one
        connection.execute(select(func.pg_advisory_xact_lock(LOCK)))
    saved = tuple(_saved(connection, incident) for incident in changed)
    _prune(connection, before)
    return saved


def _saved(connection: Connection, ours: Incident) -> Incident:
    stored = _stored(connection, ours)
    after = ours if stored is None else merged(stored, ours)
    if stored is None:
        connection.execute(insert(incidents).values(row_of(after)))
    elif after != stored:
        same = update(incidents).where(incidents.c.id == stored.id)
        connection.execute(same.values(row_of(after)))
    return after


def _stored(connection: Connection, ours: Incident) -> Incident | None:
    """Return the same incident as it is stored: the open one of its domain, or that of its id."""
    table = incidents.c
    same = or_(table.open_key == ours.domain.key, table.id == ours.id)
    wanted = select(incidents).where(same).order_by(table.open_key.is_(None)).limit(1)
    row = connection.execute(wanted.with_for_update()).mappings().first()
    if row is None:
        return None
    try:
        return incident_of(row)
    except UNREADABLE:
        connection.execute(delete(incidents).where(table.id == row["id"]))
        return None


def _prune(connection: Connection, before: Unix) -> None:
    table = incidents.c
    closed = table.closed_at.is_not(None)
    connection.execute(delete(incidents).where(closed, table.closed_at < before))
    newest = select(table.id).order_by(table.begin_at.desc()).limit(KEPT)
    kept = {row.id for row in connection.execute(newest)}
    if len(kept) == KEPT:
        connection.execute(delete(incidents).where(closed, table.id.not_in(kept)))
