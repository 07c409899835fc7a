"""What all dashboards share: variables, links, marks of status changes, and how panels are laid out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as model

from dashboards.src.palette import BAD, PLANNED
from dashboards.src.panels import SOURCE
from dashboards.src.promql import CHOSEN, chosen, incidents, urgency

TAG: Final = "genmedia"
COLUMNS: Final = 24


@dataclass(frozen=True, slots=True)
class Section:
    """Panels that belong together, left to right, under a heading; folded ones load when opened."""

    title: str  # "" for the first, which needs none
    panels: Sequence[Builder[model.Panel]]
    folded: bool = False


def page(
    uid: str,
    title: str,
    description: str,
    variables: Sequence[Builder[model.VariableModel]],
    sections: Sequence[Section],
    *,
    since: str = "now-24h",
    marks: bool = True,
) -> model.Dashboard:
    """Return a whole dashboard; *marks* are incidents and status changes, over all of its panels."""
    built = build.Dashboard(title).uid(uid).description(description).tags([TAG]).readonly()
    built = built.time(since, "now").refresh("1m").timezone("browser")
    built = built.tooltip(model.DashboardCursorSync.CROSSHAIR).link(_others())
    source = build.DatasourceVariable("datasource").label("Data source").type("prometheus")
    for variable in (source, *variables):
        built = built.with_variable(variable)
    if marks:
        built = built.annotation(_incidents()).annotation(_changes())
    whole = built.build()
    whole.panels = laid_out(sections)
    return whole


def target_variables(*, one: bool = False) -> list[Builder[model.VariableModel]]:
    """Return provider, channel, operation and target, each offering what those before it leave.

    With *one* the page opens on one target, the first of those in most need of a look, and not on all.
    """
    before = ""
    found: list[Builder[model.VariableModel]] = []
    for name in ("provider", "channel", "operation", "target"):
        series = f"genmedia_target_info{{{before}}}" if before else "genmedia_target_info"
        if one and name == "target":
            found.append(_one_target(series))
        else:
            found.append(choice(name, f"label_values({series}, {name})"))
        before += f'{"," if before else ""}{name}=~"${name}"'
    return found


def _one_target(series: str) -> build.QueryVariable:
    """Offer targets, the most urgent first: Grafana opens on the first where none is asked for."""
    question = f"query_result(sort_desc({urgency(series)}))"
    variable = build.QueryVariable("target").label("Target").datasource(SOURCE)
    variable = variable.query(question).definition(question).regex('/target="([^"]+)"/')
    variable = variable.multi(True).include_all(False).sort(model.VariableSort.DISABLED)
    return variable.refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)


def choice(name: str, question: str, every: str = ".*") -> build.QueryVariable:
    """Return a variable of which any number may be chosen; all of them, *every*, at first."""
    variable = build.QueryVariable(name).label(name.capitalize()).datasource(SOURCE)
    variable = variable.query(question).definition(question).multi(True).include_all(True)
    variable = variable.all_value(every).sort(model.VariableSort.ALPHABETICAL_CASE_INSENSITIVE_ASC)
    return variable.refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)


def preset(name: str, text: str, values: str, default: str, why: str) -> build.CustomVariable:
    """Return a variable with a few fixed values, one of them chosen already."""
    options = [
        model.VariableOption(selected=value == default, text=value, value=value)
        for value in values.split(",")
    ]
    variable = build.CustomVariable(name).label(text).description(why).values(values)
    variable = variable.options(options).multi(False).include_all(False)
    return variable.current(model.VariableOption(selected=True, text=default, value=default))


def window(values: str, default: str) -> build.CustomVariable:
    """Return how far back ratios and quantiles look: a span of the dashboard would hold no probe."""
    why = "How far back ratios and quantiles look at each point. Paid probes may be hours apart."
    return preset("window", "Window", values, default, why)


def _changes() -> build.AnnotationQuery:
    when = "genmedia_target_last_transition_timestamp_seconds"
    newest = f'max by (target, from, to) ({when}{{{CHOSEN}, from!="none"}}) * 1000'
    mark = build.AnnotationQuery().name("Status changes").enable(True).datasource(SOURCE)
    mark = mark.expr(chosen(newest)).use_value_for_time(True).step("60s").icon_color(PLANNED)
    return mark.title_format("{{target}}").text_format("{{from}} → {{to}}").tag_keys("target,to")


def _incidents() -> build.AnnotationQuery:
    """Shade the time in which an incident was open."""
    mark = build.AnnotationQuery().name("Incidents").enable(True).datasource(SOURCE)
    mark = mark.expr(incidents()).step("60s").icon_color(BAD)
    return mark.title_format("{{vendor}}: {{reason}}").text_format(
        "Incident {{incident}} of one {{scope}}, by the fault of: {{fault}}"
    )


def _others() -> build.DashboardLink:
    link = build.DashboardLink("genmedia dashboards").type(model.DashboardLinkType.DASHBOARDS)
    link = link.tags([TAG]).as_dropdown(True).include_vars(True).keep_time(True)
    return link.icon("external link").tooltip("The other dashboards, same choice and time").url("")


def laid_out(sections: Sequence[Section]) -> list[model.Panel | model.RowPanel]:
    """Give every panel its place and id: left to right, a new line where the next does not fit.

    Ids count from a hundred for each section, so that a new panel moves few of them: links to one
    panel carry its id.
    """
    found: list[model.Panel | model.RowPanel] = []
    top = 0
    for number, section in enumerate(sections, 1):
        first = number * 100
        if section.title:
            place = model.GridPos(h=1, w=COLUMNS, x=0, y=top)
            row = model.RowPanel(collapsed=section.folded, title=section.title, id_val=first)
            row.grid_pos = place
            found.append(row)
            top += 1
        panels, end = _placed(section.panels, first, top)
        if section.title and section.folded:
            row.panels = panels
        else:
            found.extend(panels)
            top = end
    return found


def _placed(
    builders: Sequence[Builder[model.Panel]], first: int, top: int
) -> tuple[list[model.Panel], int]:
    x, y, tallest = 0, top, 0
    panels: list[model.Panel] = []
    for number, builder in enumerate(builders, 1):
        panel = builder.build()
        place = panel.grid_pos or model.GridPos()
        if x + place.w > COLUMNS:
            x, y, tallest = 0, y + tallest, 0
        place.x, place.y = x, y
        panel.id_val, panel.grid_pos = first + number, place
        x, tallest = x + place.w, max(tallest, place.h)
        panels.append(panel)
    return panels, y + tallest
