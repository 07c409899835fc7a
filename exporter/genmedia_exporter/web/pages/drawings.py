"""The drawings on a target's page: days one by one, statuses over a month, response times, phases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from genmedia_exporter.core.clock import DAY, Unix
from genmedia_exporter.core.evidence import PHASE_NAMES
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.response_times import timed_depth
from genmedia_exporter.health.state import TargetState
from genmedia_exporter.health.uptime import WINDOWS, Uptime
from genmedia_exporter.incidents.model import Incident
from genmedia_exporter.report.formatting import clock, day, duration, percent, span
from genmedia_exporter.storage.codec import status_of
from genmedia_exporter.storage.reader import Record, seconds_of
from genmedia_exporter.web.pages.bars import Kind, kind_of
from genmedia_exporter.web.pages.style import TONES, plain_word
from genmedia_exporter.words.language import plural, say

WIDTH: Final = 1_000
"""Units of the drawings across."""
CHART_HEIGHT: Final = 120
QUARTER: Final = 900.0
QUARTERS: Final = 96
_HEIGHTS: Final[dict[Kind, int]] = {"up": 32, "partly": 24, "down": 16, "unknown": 2}


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a drawing: where it is, what it looks like, what it says."""

    kind: str
    left: float
    width: float
    height: int
    title: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Response times of a day: medians of quarter hours, failures, and what is usual."""

    path: str
    failures: Sequence[Part]
    usual: int | None  # where the line of the baseline is, from above
    top: str  # what the upper edge stands for
    words: str


def days_of(days: Sequence[Uptime], now: Unix) -> Sequence[Part]:
    """Return a bar for each day, oldest first."""
    parts = []
    for number, slot in enumerate(days):
        kind, ratio = kind_of(slot), slot.ratio
        when = day(now - (len(days) - 1 - number) * DAY)
        known = "" if ratio is None or slot.share > 0.95 else percent(slot.share)
        said = say("no data") if ratio is None else say("{ratio} up", ratio=percent(ratio))
        said += say(", {share} known", share=known) if known else ""
        parts.append(Part(kind, number * 10, 8, _HEIGHTS[kind], f"{when}: {said}"))
    return parts


def marks(incidents: Sequence[Incident], now: Unix) -> Sequence[Part]:
    """Return the incidents of the last 30 days as they lie below the timeline."""
    start = now - WINDOWS["30d"]
    parts = []
    for incident in incidents:
        begin, end = max(incident.begin, start), incident.end or now
        if end > start:
            word = f"{say('Incident')} {incident.id}"
            parts.append(_stretch("incident", word, begin, end, now))
    return parts


def timeline(state: TargetState, changes: Sequence[Record], now: Unix) -> Sequence[Part]:
    """Return what the status was over the last 30 days, oldest first; *changes* are newest first."""
    start = now - WINDOWS["30d"]
    known = [(max(row["at"], start), status_of(row["current"])) for row in reversed(changes)]
    if changes and changes[-1]["previous"] is not None:
        known.insert(0, (start, status_of(changes[-1]["previous"])))
    if not known or known[-1][1] is not state.now.status:
        known.append((max(state.since, start), state.now.status))
    parts = []
    for (begin, status), (end, _) in pairwise([*known, (now, state.now.status)]):
        if end <= begin:
            continue
        word = say(plain_word(status))
        parts.append(_stretch(TONES[status], word, begin, end, now))
    return parts


def _stretch(kind: str, word: str, begin: Unix, end: Unix, now: Unix) -> Part:
    """Return what lasted from *begin* to *end*, on the scale of the last 30 days."""
    month = WINDOWS["30d"]
    width = max(3.0, (end - begin) / month * WIDTH)
    left = min((begin - (now - month)) / month * WIDTH, WIDTH - width)
    lasted = span(end - begin)
    title = say("{status} from {time}, for {span}", status=word, time=_when(begin), span=lasted)
    return Part(kind, round(left, 1), round(width, 1), 10, title)


def _when(at: Unix) -> str:
    return f"{day(at)} {clock(at)}"


def chart(state: TargetState, records: Sequence[Record], now: Unix) -> Chart | None:
    """Return the response times of the last day; None where nothing of it is known."""
    depth = timed_depth(state.target)
    first = now - QUARTERS * QUARTER
    of_it = [r for r in records if depth is not None and r["depth"] == depth and r["at"] >= first]
    taken: dict[int, list[float]] = {}
    failed: dict[int, int] = {}
    for row in of_it:
        number = int((row["at"] - first) // QUARTER)
        took = seconds_of(row)
        if row["message"] is None and took is not None:
            taken.setdefault(number, []).append(took)
        elif row["message"] is not None:
            failed[number] = failed.get(number, 0) + 1
    if depth is None or not taken:
        return None
    medians = {number: median(found) for number, found in sorted(taken.items())}
    known = state.depths.get(depth)
    usual = known.median if known else None
    most = max(*medians.values(), (usual or 0.0) * 1.5)
    return Chart(
        _line(medians, most),
        [_failure(number, many, first) for number, many in sorted(failed.items())],
        None if usual is None else _height(usual, most),
        duration(most),
        _words(medians, usual, sum(failed.values())),
    )


def _height(seconds: float, most: float) -> int:
    return round(CHART_HEIGHT - seconds / most * (CHART_HEIGHT - 4))


def _line(medians: dict[int, float], most: float) -> str:
    drawn, before = [], -2
    for number, seconds in medians.items():
        pen = "L" if number == before + 1 else "M"
        drawn.append(f"{pen}{number * 10 + 2} {_height(seconds, most)}")
        if pen == "M":
            drawn.append("h3")  # a quarter between two gaps is seen, too
        before = number
    return "".join(drawn)


def _failure(number: int, many: int, first: Unix) -> Part:
    failed = plural(many, "{n} failed probe", "{n} failed probes")
    return Part("down", number * 10, 8, 8, f"{clock(first + number * QUARTER)}: {failed}")


def _words(medians: dict[int, float], usual: float | None, failed: int) -> str:
    fastest, slowest = duration(min(medians.values())), duration(max(medians.values()))
    said = say(
        "Between {fastest} and {slowest} in the last 24 hours", fastest=fastest, slowest=slowest
    )
    if usual is not None:
        said += say("; usually {time}", time=duration(usual))
    if failed:
        said += say("; ") + plural(failed, "{n} failed probe", "{n} failed probes")
    return say("{what}.", what=said)


def phase_bars(state: TargetState, depth: Depth) -> Sequence[Part]:
    """Return where the time of the last probe at *depth* went, phase by phase."""
    known = state.depths.get(depth)
    found = known.last.phases.known() if known and known.last else {}
    whole = sum(found.values())
    parts, left = [], 0.0
    for name in PHASE_NAMES:
        if whole > 0 and name in found:
            width = found[name] / whole * WIDTH
            title = f"{say(name)}: {duration(found[name])}"
            parts.append(Part(name, round(left, 1), round(width, 1), 10, title))
            left += width
    return parts
