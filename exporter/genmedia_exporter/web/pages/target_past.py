"""A target's past for its page: the last probes, changes of status and the last day, from storage.

Reading is bounded in rows and in the time a page waits for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from genmedia_exporter.core.clock import DAY
from genmedia_exporter.health.uptime import WINDOWS
from genmedia_exporter.storage.reader import Reader, Record
from genmedia_exporter.storage.tables import StorageError
from genmedia_exporter.web.http.readers import Readers

SHOWN: Final = 50
"""Probes of one page."""
MOST_ROWS: Final = 8_000
"""Records of the last day that are read at most; at an interval of a minute there are some 1,600."""
AT_ONCE: Final = 2_000
MOST_CHANGES: Final = 10
"""Changes of status that are shown; one more is read, to know whether there are more."""
CHANGES_SECONDS: Final = WINDOWS["30d"]
"""Changes that are older are not looked for."""
PATIENCE: Final = 2.0
"""Seconds a page waits for storage before it is shown without the past."""


@dataclass(frozen=True, slots=True)
class Past:
    """What storage knows, newest first."""

    problem: str = ""  # why nothing is known
    probes: Sequence[Record] = ()
    older: int | None = None  # the cursor of the next page
    day: Sequence[Record] = ()  # the records of the last day, and the one before them
    cut: bool = False  # the day has more records than are read
    changes: Sequence[Record] = ()  # of status, as they were recorded


async def read_past(readers: Readers, name: str, now: float, cursor: int | None) -> Past:
    """Return the past of a target at *now*, or why it cannot be had; never raises for storage."""
    try:
        return await readers.ask(lambda reader: _read(reader, name, now, cursor), PATIENCE)
    except StorageError as error:
        return Past(str(error))


def _read(reader: Reader, name: str, now: float, cursor: int | None) -> Past:
    day, cut = _day(reader, name, now - DAY)
    if cursor is None and len(day) > SHOWN:
        found = day[: SHOWN + 1]
    else:
        found = reader.latest(name, 0.0, SHOWN + 1, cursor)
    changes = reader.transitions(name, now - CHANGES_SECONDS, MOST_CHANGES + 1)
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
