"""The forms of query that recur: one sample a target, however many exporters watch it, and the join.

`target` is the only identity on samples. Two exporters may watch the same target, so samples are
first brought to one a target (or one a target and depth); a join would else be many-to-many, which
Prometheus refuses. Plain metrics are enough, but for the error budget: that comes from the recording
rules, so that a panel and the alert about it cannot say two things.
"""

from __future__ import annotations

from typing import Final

from genmedia_exporter.core.status import Status
from genmedia_exporter.metrics.catalogue import FAMILIES

CHOSEN: Final = 'target=~"$target"'

INFO: Final = (
    f"genmedia_target_info{{{CHOSEN},"
    'provider=~"$provider",channel=~"$channel",operation=~"$operation"}'
)
"""The chosen targets. `target` alone would not do: All is `.*`, whatever the other variables say."""

CODE: Final = f"genmedia_target_status_code{{{CHOSEN}}}"
LABELS: Final = {family.name: ", ".join(family.labels) for family in FAMILIES}

MINE: Final = 'job=~"$job",instance=~"$instance"'
"""The chosen exporters, on the one dashboard about themselves."""


INCIDENT: Final = "incident, vendor, scope, reason, fault"


def over(window: str, *, ahead: bool = False) -> str:
    """Return the range of *window* up to each point, or with *ahead* the one that begins there.

    Grafana evaluates whole steps only. Looking back, the newest point is the end of the last whole
    span: what happened since is missing, and a day stands under the next day's date.
    """
    return f"[{window}] offset -{window}" if ahead else f"[{window}]"


def chosen(expression: str, info: str = INFO) -> str:
    """Keep of *expression*, which has a label target, what belongs to the chosen targets."""
    return f"{expression} and on (target) {info}"


def latest(metric: str, by: str = "target", matchers: str = "") -> str:
    """Return the samples of *metric* for the chosen targets, the largest where exporters differ."""
    return chosen(f"max by ({by}) ({metric}{{{', '.join(filter(None, (CHOSEN, matchers)))}}})")


def joined(expression: str, labels: str = "channel", info: str = INFO) -> str:
    """Add *labels* of genmedia_target_info to *expression*, and keep the chosen targets.

    Of exporters that disagree about a target, one is taken: topk keeps the right side unique.
    """
    return f"({expression}) * on (target) group_left ({labels}) topk by (target) (1, {info})"


def informed(window: str) -> str:
    """Return the targets chosen at some time in the *window* that begins at each point."""
    return f"last_over_time({INFO}{over(window, ahead=True)})"


def told(metric: str, by: str, matchers: str = "") -> str:
    """Return *metric* for the chosen targets, of the exporters that tell the status we show.

    An exporter that lost touch with those it shares targets with calls them unknown; its fault
    and its since must not stand beside the status of the one that knows.
    """
    inside = f"{metric}{{{', '.join(filter(None, (CHOSEN, matchers)))}}}"
    agreed = f"{CODE} == on (target) group_left () max by (target) ({CODE})"
    return chosen(f"max by ({by}) ({inside} and on (job, instance, target) ({agreed}))")


def up_over(window: str, *, ahead: bool = False) -> str:
    """Return the availability of each target over *window*, of the time in which we could tell.

    Every sample weighs the same: a target may have moved between exporters, and an average of
    their averages would give the last hour as much as the month before.
    """
    up = f"genmedia_target_up{{{CHOSEN}}}{over(window, ahead=ahead)}"
    return f"(sum by (target) (sum_over_time({up})) / sum by (target) (count_over_time({up})))"


def grown(metric: str, window: str, by: str, *, ahead: bool = False) -> str:
    """Return by how much a counter of the chosen targets grew over *window*, summed by *by*.

    Counters are the target's, and every exporter that shares it shows them: the largest, not the sum.
    """
    growth = f"increase({metric}{{{CHOSEN}}}{over(window, ahead=ahead)})"
    info = informed(window) if ahead else INFO
    return f"sum by ({by}) ({chosen(f'max by ({LABELS[metric]}) ({growth})', info)})"


def of_buckets(q: float, buckets: str) -> str:
    """Return a quantile of what *buckets* counted; nothing, rather than NaN, where that is none."""
    return f"histogram_quantile({q}, {buckets}) > 0"


def took(q: float, window: str, depths: str = 'depth!="generate"') -> str:
    """Return a quantile of the time of probes over *window*, of each target and depth.

    Of the last probe's time at each scrape: probes are rarer than scrapes, so that it is exact, where
    a histogram of few buckets is not.
    """
    times = f"genmedia_probe_duration_seconds{{{CHOSEN}, {depths}}}"
    return f"max by (target, depth) (quantile_over_time({q}, {times}[{window}]))"


def in_status(*statuses: Status) -> str:
    """Count the chosen targets in one of *statuses*.

    0 when there is none among them, nothing when there is no target at all: an empty dashboard
    must not say that all is well.
    """
    code = latest("genmedia_target_status_code")
    return f"sum({' + '.join(f'(({code}) == bool {status.code})' for status in statuses)})"


def by_status() -> str:
    """Return the code of each status that a chosen target has; the label n is how many have it."""
    status = told("genmedia_target_status", "target, status")
    has = f"(({status}) == 1)"
    code = f"max by (target) ({CODE})"
    codes = f"max by (status) ({has} * on (target) group_left () {code})"
    n = f'count_values by (status) ("n", count by (status) ({has}))'
    return f"sort_desc({codes} * on (status) group_left (n) {n})"


def urgency(info: str = INFO) -> str:
    """Return a number for each target, the higher the sooner somebody should look at it.

    It is the code, but for three: unknown comes before what works, and what is announced or gone
    comes after. Of what fails, official channels come before reverse ones, for whom nobody is woken.
    *info* are the targets in question.
    """
    code = f"max by (target) ({CODE if info == INFO else 'genmedia_target_status_code'})"
    places = {Status.UNKNOWN: 1.5, Status.MAINTENANCE: 0.5, Status.RETIRED: 0.25}
    moves = [
        f"({code} == bool {status.code}) * {place - status.code}"
        for status, place in places.items()
    ]
    place = f"({' + '.join([code, *moves])})"
    official = '10 * max by (target) (genmedia_target_info{channel="official"})'
    return chosen(f"(({place} > {Status.DEGRADED.code}) + on (target) {official} or {place})", info)


def broken() -> str:
    """Return the codes of the chosen targets that a request should not be sent to, for any reason."""
    well = (Status.OPERATIONAL, Status.DEGRADED, Status.MAINTENANCE, Status.RETIRED)
    code = latest("genmedia_target_status_code")
    return " ".join([f"({code})", *(f"!= {status.code}" for status in well)])


def incidents() -> str:
    """Return the open incidents of the chosen targets' vendors, and that of our own network.

    Each once: exporters that share targets tell of the same incident.
    """
    info = f"max by ({INCIDENT}) (genmedia_incident_info)"
    ours = f'max by ({INCIDENT}) (genmedia_incident_info{{scope="network"}})'
    named = f'label_replace({ours}, "vendor", "our network", "", "")'
    found = f"({info} and on (vendor) {INFO}) or ({named} and on () {INFO})"
    return f"topk by (incident) (1, {found})"


def of_incidents(metric: str) -> str:
    """Return what *metric* says of these incidents."""
    return f"max by (incident) ({metric}) and on (incident) {incidents()}"


def recorded(name: str, window: str = "15m") -> str:
    """Return a series of the recording rules for the chosen targets; some are made every few minutes."""
    return chosen(f"max by (target) (last_over_time(genmedia:{name}{{{CHOSEN}}}[{window}]))")


def or_last(expression: str) -> str:
    """Return *expression*, by target, and 1e9 where it has nothing: tables take that for the least."""
    return chosen(f"(({expression}) or max by (target) ({CODE}) * 0 + 1e9)")


def of_exporters(expression: str) -> str:
    """Keep of *expression*, which asks for what other programs have too, the chosen exporters.

    All jobs are `.+`, which would take in whatever else Prometheus scrapes. An exporter stays in
    for a day after its last scrape, so that one that is down is seen.
    """
    ours = f"last_over_time(genmedia_exporter_build_info{{{MINE}}}[1d])"
    return f"({expression} and on (job, instance) {ours})"


def once(metric: str, function: str, window: str, *, ahead: bool = False) -> str:
    """Return the growth of a counter as the chosen exporters know it, once where they share it."""
    growth = f"{function}({metric}{{{MINE}}}{over(window, ahead=ahead)})"
    return f"max by ({LABELS[metric]}) ({growth})"


def where_known(value: float, known: str) -> str:
    """Return a constant to draw beside *known*, and nothing where that has nothing.

    A constant alone always answers: the panel would never say why it is empty.
    """
    return f"count({known}) * 0 + {value:g}"
