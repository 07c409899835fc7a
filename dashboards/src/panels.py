"""Panels as this project makes them: always with a description, a unit and a reason for emptiness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol, Self, TypeVar

from grafana_foundation_sdk.builders import (
    bargauge,
    common,
    dashboard,
    heatmap,
    prometheus,
    stat,
    statetimeline,
    timeseries,
)
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models import prometheus as prometheus_kinds

from dashboards.src.palette import NEUTRAL, QUIET, Steps, thresholds

SOURCE: Final = kinds.DataSourceRef(type_val="prometheus", uid="${datasource}")
TARGET_UID: Final = "genmedia-target"
_CHOSEN_DATA: Final = "${datasource:queryparam}&${__url_time_range}"


class Panel(Protocol):
    """What the builders of every kind of panel have in common."""

    def build(self) -> model.Panel: ...
    def title(self, title: str) -> Self: ...
    def description(self, description: str) -> Self: ...
    def datasource(self, datasource: kinds.DataSourceRef) -> Self: ...
    def unit(self, unit: str) -> Self: ...
    def no_value(self, no_value: str) -> Self: ...
    def span(self, w: int) -> Self: ...
    def height(self, h: int) -> Self: ...
    def thresholds(self, thresholds: Builder[model.ThresholdsConfig]) -> Self: ...
    def with_target(self, target: Builder[Dataquery]) -> Self: ...


P = TypeVar("P", bound=Panel)


def query(
    expression: str,
    legend: str = "__auto",
    *,
    name: str = "A",
    now: bool = False,
    form: prometheus_kinds.PromQueryFormat = prometheus_kinds.PromQueryFormat.TIME_SERIES,
) -> prometheus.Dataquery:
    """Return one query over the time range, or of this moment with *now*."""
    built = prometheus.Dataquery().expr(" ".join(expression.split())).legend_format(legend)
    built = built.ref_id(name).datasource(SOURCE).format(form)
    built = built.editor_mode(prometheus_kinds.QueryEditorMode.CODE)
    return built.instant() if now else built.range()


def dress(
    panel: P,
    title: str,
    description: str,
    queries: Sequence[prometheus.Dataquery],
    *,
    size: tuple[int, int],
    unit: str,
    empty: str,
    steps: Steps = NEUTRAL,
) -> P:
    """Give a panel what every panel must have; *empty* says why there may be nothing to see."""
    panel = panel.title(title).description(description).datasource(SOURCE)
    panel = panel.unit(unit).no_value(empty).thresholds(thresholds(steps))
    panel = panel.span(size[0]).height(size[1])
    for one in queries:
        panel = panel.with_target(one)
    return panel


def last_value() -> common.ReduceDataOptions:
    """Reduce a series to what it is now."""
    return common.ReduceDataOptions().calcs(["lastNotNull"]).values(False).fields("")


def number() -> stat.Panel:
    """Return a stat of one value (or a few), without sparkline, coloured by its thresholds."""
    panel = stat.Panel().graph_mode(kinds.BigValueGraphMode.NONE).reduce_options(last_value())
    return panel.color_mode(kinds.BigValueColorMode.VALUE).orientation(kinds.VizOrientation.AUTO)


def tile(
    title: str,
    description: str,
    expression: str,
    *,
    width: int,
    unit: str,
    empty: str,
    steps: Steps = NEUTRAL,
    mappings: Sequence[model.ValueMapping] = (),
    legend: str = "__auto",
    decimals: int | None = None,
) -> stat.Panel:
    """Return a number of this moment, for the top of a dashboard."""
    panel = number().mappings(list(mappings))
    if decimals is not None:
        panel = panel.decimals(decimals)
    queries = [query(expression, legend, now=True)]
    size = (width, 4)
    return dress(panel, title, description, queries, size=size, unit=unit, empty=empty, steps=steps)


def _legend(*calcs: str) -> common.VizLegendOptions:
    options = common.VizLegendOptions().show_legend(True)
    options = options.display_mode(kinds.LegendDisplayMode.LIST).calcs(list(calcs))
    return options.placement(kinds.LegendPlacement.BOTTOM)


def _tooltip() -> common.VizTooltipOptions:
    return (
        common.VizTooltipOptions()
        .mode(kinds.TooltipDisplayMode.MULTI)
        .sort(kinds.SortOrder.DESCENDING)
    )


def lines() -> timeseries.Panel:
    """Return thin lines over time, from zero."""
    panel = timeseries.Panel().line_width(1).fill_opacity(0).min(0).legend(_legend())
    panel = panel.show_points(kinds.VisibilityMode.AUTO).tooltip(_tooltip())
    return panel.color_scheme(
        dashboard.FieldColor().mode(model.FieldColorModeId.PALETTE_CLASSIC_BY_NAME)
    )


def areas() -> timeseries.Panel:
    """Return stacked areas: parts of a whole."""
    stacked = common.StackingConfig().mode(kinds.StackingMode.NORMAL).group("A")
    return lines().stacking(stacked).fill_opacity(40)


def bars() -> timeseries.Panel:
    """Return stacked bars: things counted in the time a bar covers."""
    return areas().draw_style(kinds.GraphDrawStyle.BARS).fill_opacity(75)


def timeline(mappings: list[model.ValueMapping]) -> statetimeline.Panel:
    """Return one row a series, the words of *mappings* in their colours; a gap is no sample."""
    panel = statetimeline.Panel().mappings(mappings).merge_values(True).per_page(25)
    panel = panel.show_value(kinds.VisibilityMode.AUTO).row_height(0.8).fill_opacity(80)
    panel = panel.line_width(0).legend(_legend())
    tooltip = common.VizTooltipOptions().mode(kinds.TooltipDisplayMode.SINGLE)
    # Of the modes only the fixed ones leave the legend to the mappings; unmapped values stay quiet.
    colour = dashboard.FieldColor().mode(model.FieldColorModeId.FIXED).fixed_color(QUIET)
    return panel.tooltip(tooltip).color_scheme(colour)


def ranked() -> bargauge.Panel:
    """Return horizontal bars of what is now, one a series."""
    panel = bargauge.Panel().orientation(kinds.VizOrientation.HORIZONTAL)
    panel = panel.display_mode(kinds.BarGaugeDisplayMode.BASIC).reduce_options(last_value())
    return panel.value_mode(kinds.BarGaugeValueMode.COLOR).show_unfilled(True)


def buckets() -> heatmap.Panel:
    """Return a heatmap of histogram buckets; its query needs the format heatmap and legend {{le}}."""
    axis = heatmap.YAxisConfig().unit("s").axis_placement(kinds.AxisPlacement.LEFT)
    return heatmap.Panel().calculate(False).y_axis(axis).cell_gap(1)


def to_target(name: str) -> dashboard.DashboardLink:
    """Link to the page of one target; *name* is the macro that holds it."""
    url = f"/d/{TARGET_UID}/{TARGET_UID}?var-target=${{{name}:percentencode}}&{_CHOSEN_DATA}"
    return dashboard.DashboardLink("Open this target").url(url)
