"""Nine days of the board of fleet.py, as text for `promtool tsdb create-blocks-from openmetrics`.

The page is rendered by the exporter's own code; each of its samples is given a past here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import ceil

from prometheus_client.parser import text_string_to_metric_families

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.state import Snapshot
from genmedia_exporter.metrics.catalogue import TARGET_INFO
from genmedia_exporter.metrics.exporter import ExporterMetrics, Spending
from genmedia_exporter.metrics.exposition import Format
from genmedia_exporter.metrics.page import Metrics
from tests.metrics.samples import AT
from tests.stack.fleet import SLOW, fleet

DAY, HOUR, MINUTE = 86400.0, 3600.0, 60.0
HELD = 9 * DAY
STEP = 10 * MINUTE
SLOW_FOR, SLOW_BUCKET = DAY / 2, 300.0
OUTAGES, OUT_FOR = (HELD + HOUR, 5 * HOUR, 3 * HOUR, HOUR / 4), HOUR / 2
"""How long ago the outages began of what comes and goes, and how long each lasts."""
MONEY = Spending(1.0, 0.9, 20.0, 20.0)

Value = Callable[[float], float]
"""What a sample was, by its age in seconds."""


@dataclass(frozen=True)
class Series:
    """One series: its name, its labels, and its value at each age."""

    name: str
    labels: dict[str, str]
    value: Value

    def lines(self, now: Unix, ages: Sequence[float]) -> Iterator[str]:
        """Yield its history."""
        pairs = ",".join(f'{label}="{_escaped(value)}"' for label, value in self.labels.items())
        for age in ages:
            yield f"{self.name}{{{pairs}}} {self.value(age):.10g} {now - age:.3f}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _ages(now: Unix) -> list[float]:
    """Every six hours, then every twenty minutes for a day, then every minute for half an hour.

    All but the last are on the hour where one can be: subqueries look there. And once within the
    hour that ended so many days ago: there alerts look for a beginning. And once six hours ago, with
    which the balance is compared.
    """
    fine = [n * MINUTE for n in range(30, -1, -1)]
    rough = [*_even(now, 6 * HOUR, HELD, DAY), *(days * DAY + HOUR / 2 for days in (1, 3))]
    day = {*_even(now, HOUR / 3, DAY, HOUR / 2), 6 * HOUR}
    return [*sorted(rough, reverse=True), *sorted(day, reverse=True), *fine]


def _even(now: Unix, step: float, oldest: float, youngest: float) -> Iterator[float]:
    """Yield the ages of the multiples of a step."""
    first, last = ceil(float(now - oldest) / step), ceil(float(now - youngest) / step)
    yield from (now - Unix(n * step) for n in range(first, last))


def openmetrics(now: Unix) -> str:
    """Return the whole history, ending *now*: one exporter is well, one is in trouble, one is gone."""
    board, ages = fleet(), _ages(now)
    nothing = replace(board, targets={}, pages={}, network_ok=False)
    off = replace(MONEY, enabled=False)
    every = [*_exporter("here", _own(), board, now, MONEY)]
    every += [*_exporter("troubled", _ill(), nothing, now, off)]
    every += [_series("up", "here", 1), _series("up", "troubled", 1), _series("up", "gone", 0)]
    every += [_series("scrape_duration_seconds", "here", 0.01)]
    every += _standing_still()
    every += [_series("scrape_samples_scraped", "here", 1500)]
    every += [
        *_vendor_incident(now),
        *_recorded(now),
        *_coming_and_going(now),
        Series("up", {**_scraped("here"), "instance": "replica:10067"}, _constant(0.0)),
        Series(
            "genmedia_exporter_network_ok",
            {**_scraped("here"), "instance": "blind:10067"},
            _constant(0.0),
        ),
    ]
    restarted = lambda age: float(now - age)  # noqa: E731 - at each moment anew
    every += [Series("process_start_time_seconds", _scraped("restarting"), restarted)]
    lines = [line for series in every for line in series.lines(now, ages)]
    return "\n".join([*lines, "# EOF\n"])


def _standing_still() -> list[Series]:
    """Return what an exporter tells that answers scrapes and has stopped probing."""
    what = dict.fromkeys(TARGET_INFO.labels, "still")
    return [
        _series("genmedia_target_info", "still", 1, **what),
        _series("genmedia_exporter_snapshot_age_seconds", "still", 600),
    ]


def _series(name: str, instance: str, value: float, **labels: str) -> Series:
    return Series(name, {**_scraped(instance), **labels}, lambda _age: value)


def _vendor_incident(now: Unix) -> Iterator[Series]:
    """Two official targets of one vendor that have failed for nine days, with a certificate at its end."""
    for target in ("one", "two"):
        known = {"account": "broken", "channel": "official", "model": target, "family": target}
        more = {"provider": "acme", "vendor": "broken.example", "operation": "video"}
        yield _series("genmedia_target_info", "incident", 1, target=target, **known, **more)
        for name, value in {
            "genmedia_target_status_code": 6.0,
            "genmedia_target_up": 0.0,
            "genmedia_target_slo_objective_ratio": 0.99,
            "genmedia_probe_tls_certificate_expiry_timestamp_seconds": float(now) + HOUR,
        }.items():
            yield _series(name, "incident", value, target=target)
        yield _series("genmedia_target_status", "incident", 1, target=target, status="down")
        interval = "genmedia_probe_interval_seconds"
        yield _series(interval, "incident", 60, target=target, depth="reach")
    yield _series("up", "incident", 1)
    incident = {"incident": "20261118-1026-abcdef", "scope": "vendor", "vendor": "broken.example"}
    cause = {"reason": "server_error", "fault": "provider"}
    yield _series("genmedia_incident_info", "incident", 1, **incident, **cause)
    began = "genmedia_incident_start_timestamp_seconds"
    yield _series(began, "incident", float(now) - HELD, incident=incident["incident"])
    yield _series("genmedia_incident_targets", "incident", 2, incident=incident["incident"])


def _recorded(now: Unix) -> Iterator[Series]:
    """What the rules had recorded before: their long windows look at that."""
    job = _scraped("incident")["job"]
    for target in ("one", "two"):
        for name in ("target_error:bool", "target_error_brief:bool", "target_error:avg_1h"):
            yield Series(f"genmedia:{name}", {"job": job, "target": target}, _constant(1.0))
        since = "genmedia:target_watched_since:timestamp_seconds"
        yield Series(since, {"job": job, "target": target}, _constant(float(now) - HELD))
    falling = lambda age: 1.0 + age / DAY  # noqa: E731 - it will be gone tomorrow
    paid = {"account": "broken", "unit": "usd"}
    labels = {**_scraped("incident"), **paid}
    yield Series("genmedia_account_balance", labels, falling)
    yield Series("genmedia:account_balance:last", {"job": job, **paid}, falling)


def _coming_and_going(now: Unix) -> Iterator[Series]:
    """A target in its third outage within six hours, and one whose quota is out for the third time.

    Each time is long enough to be told, and the last is not over.
    """
    job = _scraped("incident")["job"]
    for target, code, kind in (("restless", 6.0, "outage"), ("refused", 10.0, "refusal")):
        known = {"account": target, "channel": "official", "model": target, "family": target}
        more = {"provider": "acme", "vendor": f"{target}.example", "operation": "video"}
        yield _series("genmedia_target_info", "incident", 1, target=target, **known, **more)
        labels = {**_scraped("incident"), "target": target}
        bad, works = partial(_by_turns, code), partial(_by_turns, 0.0)
        yield Series("genmedia_target_status_code", labels, bad)
        if kind == "outage":
            yield Series("genmedia_target_up", labels, works)
        else:
            slowly = lambda age: (HELD - age) // (40 * MINUTE)  # noqa: E731 - nine times in six hours
            yield Series("genmedia_target_status_changes_total", labels, slowly)
        for name in (f"target_{kind}_start", f"target_long_{kind}_start"):  # as rules recorded them
            yield Series(
                f"genmedia:{name}:timestamp_seconds",
                {"job": job, "target": target},
                lambda age: float(now) - min(began for began in OUTAGES if began >= age),
            )


def _by_turns(value: float, age: float) -> float:
    return value if _is_out(age) else 1.0


def _is_out(age: float) -> bool:
    return any(began - OUT_FOR < age <= began for began in OUTAGES)


def _scraped(instance: str) -> dict[str, str]:
    job = "genmedia" if instance == "here" else f"genmedia-{instance}"
    return {"job": job, "instance": f"{instance}:10067"}


def _own() -> ExporterMetrics:
    own = ExporterMetrics()
    own.observe_lag(0.02)
    own.set_reload(True, AT - 3600)
    return own


def _ill() -> ExporterMetrics:
    """Everything that can be wrong with an exporter."""
    own = ExporterMetrics()
    own.observe_lag(20.0)
    own.set_saturated(True)
    own.set_reload(False, AT - 60)
    own.set_storage(False, 3)
    return own


def _exporter(
    instance: str, own: ExporterMetrics, board: Snapshot, now: Unix, money: Spending
) -> Iterator[Series]:
    """Yield everything on an exporter's page, with a past."""
    page = Metrics(own, lambda: money, stars=lambda _name: 4).render(board, Format.TEXT)
    for family in text_string_to_metric_families(page.decode()):
        counts = family.type in ("counter", "histogram")
        for sample in family.samples:
            value = sample.value
            if sample.name.endswith("_timestamp_seconds"):
                value += now - AT
            past = _past(value, sample.labels) if counts else _constant(value)
            if sample.name == "genmedia_probe_duration_seconds" and _is_slow(sample.labels):
                past = _slowed(value)
            yield Series(sample.name, {**sample.labels, **_scraped(instance)}, past)


def _constant(value: float) -> Value:
    return lambda _age: value


def _is_slow(labels: dict[str, str]) -> bool:
    return labels["target"] == SLOW and labels["depth"] == Depth.GENERATE


def _slowed(value: float) -> Value:
    """Return a gauge that has been four times as large for half a day."""
    return lambda age: value if age > SLOW_FOR else 4 * value


def _past(value: float, labels: dict[str, str]) -> Value:
    """Return a counter that has grown by *value* in each step."""
    frozen = labels.get("target") == SLOW and float(labels.get("le", "inf")) <= SLOW_BUCKET
    youngest = SLOW_FOR if frozen else 0.0
    return lambda age: value * (HELD - max(age, youngest)) / STEP
