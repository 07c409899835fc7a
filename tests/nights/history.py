"""Histories of metrics as an exporter would have told them, minute by minute, in promtool's notation."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from genmedia_exporter.core.status import Status
from tests.nights.notation import Value, notation

Course = Callable[[float], Value]
"""What a series is worth at a minute; None where the exporter does not export it."""
Span = tuple[float, float]
"""From a minute on, and before another."""

FOREVER: Final = float("inf")
WORKS: Final = {
    "operational": 1.0,
    "degraded": 1.0,
    "risk_control": 0.0,
    "down": 0.0,
    "suspended": 0.0,
}
"""What `genmedia_target_up` says; of other statuses nobody can say."""


def steps(*points: tuple[float, Value], before: Value = None) -> Course:
    """Return the course that takes each value from its minute on."""
    minutes = [minute for minute, _ in points]

    def at(minute: float) -> Value:
        index = bisect_right(minutes, minute)
        return points[index - 1][1] if index else before

    return at


def latest(moments: Sequence[float], ahead: float = 0) -> Course:
    """Return when the latest of these was, in seconds, by a clock that is so many minutes ahead."""

    def at(minute: float) -> Value:
        index = bisect_right(moments, minute)
        return (moments[index - 1] + ahead) * 60 if index else None

    return at


def counted(moments: Sequence[float]) -> Course:
    """Return how many of these there were."""
    return lambda minute: float(bisect_right(moments, minute))


def within(minute: float, spans: Sequence[Span]) -> bool:
    """Whether a minute is in one of the spans."""
    return any(begin <= minute < end for begin, end in spans)


@dataclass(frozen=True, slots=True)
class Exporter:
    """One that Prometheus scrapes: when it does not answer, and when nobody expects it to."""

    name: str
    silent: tuple[Span, ...] = ()
    undiscovered: tuple[Span, ...] = ()
    starts: tuple[float, ...] = ()
    """Minutes at which its process began anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A service that is watched, with what becomes of it."""

    name: str
    story: tuple[tuple[float, str], ...] = ((0, "operational"),)
    vendor: str = "openai.com"
    provider: str = "openai"
    account: str = "main"
    channel: str = "official"
    model: str = "sora-2"
    reason: str = "server_error"
    depths: Mapping[str, int] = field(default_factory=lambda: {"reach": 60})
    """How often each depth is probed, in seconds."""
    owners: tuple[tuple[float, str], ...] = ()
    """Which exporter probes it from which minute on; the only one there is, unless told otherwise."""
    present: Span = (0, FOREVER)
    probed: tuple[Span, ...] = ((0, FOREVER),)
    windows: tuple[Span, ...] = ()
    """Of maintenance that somebody declared, whatever its status is meanwhile."""
    known_since: float = -1440
    changes_before: int = 0
    renamed: tuple[float, str] | None = None
    """From when on its account has another name."""
    ahead: float = 0
    """Minutes by which the clock of those who tell of it is wrong."""

    def status(self, minute: float) -> str:
        """Return what it is at a minute."""
        return self.change(minute)[2]

    def change(self, minute: float) -> tuple[float, str, str]:
        """Return its latest change: when, from which status, to which."""
        first = (self.known_since, "none", self.story[0][1])
        later = [(at, old, new) for (_, old), (at, new) in pairwise(self.story)]
        return [first, *(change for change in later if change[0] <= minute)][-1]

    def fails(self, minute: float) -> bool:
        """Whether a probe at a minute fails."""
        return self.status(minute) not in ("operational", "degraded", "maintenance")


def answers(exporter: Exporter) -> Course:
    """Return whether it answers."""
    return lambda minute: float(not within(minute, exporter.silent))


class Night:
    """What one pretended Prometheus scrapes, under a job of its own."""

    def __init__(self, name: str, minutes: int, *exporters: Exporter, step: float = 1.0) -> None:
        self.name = name
        self.job = f"genmedia-{name}"
        self.minutes = minutes
        self.step = step
        self.exporters = exporters or (Exporter("a:10067"),)
        self.unscraped: tuple[Span, ...] = ()
        """When Prometheus itself was away: nothing is written, not even that something is stale."""
        self.targets: list[Target] = []
        self._series: list[tuple[str, list[Value | str]]] = []
        self._of_exporters()

    def every(self) -> list[float]:
        """Return the minutes of the scrapes."""
        return [index * self.step for index in range(int(self.minutes / self.step) + 1)]

    def add(self, metric: str, course: Course | float, /, only: str = "", **labels: str) -> None:
        """Let the exporters tell a series: all of them, the one named, or whoever owns it."""
        for exporter in self.exporters:
            if only not in ("", exporter.name):
                continue
            named = {**labels, "job": self.job, "instance": exporter.name}
            text = ", ".join(f'{label.rstrip("_")}="{value}"' for label, value in named.items())
            self._series.append((f"{metric}{{{text}}}", self._values(metric, course, exporter)))

    def replace(self, metric: str, course: Course) -> None:
        """Let a series without labels of its own take another course."""
        self._series = [one for one in self._series if not one[0].startswith(f"{metric}{{")]
        self.add(metric, course)

    def _values(self, metric: str, course: Course | float, exporter: Exporter) -> list[Value | str]:
        told: list[Value | str] = []
        for minute in self.every():
            if metric == "up":
                hidden = within(minute, exporter.undiscovered)
            else:
                hidden = within(minute, exporter.silent + exporter.undiscovered)
            value = None if hidden else course(minute) if callable(course) else course
            if within(minute, self.unscraped):
                told.append(None)
            elif value is None and told and isinstance(told[-1], float | int):
                told.append("stale")
            else:
                told.append(value)
        return told

    def _of_exporters(self) -> None:
        for exporter in self.exporters:
            name = exporter.name
            self.add("up", answers(exporter), name)
            begun = steps((-60, -3600.0), *((at, at * 60) for at in exporter.starts))
            self.add("process_start_time_seconds", begun, name)
        self.add("genmedia_exporter_storage_ok", 1)
        self.add("genmedia_exporter_config_last_reload_successful", 1)
        self.add("genmedia_exporter_build_info", 1, version="1.0")

    def network(self, course: Course | float = 1) -> None:
        """Say how our own network was."""
        self.add("genmedia_exporter_network_ok", course)

    def money(self, day: Course | float = 0.3, month: Course | float = 3.0) -> None:
        """Say what was spent, of a dollar a day and twenty a month."""
        for period, limit, spent in (("day", 1.0, day), ("month", 20.0, month)):
            self.add("genmedia_budget_limit_usd", limit, period=period)
            self.add("genmedia_budget_spent_usd", spent, period=period)
        self.add("genmedia_budget_enabled", 1)

    def target(self, target: Target) -> None:
        """Let a target be watched, and told of as the exporter does."""
        self.targets.append(target)
        self._status(target)
        self._probes(target)

    def of_target(self, target: Target, metric: str, course: Course | float, **labels: str) -> None:
        """Add a series that all exporters tell of a target."""
        begin, end = target.present

        def told(minute: float) -> Value:
            if not begin <= minute < end:
                return None
            return course(minute) if callable(course) else course

        self.add(metric, told, target=target.name, **labels)

    def of_owner(self, target: Target, metric: str, course: Course | float, **labels: str) -> None:
        """Add a series that only the exporter tells that probes the target."""
        owners = target.owners or ((0, self.exporters[0].name),)
        begin, end = target.present
        for name in dict.fromkeys(owner for _, owner in owners):

            def told(minute: float, name: str = name) -> Value:
                now = [owner for since, owner in owners if since <= minute][-1]
                if now != name or not begin <= minute < end:
                    return None
                return course(minute) if callable(course) else course

            self.add(metric, told, name, target=target.name, **labels)

    def seen_by(self, exporter: Exporter, *targets: Target) -> None:
        """Let only one exporter tell of targets, as it sees them."""
        everybody, self.exporters = self.exporters, (exporter,)
        for target in targets:
            self.target(target)
        self.exporters = everybody

    def _status(self, target: Target) -> None:
        for account, course in _accounts(target):
            self.of_target(
                target, "genmedia_target_info", course, provider=target.provider,
                vendor=target.vendor, account=account, channel=target.channel,
                model=target.model, family=target.model, operation="video",
            )  # fmt: skip
        self.of_target(
            target, "genmedia_target_status_code", lambda m: Status(target.status(m)).code
        )
        self.of_owner(target, "genmedia_target_up", lambda m: WORKS.get(target.status(m)))
        self.of_target(
            target,
            "genmedia_target_maintenance",
            lambda m: float(target.status(m) == "maintenance" or within(m, target.windows)),
        )
        objective = 0.99 if target.channel == "official" else 0.90
        self.of_target(target, "genmedia_target_slo_objective_ratio", objective)
        changes = [target.change(minute) for minute, _ in target.story]
        pairs = dict.fromkeys(change[1:] for change in changes)
        for pair in pairs:

            def moment(minute: float, pair: tuple[str, str] = pair) -> Value:
                at, *now = target.change(minute)
                return (at + target.ahead) * 60 if tuple(now) == pair else None

            self.of_target(
                target, "genmedia_target_last_transition_timestamp_seconds", moment,
                from_=pair[0], to=pair[1],
            )  # fmt: skip
        later = [minute for minute, _ in target.story[1:]]
        self.of_target(target, "genmedia_target_status_changes_total", counted(later))

    def _probes(self, target: Target) -> None:
        for depth, interval in target.depths.items():
            runs = list(_runs(self.minutes, interval / 60, target.probed))
            failed = [run for run in runs if target.fails(run)]
            good = [run for run in runs if not target.fails(run)]
            for metric, course in (
                ("last_run_timestamp_seconds", latest(runs, target.ahead)),
                ("last_success_timestamp_seconds", latest(good, target.ahead)),
                ("success", lambda minute: float(not target.fails(minute))),
            ):
                self.of_owner(target, f"genmedia_probe_{metric}", course, depth=depth)
            self.of_target(target, "genmedia_probe_interval_seconds", interval, depth=depth)
            self.of_owner(
                target, "genmedia_probe_failures_total", counted(failed),
                depth=depth, reason=target.reason,
            )  # fmt: skip

    def series(self) -> list[dict[str, str]]:
        """Return everything, as promtool reads it."""
        return [{"series": name, "values": notation(values)} for name, values in self._series]


def _accounts(target: Target) -> list[tuple[str, Course]]:
    if not target.renamed:
        return [(target.account, lambda _: 1.0)]
    since, account = target.renamed
    return [
        (target.account, steps((0, 1.0), (since, None))),
        (account, steps((since, 1.0))),
    ]


def _runs(minutes: float, interval: float, spans: Sequence[Span]) -> Iterator[float]:
    at = 0.0
    while at <= minutes:
        if within(at, spans):
            yield at
        at += interval
