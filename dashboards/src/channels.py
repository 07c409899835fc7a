"""Official against reverse: which channel should I buy, and does it keep its objective?"""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.builders import bargauge, stat, table, timeseries
from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models import dashboard as model

from dashboards.src import palette
from dashboards.src.frame import Section, page, preset, target_variables, window
from dashboards.src.panels import CHANNELS_UID, lines, ranked, tile, to_target
from dashboards.src.promql import (
    CHOSEN,
    chosen,
    grown,
    joined,
    latest,
    or_last,
    recorded,
    took,
    up_over,
    where_known,
)
from dashboards.src.tables import (
    Column,
    dollars,
    grid,
    label,
    labels_of,
    price,
    rank,
    share,
    status,
    target,
)

KIND: Final = "channel, operation"
KIND_LEGEND: Final = "{{channel}} · {{operation}}"
NOTHING_KNOWN: Final = "Nothing known in this window"

_PRICE: Final = f"genmedia_target_price_usd{{{CHOSEN}"
CLIP: Final = (
    f'max by (target) ({_PRICE}, unit="second"}}) * $clip'
    f' or max by (target) ({_PRICE}, unit=~"request|image"}})'
)
"""What one clip costs, failed or not; an image or a chat answer is one request."""
USEFUL: Final = f"({CLIP}) / ({up_over('$window')} > 0)"
OBJECTIVE: Final = f"max by (target) (genmedia_target_slo_objective_ratio{{{CHOSEN}}})"
PAID: Final = 'depth="generate"'
AVAILABLE: Final = f"avg by ({KIND}) ({joined(up_over('$window'), KIND)})"


def answered_in(q: float) -> str:
    """Return a quantile of the time of free probes, by channel and operation: the mean of their targets'."""
    return f"avg by ({KIND}) ({joined(took(q, '$window'), KIND)})"


SPENT: Final = recorded("target_error_budget:spent_30d")
"""What GenmediaErrorBudgetSpent compares with 1."""
ALLOWED: Final = f"({recorded('target_error_budget:ratio')} > 0)"
NO_RULES: Final = "No recording rules are loaded, or every objective is 100 %"


def burnt(over: str) -> str:
    """Return how fast the error budget burns, as GenmediaErrorBudgetBurn does: 1 just lasts for 30 days."""
    return f"({recorded(f'target_errors:ratio_{over}')}) / on (target) {ALLOWED}"


def dashboard() -> model.Dashboard:
    """Return the dashboard of those who choose and pay."""
    return page(
        CHANNELS_UID,
        "genmedia / Channels",
        "Official or reverse: which channel should I buy, and does it keep its objective?",
        [*target_variables(), window("1d,7d,30d", "7d"), _clip()],
        [
            Section("", [*_headline(), _compare()]),
            Section("Over time", [_availability(), _latency()]),
            Section(
                "Objective and error budget",
                [
                    _budget(),
                    _objective_table(),
                    _burn("6h", "6 hours", 6),
                    _burn("1d", "one day", 3),
                ],
            ),
            Section("Routing", [_routes()], folded=True),
        ],
        since="now-7d",
    )


def _clip() -> build.CustomVariable:
    return preset(
        "clip",
        "Clip (s)",
        "4,5,8,10,12",
        "8",
        "Length of a clip, to compare prices by the second with prices by the request.",
    )


def _headline() -> list[stat.Panel]:
    """Return the three answers by channel, apart by operation: a clip and an image do not compare."""
    named = kinds.BigValueTextMode.VALUE_AND_NAME
    return [
        tile(
            "Availability",
            "Mean over the chosen targets in the window, of the time in which we could tell.",
            AVAILABLE,
            8,
            unit="percentunit",
            empty=NOTHING_KNOWN,
            steps=palette.AVAILABILITY,
            legend=KIND_LEGEND,
            decimals=2,
        ).text_mode(named),
        tile(
            "Answers in (median)",
            "Time of free probes, reach and accept together: how near and how quick the "
            "front of the channel is, not how long a clip takes.",
            answered_in(0.5),
            8,
            unit="s",
            empty=NOTHING_KNOWN,
            legend=KIND_LEGEND,
        ).text_mode(named),
        tile(
            "Price of a useful clip",
            "Price of a clip of the chosen length, divided by the availability in the window: what "
            "is paid for one that arrives, where failures are charged too. The median of the "
            "targets.",
            f"quantile by ({KIND}) (0.5, {joined(USEFUL, KIND)})",
            8,
            unit="currencyUSD",
            empty="No price is known",
            legend=KIND_LEGEND,
            decimals=3,
        ).text_mode(named),
    ]


def _compare() -> table.Panel:
    code = joined(latest("genmedia_target_status_code"), "channel, operation, model")
    columns = [
        target(),
        label("Channel", "channel", width=90),
        label("Makes", "operation", width=80),
        label("Model", "model", width=190),
        status(code, width=155),
        share("Available", chosen(up_over("$window")), palette.AVAILABILITY, width=95),
        Column(
            "Stability",
            latest("genmedia_target_stability_stars"),
            mappings=palette.STARS,
            width=120,
        ),
        Column("p95", chosen(f"max by (target) ({took(0.95, '$window')})"), unit="s", width=80),
        Column(
            "Generation",
            chosen(f"max by (target) ({took(0.5, '$window', PAID)})"),
            unit="s",
            width=100,
        ),
        *price(width=90, unit_width=80),
        dollars("Clip", chosen(f"({CLIP})")),
        dollars("Useful clip", chosen(USEFUL), width=110),
        rank("Cheapest", or_last(USEFUL)),
    ]
    return grid(
        "Compare",
        "One line a target, the cheapest useful clip first. Stability: stars by the uptime of seven "
        "days. p95: of successful free probes. Generation: the median of paid ones. Clip: of the length chosen above, or one request. "
        "Useful clip: the same divided by the availability.",
        columns,
        size=(24, 11),
        empty="No target. Is the exporter scraped, and is a target chosen?",
        sort="Cheapest",
    )


def _availability() -> timeseries.Panel:
    return (
        lines(
            "Availability by channel",
            "Mean over the targets of a channel, each point over the window chosen above.",
            {KIND_LEGEND: AVAILABLE},
            unit="percentunit",
            empty=NOTHING_KNOWN,
        )
        .max(1)
        .decimals(2)
    )


def _latency() -> timeseries.Panel:
    return lines(
        "Time of free probes",
        "95th percentile by channel, the mean of its targets', each point over the window chosen above.",
        {KIND_LEGEND: answered_in(0.95)},
        unit="s",
        empty=NOTHING_KNOWN,
    )


def _budget() -> bargauge.Panel:
    left = joined(f"1 - ({SPENT})")
    panel = ranked(
        "Error budget left, 30 days",
        "100 % is untouched, 0 is used up, below 0 the objective is missed; the 25 targets with the "
        "least. Time known down by what the objective allows in 30 days, the very series of the alert "
        "GenmediaErrorBudgetSpent: it needs the recording rules.",
        {"{{target}} · {{channel}}": f"sort(bottomk(25, {left}))"},
        size=(12, 10),
        unit="percentunit",
        empty=NO_RULES,
        steps=palette.BUDGET_LEFT,
    ).decimals(0)
    return panel.min(-0.5).max(1).data_links([to_target("__field.labels.target")])


def _objective_table() -> table.Panel:
    failures = grown("genmedia_probe_failures_total", "$window", "target")
    return grid(
        "Objectives",
        "What is aimed at, what was reached in 30 days, and the probes behind it in the window: a "
        "ratio of few probes says little.",
        [
            target(),
            label("Channel", "channel", width=90),
            labels_of(joined(OBJECTIVE)),
            share("Objective", chosen(OBJECTIVE), ()),
            share("30 days", chosen(up_over("30d")), palette.AVAILABILITY),
            Column(
                "Budget used",
                SPENT,
                unit="percentunit",
                decimals=0,
                width=100,
                steps=palette.BUDGET_USED,
            ),
            Column(
                "Probes",
                grown("genmedia_probes_total", "$window", "target"),
                decimals=0,
                width=80,
            ),
            Column("Failed", failures, decimals=0, width=80),
            rank("Worst", or_last(up_over("30d"))),
        ],
        size=(12, 10),
        empty="No target",
        sort="Worst",
    )


def _burn(over: str, text: str, ticket: int) -> timeseries.Panel:
    rate = burnt(over)
    return lines(
        f"Burn rate over {text}",
        "At 1 the budget lasts exactly its 30 days. Of the ten that burn fastest. Above the flat line "
        "GenmediaErrorBudgetBurn opens a ticket, if a shorter window agrees: the same series.",
        {"{{target}}": f"topk(10, {rate} > 0)", f"ticket at {ticket}": where_known(ticket, rate)},
        empty=NO_RULES,
    ).decimals(1)


def _routes() -> table.Panel:
    rank = f"min by (operation, policy, target) (genmedia_route_rank{{{CHOSEN}}})"
    code = "max by (target) (genmedia_target_status_code)"
    return grid(
        "Where each policy sends callers",
        "1 is the first choice. A target that the policy would not use now has no place.",
        [
            label("Policy", "policy", width=140),
            label("Makes", "operation", width=90),
            Column("Place", chosen(rank), decimals=0, width=80),
            target(),
            status(chosen(f"({rank} * 0 + on (target) group_left () {code})"), width=160),
        ],
        size=(24, 9),
        empty="No target can be used",
        sort="Place",
    )
