"""The fleet: what works right now, and whose fault is it where it does not?"""

from __future__ import annotations

from grafana_foundation_sdk.builders import stat, statetimeline, table
from grafana_foundation_sdk.models import dashboard as model

from dashboards.src import fleet_past, palette
from dashboards.src.frame import Section, page, target_variables
from dashboards.src.panels import TARGET_UID, tile, timeline, to_exporter, to_target
from dashboards.src.promql import (
    broken,
    chosen,
    grown,
    in_status,
    incidents,
    joined,
    latest,
    of_incidents,
    told,
    up_over,
    urgency,
)
from dashboards.src.tables import (
    Column,
    dollars,
    duration,
    grid,
    label,
    labels_of,
    moment,
    price,
    rank,
    share,
    status,
    target,
)
from genmedia_exporter.core.status import Status

NO_ADDRESS = f"/d/{TARGET_UID}"
"""Where an incident leads that has no URL: a link cannot be left out of one cell, and its text is what
the cell shows, so no mapping may give this other words."""
NO_TARGETS = "No target. Is the exporter scraped, and is a target chosen?"


def dashboard() -> model.Dashboard:
    """Return the dashboard to open first."""
    return page(
        "genmedia-fleet",
        "genmedia / Fleet",
        "What works right now, and whose fault is it where it does not?",
        target_variables(),
        [
            Section("", [_broken(), _together(), *_headline(), _timeline(), _now()]),
            Section("What the vendors say", [_incidents(), _components()]),
            Section("The last 30 days", fleet_past.panels(), folded=True),
        ],
    )


def _broken() -> table.Panel:
    """Return what to look at first: on a phone it is the first screen, on a desk the first corner."""
    those = f"on (target) ({broken()})"
    fault = told("genmedia_target_fault", "target, fault", 'fault!="none"')
    since = told("genmedia_target_status_since_timestamp_seconds", "target")
    channel = joined(broken(), "channel, model")
    return grid(
        "Broken now",
        "Targets that a request should not be sent to, official ones first: failing, unknown, or ours "
        "to mend. Empty is good, as long as Usable counts somebody.",
        [
            target(),
            status(broken(), width=155),
            label("Fault", "fault", width=85),
            labels_of(f"(({fault}) == 1) and {those}"),
            rank("Urgency", f"{urgency()} and {those}"),
            moment("Since", f"{since} and {those}"),
            label("Channel", "channel", width=85),
            labels_of(channel),
        ],
        size=(12, 8),
        empty="Nothing is broken, if Usable below counts any target",
        sort="Urgency",
        descending=True,
    )


def _together() -> table.Panel:
    """Return one line an incident: what fails together, and since when."""
    return grid(
        "Incidents",
        "What fails together, as the exporter sees it: targets of one vendor, one account, or "
        "everything behind our own network. One line each; shaded on the panels while open.",
        [
            label("Vendor", "vendor"),
            Column("Targets", of_incidents("genmedia_incident_targets"), decimals=0, width=75),
            label("Reason", "reason", width=145),
            moment("Since", of_incidents("genmedia_incident_start_timestamp_seconds")),
            label("Fault", "fault", width=85),
            label("Incident", "incident", width=170),
            labels_of(incidents()),
        ],
        size=(12, 8),
        empty="No incident is open",
        sort="Targets",
        descending=True,
    )


def _headline() -> list[stat.Panel]:
    usable = (Status.OPERATIONAL, Status.DEGRADED)
    theirs = (Status.RATE_LIMITED, Status.RISK_CONTROL, Status.DOWN, Status.SUSPENDED)
    ours = (Status.AUTH_ERROR, Status.QUOTA_EXHAUSTED)
    return [
        _count(
            "Usable",
            "Operational or degraded: a request can be expected to work.",
            usable,
            palette.SOME_IS_GOOD,
        ),
        _count(
            "Failing",
            "Down, suspended, in risk control or limited in rate: the provider or gateway "
            "does not serve us.",
            theirs,
            palette.NONE_IS_GOOD,
        ),
        _count(
            "Ours to mend",
            "Our key, entitlement, region, money or quota. Nobody else will fix these.",
            ours,
            palette.NONE_IS_CALM,
        ),
        _count(
            "Unknown",
            "No fresh evidence, no credential, or our own network is in doubt. Not the same as down.",
            (Status.UNKNOWN,),
        ),
        _count(
            "Planned or gone",
            "In maintenance, or retired for good: nothing to do at night. With the four before "
            "it, all of the chosen targets.",
            (Status.MAINTENANCE, Status.RETIRED),
        ),
        tile(
            "Availability, 24 h",
            "Mean over the chosen targets, of the time in which we could tell.",
            f"avg({chosen(up_over('24h'))})",
            5,
            unit="percentunit",
            empty="nothing probed yet",
            steps=palette.AVAILABILITY,
            decimals=2,
        ),
        tile(
            "Spent today",
            "What paid probes cost today, reservations included, over all targets. Click it for "
            "the limit.",
            'max(genmedia_budget_spent_usd{period="day"})',
            4,
            unit="currencyUSD",
            empty="exporter not scraped",
            decimals=2,
        ).data_links([to_exporter()]),
    ]


def _count(
    title: str,
    description: str,
    statuses: tuple[Status, ...],
    steps: palette.Steps = palette.NEUTRAL,
) -> stat.Panel:
    return tile(title, description, in_status(*statuses), 3, empty="no target", steps=steps)


def _timeline() -> statetimeline.Panel:
    return timeline(
        "Status",
        "The status of every target over time; click one to open it. A gap means that Prometheus "
        "did not scrape the exporter, not that the target was down.",
        {"{{target}} · {{channel}}": joined(latest("genmedia_target_status_code"))},
        palette.STATUSES,
        size=(24, 10),
        empty=NO_TARGETS,
    ).data_links([to_target("__field.labels.target")])


def _now() -> table.Panel:
    """Return one line a target, those that somebody should look at first."""
    fault = told("genmedia_target_fault", "target, fault", 'fault!="none"')
    code = joined(latest("genmedia_target_status_code"), "channel, model")
    agreement = latest("genmedia_target_page_agreement")
    ends = latest("genmedia_target_retirement_timestamp_seconds")
    columns = [
        target(width=180),
        status(code, width=155),
        label("Fault", "fault", width=80),
        labels_of(f"({fault}) == 1"),
        rank("Urgency", urgency()),
        moment("Since", told("genmedia_target_status_since_timestamp_seconds", "target")),
        label("Channel", "channel", width=80),
        label("Model", "model"),
        *(
            share(window, chosen(up_over(window)), palette.AVAILABILITY, width=80)
            for window in ("24h", "7d", "30d")
        ),
        *price(width=75, unit_width=70),
        duration("Ends in", f"({ends}) - time()", palette.MODEL_LEFT, width=165),
        Column("Page", agreement, mappings=palette.AGREEMENT, width=80),
        dollars("Cost, 24 h", grown("genmedia_probe_cost_usd_total", "24h", "target"), width=90),
    ]
    return grid(
        "Now",
        "One line a target, what is broken first; click its name for all about it. 24h, 7d, 30d: "
        "availability, of the time in which we could tell; a dash is no such time. Price: of one "
        "unit. Ends in: until the known end of the model. Page: whether the vendor's status page "
        "agrees with our probes. Cost: of probing it in 24 hours.",
        columns,
        size=(24, 12),
        empty=NO_TARGETS,
        sort="Urgency",
        descending=True,
    )


def _incidents() -> table.Panel:
    info = "max by (page, title, impact, url) (genmedia_status_page_incident_info)"
    open_now = f'label_replace({info}, "url", "{NO_ADDRESS}", "url", "")'
    return grid(
        "Open incidents",
        "What the vendors' status pages call an incident now. They annotate; they never set a "
        "status. Click a title to read it there; one without an address leads to our targets.",
        [
            label("Page", "page", width=120),
            label("Incident", "title", link="${__data.fields.Address:raw}"),
            label("Impact", "impact", width=110),
            label("Address", "url", width=160),
            labels_of(open_now),
        ],
        size=(12, 7),
        empty="No open incident on any status page",
        sort="Page",
    )


def _components() -> table.Panel:
    """Return the components we watch; their names join no target in the metrics."""
    stated = "max by (page, component, status) (genmedia_status_page_component_status == 1)"
    listed = "min by (page, component) (genmedia_status_page_component_listed)"
    start = "max by (page, component) "
    start += "(genmedia_status_page_maintenance_start_timestamp_seconds)"
    return grid(
        "Components",
        "What the pages say of the components we watch. Listed: whether the configured name is on "
        "the page. Maintenance: the next window, or the one running.",
        [
            label("Page", "page", width=120),
            label("Component", "component"),
            labels_of(stated),
            Column(
                "Status",
                "status",
                value=False,
                unit="string",
                mappings=palette.COMPONENT,
                width=150,
            ),
            Column("Listed", listed, mappings=palette.LISTED, width=100),
            moment("Maintenance", start),
        ],
        size=(12, 7),
        empty="No status page configured",
        sort="Page",
    )
