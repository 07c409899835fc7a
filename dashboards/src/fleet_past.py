"""The last 30 days of the fleet: each day, how far back that is known, and who saw trouble first."""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.builders import stat, statushistory, table
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models import dashboard as model

from dashboards.src import palette
from dashboards.src.panels import dress, query, tile, to_target
from dashboards.src.promql import informed, joined, latest, up_over
from dashboards.src.tables import Column, grid, label, labels_of, moment, target


def panels() -> list[Builder[model.Panel]]:
    """Return the panels that look back further than the dashboard does."""
    return [_days(), _held(), _lead(), _pages()]


def _days() -> statushistory.Panel:
    panel = statushistory.Panel().interval("1d").time_from("30d").max_data_points(60)
    panel = panel.show_value(kinds.VisibilityMode.AUTO).row_height(0.8).per_page(25).decimals(1)
    panel = panel.fill_opacity(100).color_scheme(
        build.FieldColor().mode(model.FieldColorModeId.THRESHOLDS)
    )
    days = joined(up_over("1d", ahead=True), info=informed("1d"))
    return dress(
        panel.data_links([to_target("__field.labels.target")]),
        "Availability by day",
        "One cell a day, the last one of today so far; green from 99 %, amber from 90 %, red below. "
        "An empty cell is a day of which nothing is known.",
        [query(days, "{{target}} · {{channel}}")],
        size=(24, 10),
        unit="percentunit",
        empty="Nothing known of these days",
        steps=palette.AVAILABILITY,
    )


def _held() -> stat.Panel:
    oldest = "min(min_over_time(timestamp(genmedia_exporter_build_info)[30d:1h]))"
    return tile(
        "Days of history held",
        "How far back Prometheus remembers, 30 days at most. Below 30 the columns 7d and 30d are of "
        "less than they say: its retention is 15 days unless "
        "--storage.tsdb.retention.time says otherwise.",
        f"(time() - {oldest}) / 86400",
        4,
        empty="under an hour",
        steps=((None, palette.CAUTION), (29, palette.GOOD)),
        decimals=1,
    )


def _lead() -> table.Panel:
    return grid(
        "Who saw it first",
        "By how much our probes were ahead of the vendor's page in the last trouble that both "
        "saw; negative where the page was first.",
        [
            target(),
            Column("Ahead by", latest("genmedia_status_page_detection_lead_seconds"), unit="s"),
        ],
        size=(8, 4),
        empty="No trouble yet that both have seen",
        sort="Ahead by",
        descending=True,
    )


def _pages() -> table.Panel:
    incidents = "sum by (page) (max by (page, impact) (genmedia_status_page_incidents))"
    indicator = "max by (page, indicator) (genmedia_status_page_indicator == 1)"
    return grid(
        "Status pages",
        "Whether each page could be read, when it last was, and what it says of itself as a whole.",
        [
            label("Page", "page"),
            Column(
                "Readable",
                "min by (page) (genmedia_status_page_readable)",
                mappings=palette.PAGE_READ,
                width=120,
            ),
            moment("Read", "max by (page) (genmedia_status_page_last_success_timestamp_seconds)"),
            label("Says", "indicator", width=110),
            labels_of(indicator),
            Column("Incidents", incidents, width=90),
        ],
        size=(12, 4),
        empty="No status page configured",
        sort="Page",
    )
