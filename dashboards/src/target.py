"""One target: what is wrong with it, since when, and what the evidence is."""

from __future__ import annotations

from grafana_foundation_sdk.builders import stat, statetimeline, table
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models import dashboard as model

from dashboards.src import palette, target_time
from dashboards.src.frame import Section, page, target_variables, window
from dashboards.src.panels import TARGET_UID, dress, query, tile, timeline
from dashboards.src.promql import CHOSEN, chosen, grown, latest, told, up_over
from dashboards.src.tables import Column, grid, label, moment
from dashboards.src.target_time import NOT_PROBED

NO_PAID = "No paid probe yet: they need a budget and a price"


def dashboard() -> model.Dashboard:
    """Return the dashboard that the tables of the others lead to."""
    return page(
        TARGET_UID,
        "genmedia / Target",
        "What is wrong with this one, since when, and what is the evidence? Choose a target above; "
        "of several, times are means and counts are sums.",
        [*target_variables(), window("1h,6h,1d,7d", "6h")],
        [
            Section("", [*_headline(), _status()]),
            Section("Evidence", [_depths(), target_time.age(), _codes()]),
            Section("Failures", [target_time.failures(), _transitions()]),
            Section("Time", target_time.panels()),
            Section("Generations", target_time.paid(), folded=True),
            Section("More", _more(), folded=True),
        ],
    )


def _headline() -> list[stat.Panel]:
    since = "genmedia_target_status_since_timestamp_seconds"
    fault = told("genmedia_target_fault", "target, fault")
    ends = f"min({latest('genmedia_target_retirement_timestamp_seconds')}) - time()"
    price = latest("genmedia_target_price_usd", "target, unit")
    return [
        tile(
            "Status",
            "What it is now, after hysteresis. The raw results of the probes are under Evidence.",
            latest("genmedia_target_status_code"),
            width=6,
            unit="none",
            empty="no target",
            mappings=palette.STATUSES,
            legend="{{target}}",
        ),
        tile(
            "Whose fault",
            "provider, gateway, account (ours), network (ours), content (the prompt), or none.",
            f"max by (fault) (({fault}) == 1)",
            width=4,
            unit="none",
            empty="no target",
            legend="{{fault}}",
        ).text_mode(kinds.BigValueTextMode.NAME),
        tile(
            "For",
            "How long it has been in this status; of several targets, the shortest.",
            f"time() - max({told(since, 'target')})",
            width=4,
            unit="s",
            empty="no target",
            decimals=0,
        ),
        _availability(),
        tile(
            "Price",
            "What one unit costs there, as configured or as the catalogue knows it.",
            f"avg by (unit) ({price})",
            width=3,
            unit="currencyUSD",
            empty="not known",
            legend="per {{unit}}",
            decimals=3,
        ).text_mode(kinds.BigValueTextMode.VALUE_AND_NAME),
        tile(
            "Model ends in",
            "Time until the known end of the model; negative once it is past.",
            ends,
            width=3,
            unit="s",
            empty="no end announced",
            steps=palette.TIME_LEFT,
            decimals=0,
        ),
    ]


def _availability() -> stat.Panel:
    return tile(
        "Availability",
        "Over the window chosen above, of the time in which we could tell.",
        f"avg({chosen(up_over('$window'))})",
        width=4,
        unit="percentunit",
        empty="cannot tell",
        steps=palette.AVAILABILITY,
        decimals=2,
    )


def _status() -> statetimeline.Panel:
    return dress(
        timeline(palette.STATUSES),
        "Status over time",
        "Changes are marked on every panel below. A gap: the exporter was not scraped.",
        [query(latest("genmedia_target_status_code"), "{{target}}")],
        size=(24, 5),
        unit="none",
        empty=NOT_PROBED,
    )


def _depths() -> table.Panel:
    by = "target, depth"
    columns = [
        label("Depth", "depth", width=90),
        label("Target", "target"),
        Column(
            "Verified",
            latest("genmedia_target_depth_verified", by),
            mappings=palette.FRESH,
            width=130,
        ),
        Column(
            "Last result", latest("genmedia_probe_success", by), mappings=palette.RESULT, width=130
        ),
        Column("HTTP", latest("genmedia_probe_http_status_code", by), decimals=0, width=70),
        Column("Took", latest("genmedia_probe_duration_seconds", by), unit="s", width=90),
        moment("Probed", latest("genmedia_probe_last_run_timestamp_seconds", by)),
        moment("Succeeded", latest("genmedia_probe_last_success_timestamp_seconds", by)),
        Column("Every", latest("genmedia_probe_interval_seconds", by), unit="s", width=80),
    ]
    return grid(
        "What each depth says",
        "reach: the network, the edge and our key. accept: the route and the validator, still free. "
        "generate: a real clip, paid. Verified: a success that has not expired. HTTP 0: no answer.",
        columns,
        size=(24, 6),
        empty=NOT_PROBED,
        sort="Depth",
        descending=True,
    )


def _codes() -> statetimeline.Panel:
    code = latest("genmedia_probe_http_status_code", "target, depth")
    return dress(
        timeline(palette.http_codes()),
        "HTTP status by depth",
        "Of the answer that decided. An expected rejection (4xx at accept) is a success there: it "
        "proves that the validator works.",
        [query(code, "{{depth}} · {{target}}")],
        size=(12, 8),
        unit="none",
        empty=NOT_PROBED,
    )


def _transitions() -> table.Panel:
    when = told("genmedia_target_last_transition_timestamp_seconds", "target, from, to")
    changes = grown("genmedia_target_status_changes_total", "24h", "target")
    return grid(
        "Last change",
        "From what to what, and how many changes there were in 24 hours. Earlier ones are the "
        "marks on the panels above; from none is the first sight of a target.",
        [
            label("Target", "target"),
            label("From", "from", width=110),
            label("To", "to", width=110),
            moment("When", when),
            Column("In 24 h", changes, decimals=0, width=80),
        ],
        size=(10, 8),
        empty="No change yet",
        sort="When",
        descending=True,
    )


def _more() -> list[Builder[model.Panel]]:
    expiry = "genmedia_probe_tls_certificate_expiry_timestamp_seconds"
    left = chosen(f"min by (target) ({expiry}{{{CHOSEN}}})")
    return [
        tile(
            "Certificate expires in",
            "The certificate seen by the last probe; of several targets, the first to expire.",
            f"min({left}) - time()",
            width=6,
            unit="s",
            empty="plain HTTP, or not seen yet",
            steps=palette.TIME_LEFT,
            decimals=0,
        ),
        tile(
            "Vendor's status page",
            "Whether the page agrees with our probes about this target.",
            latest("genmedia_target_page_agreement"),
            width=6,
            unit="none",
            empty="no page, or one does not say",
            mappings=palette.AGREEMENT,
            legend="{{target}}",
        ),
        tile(
            "Maintenance",
            "Whether a maintenance window of the configuration is open.",
            f"max({latest('genmedia_target_maintenance')})",
            width=4,
            unit="none",
            empty="no target",
            mappings=palette.WINDOW,
        ),
        tile(
            "Objective",
            "The availability aimed at. Budget and burn are on the dashboard of the channels.",
            f"min({latest('genmedia_target_slo_objective_ratio')})",
            width=4,
            unit="percentunit",
            empty="no target",
            decimals=1,
        ),
        tile(
            "Probing cost, 24 h",
            "What paid probes of it cost.",
            f"sum({grown('genmedia_probe_cost_usd_total', '24h', 'depth')})",
            width=4,
            unit="currencyUSD",
            empty="no target",
            decimals=3,
        ),
        _alerts(),
    ]


def _alerts() -> statetimeline.Panel:
    firing = f'max by (alertname, target) (ALERTS{{{CHOSEN}, alertstate="firing"}})'
    return dress(
        timeline(palette.FIRING),
        "Alerts",
        "Alerts of Prometheus that carry this target. Empty without alerting rules.",
        [query(chosen(firing), "{{alertname}} · {{target}}")],
        size=(24, 6),
        unit="none",
        empty="No alert fired, or no alerting rules are loaded",
    )
