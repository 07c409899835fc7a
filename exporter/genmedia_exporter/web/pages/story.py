"""What the page of one target tells beyond its present state: its past in drawings, results, where to go on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status import Depth, Status
from genmedia_exporter.health.state import TargetState
from genmedia_exporter.incidents.model import Incident
from genmedia_exporter.report.formatting import day, duration
from genmedia_exporter.web.look import look
from genmedia_exporter.web.pages.drawings import (
    Chart,
    Part,
    chart,
    days_of,
    marks,
    phase_bars,
    timeline,
)
from genmedia_exporter.web.pages.style import GLYPHS, Moment, moment
from genmedia_exporter.web.pages.target_depths import OUTCOME_TONES, made
from genmedia_exporter.web.pages.target_facts import Fact
from genmedia_exporter.web.pages.target_history import TargetHistory
from genmedia_exporter.web.services import NO_PAST, Past
from genmedia_exporter.words.language import say

RUNBOOKS: Final = (
    "https://github.com/genmedia-exporter/genmedia-exporter/blob/main/alerts/runbooks/"
)
RUNBOOK: Final = {
    Status.UNKNOWN: "GenmediaTargetUnknown",
    Status.DEGRADED: "GenmediaTargetDegraded",
    Status.RATE_LIMITED: "GenmediaTargetRateLimited",
    Status.RISK_CONTROL: "GenmediaTargetRiskControl",
    Status.MAINTENANCE: "GenmediaMaintenance",
    Status.DOWN: "GenmediaTargetDown",
    Status.SUSPENDED: "GenmediaTargetSuspended",
    Status.RETIRED: "GenmediaTargetRetired",
    Status.AUTH_ERROR: "GenmediaAuthError",
    Status.QUOTA_EXHAUSTED: "GenmediaQuotaExhausted",
}
"""What to do about a status; nothing about one that is operational."""


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation of late, as its table shows it."""

    when: Moment
    tone: str
    glyph: str
    reason: str
    made: str
    took: str


@dataclass(frozen=True, slots=True)
class Story:
    """Drawings, results and links of one target."""

    days: Sequence[Part]
    timeline: Sequence[Part]
    marks: Sequence[Part]  # of incidents, below the timeline
    chart: Chart | None
    phases: Sequence[tuple[Depth, Sequence[Part]]]
    generations: Sequence[Generation]
    catalogue: Sequence[Fact]
    runbook: str
    dashboard: str


def story(
    state: TargetState,
    history: TargetHistory,
    now: Unix,
    past: Past = NO_PAST,
    incidents: Sequence[Incident] = (),
) -> Story:
    """Return the story of a target at *now*, Unix seconds; *incidents* are those that it was in."""
    name, status = state.target.name, state.now.status
    days = past.days(name)
    return Story(
        days_of(days, now) if any(day.known > 0 for day in days) else (),
        timeline(state, history.changes, now) if not history.problem else (),
        marks(incidents, now),
        chart(state, history.day, now),
        [(depth, bars) for depth in state.target.depths if (bars := phase_bars(state, depth))],
        tuple(_generations(state, now)),
        tuple(_catalogue(state)),
        f"{RUNBOOKS}{RUNBOOK[status]}.md" if status in RUNBOOK else "",
        look().dashboard(name),
    )


def _generations(state: TargetState, now: Unix) -> Iterator[Generation]:
    known = state.depths.get(Depth.GENERATE)
    for attempt in reversed(known.recent if known else ()):
        tone = OUTCOME_TONES[attempt.verdict.outcome]
        yield Generation(
            moment(attempt.at, now),
            tone,
            GLYPHS[tone],
            say(attempt.verdict.reason.meaning.text),
            made(attempt.asset),
            duration(attempt.duration),
        )


def _catalogue(state: TargetState) -> Iterator[Fact]:
    """Yield what the provider's file says of the model, and where it has that from."""
    entry = next((e for e in state.target.provider.models if state.target.model in e.names), None)
    if entry is None:
        return
    yield Fact(say("Family"), entry.family_name)
    if entry.aliases:
        yield Fact(say("Also called"), say(", ").join(entry.names))
    if entry.ends_at is not None:
        doubt = "" if entry.end_date_certain else say("not certain")
        yield Fact(say("End"), day(entry.ends_at), aside=doubt)
    if entry.successor:
        yield Fact(say("Successor"), entry.successor)
    is_link = entry.source.startswith(("https://", "http://"))
    checked = say("checked {day}", day=entry.checked.isoformat()) if entry.checked else ""
    yield Fact(say("Source"), entry.source, url=entry.source if is_link else "", aside=checked)
