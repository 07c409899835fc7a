"""A model of Alertmanager 0.25 to 0.28: routing, grouping, inhibition, repetition, as the shipped file has it.

Time is in seconds here. Of two Alertmanagers that know of each other one speaks: they are modelled as one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.nights.playing import Labels, Timeline
from tests.stack.shipped import ALERTMANAGER
from tests.yaml_files import read_yaml

Key = frozenset[tuple[str, str]]
UNITS: Final = {"d": 86400, "h": 3600, "m": 60, "s": 1}
TICK: Final = 10
KEPT: Final = 120 * 3600
"""How long Alertmanager remembers what it has sent, unless told otherwise."""
READ_BY_PEOPLE: Final = {"email_configs": False, "slack_configs": False}
"""With what Alertmanager sends when `send_resolved` is not written."""


@dataclass(frozen=True, slots=True)
class Message:
    """What one person reads: when, by which receiver, what fires and what is over."""

    minute: float
    receiver: str
    firing: tuple[Labels, ...]
    resolved: tuple[Labels, ...]

    def __str__(self) -> str:
        parts = [_names("", self.firing), _names("over: ", self.resolved)]
        return f"{self.minute:.1f} {self.receiver}: {'; '.join(part for part in parts if part)}"


def _names(lead: str, alerts: Iterable[Labels]) -> str:
    names = sorted(
        {" ".join(a.get(k, "-") for k in ("alertname", "severity", "target")) for a in alerts}
    )
    return lead + ", ".join(names) if names else ""


@dataclass(frozen=True, slots=True)
class Route:
    """Who hears of it, with whom it shares a message, and when."""

    matches: Callable[[Labels], bool]
    receiver: str
    group_by: tuple[str, ...]
    wait: int
    interval: int
    repeat: int


@dataclass(frozen=True, slots=True)
class Inhibition:
    """What silences what."""

    source: Callable[[Labels], bool]
    target: Callable[[Labels], bool]
    equal: tuple[str, ...]

    def silences(self, one: Labels, other: Labels) -> bool:
        """Whether the first, while it fires, silences the second; none that is both silences another such."""
        return (
            self.source(one)
            and self.target(other)
            and not (self.source(other) and self.target(one))
            and all(one.get(label, "") == other.get(label, "") for label in self.equal)
        )


@dataclass(slots=True)
class Group:
    """Alerts that share messages."""

    route: Route
    due: float
    alerts: dict[Key, Labels] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sent:
    """What the last message of a group said."""

    at: float
    firing: frozenset[Key]
    resolved: frozenset[Key]


def seconds(text: str) -> int:
    """Read a duration."""
    return sum(int(n) * UNITS[unit] for n, unit in re.findall(r"(\d+)([dhms])", str(text)))


def matcher(lines: Iterable[str]) -> Callable[[Labels], bool]:
    """Return whether labels fit all of these matchers."""
    wanted = []
    for line in lines:
        found = re.fullmatch(r'\s*(\w+)\s*(=~|!~|!=|=)\s*"?(.*?)"?\s*', line)
        assert found, line
        label, sign, value = found.groups()
        pattern = re.compile(value if "~" in sign else re.escape(value))
        wanted.append((label, pattern, not sign.startswith("!")))
    return lambda a: all(bool(p.fullmatch(a.get(label, ""))) is yes for label, p, yes in wanted)


def _routes(node: Mapping[str, Any], above: Mapping[str, Any]) -> list[Route]:
    """Flatten the tree, the most special first. The shipped one has no `continue`."""
    assert not node.get("continue")
    own = {
        **above,
        **{key: value for key, value in node.items() if key not in ("routes", "matchers")},
    }
    route = Route(
        matcher(node.get("matchers", ())), own["receiver"], tuple(own["group_by"]),
        seconds(own["group_wait"]), seconds(own["group_interval"]), seconds(own["repeat_interval"]),
    )  # fmt: skip
    return [r for inner in node.get("routes", ()) for r in _routes(inner, own)] + [route]


class Alertmanager:
    """Says what people read when alerts fire as told."""

    def __init__(self, config: Mapping[str, Any] | None = None) -> None:
        config = config or read_yaml(ALERTMANAGER)
        self._routes = _routes(config["route"], {})
        self._inhibitions = [
            Inhibition(
                matcher(r["source_matchers"]), matcher(r["target_matchers"]), tuple(r["equal"])
            )
            for r in config["inhibit_rules"]
        ]
        self._ends = {r["name"]: _tells_ends(r) for r in config["receivers"]}

    def messages(self, timeline: Timeline) -> list[Message]:
        """Return what people read, in order."""
        return list(self._run(timeline))

    def _run(self, timeline: Timeline) -> Iterable[Message]:
        minutes = sorted(timeline)
        groups: dict[tuple[object, ...], Group] = {}
        log: dict[tuple[object, ...], Sent] = {}
        firing: dict[Key, Labels] = {}
        for now in range(0, int(minutes[-1] * 60) + 1, TICK):
            while minutes and minutes[0] * 60 <= now:
                firing = {frozenset(a.items()): a for a in timeline[minutes.pop(0)]}
                self._group(firing, groups, now)
            for key, group in list(groups.items()):
                if now >= group.due:
                    group.due += group.route.interval
                    yield from self._flush(key, group, firing, log, now)
                    if not group.alerts:
                        del groups[key]

    def _group(
        self, firing: Mapping[Key, Labels], groups: dict[tuple[object, ...], Group], now: float
    ) -> None:
        for key, alert in firing.items():
            number, route = next((n, r) for n, r in enumerate(self._routes) if r.matches(alert))
            name = (number, *(alert.get(label, "") for label in route.group_by))
            group = groups.setdefault(name, Group(route, now + route.wait))
            group.alerts[key] = alert

    def _flush(
        self, name: tuple[object, ...], group: Group, now_firing: Mapping[Key, Labels],
        log: dict[tuple[object, ...], Sent], now: float,
    ) -> Iterable[Message]:  # fmt: skip
        heard = {
            key: a for key, a in group.alerts.items() if not self._silenced(a, now_firing.values())
        }
        firing = frozenset(key for key in heard if key in now_firing)
        resolved = frozenset(heard) - firing
        route = group.route
        ends = self._ends[route.receiver]
        if ends is not None:
            before = log.get(name)
            if before and now - before.at > min(2 * route.repeat, KEPT):
                before = None
            if _is_news(before, firing, resolved, ends, now, route.repeat):
                log[name] = Sent(now, firing, resolved)
                over = tuple(heard[key] for key in resolved) if ends else ()
                if firing or over:
                    yield Message(
                        now / 60, route.receiver, tuple(heard[key] for key in firing), over
                    )
        for key in [key for key in group.alerts if key not in now_firing]:
            del group.alerts[key]

    def _silenced(self, alert: Labels, firing: Iterable[Labels]) -> bool:
        return any(
            rule.silences(other, alert)
            for rule in self._inhibitions
            if rule.target(alert)
            for other in firing
            if other is not alert
        )


def _tells_ends(receiver: Mapping[str, Any]) -> bool | None:
    """Whether people read of the end, too; None of a receiver that no person reads."""
    kinds = [kind for kind in READ_BY_PEOPLE if kind in receiver]
    told = [
        bool(entry.get("send_resolved", READ_BY_PEOPLE[kind]))
        for kind in kinds
        for entry in receiver[kind]
    ]
    return any(told) if kinds else None


def _is_news(
    before: Sent | None,
    firing: frozenset[Key],
    resolved: frozenset[Key],
    ends: bool,
    now: float,
    repeat: int,
) -> bool:
    if before is None:
        return bool(firing)
    if not firing <= before.firing:
        return True
    if not firing:
        return bool(before.firing)
    if ends and not resolved <= before.resolved:
        return True
    return now - before.at >= repeat
