"""What is known to come: maintenance that is planned, and models that end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from genmedia_exporter.core.clock import DAY, Unix
from genmedia_exporter.health.state import Snapshot, TargetState
from genmedia_exporter.report.formatting import clock, day, span
from genmedia_exporter.targets.lifecycle import SOON
from genmedia_exporter.targets.model import MaintenanceWindow
from genmedia_exporter.web.pages.target_rows import ending
from genmedia_exporter.web.services import Windows
from genmedia_exporter.words.language import plural, say

AHEAD: Final = 14 * DAY
"""Seconds ahead that planned maintenance is told of."""
SHOWN: Final = 10
NAMED: Final = 3
"""Targets that are named; of more, only the count is told."""


@dataclass(frozen=True, slots=True)
class Coming:
    """One line: when it begins, whom it concerns, what it is."""

    at: Unix
    who: str
    what: str


def coming(snapshot: Snapshot, windows: Windows, now: Unix) -> Sequence[Coming]:
    """Return what comes next, soonest first; *now* in Unix seconds."""
    found = [
        *_ours(windows, now),
        *_theirs(snapshot, now),
        *_endings(snapshot.targets.values(), now),
    ]
    return sorted(found, key=lambda one: (one.at, one.who))[:SHOWN]


def _ours(windows: Windows, now: Unix) -> Iterator[Coming]:
    together: dict[MaintenanceWindow, list[str]] = {}
    for name, planned in windows.items():
        for window in planned:
            if now < window.start <= now + AHEAD:
                together.setdefault(window, []).append(name)
    for window, names in together.items():
        what = say("our maintenance {when}", when=_when(window.start, window.end, now))
        yield Coming(
            window.start, _named(names), f"{what}: {window.reason}" if window.reason else what
        )


def _theirs(snapshot: Snapshot, now: Unix) -> Iterator[Coming]:
    for report in snapshot.pages.values():
        for planned in report.reading.maintenances if report.reading else ():
            start = planned.start
            if planned.running or start is None or not now < start <= now + AHEAD:
                continue
            what = say(
                "maintenance {when}: {title}",
                when=_when(start, planned.end, now),
                title=planned.title,
            )
            yield Coming(start, report.settings.id, what)


def _endings(states: Iterable[TargetState], now: Unix) -> Iterator[Coming]:
    together: dict[tuple[Unix, str], list[TargetState]] = {}
    for state in states:
        ends = state.retires_at
        if ends is not None and now < ends <= now + SOON:
            together.setdefault((ends, ending(ends, now, state.target)), []).append(state)
    for (ends, what), found in together.items():
        yield Coming(ends, _named([state.target.name for state in found]), what)


def _when(start: Unix, end: Unix | None, now: Unix) -> str:
    begins = f"{day(start)} {clock(start)}"
    soon = say("in {span}", span=span(start - now))
    if end is None:
        return f"{begins} ({soon})"
    until = clock(end) if day(end) == day(start) else f"{day(end)} {clock(end)}"
    return f"{begins} – {until} ({soon})"


def _named(names: Sequence[str]) -> str:
    shown = say(", ").join(names[:NAMED])
    more = len(names) - NAMED
    return (
        shown
        if more <= 0
        else plural(more, "{names} and {n} more", "{names} and {n} more", names=shown)
    )
