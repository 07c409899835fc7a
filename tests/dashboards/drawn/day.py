"""A day of a small fleet as text for promtool: what its exporter would have told, every four minutes.

Each page is rendered by the exporter's own code, of states that follow the stories below. At the end of the day one
vendor is down with all three of its targets, an account has no money, a key is refused, and the rest works.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.evidence import Phases
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Channel, Depth, Fault, Operation, Status
from genmedia_exporter.core.status_page import PageReport
from genmedia_exporter.health.state import (
    GENERATION_BUCKETS,
    DepthState,
    Histogram,
    Judgement,
    PageAgreement,
    Snapshot,
    TargetState,
    Transition,
)
from genmedia_exporter.incidents.model import Domain, Incident, Member, Scope
from genmedia_exporter.metrics.exporter import ExporterMetrics, Spending
from genmedia_exporter.metrics.exposition import Format
from genmedia_exporter.metrics.page import Metrics
from genmedia_exporter.providers.prices import Price
from genmedia_exporter.targets.model import Target
from tests.dashboards.drawn.errors import recorded
from tests.metrics import samples

HOUR: Final = 3600.0
DAY: Final = 24 * HOUR
STEP: Final = 240.0
"""Seconds between two pages: less than the five minutes for which Prometheus looks back."""
SCRAPED: Final = 'job="genmedia",instance="exporter:10067"'
PAID_EVERY: Final = 1.87
"""Hours between two generations."""
BEGIN: Final = 22.9
"""The hour in which the vendor fell."""

Story = tuple[tuple[float, Reason], ...]
"""From which hour on, why its status is what it is."""


@dataclass(frozen=True, slots=True)
class Watched:
    """One target of the day."""

    name: str
    vendor: str
    model: str
    channel: Channel = Channel.OFFICIAL
    story: Story = ()
    usual: float = 0.2
    price: float = 0.1
    operation: Operation = Operation.VIDEO
    paid: bool = False

    def reason(self, hour: float) -> Reason:
        """Return why its status is what it is."""
        return [why for since, why in ((-24.0, Reason.OK), *self.story) if since <= hour][-1]

    def broken(self, hour: float) -> bool:
        """Whether it is known to be down."""
        fault = self.reason(hour).meaning.fault
        return fault in (Fault.PROVIDER, Fault.GATEWAY)

    def alert(self, hour: float) -> str:
        """Return the alert that fires a few minutes after, "" for none."""
        status = self.reason(hour).meaning.status
        return ALERTS.get(status, "GenmediaTargetDown" if self.broken(hour) else "")

    def outages(self) -> list[tuple[float, float]]:
        """Return from which hour to which it was down; the last perhaps for ever."""
        spans = pairwise([*self.story, (10 * 24.0, FINE)])
        return [(since, to) for (since, _), (to, _) in spans if self.broken(since)]

    def counted(self, hour: float, every: float) -> dict[Reason, int]:
        """Return how many probes had each reason, of one each *every* seconds until an hour."""
        spans = [(0.0, self.reason(0.0)), *self.story, (hour, FINE)]
        found: dict[Reason, int] = {}
        for (since, why), (until, _) in pairwise(spans):
            lasted = max(0.0, min(until, hour) - since)
            found[why] = found.get(why, 0) + int(lasted * HOUR / every)
        return found

    def last_good(self) -> float:
        """Return the hour in which its latest trouble began."""
        return max((since for since, why in self.story if why is not FINE), default=0.0)


ALERTS: Final = {
    Status.QUOTA_EXHAUSTED: "GenmediaQuotaExhausted",
    Status.AUTH_ERROR: "GenmediaAuthError",
    Status.RISK_CONTROL: "GenmediaTargetRiskControl",
}
DOWN, FINE = Reason.SERVER_ERROR, Reason.OK
_REST: Final = Reason.RISK_CONTROL
FLEET: Final = (
    Watched("sora-2-official", "openai.com", "sora-2", story=((BEGIN, DOWN),), paid=True),
    Watched("sora-2-pro-official", "openai.com", "sora-2-pro", story=((BEGIN + 0.1, DOWN),)),
    Watched(
        "gpt-image-official", "openai.com", "gpt-image-2.5-flare", usual=0.35, price=0.006,
        story=((3.0, DOWN), (3.3, FINE), (BEGIN + 0.1, DOWN)), operation=Operation.IMAGE,
    ),
    Watched(
        "sora-2-reverse", "relay-one.example", "sora_video2", Channel.REVERSE,
        story=((6.0, _REST), (9.5, FINE), (19.0, _REST), (19.4, FINE)), usual=0.6, price=0.12, paid=True,
    ),
    Watched(
        "veo-3.1-reverse", "relay-two.example", "veo-3.1", Channel.REVERSE,
        story=((21.0, Reason.QUOTA_EXHAUSTED),), usual=0.8, paid=True,
    ),
    Watched("veo-3.1-official", "googleapis.com", "veo-3.1-generate", story=(
        (12.0, Reason.OVERLOADED), (12.5, FINE))),
    Watched("kling-v3", "klingai.com", "kling-v3", usual=0.15),
    Watched("wan-2.7-on-fal", "fal.run", "fal-ai/wan/v2.7/text-to-video", story=(
        (20.0, Reason.INVALID_KEY),), paid=True),
)  # fmt: skip


def openmetrics(now: Unix) -> str:
    """Return the day that ends *now*."""
    lines: list[str] = []
    own = ExporterMetrics()
    own.set_reload(True, now - 20 * HOUR)
    dice = random.Random(7)  # noqa: S311 - the same noise each time
    for index in range(int(DAY / STEP) + 1):
        hour = index * STEP / HOUR
        at = now - DAY + index * STEP
        own.observe_lag(dice.uniform(0.01, 0.4))
        own.set_loop_lag(dice.uniform(0.001, 0.02))
        lines += _labelled(_page(own, now, hour, dice), at)
        lines += recorded(FLEET, hour, SCRAPED, at)
    return "".join([*lines, "# EOF\n"])


def _labelled(page: str, at: Unix) -> Iterator[str]:
    """Yield the samples of one page with what Prometheus adds."""
    for line in page.splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            named = f"{name[:-1]},{SCRAPED}}}" if name.endswith("}") else f"{name}{{{SCRAPED}}}"
            yield f"{named} {value} {at:.3f}\n"


def _page(own: ExporterMetrics, now: Unix, hour: float, dice: random.Random) -> str:
    start = now - DAY
    at = start + hour * HOUR
    own.set_in_flight(dice.randrange(3))
    own.set_owned(len(FLEET))
    money = Spending(1.0, 0.04 + 0.03 * hour, 20.0, 8.0 + 0.03 * hour)
    states = [_state(each, start, hour, dice) for each in FLEET]
    found = {state.target.name: state for state in states}
    board = Snapshot(at, int(hour * HOUR), found, pages={"openai": _status_page(at, hour)})
    metrics = Metrics(own, lambda: money, stars=_stars, incidents=lambda: _incidents(start, hour))
    text = metrics.render(board, Format.TEXT).decode()
    process = {
        "up": 1,
        "scrape_duration_seconds": dice.uniform(0.01, 0.03),
        "scrape_samples_scraped": text.count("\n"),
        "process_cpu_seconds_total": 90 * hour,
        "process_resident_memory_bytes": 9e7 + 1e6 * dice.random(),
        "process_open_fds": 30 + dice.randrange(9),
        "process_max_fds": 1024,
        "process_start_time_seconds": now - 30 * HOUR,
    }
    kept = (line for line in text.splitlines() if not line.startswith("process_"))
    return "\n".join([*kept, *(f"{name} {value}" for name, value in process.items())])


def _stars(name: str) -> int:
    return 3 if "reverse" in name else 5


def _state(watched: Watched, start: Unix, hour: float, dice: random.Random) -> TargetState:
    why = watched.reason(hour)
    up = {Fault.NONE: 1, Fault.PROVIDER: 0, Fault.GATEWAY: 0}.get(why.meaning.fault)
    plain = samples.healthy(watched.name)
    begun = [(since, new) for since, new in watched.story if since <= hour]
    changes = [Transition(start - 5 * DAY, Status.DEGRADED, Status.OPERATIONAL)]
    for since, new in begun:
        when = start + since * HOUR
        changes.append(Transition(when, changes[-1].current, new.meaning.status))
    return replace(
        plain,
        target=_target(watched, plain, start),
        depths=_depths(watched, start, hour, dice),
        now=Judgement(why.meaning.status, why, why.meaning.fault, up=up, rule="day"),
        last_transition=changes[-1],
        changes=len(begun),
        tls_expiry=start + 60 * DAY,
        page=PageAgreement(agreement=int(up == 1 or hour > BEGIN + 0.7), lead=95.0)
        if watched.vendor == "openai.com"
        else PageAgreement(),
    )


def _target(watched: Watched, plain: TargetState, start: Unix) -> Target:
    account = replace(
        plain.target.account, name=watched.vendor.split(".")[0], own_vendor=watched.vendor,
        channel=watched.channel,
    )  # fmt: skip
    depths = tuple(d for d in Depth if d is not Depth.GENERATE or watched.paid)
    ends = start + 12 * DAY if watched.paid else None
    return replace(
        plain.target, account=account, channel=watched.channel, model=watched.model,
        operation=watched.operation, depths=depths, ends_at=ends,
        price=Price(usd_per_second=watched.price),
        slo=0.99 if watched.channel is Channel.OFFICIAL else 0.9,
    )  # fmt: skip


def _depths(
    watched: Watched, start: Unix, hour: float, dice: random.Random
) -> Mapping[Depth, DepthState]:
    found = {d: _depth(watched, d, start, hour, dice) for d in (Depth.REACH, Depth.ACCEPT)}
    if watched.paid:
        found[Depth.GENERATE] = _generated(watched, start, hour)
    return MappingProxyType(found)


def _depth(
    watched: Watched, depth: Depth, start: Unix, hour: float, dice: random.Random
) -> DepthState:
    """Return a free depth after so many hours of probes, one each interval."""
    every = samples.INTERVALS[depth]
    ran = int(hour * HOUR / every)
    failures = {why: n for why, n in watched.counted(ran * every / HOUR, every).items() if n}
    well = failures.pop(FINE, 0)
    why = watched.reason(ran * every / HOUR)
    good = ran * every if why is FINE else watched.last_good() * HOUR
    took = watched.usual * dice.uniform(0.8, 1.6)
    last = samples.attempt(why, 200 if why is FINE else 503, start + ran * every, round(took, 3))
    shares = Histogram().observe(watched.usual).observe(0.9 * watched.usual).observe(took)
    count = max(1, well)
    latency = replace(shares, counts=tuple(c * count for c in shares.counts), sum=count * took)
    return DepthState(
        (replace(last, phases=Phases(0.01, 0.02, 0.03, took - 0.08, 0.02)),), ran + 1, failures,
        last_success_at=start + good, latency=latency, fresh=True,
        skipped={"concurrency": int(hour * 3)},
    )  # fmt: skip


def _generated(watched: Watched, start: Unix, hour: float) -> DepthState:
    """Return the paid depth: a generation now and then, never at the same minute of the hour."""
    made = int(hour / PAID_EVERY) + 1
    well = sum(watched.reason(PAID_EVERY * n) is FINE for n in range(made))
    empty = Histogram(GENERATION_BUCKETS, (0,) * (len(GENERATION_BUCKETS) + 1))
    one = empty.observe(94.5)
    took = replace(one, counts=tuple(c * well for c in one.counts), sum=94.5 * well)
    last = samples.attempt(at=start + PAID_EVERY * HOUR * (made - 1), seconds=94.5)
    phases = Phases(0.01, 0.02, 0.03, 0.4, 0.02, queue=12.0, run=80.0, fetch=1.2)
    return DepthState(
        (replace(last, phases=phases),), made, {DOWN: made - well} if made > well else {},
        last_success_at=last.at, latency=took, cost_usd=0.4 * made, fresh=True,
        skipped={"budget": int(hour)},
    )  # fmt: skip


def _status_page(at: Unix, hour: float) -> PageReport:
    """Return the vendor's page, which sees its outage 40 minutes late."""
    told = samples.page_report()
    reading = told.reading
    assert reading is not None
    late = hour > BEGIN + 0.7
    windows = tuple(replace(one, start=at + DAY) for one in reading.maintenances)
    reading = replace(reading, incidents=reading.incidents if late else (), maintenances=windows)
    return replace(told, reading=reading, read_at=at - 30)


def _incidents(start: Unix, hour: float) -> tuple[Incident, ...]:
    if hour < BEGIN:
        return ()
    begin = start + BEGIN * HOUR
    hit = [each.name for each in FLEET if each.vendor == "openai.com" and each.broken(hour)]
    members = {n: Member(n, Status.DOWN, DOWN, Fault.PROVIDER, begin) for n in hit}
    domain = Domain(Scope.VENDOR, "openai.com")
    return (Incident("20261129-1610-qwzrtb", domain, "openai.com", begin, members),)
