"""The targets of the status page: rows, grouped by logical model, the sick ones first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from genmedia_exporter.core.clock import DAY, Unix
from genmedia_exporter.core.status import Fault, Status
from genmedia_exporter.health.state import TargetState
from genmedia_exporter.report.formatting import day, duration, span
from genmedia_exporter.spending.limits import dollars
from genmedia_exporter.targets.lifecycle import SOON
from genmedia_exporter.targets.model import Target
from genmedia_exporter.web.pages.alternative import Alternative, Alternatives
from genmedia_exporter.web.pages.bars import Bar, Drawings, Sparkline
from genmedia_exporter.web.pages.style import GLYPHS, TONES, Moment, moment, plain_word
from genmedia_exporter.words.language import decimal, plural, say

WORST_FIRST: Final = (
    Status.DOWN,
    Status.SUSPENDED,
    Status.RISK_CONTROL,
    Status.AUTH_ERROR,
    Status.QUOTA_EXHAUSTED,
    Status.RATE_LIMITED,
    Status.DEGRADED,
    Status.UNKNOWN,
    Status.MAINTENANCE,
    Status.RETIRED,
    Status.OPERATIONAL,
)
"""Order of the page: what someone must act on stands above what is known and planned."""

BROKEN: Final = frozenset(WORST_FIRST[:6])
"""Not usable now, and neither planned nor for want of knowledge."""

FAULTS: Final = {
    Fault.PROVIDER: "the provider's fault",
    Fault.GATEWAY: "the gateway's fault",
    Fault.ACCOUNT: "our account's fault",
    Fault.NETWORK: "our own network's fault",
    Fault.CONTENT: "our prompt's fault",
    Fault.NONE: "",
}
_FAULTS: Final = {
    fault: text[:1].upper() + text[1:] + "." if text else "" for fault, text in FAULTS.items()
}


@dataclass(frozen=True, slots=True)
class Row:
    """One target; texts only, ready to show."""

    tone: str
    glyph: str
    status: str
    meaning: str
    name: str
    channel: str
    provider: str
    model: str
    since: Moment
    fault: str
    reason: str
    message: str
    price: str
    notice: str
    page: str
    instead: Alternative | None
    bar: Bar | None
    spark: Sparkline | None
    latency: str
    depth: str
    probed: Moment | None


@dataclass(frozen=True, slots=True)
class Group:
    """The targets of one family. *rows* are worth reading, *healthy* is a line."""

    family: str
    tone: str
    glyph: str
    rows: tuple[Row, ...]
    healthy: tuple[Row, ...]
    count: int  # of the healthy ones, also where they are too many to be listed

    @property
    def summary(self) -> str:
        """What the healthy ones are, in words: "3 operational"."""
        return plural(self.count, "{n} operational", "{n} operational")

    @property
    def times(self) -> str:
        """How many they are, where a heading says what they are: "× 3"."""
        return f"×\N{NO-BREAK SPACE}{decimal(self.count)}"

    @property
    def trouble(self) -> int:
        """How many are worth reading."""
        return len(self.rows)


def severity(state: TargetState) -> tuple[int, float, str]:
    """Return what to sort by: the worst status first, of the same the newest trouble first."""
    return WORST_FIRST.index(state.now.status), -float(state.since), state.target.name


def groups(
    states: Iterable[TargetState],
    now: Unix,
    instead: Alternatives,
    drawings: Drawings,
    most: int | None = None,
) -> Sequence[Group]:
    """Return all targets in groups, the one with the worst member first; *now* in Unix seconds.

    Of a family with more than *most* healthy targets, these are counted only.
    """
    by_family = sorted(states, key=lambda state: (family(state), severity(state)))
    members = [tuple(found) for _, found in groupby(by_family, family)]
    members.sort(
        key=lambda found: (severity(found[0])[0] == _HEALTHY, _rank(found), family(found[0]))
    )
    return [_group(found, now, instead, drawings, most) for found in members]


def family(state: TargetState) -> str:
    """Return the logical model of a target, or its name where it has none."""
    return state.target.family or state.target.model or state.target.name


_HEALTHY: Final = WORST_FIRST.index(Status.OPERATIONAL)


def _rank(found: Sequence[TargetState]) -> tuple[int, float]:
    rank, since, _ = severity(found[0])
    return (rank, since) if rank != _HEALTHY else (rank, 0.0)


def _group(
    found: Sequence[TargetState],
    now: Unix,
    instead: Alternatives,
    drawings: Drawings,
    most: int | None,
) -> Group:
    healthy = [s for s in found if s.now.status is Status.OPERATIONAL]
    sick = [s for s in found if s.now.status is not Status.OPERATIONAL]
    listed = healthy if most is None or len(healthy) <= most else []
    tone = TONES[found[0].now.status]
    return Group(
        family(found[0]),
        tone,
        GLYPHS[tone],
        tuple(row(state, now, instead, drawings) for state in sick),
        tuple(row(state, now, instead, drawings) for state in listed),
        len(healthy),
    )


def row(state: TargetState, now: Unix, instead: Alternatives, drawings: Drawings) -> Row:
    """Return one target as texts; *now* in Unix seconds."""
    target, judgement, newest = state.target, state.now, state.newest
    tone, broken = TONES[judgement.status], judgement.status in BROKEN
    gone = judgement.status is Status.RETIRED
    drawn, spark = drawings.of(target.name, now)
    return Row(
        tone=tone,
        glyph=GLYPHS[tone],
        status=say(plain_word(judgement.status)),
        meaning=say(judgement.status.meaning),
        name=target.name,
        channel=target.channel,
        provider=target.provider.title,
        model=target.model or target.account.host,
        since=moment(state.since, now),
        fault=say(_FAULTS[judgement.fault]),
        reason=say(judgement.reason.meaning.text),
        message=judgement.message,
        price=price(target),
        notice=notice(state, now),
        page=page_word(state),
        bar=drawn,
        spark=spark,
        instead=instead.of(state) if broken or gone else None,
        latency=duration(newest[1].duration) if newest else "",
        depth=newest[0] if newest else "",
        probed=moment(newest[1].at, now) if newest else None,
    )


def price(target: Target) -> str:
    """Return what one unit costs: "$0.10 a second"; empty where no price is known."""
    if target.price is None:
        return ""
    unit, usd = next(iter(target.price.units().items()))
    return say(_A_UNIT[unit], usd=dollars(round(usd, 6)))


_A_UNIT: Final = {
    "second": "{usd} a second",
    "request": "{usd} a request",
    "image": "{usd} an image",
}


def page_word(state: TargetState) -> str:
    """Return what the vendor's status page says of a target, beside what we say; empty where nothing."""
    seen = state.page
    if state.target.page is None or seen.word.healthy is None:
        return ""
    if seen.word.incident is not None:
        said = say("Vendor’s page: “{title}”", title=seen.word.incident.title)
    elif seen.word.component is not None:
        status = say(plain_word(seen.word.component.status))
        said = say("Vendor’s page: {status}", status=status)
    else:
        return ""
    disagrees = say("We disagree.") if seen.agreement == 0 else ""
    return f"{say('{what}.', what=said)} {disagrees}".strip()


def notice(state: TargetState, now: Unix) -> str:
    """Return what is known of the model's end, once it is near or past."""
    ends, target = state.retires_at, state.target
    if ends is None or ends - now > SOON:
        return ""
    return ending(ends, now, target)


def ending(ends: Unix, now: Unix, target: Target) -> str:
    """Return when a model ends or has ended, how long that is, and what comes after it."""
    said = say(_ENDINGS[ends <= now, target.end_date_certain], day=day(ends))
    if ends > now:
        left = plural(int((ends - now) // DAY), "in {n} day", "in {n} days")
    else:
        left = say("{span} ago", span=span(now - ends))
    said += say(", ") + left
    if target.successor:
        said += say("; ") + say("successor {name}", name=target.successor)
    return say("{what}.", what=said)


_ENDINGS: Final = {
    (False, True): "Ends {day}",
    (False, False): "May end {day}",
    (True, True): "Ended {day}",
    (True, False): "May have ended {day}",
}
