"""The tables, and the steps that led to them. A step once released is never edited, only followed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Double,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from genmedia_exporter.storage.errors import StorageError

metadata = MetaData()

_ID: Final = BigInteger().with_variant(Integer, "sqlite")

schema_version = Table("schema_version", metadata, Column("version", Integer, nullable=False))

target_state = Table(
    "target_state",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("identity", String(64), nullable=False),
    Column("model", Text, nullable=False),
    Column("channel", String(20), nullable=False),
    Column("status", String(30), nullable=False),
    Column("reason", String(60), nullable=False),
    Column("fault", String(20), nullable=False),
    Column("message", Text, nullable=False),
    # Unix seconds, here as everywhere below; None before the first sight.
    Column("transition_at", Double),
    Column("transition_from", String(30)),
    Column("transition_to", String(30)),
    Column("changes", Integer, nullable=False),
    Column("added_at", Double, nullable=False),
    Column("depths", Text, nullable=False),  # JSON: counters, last_success_at, cost_usd, stopped
)

transitions = Table(
    "transitions",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("target", String(200), nullable=False),
    Column("at", Double, nullable=False),
    Column("previous", String(30)),  # None at first sight
    Column("current", String(30), nullable=False),
    Column("reason", String(60), nullable=False),
    Column("fault", String(20), nullable=False),
    Column("up", SmallInteger),
    Column("holds", Double, nullable=False),  # seconds `up` may be relied on
    Column("status_changed", Boolean, nullable=False),  # False: only `up` did
    Index("transitions_target", "target", "id"),
    Index("transitions_at", "at"),
)

history = Table(
    "history",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("target", String(200), nullable=False),
    Column("at", Double, nullable=False),
    Column("depth", String(20), nullable=False),
    Column("status", String(30), nullable=False),  # smoothed, after this probe
    Column("up", SmallInteger),
    Column("holds", Double, nullable=False),
    Column("duration", Double, nullable=False),  # seconds; UNSEEN: nobody saw when it ended
    Column("http_status", Integer, nullable=False),  # 0 without an answer
    Column("fault", String(20), nullable=False),  # of this probe alone, as are those below
    Column("reason", String(60), nullable=False),
    Column("message", Text),  # None after a success
    Column("cost_usd", Double, nullable=False),
    Index("history_target", "target", "id"),
    Index("history_at", "at"),
)

ledger = Table(
    "ledger",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("target", String(200), nullable=False),
    Column("account", String(200), nullable=False),
    Column("at", Double, nullable=False),  # when it was reserved
    Column("reserved_usd", Double, nullable=False),
    Column("settled_usd", Double),  # None: not settled, counts as reserved
    Index("ledger_at", "at"),
)

jobs = Table(
    "jobs",
    metadata,
    # The reservation it was paid from: one job for each, and none without.
    Column("reservation", BigInteger, primary_key=True, autoincrement=False),
    Column("target", String(200), nullable=False),
    Column("identity", String(64), nullable=False),
    Column("created_at", Double, nullable=False),
    Column("data", Text, nullable=False),  # JSON: what it takes to ask after it
    Index("jobs_target", "target"),
)

settings = Table(
    "settings",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("value", Text, nullable=False),  # JSON
)

# What pages show day by day, so that a start reads a month of records and not a quarter.
daily_uptime = Table(
    "daily_uptime",
    metadata,
    Column("target", String(200), primary_key=True),
    Column("day", Integer, primary_key=True, autoincrement=False),  # in UTC, counted from 1970
    Column("up", Double, nullable=False),  # seconds
    Column("known", Double, nullable=False),
)

# Targets that failed together. Who opens one on a server first has named it for all.
incidents = Table(
    "incidents",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("open_key", String(300)),  # scope and name while it is open, else None
    Column("scope", String(20), nullable=False),
    Column("name", String(200), nullable=False),  # of the vendor, or of the account
    Column("vendor", String(200), nullable=False),
    Column("begin_at", Double, nullable=False),
    Column("closed_at", Double),
    Column("data", Text, nullable=False),  # JSON: targets, events, what the page said, evidence
    Index("incidents_begin", "begin_at"),
    Index("incidents_open", "open_key", unique=True),
)

# The two below are for exporters that share one database server; times are the server's own.
exporters = Table(
    "exporters",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("until", Double, nullable=False),  # it counts as gone after that
)

claims = Table(
    "claims",
    metadata,
    Column("target", String(200), primary_key=True),
    Column("owner", String(60)),  # exporters.id; None: free
    Column("until", Double, nullable=False),  # the lease; free after that
    Index("claims_owner", "owner"),
)

UNSEEN: Final = -1.0
"""A duration that nobody knows, as `history` has it."""

TROUBLE: Final = (SQLAlchemyError, OSError, StorageError)
"""What a database that does not work raises."""


def one_line(error: Exception) -> str:
    """Return what is wrong, without statement, parameters, traceback and the library's own hints."""
    original = getattr(error, "orig", None) or error
    if isinstance(original, SQLAlchemyError):  # its text goes on with where to read about it
        original = original.args[0] if original.args else ""
    return " ".join(str(original).split()) or type(error).__name__


def _first(connection: Connection) -> None:
    metadata.create_all(connection, checkfirst=False)
    connection.execute(insert(schema_version).values(version=0))


def _drop_unread(connection: Connection) -> None:
    """Drop what was written and never read. A database that is new has none of it."""
    for index in ("ledger_day", "ledger_month"):
        connection.execute(text(f"DROP INDEX IF EXISTS {index}"))
    for table, columns in _UNREAD.items():
        there = {column["name"] for column in inspect(connection).get_columns(table)}
        for column in columns:
            if column in there:
                connection.execute(text(f"ALTER TABLE {table} DROP COLUMN {column}"))


_UNREAD: Final = {
    "target_state": ("previous", "since"),
    "ledger": ("day", "month"),
    "exporters": ("seen_at",),
}


def _add_daily_uptime(connection: Connection) -> None:
    daily_uptime.create(connection, checkfirst=True)  # a new database has it from the first step


def _add_incidents(connection: Connection) -> None:
    incidents.create(connection, checkfirst=True)  # a new database has it from the first step


STEPS: Final[tuple[Callable[[Connection], None], ...]] = (
    _first,
    _drop_unread,
    _add_daily_uptime,
    _add_incidents,
)
"""Step n leads from version n to n + 1. The first makes the tables as they are now."""
VERSION: Final = len(STEPS)


def version_of(connection: Connection) -> int:
    """Return the version of the schema that is there, 0 for an empty database."""
    if not inspect(connection).has_table(schema_version.name):
        return 0
    return int(connection.execute(select(schema_version.c.version)).scalar_one())


def migrate(connection: Connection) -> None:
    """Bring the schema up to date, within the caller's transaction. Raises StorageError."""
    found = version_of(connection)
    if found > VERSION:
        raise StorageError(
            f"the database has schema version {found}, this exporter knows up to {VERSION}; "
            "run the newer exporter, or name another database"
        )
    for step in STEPS[found:]:
        step(connection)
    if found < VERSION:
        connection.execute(update(schema_version).values(version=VERSION))
