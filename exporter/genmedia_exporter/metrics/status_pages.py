"""The samples of status pages: a pure function of their reports."""

from __future__ import annotations

from collections.abc import Iterable

from genmedia_exporter.core.status_page import (
    Component,
    ComponentStatus,
    Impact,
    PageReading,
    PageReport,
)
from genmedia_exporter.metrics import catalogue
from genmedia_exporter.metrics.exposition import Block, Format, Shows, Writer, everything, join
from genmedia_exporter.status_pages.report import (
    next_maintenances,
    open_incidents,
    shown_components,
    shown_incidents,
)


def render_pages(reports: Iterable[PageReport], form: Format, shows: Shows = everything) -> bytes:
    """Return the samples of all pages."""
    blocks = [_block(report) for report in reports]
    return join(catalogue.PAGE_FAMILIES, blocks, form, shows) if blocks else b""


def _block(report: PageReport) -> Block:
    writer = Writer(catalogue.PAGE_FAMILIES, report.settings.id)
    writer.add(catalogue.PAGE_READABLE, report.readable)
    writer.add(catalogue.PAGE_LAST_SUCCESS, report.read_at)
    reading = report.reading
    indicator = reading.indicator if reading else Impact.UNKNOWN
    for word in Impact:
        writer.add(catalogue.PAGE_INDICATOR, word is indicator, word)
    for name, component in shown_components(report).items():
        _component(writer, name, component)
    if reading is not None:
        for name, component in report.listed.items():
            # A page that lists only a part says nothing of what it does not list.
            if component is not None or (report.reading and report.reading.complete):
                writer.add(catalogue.PAGE_COMPONENT_LISTED, component is not None, name)
        _incidents(writer, reading)
        _maintenances(writer, report, reading)
    return writer.block()


def _component(writer: Writer, name: str, component: Component | None) -> None:
    status = component.status if component else ComponentStatus.UNKNOWN
    for word in ComponentStatus:
        writer.add(catalogue.PAGE_COMPONENT_STATUS, word is status, name, word)


def _incidents(writer: Writer, reading: PageReading) -> None:
    counted = open_incidents(reading)
    for impact in Impact:
        writer.add(catalogue.PAGE_INCIDENTS, counted.get(impact, 0), impact)
    infos = {
        (i.title, i.impact, i.url) for i in shown_incidents(reading)
    }  # a page may repeat itself
    for title, impact, url in sorted(infos):
        writer.add(catalogue.PAGE_INCIDENT_INFO, 1, title, impact, url)


def _maintenances(writer: Writer, report: PageReport, reading: PageReading) -> None:
    for name, component in shown_components(report).items():
        coming = next_maintenances(reading, component) if component else ()
        start = next((m.start for m in coming if m.start is not None), None)
        writer.add(catalogue.PAGE_MAINTENANCE_START, start, name)
