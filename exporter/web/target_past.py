"""A target's past for its page: the last probes, changes of status and the last day, from storage.

Reading is bounded in rows, in readers at once and in the time a page waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from exporter.storage.reader import Reader, Record
from exporter.storage.tables import StorageError
from exporter.uptime import DAY, WINDOWS

SHOWN: Final = 50
"""Probes of one page."""
MOST_ROWS: Final = 8_000
"""Records of the last day that are read at most; at an interval of a minute there are some 1,600."""
AT_ONCE: Final = 2_000
MOST_CHANGES: Final = 10
"""Changes of status that are shown; one more is read, to know whether there are more."""
CHANGES_SECONDS: Final = WINDOWS["30d"]
"""Changes that are older are not looked for."""
READERS: Final = 2
PATIENCE: Final = 2.0
"""Seconds a page waits for storage before it is shown without the past."""
BUSY: Final = "too many ask for it at once"
SLOW: Final = "the database takes too long to answer"


@dataclass(frozen=True, slots=True)
class Past:
    """What storage knows, newest first."""

    problem: str = ""  # why nothing is known
    probes: Sequence[Record] = ()
    older: int | None = None  # the cursor of the next page
    day: Sequence[Record] = ()  # the records of the last day, and the one before them
    cut: bool = False  # the day has more records than are read
    changes: Sequence[Record] = ()  # of status, as they were recorded


class PastReader:
    """Reads for the pages of all targets, a few at a time. Belongs to the event loop's thread."""

    def __init__(self, reader: Callable[[], Reader]) -> None:
        self._reader = reader
        self._places = asyncio.Semaphore(READERS)

    async def read(self, name: str, now: float, cursor: int | None) -> Past:
        """Return the past of a target at *now*, or why it cannot be had; never raises for storage."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._places.acquire()
        except TimeoutError:
            return Past(BUSY)
        task = asyncio.ensure_future(asyncio.to_thread(self._read, name, now, cursor))
        task.add_done_callback(self._done)  # whoever asked may be gone by then
        done, _ = await asyncio.wait({task}, timeout=PATIENCE)
        return task.result() if done else Past(SLOW)

    def _done(self, task: asyncio.Future[Past]) -> None:
        self._places.release()
        if not task.cancelled():
            task.exception()  # seen, should nobody wait for it any more

    def _read(self, name: str, now: float, cursor: int | None) -> Past:
        try:
            reader = self._reader()
            day, cut = _day(reader, name, now - DAY)
            if cursor is None and len(day) > SHOWN:
                found = day[: SHOWN + 1]
            else:
                found = reader.latest(name, 0.0, SHOWN + 1, cursor)
            changes = reader.transitions(name, now - CHANGES_SECONDS, MOST_CHANGES + 1)
        except StorageError as error:
            return Past(str(error))
        probes = found[:SHOWN]
        older = int(probes[-1]["id"]) if len(found) > SHOWN else None
        return Past("", probes, older, day, cut, changes)


def _day(reader: Reader, name: str, since: float) -> tuple[Sequence[Record], bool]:
    """Return the records from *since* on with the one before, newest first; and whether it was cut."""
    found: list[Record] = []
    while len(found) < MOST_ROWS:
        page = reader.latest(name, 0.0, AT_ONCE, found[-1]["id"] if found else None)
        for row in page:
            found.append(row)
            if row["at"] < since:
                return found, False
        if len(page) < AT_ONCE:
            return found, False
    return found, True
