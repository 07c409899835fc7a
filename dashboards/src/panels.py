"""Panels as this project makes them: always with a description, a unit and a reason for emptiness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NotRequired, Protocol, Self, TypedDict, TypeVar, Unpack

from grafana_foundation_sdk.builders import (
    bargauge,
    common,
    dashboard,
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

from dashboards.src.palette import NEUTRAL, QUIET, Steps, nothing, thresholds

SOURCE: Final = kinds.DataSourceRef(type_val="prometheus", uid="${datasource}")
TARGET_UID: Final = "genmedia-target"
CHANNELS_UID: Final = "genmedia-channels"
EXPORTER_UID: Final = "genmedia-exporter"
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


class Look(TypedDict):
    """How a panel is to be read; *empty* says why there may be nothing to see."""

    empty: str
    unit: NotRequired[str]
    size: NotRequired[tuple[int, int]]
    steps: NotRequired[Steps]


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


def letter(index: int) -> str:
    """Return the name of a panel's query: A, B, ..."""
    return chr(ord("A") + index)


def dress(
    panel: P,
    title: str,
    description: str,
    queries: Sequence[prometheus.Dataquery],
    **look: Unpack[Look],
) -> P:
    """Give a panel what every panel must have."""
    width, height = look.get("size", (12, 8))
    panel = panel.title(title).description(description).datasource(SOURCE)
    panel = panel.unit(look.get("unit", "none")).no_value(look["empty"])
    panel = panel.thresholds(thresholds(look.get("steps", NEUTRAL))).span(width).height(height)
    for one in queries:
        panel = panel.with_target(one)
    return panel


def tile(
    title: str,
    description: str,
    expression: str,
    width: int,
    *,
    mappings: Sequence[model.ValueMapping] = (),
    legend: str = "__auto",
    decimals: int | None = None,
    **look: Unpack[Look],
) -> stat.Panel:
    """Return a number of this moment (or a few), on the colour of its thresholds or *mappings*."""
    look["size"] = (width, 4)
    panel = stat.Panel().graph_mode(kinds.BigValueGraphMode.NONE).reduce_options(_last_value())
    panel = panel.color_mode(kinds.BigValueColorMode.BACKGROUND_SOLID)
    panel = panel.orientation(kinds.VizOrientation.AUTO)
    panel = panel.mappings([*mappings, nothing(look["empty"])])
    if decimals is not None:
        panel = panel.decimals(decimals)
    return dress(panel, title, description, [query(expression, legend, now=True)], **look)


def lines(
    title: str, description: str, asked: Mapping[str, str], **look: Unpack[Look]
) -> timeseries.Panel:
    """Return thin lines over time, from zero; *asked* has a legend and what it stands for."""
    panel = timeseries.Panel().line_width(1).fill_opacity(0).min(0).legend(_legend())
    panel = panel.show_points(kinds.VisibilityMode.AUTO).tooltip(_tooltip())
    panel = panel.color_scheme(
        dashboard.FieldColor().mode(model.FieldColorModeId.PALETTE_CLASSIC_BY_NAME)
    )
    queries = [
        query(expression, legend, name=letter(index))
        for index, (legend, expression) in enumerate(asked.items())
    ]
    return dress(panel, title, description, queries, **look)


def areas(
    title: str, description: str, asked: Mapping[str, str], **look: Unpack[Look]
) -> timeseries.Panel:
    """Return stacked areas: parts of a whole."""
    stacked = common.StackingConfig().mode(kinds.StackingMode.NORMAL).group("A")
    return lines(title, description, asked, **look).stacking(stacked).fill_opacity(40)


def bars(
    title: str, description: str, asked: Mapping[str, str], span: str, **look: Unpack[Look]
) -> timeseries.Panel:
    """Return stacked bars: what was counted in the time a bar covers, *span* at least.

    A bar begins at its point, as the queries must look ahead from there.
    """
    above_zero = {legend: f"{expression} > 0" for legend, expression in asked.items()}
    panel = areas(title, description, above_zero, **look).interval(span)
    panel = panel.draw_style(kinds.GraphDrawStyle.BARS).fill_opacity(75)
    return panel.bar_alignment(kinds.BarAlignment.AFTER)


def timeline(
    title: str,
    description: str,
    asked: Mapping[str, str],
    mappings: list[model.ValueMapping],
    **look: Unpack[Look],
) -> statetimeline.Panel:
    """Return one row a series, the words of *mappings* in their colours; a gap is no sample."""
    panel = statetimeline.Panel().mappings(mappings).merge_values(True).per_page(25)
    panel = panel.show_value(kinds.VisibilityMode.AUTO).row_height(0.8).fill_opacity(100)
    panel = panel.line_width(0).legend(_legend())
    tooltip = common.VizTooltipOptions().mode(kinds.TooltipDisplayMode.SINGLE)
    # Of the modes only the fixed ones leave the legend to the mappings; unmapped values stay quiet.
    colour = dashboard.FieldColor().mode(model.FieldColorModeId.FIXED).fixed_color(QUIET)
    panel = panel.tooltip(tooltip).color_scheme(colour)
    queries = [query(expression, legend) for legend, expression in asked.items()]
    return dress(panel, title, description, queries, **look)


def ranked(
    title: str, description: str, asked: Mapping[str, str], **look: Unpack[Look]
) -> bargauge.Panel:
    """Return horizontal bars of what is now, one a series."""
    panel = bargauge.Panel().orientation(kinds.VizOrientation.HORIZONTAL)
    panel = panel.display_mode(kinds.BarGaugeDisplayMode.BASIC).reduce_options(_last_value())
    panel = panel.value_mode(kinds.BarGaugeValueMode.TEXT).show_unfilled(True)
    panel = panel.text(common.VizTextDisplayOptions().title_size(14).value_size(20))
    panel = panel.mappings([nothing(look["empty"])])
    queries = [query(expression, legend, now=True) for legend, expression in asked.items()]
    return dress(panel, title, description, queries, **look)


def _last_value() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["lastNotNull"]).values(False).fields("")


def _legend() -> common.VizLegendOptions:
    options = common.VizLegendOptions().show_legend(True)
    options = options.display_mode(kinds.LegendDisplayMode.LIST).calcs([])
    return options.placement(kinds.LegendPlacement.BOTTOM)


def _tooltip() -> common.VizTooltipOptions:
    return (
        common.VizTooltipOptions()
        .mode(kinds.TooltipDisplayMode.MULTI)
        .sort(kinds.SortOrder.DESCENDING)
    )


def to_target(name: str) -> dashboard.DashboardLink:
    """Link to the page of one target; *name* is the macro that holds it."""
    return _to(TARGET_UID, "Open this target", f"var-target=${{{name}:percentencode}}")


def to_channels() -> dashboard.DashboardLink:
    """Link to objective and error budget of the chosen targets."""
    return _to(CHANNELS_UID, "Open objective and budget", "${target:queryparam}")


def to_exporter() -> dashboard.DashboardLink:
    """Link to the exporter and its money."""
    return _to(EXPORTER_UID, "Open the exporter's money")


def _to(uid: str, title: str, *choice: str) -> dashboard.DashboardLink:
    asked = "&".join([*choice, _CHOSEN_DATA])
    return dashboard.DashboardLink(title).url(f"/d/{uid}/{uid}?{asked}")
