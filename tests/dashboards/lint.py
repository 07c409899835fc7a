"""A linter of dashboards: the rules of grafana/dashboard-linter that apply, under its names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import promql_parser as promql

from dashboards.src.portable import panels
from tests.dashboards import lint_own
from tests.dashboards.lint_own import SOURCE, Found, Rule
from tests.dashboards.promql import children, selectors
from tests.dashboards.reading import Json, filled, variables

UNITS: Final = frozenset(
    [
        "none",
        "string",
        "short",
        "percentunit",
        "currencyUSD",
        "bytes",
        "s",
        "dtdurations",
        "opm",
        "dateTimeFromNow",
    ]
)


def everything(dashboard: Json) -> Iterator[tuple[str, str]]:
    """Yield rule and message for all that is wrong with a dashboard."""
    for name, rule in RULES.items():
        for message in rule(dashboard):
            yield name, message


def template_datasource(dashboard: Json) -> Found:
    """The data source is a variable, under the name others use."""
    found = [one for one in dashboard["templating"]["list"] if one["type"] == "datasource"]
    if [(one["name"], one.get("label"), one["query"]) for one in found] != [
        ("datasource", "Data source", "prometheus")
    ]:
        yield "no variable for the data source, or not by its usual name"


def template_variable(name: str) -> Rule:
    """Make the rule that there is a variable *name*, of which all means that it is not empty."""
    wanted = ("query", name.capitalize(), SOURCE, True, ".+")
    keys = ("type", "label", "datasource", "multi", "allValue")

    def rule(dashboard: Json) -> Found:
        there = {one["name"]: one for one in dashboard["templating"]["list"]}
        if name not in there:
            yield f"no variable {name}"
            return
        for key, value in zip(keys, wanted, strict=True):
            found = there[name].get(key)
            if found != value:
                yield f"variable {name}: {key} is {found!r}, not {value!r}"

    return rule


def template_refresh(dashboard: Json) -> Found:
    """Variables ask again when the time range changes: targets come and go."""
    for one in dashboard["templating"]["list"]:
        if one["type"] == "query" and one.get("refresh") != 2:
            yield f"variable {one['name']} does not reload with the time range"


def panel_datasource(dashboard: Json) -> Found:
    """Panels and queries use the variable, never the data source of an instance."""
    for panel in panels(dashboard):
        if panel.get("datasource") != SOURCE:
            yield panel["title"]
        yield from (
            f"{panel['title']}: {one['refId']}"
            for one in panel["targets"]
            if one.get("datasource") != SOURCE
        )


def panel_words(dashboard: Json) -> Found:
    """Each panel says what it is about."""
    for panel in panels(dashboard):
        if not panel.get("title") or not panel.get("description"):
            yield f"panel {panel['id']}"


def panel_units(dashboard: Json) -> Found:
    """Each panel has a unit, of those in use here."""
    for panel in panels(dashboard):
        overrides = panel["fieldConfig"].get("overrides", [])
        units = {one["value"] for o in overrides for one in o["properties"] if one["id"] == "unit"}
        for unit in {panel["fieldConfig"]["defaults"].get("unit", "")} | units:
            if unit not in UNITS:
                yield f"{panel['title']}: {unit or 'no unit'}"


def panel_targets(dashboard: Json) -> Found:
    """Each panel asks something, under names that differ."""
    for panel in panels(dashboard):
        names = [one["refId"] for one in panel.get("targets", [])]
        if not names or len(names) != len(set(names)):
            yield str(panel["title"])


def target_promql(dashboard: Json) -> Found:
    """Each query parses, and its variables exist."""
    for panel, expression in _queries(dashboard):
        try:
            promql.parse(filled(expression, variables(dashboard)))
        except (KeyError, ValueError) as problem:
            yield f"{panel}: {problem}"


def rate_interval(dashboard: Json) -> Found:
    """rate() spans what Grafana knows to hold enough scrapes."""
    for panel, expression in _queries(dashboard):
        for called, span in re.findall(r"\b(i?rate)\(\w+(?:\{[^}]*\})?\[([^\]]+)\]", expression):
            if span != "$__rate_interval":
                yield f"{panel}: {called} over {span}"


def target_matcher(name: str) -> Rule:
    """Make the rule that each selector is narrowed by the variable *name*."""

    def rule(dashboard: Json) -> Found:
        values = {**variables(dashboard), name: f"${name}"}
        for panel, expression in _queries(dashboard):
            for one in selectors(promql.parse(filled(expression, values))):
                named = {(matcher.name, matcher.value) for matcher in one.matchers.matchers}
                if (name, f"${name}") not in named:
                    yield f"{panel}: {one.name}"

    return rule


def counters(dashboard: Json) -> Found:
    """Counters are shown by their growth only."""
    values = variables(dashboard)
    for panel, expression in _queries(dashboard):
        yield from (f"{panel}: {one}" for one in _bare(promql.parse(filled(expression, values))))


def _bare(node: promql.Expr, inside: str = "") -> Found:
    if isinstance(node, promql.MatrixSelector):
        if inside not in ("rate", "irate", "increase") and _counts(node.vector_selector):
            yield f"{inside} of a counter"
    elif isinstance(node, promql.VectorSelector) and _counts(node):
        yield f"{node.name} as it is"
    for child in children(node):
        yield from _bare(child, node.func.name if isinstance(node, promql.Call) else inside)


def _counts(node: promql.VectorSelector) -> bool:
    return (node.name or "").endswith(("_total", "_bucket"))


def uneditable(dashboard: Json) -> Found:
    """Edits would be undone by the next provisioning."""
    if dashboard.get("editable", True):
        yield "it can be edited in place, and the next provisioning would undo that"


def _queries(dashboard: Json) -> Iterator[tuple[str, str]]:
    for panel in panels(dashboard):
        yield from ((panel["title"], one["expr"]) for one in panel["targets"])


RULES: Final[dict[str, Rule]] = {
    **lint_own.RULES,
    "template-datasource-rule": template_datasource,
    "template-job-rule": template_variable("job"),
    "template-instance-rule": template_variable("instance"),
    "template-on-time-change-reload-rule": template_refresh,
    "panel-datasource-rule": panel_datasource,
    "panel-title-description-rule": panel_words,
    "panel-units-rule": panel_units,
    "panel-no-targets-rule": panel_targets,
    "target-promql-rule": target_promql,
    "target-rate-interval-rule": rate_interval,
    "target-job-rule": target_matcher("job"),
    "target-instance-rule": target_matcher("instance"),
    "target-counter-agg-rule": counters,
    "uneditable-dashboard": uneditable,
}
