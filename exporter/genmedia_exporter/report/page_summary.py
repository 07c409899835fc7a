"""What a status page says, in a few words for people: on the status page of ours and in `check`."""

from __future__ import annotations

from dataclasses import dataclass

from genmedia_exporter.core.status_page import ComponentStatus, Impact, PageReport
from genmedia_exporter.status_pages.report import UNHEALTHY, open_incidents, shown_components, worst
from genmedia_exporter.words.language import plural, say

MAX_NAMED = 3
"""Components or incidents that are named; of more, only the count is told."""

_WORST = frozenset({ComponentStatus.MAJOR_OUTAGE, ComponentStatus.PARTIAL_OUTAGE})


@dataclass(frozen=True, slots=True)
class PageSummary:
    """One page in a line."""

    tone: str  # good, warn, bad, plan or quiet
    icon: str
    word: str
    text: str


_ICONS = {"good": "🟢", "warn": "🟡", "bad": "🔴", "plan": "🔵", "quiet": "⚪"}


def summarise(report: PageReport) -> PageSummary:
    """Return what *report* says, the worst first."""
    if report.reading is None:
        word = say("unreadable") if report.problem else say("unknown")
        return _summary("quiet", word, report.problem)
    shown = shown_components(report)
    unhealthy = {n: c.status for n, c in shown.items() if c is not None and c.status in UNHEALTHY}
    missing = [name for name, component in shown.items() if component is None]
    titles = [incident.title for incident in worst(report.reading.incidents, MAX_NAMED)]
    count = sum(open_incidents(report.reading).values())
    text = "; ".join(
        part
        for part in (
            _named([f"{name} {say(_plain(status))}" for name, status in unhealthy.items()]),
            _named([f"“{title}”" for title in titles], count),
            say("not listed: {names}", names=_named(missing)) if missing else "",
            report.problem,
        )
        if part
    )
    tone = _tone(report, set(unhealthy.values()), bool(titles))
    return _summary(tone, _word(report, tone), text or _all_well(len(shown)))


def _summary(tone: str, word: str, text: str) -> PageSummary:
    return PageSummary(tone, _ICONS[tone], word, text)


def _tone(report: PageReport, unhealthy: set[ComponentStatus], incidents: bool) -> str:
    if not report.readable or report.reading is None:
        return "quiet"
    if unhealthy & _WORST or report.reading.indicator in (Impact.MAJOR, Impact.CRITICAL):
        return "bad"
    if unhealthy or incidents or report.reading.indicator is Impact.MINOR:
        return "warn"
    if any(m.running for m in report.reading.maintenances):
        return "plan"
    return "good" if report.reading.indicator is Impact.NONE else "quiet"


def _word(report: PageReport, tone: str) -> str:
    if not report.readable or report.reading is None:
        return say("unreadable")
    if tone in ("warn", "bad"):
        return say("incident")
    words = {"good": say("operational"), "plan": say("maintenance")}
    return words.get(tone) or say("unclear")


def _all_well(count: int) -> str:
    return say("{n} components operational", n=count) if count > 1 else say("no incidents")


def _named(names: list[str], count: int = 0) -> str:
    shown, more = say(", ").join(names[:MAX_NAMED]), max(count, len(names)) - MAX_NAMED
    if more <= 0:
        return shown
    return plural(more, "{names} and {n} more", "{names} and {n} more", names=shown)


def _plain(status: ComponentStatus) -> str:
    return status.replace("_", " ")
