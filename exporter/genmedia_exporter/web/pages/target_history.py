"""A target's history on its page: read from storage, shown as changes of status, single probes, last day.

Reading is limited in rows, and in the time a page waits for it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from genmedia_exporter.core.clock import DAY, EPOCH, Unix
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Status
from genmedia_exporter.health.state import TargetState
from genmedia_exporter.health.uptime import WINDOWS
from genmedia_exporter.report.formatting import duration
from genmedia_exporter.spending.limits import dollars
from genmedia_exporter.storage.codec import status_of
from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.storage.reader import Reader, Record, seconds_of
from genmedia_exporter.web.http.readers import Readers
from genmedia_exporter.web.pages.style import GLYPHS, TONES, Moment, moment, plain_word
from genmedia_exporter.web.pages.target_depths import OUTCOME_TONES
from genmedia_exporter.words.language import say

SHOWN: Final = 50
"""Probes of one page."""
MOST_ROWS: Final = 8_000
"""Records of the last day that are read at most; at an interval of a minute there are some 1,600."""
AT_ONCE: Final = 2_000
MOST_CHANGES: Final = 10
"""Changes of status that are listed."""
DRAWN_CHANGES: Final = 200
"""Changes that are read, for the drawing of a month."""
CHANGES_SECONDS: Final = WINDOWS["30d"]
"""Changes that are older are not looked for."""
READ_SECONDS: Final = 2.0
"""Seconds a page waits for storage before it is shown without history."""
SAME_SECONDS: Final = 60.0
"""A probe that ended so long before a change, with the same reason, is the one that led to it."""
_REASONS: Final = frozenset(reason.value for reason in Reason)


@dataclass(frozen=True, slots=True)
class TargetHistory:
    """What storage knows, newest first."""

    problem: str = ""  # why nothing is known
    probes: Sequence[Record] = ()
    older: int | None = None  # the cursor of the next page
    day: Sequence[Record] = ()  # the records of the last day, and the one before them
    cut: bool = False  # the day has more records than are read
    changes: Sequence[Record] = ()  # of status, as they were recorded


async def read_history(readers: Readers, name: str, now: Unix, cursor: int | None) -> TargetHistory:
    """Return the history of a target at *now*, or why it cannot be read; never raises for storage."""
    try:
        return await readers.ask(lambda reader: _read(reader, name, now, cursor), READ_SECONDS)
    except StorageError as error:
        return TargetHistory(str(error))


def _read(reader: Reader, name: str, now: Unix, cursor: int | None) -> TargetHistory:
    day, cut = _day(reader, name, now - DAY)
    if cursor is None and len(day) > SHOWN:
        found = day[: SHOWN + 1]
    else:
        found = reader.latest(name, EPOCH, SHOWN + 1, cursor)
    changes = reader.transitions(name, now - CHANGES_SECONDS, DRAWN_CHANGES)
    probes = found[:SHOWN]
    older = int(probes[-1]["id"]) if len(found) > SHOWN else None
    return TargetHistory("", probes, older, day, cut, changes)


def _day(reader: Reader, name: str, since: Unix) -> tuple[Sequence[Record], bool]:
    """Return the records from *since* on with the one before, newest first; and whether it was cut."""
    found: list[Record] = []
    while len(found) < MOST_ROWS:
        page = reader.latest(name, EPOCH, AT_ONCE, found[-1]["id"] if found else None)
        for row in page:
            found.append(row)
            if row["at"] < since:
                return found, False
        if len(page) < AT_ONCE:
            return found, False
    return found, True


@dataclass(frozen=True, slots=True)
class ProbeRow:
    """One probe."""

    when: Moment
    depth: str
    tone: str
    glyph: str
    status: str
    reason: str
    message: str
    took: str
    http: str
    cost: str


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change of status; `previous` is empty at first sight."""

    when: Moment
    tone: str
    glyph: str
    previous: str
    current: str
    reason: str
    message: str


def change_rows(state: TargetState, history: TargetHistory, now: Unix) -> list[ChangeRow]:
    """Return the newest changes, newest first; *now* in Unix seconds.

    The last one of all is there in any case: it may not be written yet, or be older than what is read.
    """
    written = (_change(row, history.day, now) for row in history.changes)
    return [*_unwritten(state, history, now), *written][:MOST_CHANGES]


def _unwritten(state: TargetState, history: TargetHistory, now: Unix) -> Iterator[ChangeRow]:
    last = state.last_transition
    if last is None or any(row["at"] >= last.at for row in history.changes[:1]):
        return
    still = last.current is state.now.status
    reason = say(state.now.reason.meaning.text) if still else ""
    message = state.now.message if still else ""
    yield _row(last.at, last.previous, last.current, reason, message, now)


def _change(row: Record, day: Sequence[Record], now: Unix) -> ChangeRow:
    previous = status_of(row["previous"]) if row["previous"] is not None else None
    message = _message(row, day)
    return _row(row["at"], previous, status_of(row["current"]), told(row["reason"]), message, now)


def _message(change: Record, day: Sequence[Record]) -> str:
    """Return the service's own words of the probe that led to *change*, if it is of the last day."""
    first = bisect_left(day, -change["at"], key=lambda row: -row["at"])  # they are newest first
    for row in day[first:]:
        if row["at"] <= change["at"] - SAME_SECONDS:
            break
        if row["reason"] == change["reason"]:
            return row["message"] or ""
    return ""


def _row(
    at: Unix, previous: Status | None, current: Status, reason: str, message: str, now: Unix
) -> ChangeRow:
    tone = TONES[current]
    return ChangeRow(
        moment(at, now),
        tone,
        GLYPHS[tone],
        say(plain_word(previous)) if previous else "",
        say(plain_word(current)),
        reason,
        "" if message == reason else message,
    )


def probe_row(row: Record, now: Unix) -> ProbeRow:
    """Return one record of history; *now* in Unix seconds."""
    reason, message, cost = told(row["reason"]), row["message"] or "", row["cost_usd"]
    known = _reason(row["reason"])
    tone = OUTCOME_TONES[known.meaning.outcome] if known else "quiet"
    return ProbeRow(
        when=moment(row["at"], now),
        depth=row["depth"],
        tone=tone,
        glyph=GLYPHS[tone],
        status=say(plain_word(row["status"])),
        reason=reason,
        message="" if message == reason else message,
        took=duration(seconds_of(row)),
        http=str(row["http_status"] or say("no response")),
        cost=dollars(round(cost, 6)) if cost else "",
    )


def told(word: str) -> str:
    """Return a stored reason as a sentence; a word of another version as it is."""
    known = _reason(word)
    return say(known.meaning.text) if known else plain_word(word)


def _reason(word: str) -> Reason | None:
    return Reason(word) if word in _REASONS else None
