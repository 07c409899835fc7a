"""Uptime by day, written once a day is over, so that a start need not read a quarter of a year of records."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, insert

from genmedia_exporter.core.clock import DAY, Clock
from genmedia_exporter.core.events import EventLog
from genmedia_exporter.health.uptime_windows import DAYS, Uptimes
from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.storage.tables import daily_uptime

log = EventLog(__name__)

EVERY_SECONDS: Final = 900.0
AT_ONCE: Final = 500
"""Targets whose days are written in one transaction."""

Transact = Callable[[Callable[[Connection], None]], Awaitable[None]]
Row = dict[str, Any]


class DailyRollup:
    """Writes the days of our own targets that are over. Used by the event loop only."""

    def __init__(
        self,
        transact: Transact,
        uptimes: Uptimes,
        clock: Clock,
        is_ours: Callable[[str], bool] = lambda _name: True,
    ) -> None:
        self._transact = transact
        self._uptimes = uptimes
        self._clock = clock
        self._is_ours = is_ours
        self._written: dict[str, int] = {}  # the last day of a target that storage has

    def loaded(self, name: str, last: int) -> None:
        """Take in that a target's past has been read, and that days up to *last* are written."""
        self._written[name] = last

    def retain(self, names: Collection[str]) -> None:
        """Drop all targets but *names*."""
        self._written = {name: day for name, day in self._written.items() if name in names}

    async def run(self) -> None:
        """Write days when they are over, forever; what cannot be written now is tried again."""
        while True:
            await self._clock.sleep(EVERY_SECONDS)
            await self.write()

    async def write(self) -> None:
        """Write every day that is over and is not written yet. Never raises for storage."""
        yesterday = int(self._clock.now() // DAY) - 1
        due = [n for n, last in self._written.items() if last < yesterday and self._is_ours(n)]
        for start in range(0, len(due), AT_ONCE):
            names = due[start : start + AT_ONCE]
            rows = [row for name in names for row in self._rows(name, yesterday)]
            try:
                if rows:
                    await self._transact(partial(_replace, rows=rows))
            except StorageError as error:
                log.warning("uptime by day not written", err=error)
                return
            self._written |= dict.fromkeys(names, yesterday)

    def _rows(self, name: str, yesterday: int) -> Iterator[Row]:
        days = self._uptimes.days(name)
        first = yesterday + 2 - len(days)
        for number, day in enumerate(days[:-1], first):
            if number > self._written[name] and day.known > 0:
                yield {"target": name, "day": number, "up": day.up, "known": day.known}


def _replace(connection: Connection, rows: list[Row]) -> None:
    """Put *rows* in place of those for the same targets and days, and drop the days that nobody is shown."""
    table = daily_uptime.c
    same = (table.target == bindparam("of"), table.day == bindparam("on"))
    connection.execute(
        delete(daily_uptime).where(*same), [{"of": row["target"], "on": row["day"]} for row in rows]
    )
    names, last = {row["target"] for row in rows}, max(row["day"] for row in rows)
    connection.execute(delete(daily_uptime).where(table.target.in_(names), table.day < last - DAYS))
    connection.execute(insert(daily_uptime), rows)
