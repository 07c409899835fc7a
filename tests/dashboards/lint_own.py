"""Rules for dashboards that no linter has, and that ours keep."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

import promql_parser as promql

from dashboards.src import palette
from dashboards.src.portable import panels
from genmedia_exporter.core.status import Status
from tests.dashboards.promql import selectors
from tests.dashboards.reading import Json, filled, variables

SOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}
KINDS: Final = frozenset(
    [
        "stat",
        "state-timeline",
        "status-history",
        "table",
        "timeseries",
        "bargauge",
        "row",
    ]
)
COLOURS: Final = frozenset(
    value for value in vars(palette).values() if isinstance(value, str) and value.startswith("#")
) | {*palette.STATUS_COLOURS.values(), palette.PLAIN}
_LINK: Final = re.compile(r"^/d/([\w-]+)/[\w-]+\?")
_SHOWN_CODE: Final = re.compile(  # as the answer or brought to it, not compared
    r"(^\(*|[+*] on \(target\) group_left \(\) )max by \(target\) \(genmedia_target_status_code"
)

Found = Iterator[str]
Rule = Callable[[Json], Found]


def other_datasources(dashboard: Json) -> Found:
    """So do variables and annotations."""
    asking = [one for one in dashboard["templating"]["list"] if one["type"] == "query"]
    for one in asking + dashboard.get("annotations", {}).get("list", []):
        if one.get("datasource") != SOURCE:
            yield str(one["name"])


def classic(dashboard: Json) -> Found:
    """Not the v2 format, which Grafana does not provision from files."""
    yield from sorted({"elements", "layout", "spec", "apiVersion", "kind"} & dashboard.keys())
    if not isinstance(dashboard.get("panels"), list):
        yield "no panels"


def ids(dashboard: Json) -> Found:
    """Ids are positive and unique: links to a panel carry them."""
    found = [panel["id"] for panel in panels(dashboard)]
    found += [panel["id"] for panel in dashboard["panels"] if panel["type"] == "row"]
    yield from (f"{one} more than once" for one in set(found) if found.count(one) > 1)
    yield from (f"{one} is no id" for one in found if not isinstance(one, int) or one < 1)


def grid(dashboard: Json) -> Found:
    """Panels lie on the grid of 24 columns and not over each other."""
    taken: dict[tuple[int, int], str] = {}
    for panel in dashboard["panels"]:
        yield from _occupied(panel, taken)
        inner: dict[tuple[int, int], str] = {}
        for folded in panel.get("panels") or ():
            yield from _occupied(folded, inner)


def _occupied(panel: Json, taken: dict[tuple[int, int], str]) -> Found:
    place, title = panel["gridPos"], str(panel["title"])
    if place["x"] < 0 or place["x"] + place["w"] > 24 or min(place["w"], place["h"]) < 1:
        yield f"{title} leaves the grid"
    for x in range(place["x"], place["x"] + place["w"]):
        for y in range(place["y"], place["y"] + place["h"]):
            other = taken.setdefault((x, y), title)
            if other != title:
                yield f"{title} lies over {other}"
                return


def kinds(dashboard: Json) -> Found:
    """Only panels that every Grafana has."""
    for panel in [*dashboard["panels"], *panels(dashboard)]:
        if panel["type"] not in KINDS:
            yield f"{panel['title']}: {panel['type']} is not of Grafana's core"


def emptiness(dashboard: Json) -> Found:
    """Each panel says why it may be empty; what is coloured by its value is then quiet."""
    for panel in panels(dashboard):
        config = panel["fieldConfig"]
        if not config["defaults"].get("noValue"):
            yield str(panel["title"])
        if panel["type"] in ("stat", "bargauge") and not _quiet(config["defaults"]["mappings"]):
            yield f"{panel['title']}: no value has the colour of the lowest threshold"
        for one in config.get("overrides", []):
            column = {found["id"]: found["value"] for found in one["properties"]}
            coloured = "thresholds" in column
            if coloured and not _quiet(column.get("mappings", []), palette.PLAIN):
                yield f"{panel['title']}: no {one['matcher']['options']} looks like a bad one"


def _quiet(mappings: list[Json], colour: str = palette.QUIET) -> bool:
    return any(
        one["type"] == "special"
        and one["options"]["match"] == "null+nan"
        and one["options"]["result"]["color"] == colour
        for one in mappings
    )


def links(dashboard: Json) -> Found:
    """The list of the others is there; links of panels name a dashboard."""
    shared = dashboard.get("links", [])
    if not any(
        one["type"] == "dashboards"
        and (one["asDropdown"], one["includeVars"], one["keepTime"]) == (True, True, True)
        and one["tags"] == dashboard["tags"]
        for one in shared
    ):
        yield "no list of the others"
    for panel in panels(dashboard):
        for url in _urls(panel):
            if url != "${__data.fields.Address:raw}" and not _LINK.match(url):
                yield f"{panel['title']}: {url}"


def _urls(panel: Json) -> Iterator[str]:
    config = panel["fieldConfig"]
    properties = [one for o in config.get("overrides", []) for one in o["properties"]]
    lists = [one["value"] for one in properties if one["id"] == "links"]
    for found in [config["defaults"].get("links", []), *lists]:
        yield from (link["url"] for link in found)


def linked(dashboard: Json) -> set[str]:
    """Return the uids that a dashboard's panels lead to."""
    urls = [url for panel in panels(dashboard) for url in _urls(panel)]
    return {match[1] for match in map(_LINK.match, urls) if match}


def status_words(dashboard: Json) -> Found:
    """Where a status code is shown, all codes have their icon and word."""
    wanted = {str(one.code): f"{one.icon} {one.value}" for one in Status}
    for panel in panels(dashboard):
        shown = any(_SHOWN_CODE.search(one["expr"]) for one in panel["targets"])
        if shown and wanted not in _mapped(panel):
            yield f"{panel['title']}: codes without words"


def _mapped(panel: Json) -> Iterator[dict[str, str]]:
    for mappings in _mappings(panel):
        for one in mappings:
            if one["type"] == "value":
                yield {value: result["text"] for value, result in one["options"].items()}


def _mappings(panel: Json) -> Iterator[list[Json]]:
    config = panel["fieldConfig"]
    yield config["defaults"].get("mappings", [])
    properties = [one for o in config.get("overrides", []) for one in o["properties"]]
    yield from (one["value"] for one in properties if one["id"] == "mappings")


def colours(dashboard: Json) -> Found:
    """Colours are of the palette, and never without a word."""
    for panel in panels(dashboard):
        for one in re.findall(r"'color': '([^']+)'", str(panel["fieldConfig"])):
            if one not in COLOURS:
                yield f"{panel['title']}: {one} is not of the palette"
        for mappings in _mappings(panel):
            results = re.findall(r"'text': '([^']*)'", str(mappings))
            if not all(results):
                yield f"{panel['title']}: a colour without a word"


def choices(dashboard: Json) -> Found:
    """Variables take several values and all; none holds a choice made elsewhere.

    One page is about one target: it offers no All, and opens on the first.
    """
    for one in dashboard["templating"]["list"]:
        wanted: tuple[bool, bool, str | None]
        wanted = (True, True, ".+" if one["name"] in ("job", "instance") else ".*")
        if (dashboard["uid"], one["name"]) == ("genmedia-target", "target"):
            wanted = (True, False, None)
        found = (one.get("multi"), one.get("includeAll"), one.get("allValue"))
        if one["type"] == "query" and found != wanted:
            yield f"variable {one['name']} does not take several, or all"
        if one["type"] != "custom" and one["current"] != {}:
            yield f"variable {one['name']} holds somebody's choice"


def constants(dashboard: Json) -> Found:
    """Each query asks for a metric: a constant always answers, and the panel is never empty."""
    values = variables(dashboard)
    for panel in panels(dashboard):
        for one in panel["targets"]:
            if not list(selectors(promql.parse(filled(one["expr"], values)))):
                yield f"{panel['title']}: {one['expr']}"


def spans(dashboard: Json) -> Found:
    """What is counted by span is counted from each point on: the newest span is then there, too."""
    for panel in panels(dashboard):
        span = "$__interval" if panel["type"] != "status-history" else panel["interval"]
        for one in panel["targets"]:
            back = one["expr"].replace(f"[{span}] offset -{span}", "")
            if f"[{span}]" in back:
                yield f"{panel['title']}: the newest span is not looked at"
        if panel["type"] == "timeseries":
            custom = panel["fieldConfig"]["defaults"]["custom"]
            if custom.get("drawStyle") == "bars" and custom.get("barAlignment") != 1:
                yield f"{panel['title']}: bars do not begin at their point"


def words_on_colours(dashboard: Json) -> Found:
    """No word is in a colour, for none can be read on a light and a dark panel: it stands on it."""
    for panel in panels(dashboard):
        options = panel["options"]
        if options.get("colorMode", "background_solid") != "background_solid":
            yield f"{panel['title']}: {options['colorMode']}"
        if options.get("valueMode", "text") != "text":
            yield f"{panel['title']}: values in {options['valueMode']}"
        for column in panel["fieldConfig"].get("overrides", []):
            has = {one["id"]: one["value"] for one in column["properties"]}
            name = f"{panel['title']}: {column['matcher']['options']}"
            cell = has.get("custom.cellOptions", {}).get("type")
            if ("mappings" in has) != (cell == "color-background"):
                yield f"{name} is a cell of {cell}"
            words = any(one["type"] == "value" for one in has.get("mappings", []))
            if words and has.get("custom.align") != "left":
                yield f"{name}: words to the right"


RULES: Final[dict[str, Rule]] = {
    "own-datasource": other_datasources,
    "own-classic": classic,
    "own-ids": ids,
    "own-grid": grid,
    "own-kinds": kinds,
    "own-empty": emptiness,
    "own-links": links,
    "own-status-words": status_words,
    "own-colours": colours,
    "own-variables": choices,
    "own-constants": constants,
    "own-spans": spans,
    "own-words-on-colours": words_on_colours,
}
