"""One target: what is wrong with it, since when, and what the evidence is."""

from __future__ import annotations

from grafana_foundation_sdk.builders import stat, statetimeline, table
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models import dashboard as model

from dashboards.src import palette, target_time
from dashboards.src.frame import Section, page, target_variables, window
from dashboards.src.panels import TARGET_UID, tile, timeline, to_channels
from dashboards.src.promql import CHOSEN, by_status, chosen, grown, latest, told, up_over
from dashboards.src.tables import Column, grid, label, moment
from dashboards.src.target_time import NOT_PROBED


def dashboard() -> model.Dashboard:
    """Return the dashboard that the tables of the others lead to."""
    return page(
        TARGET_UID,
        "genmedia / Target",
        "What is wrong with this one, since when, and what is the evidence? Opens on the target in most "
        "need of a look; choose another above. Of several, times are means and counts are sums.",
        [*target_variables(one=True), window("1h,6h,1d,7d", "6h")],
        [
            Section("", [*_headline(), *_terms(), _transitions(), _status()]),
            Section("Evidence", [_depths(), target_time.age(), _codes()]),
            Section("Failures", target_time.failures()),
            Section("Time", target_time.panels()),
            Section("Generations", target_time.paid(), folded=True),
            Section("More", _more(), folded=True),
        ],
    )


def _headline() -> list[stat.Panel]:
    since = "genmedia_target_status_since_timestamp_seconds"
    fault = told("genmedia_target_fault", "target, fault")
    return [
        tile(
            "Status",
            "What it is now, after hysteresis; of several targets, how many are in each status. "
            "The raw results of the probes are under Evidence.",
            by_status(),
            12,
            empty="no target",
            mappings=palette.STATUSES,
            legend="targets: {{n}}",
        ).text_mode(kinds.BigValueTextMode.VALUE_AND_NAME),
        tile(
            "Whose fault",
            "provider, gateway, account (ours), network (ours), content (the prompt), or none.",
            f"max by (fault) (({fault}) == 1)",
            4,
            empty="no target",
            legend="{{fault}}",
        ).text_mode(kinds.BigValueTextMode.NAME),
        tile(
            "For",
            "How long it has been in this status; of several targets, the shortest.",
            f"time() - max({told(since, 'target')})",
            4,
            unit="dtdurations",
            empty="no target",
            decimals=1,
        ),
        tile(
            "Availability",
            "Over the window chosen above, of the time in which we could tell.",
            f"avg({chosen(up_over('$window'))})",
            4,
            unit="percentunit",
            empty="cannot tell",
            steps=palette.AVAILABILITY,
            decimals=2,
        ),
    ]


def _terms() -> list[stat.Panel]:
    """Return what it costs, and until when it can be had."""
    ends = f"min({latest('genmedia_target_retirement_timestamp_seconds')}) - time()"
    price = latest("genmedia_target_price_usd", "target, unit")
    return [
        tile(
            "Price",
            "What one unit costs there, as configured or as the catalogue knows it.",
            f"avg by (unit) ({price})",
            4,
            unit="currencyUSD",
            empty="not known",
            legend="per {{unit}}",
            decimals=3,
        ).text_mode(kinds.BigValueTextMode.VALUE_AND_NAME),
        tile(
            "Model ends in",
            "Time until the known end of the model, or since it.",
            ends,
            4,
            unit="dtdurations",
            empty="no end announced",
            steps=palette.MODEL_LEFT,
            decimals=1,
        ),
    ]


def _status() -> statetimeline.Panel:
    return timeline(
        "Status over time",
        "Changes are marked on every panel over time. A gap: the exporter was not scraped.",
        {"{{target}}": latest("genmedia_target_status_code")},
        palette.STATUSES,
        size=(24, 6),
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
        sort="Every",
    )


def _codes() -> statetimeline.Panel:
    return timeline(
        "HTTP status by depth",
        "Of the answer that decided. An expected rejection (4xx at accept) is a success there: it "
        "proves that the validator works.",
        {"{{depth}} · {{target}}": latest("genmedia_probe_http_status_code", "target, depth")},
        palette.http_codes(),
        empty=NOT_PROBED,
    )


def _transitions() -> table.Panel:
    when = told("genmedia_target_last_transition_timestamp_seconds", "target, from, to")
    changes = grown("genmedia_target_status_changes_total", "24h", "target")
    return grid(
        "Last change",
        "From what to what, and how many changes there were in 24 hours. Earlier ones are the "
        "marks on the panels; from none is the first sight of a target.",
        [
            label("Target", "target"),
            label("From", "from", width=130),
            label("To", "to", width=130),
            moment("When", when),
            Column("In 24 h", changes, decimals=0, width=80),
        ],
        size=(16, 4),
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
            6,
            unit="dtdurations",
            empty="plain HTTP, or not seen yet",
            steps=palette.TIME_LEFT,
            decimals=1,
        ),
        tile(
            "Vendor's status page",
            "Whether the page agrees with our probes; of several targets, whether about each.",
            f"min({latest('genmedia_target_page_agreement')})",
            6,
            empty="no page, or one does not say",
            mappings=palette.AGREEMENT,
        ),
        tile(
            "Maintenance",
            "Whether a maintenance window of the configuration is open.",
            f"max({latest('genmedia_target_maintenance')})",
            4,
            empty="no window",
            mappings=palette.WINDOW,
        ),
        tile(
            "Objective",
            "The availability aimed at. Click it for the error budget and how fast it burns.",
            f"min({latest('genmedia_target_slo_objective_ratio')})",
            4,
            unit="percentunit",
            empty="no target",
            decimals=1,
        ).data_links([to_channels()]),
        tile(
            "Probing cost, 24 h",
            "What paid probes of it cost.",
            f"sum({grown('genmedia_probe_cost_usd_total', '24h', 'depth')})",
            4,
            unit="currencyUSD",
            empty="no target",
            decimals=3,
        ),
        _alerts(),
    ]


def _alerts() -> statetimeline.Panel:
    firing = f'max by (alertname, target) (ALERTS{{{CHOSEN}, alertstate="firing"}})'
    return timeline(
        "Alerts",
        "Alerts of Prometheus that carry this target. Empty without alerting rules.",
        {"{{alertname}} · {{target}}": chosen(firing)},
        palette.FIRING,
        size=(24, 6),
        empty="No alert fired, or no alerting rules are loaded",
    )
