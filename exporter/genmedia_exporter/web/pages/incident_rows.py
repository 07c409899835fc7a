"""An incident as texts: for the list, for the status page, and for its own page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.incidents.model import Event, Exhibit, Incident, Member, Phase, Scope
from genmedia_exporter.incidents.report import lasted, targets, title, who
from genmedia_exporter.report.formatting import span
from genmedia_exporter.spending.limits import dollars
from genmedia_exporter.web.pages.style import GLYPHS, TONES, Moment, moment, plain_word
from genmedia_exporter.web.pages.target_rows import FAULTS
from genmedia_exporter.words.language import plural, say

NAMED: Final = 6
"""Targets that a line names."""
_TONES: Final = {Phase.MONITORING: "warn", Phase.RESOLVED: "good"}


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One incident in a list."""

    id: str
    tone: str
    glyph: str
    phase: str
    title: str
    who: str
    cause: str
    begin: Moment
    end: Moment | None
    lasted: str
    names: tuple[str, ...]  # of a few targets, the broken ones first
    more: str  # of how many others
    state: str  # "2 of 3 targets are broken now."
    page: str
    instead: tuple[str, ...]
    open: bool


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of one status, in thousandths of the incident."""

    tone: str
    left: int
    width: int
    title: str


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One target of an incident."""

    name: str
    tone: str
    glyph: str
    status: str
    reason: str
    since: Moment
    until: Moment | None
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class EventRow:
    """One line of the story."""

    at: Moment
    target: str
    tone: str
    glyph: str
    status: str
    text: str


@dataclass(frozen=True, slots=True)
class ExhibitRow:
    """One failed probe as evidence."""

    exhibit: Exhibit
    at: Moment
    reason: str


def incident_row(incident: Incident, now: Unix) -> IncidentRow:
    """Return *incident* as a line of a list, at *now* in Unix seconds."""
    reason, fault = incident.cause
    tone = _tone(incident)
    names = sorted(incident.members, key=lambda name: not incident.members[name].broken)
    left = incident.count - len(names[:NAMED])
    return IncidentRow(
        incident.id,
        tone,
        GLYPHS[tone],
        say(incident.phase),
        title(incident),
        who(incident),
        " ".join(filter(None, (say(reason.meaning.text), _sentence(FAULTS[fault])))),
        moment(incident.begin, now),
        None if incident.end is None else moment(incident.end, now),
        span(lasted(incident, now)),
        tuple(names[:NAMED]),
        plural(left, "and {n} more", "and {n} more") if left else "",
        state_text(incident),
        page_text(incident),
        tuple(dict.fromkeys(one.target for one in incident.substitutes)),
        incident.open,
    )


def _tone(incident: Incident) -> str:
    ours = "bad" if incident.domain.scope is Scope.VENDOR else "ours"
    return _TONES.get(incident.phase, ours)


def _sentence(phrase: str) -> str:
    return say(f"{phrase[:1].upper()}{phrase[1:]}.") if phrase else ""


def state_text(incident: Incident) -> str:
    """Return how it stands: how many are broken, or that it is over."""
    broken = len(incident.broken)
    if not incident.open:
        return say("It hit {targets}.", targets=targets(incident.count))
    if broken:
        hit = plural(incident.count, "{n} target", "{n} targets")
        return say("Broken now: {broken} of {targets}.", broken=broken, targets=hit)
    return say("All work again; it is closed when they have for a quarter of an hour.")


def page_text(incident: Incident) -> str:
    """Return what the vendor's page says of it, and how late: empty where there is none."""
    page = incident.page
    if page is None:
        return ""
    if page.at is None or incident.lead is None:
        return say("The status page {page} reports nothing.", page=page.page)
    what = page.title or say(plain_word(page.status))
    said = say("The status page {page} reports: {what}", page=page.page, what=what)
    late = span(abs(incident.lead))
    if incident.lead >= 0:
        return say("{said}; {span} after the first target broke.", said=said, span=late)
    return say("{said}; {span} before the first target broke.", said=said, span=late)


def cost_text(incident: Incident) -> str:
    """Return what failed generations cost; empty where there was none."""
    return dollars(incident.cost_usd) if incident.cost_usd else ""


def member_rows(incident: Incident, now: Unix) -> Iterator[MemberRow]:
    """Yield a row for each target, in the order in which they broke."""
    for member in sorted(incident.members.values(), key=lambda m: (m.since, m.name)):
        tone = TONES[member.status]
        yield MemberRow(
            member.name,
            tone,
            GLYPHS[tone],
            say(plain_word(member.status)),
            say(member.reason.meaning.text),
            moment(member.since, now),
            None if member.until is None else moment(member.until, now),
            tuple(_segments(member, incident, now)),
        )


def _segments(member: Member, incident: Incident, now: Unix) -> Iterator[Segment]:
    """Yield the stretches of *member* from the beginning to the end of *incident*, or to *now*."""
    begin, end = incident.begin, incident.end or now
    whole = max(1.0, end - begin)
    mine = [event for event in incident.events if event.target == member.name]
    ends = [*(event.at for event in mine[1:]), end]
    for event, until in zip(mine, ends, strict=False):
        left, right = (
            round(1000 * min(1.0, max(0.0, (t - begin) / whole))) for t in (event.at, until)
        )
        if right > left and event.status is not None:
            word = say(plain_word(event.status))
            text = say("{status} for {span}", status=word, span=span(until - event.at))
            yield Segment(TONES[event.status], left, right - left, text)


def event_rows(incident: Incident, now: Unix) -> Iterator[EventRow]:
    """Yield the story, line by line."""
    for event in incident.events:
        tone = TONES[event.status] if event.status is not None else "quiet"
        status = say(plain_word(event.status)) if event.status is not None else ""
        text = _event_text(event, incident)
        yield EventRow(moment(event.at, now), event.target, tone, GLYPHS[tone], status, text)


def _event_text(event: Event, incident: Incident) -> str:
    page = incident.page
    if event.target or page is None:
        return say(event.text)
    what = page.title or say(plain_word(page.status))
    return say("The status page {page} reports: {what}", page=page.page, what=what)


def exhibit_rows(incident: Incident, now: Unix) -> Iterator[ExhibitRow]:
    """Yield the evidence in order of time."""
    for one in incident.exhibits:
        yield ExhibitRow(one, moment(one.at, now), say(one.reason.meaning.text))
