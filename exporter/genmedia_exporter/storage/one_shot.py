"""The database for one command: opened for each transaction, also beside a running exporter."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, event
from sqlalchemy.exc import SQLAlchemyError

from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.storage.place import Place, writing
from genmedia_exporter.storage.store import prepare
from genmedia_exporter.storage.tables import one_line

T = TypeVar("T")


class OneShotDatabase:
    """Durable transactions on *place*. Nothing is held between them, and nothing is pruned."""

    retention = math.inf

    def __init__(self, place: Place) -> None:
        self._place = place

    async def transact(self, work: Callable[[Connection], T]) -> T:
        """Do *work* in one durable transaction. Raises StorageError."""
        return await asyncio.to_thread(self._transact, work)

    def _transact(self, work: Callable[[Connection], T]) -> T:
        try:
            engine = writing(self._place)
            if self._place.is_file:
                event.listen(engine, "connect", _to_the_disk)
            with engine.connect() as connection, connection.begin():
                prepare(connection, self._place)
                return work(connection)
        except (SQLAlchemyError, OSError) as error:
            raise StorageError(f"{self._place.shown}: {one_line(error)}") from None


def _to_the_disk(connection: Any, _record: object) -> None:
    # Not the writer's NORMAL: a reservation must outlive the machine's power.
    connection.execute("PRAGMA synchronous = FULL")
