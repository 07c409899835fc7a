"""Where the database is, and how connections to it are made: a SQLite file, or a URL."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool

from genmedia_exporter.config.loader import Config
from genmedia_exporter.core.database_url import (
    SCHEME,
    DatabaseUrl,
    DatabaseUrlError,
    parse_database_url,
)
from genmedia_exporter.core.secret import Secret
from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.storage.server_connections import ServerConnections
from genmedia_exporter.targets.resolve import Resolution

BUSY_MS: Final = 2_000
"""Milliseconds to wait for a reader that holds the file; only the writer's thread waits."""
CONNECT_SECONDS: Final = 5
SILENCE_MS: Final = 15_000
"""Milliseconds for which a server may not even acknowledge what was sent to it."""
READ_MS: Final = 10_000
"""Milliseconds after which a server gives up on a question that somebody waits for."""


@dataclass(frozen=True, slots=True)
class Place:
    """A SQLite file, relative to the working directory, or the URL of a database server."""

    path: Path
    url: Secret | None = None
    connections: ServerConnections = field(
        default_factory=ServerConnections, compare=False, repr=False
    )
    """Those to the server, where there is one."""

    @property
    def shown(self) -> str:
        """How messages call it: never with a password."""
        if self.url is None:
            return str(self.path)
        return _parsed(self.url).shown

    def is_same(self, other: Place) -> bool:
        """Whether both lead to one database, as far as their words tell."""
        if self.url is not None and other.url is not None:
            return _parsed(self.url).connection() == _parsed(other.url).connection()
        files = self.is_file and other.is_file
        return files and os.path.realpath(self.path) == os.path.realpath(other.path)

    @property
    def is_file(self) -> bool:
        """Whether it is a file of this machine."""
        return self.url is None


def place_of(config: Config, resolution: Resolution) -> Place:
    """Return where the database of a configuration is, its URL with the credentials found for it."""
    return Place(Path(config.storage.path), resolution.storage_url)


def _parsed(secret: Secret) -> DatabaseUrl:
    try:
        return parse_database_url(secret.reveal())
    except DatabaseUrlError as error:
        raise StorageError(f"storage.url: {error}") from None


def unknown_options(place: Place) -> list[str]:
    """Return the options of a server's URL that libpq does not know. Empty where there is no libpq."""
    if place.url is None:
        return []
    try:
        from psycopg.pq import Conninfo
    except ImportError:
        return []
    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    return [key for key, _ in _parsed(place.url).options if key not in known]


def writing(place: Place) -> Engine:
    """Return an engine that may write. Raises StorageError for a URL that cannot be."""
    if place.url is not None:
        return _server(place.url, place.connections)
    engine = create_engine(_file_url(place.path, "rwc"), poolclass=NullPool)
    event.listen(engine, "connect", _prepare_writer)
    event.listen(engine, "begin", _begin_at_once)
    return engine


def reading(place: Place, *, hurried: bool = False) -> Engine:
    """Return an engine that only reads; it needs no lock, and makes no file.

    A server gives up on a statement of one that is *hurried* after READ_MS.
    """
    if place.url is not None:
        engine = _server(place.url, place.connections)
        if hurried:
            event.listen(engine, "connect", _hurry)
        return engine
    engine = create_engine(_file_url(place.path, "ro"), poolclass=NullPool)
    event.listen(engine, "connect", _prepare_reader)
    return engine


def _file_url(path: Path, mode: str) -> str:
    # SQLite reads its own URI; SQLAlchemy must not take the path apart.
    return (
        f"sqlite:///file:{quote(str(path.absolute()))}?mode={mode}&uri=true&check_same_thread=false"
    )


def _server(secret: Secret, connections: ServerConnections) -> Engine:
    limits = {"connect_timeout": CONNECT_SECONDS, "tcp_user_timeout": SILENCE_MS}
    try:
        # The library never sees the URL: it would quote it, and read it by rules of its own.
        engine = create_engine(
            f"{SCHEME}://",
            poolclass=NullPool,
            hide_parameters=True,
            connect_args={**_parsed(secret).connection(), **limits},
        )
    except ImportError as error:
        raise StorageError(
            "a PostgreSQL takes the package psycopg; pip install 'genmedia-exporter[postgres]'"
        ) from error
    connections.watch(engine)
    return engine


def _prepare_writer(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, so that a schema step is one too
    for pragma in (
        f"busy_timeout = {BUSY_MS}",
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = OFF",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_reader(connection: Any, _record: object) -> None:
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")


def _hurry(connection: Any, _record: object) -> None:
    # Said after connecting: a pooler before the server refuses it as an option of the connection.
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = {READ_MS}")
    connection.commit()  # what is said in a transaction goes with it when it is rolled back


def _begin_at_once(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
