"""A whole dashboard as a page for a browser: panels on Grafana's grid, or one below the other on a phone."""

from __future__ import annotations

from html import escape
from typing import Final

from tests.dashboards.drawn.answers import Answers, Series
from tests.dashboards.drawn.boxes import bars, grid, tiles
from tests.dashboards.drawn.charts import ROW_NAME, Plot, curves, rows
from tests.dashboards.reading import Json

PHONE: Final = 600
GAP, HEAD, UNIT = 8, 34, 38
STYLE: Final = """
*{box-sizing:border-box} body{margin:0;background:#111217;color:#ccccdc;font:14px Inter,'DejaVu Sans Condensed','DejaVu Sans',sans-serif}
header{padding:8px;display:flex;flex-wrap:wrap;gap:8px;align-items:center} header b{font-size:16px;width:100%}
header span{border:1px solid #34363c;border-radius:2px;padding:5px 8px;font-size:12px}
main{position:relative;margin:0 8px} section{position:absolute;background:#181b1f;border:1px solid #26282e;
border-radius:2px;overflow:hidden} h2{font-size:14px;font-weight:500;margin:0;padding:8px 10px 6px;white-space:nowrap;
overflow:hidden;text-overflow:ellipsis} h3{position:absolute;margin:6px 0;font-size:15px}
.e{padding:8px 10px;color:#9a9aa8} .l{font-size:12px;padding:0 10px;height:22px;overflow:hidden}
.l i{display:inline-block;width:12px;height:4px;margin:0 5px 3px 12px;border-radius:2px}
.g{stroke:#2a2c33}.t{fill:#a9a9b8;font-size:12px}.n{fill:#ccccdc;font-size:12px}.w{fill:#fff;font-size:12px}
.tiles{display:flex;gap:2px;height:100%} .tiles.col{flex-direction:column}
.tile{flex:1;display:flex;flex-direction:column;align-items:center;justify-content:center;color:#fff;min-width:0;
line-height:1.15;overflow:hidden;white-space:nowrap} .scroll{overflow:auto;height:100%}
table{border-collapse:collapse;table-layout:fixed} td,th{padding:6px 8px;height:32px;white-space:nowrap;overflow:hidden;
text-overflow:ellipsis;border-top:1px solid #26282e;text-align:left;font-weight:400} th{font-size:12px;color:#8ab8ff}
td.c{color:#fff} td.r{text-align:right} a{color:#8ab8ff;text-decoration:none}
.bar{display:flex;align-items:center;gap:8px;padding:0 10px;min-height:26px;flex:1} .bar b{width:38%;font-weight:400;overflow:hidden;
text-overflow:ellipsis;white-space:nowrap;text-align:right} .bar u{flex:1;background:#22252b;text-decoration:none}
.bar u i{display:block;height:14px} .bar em{font-style:normal;width:64px}
"""


def drawn(dashboard: Json, answers: Answers, width: int) -> str:
    """Return the page at a width; folded rows are opened."""
    phone = width < PHONE
    bar = "".join(f"<span>{escape(text)}</span>" for text in _choices(dashboard, answers))
    places, top = _places(dashboard, width - 2 * GAP, phone)
    body = "".join(_placed(panel, answers, place) for panel, place in places)
    title = escape(dashboard["title"])
    return (
        f'<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title><style>{STYLE}</style>'
        f'<header><b>{title}</b>{bar}</header><main style="height:{top}px">{body}</main>'
    )


def _choices(dashboard: Json, answers: Answers) -> list[str]:
    found = []
    for one in dashboard["templating"]["list"]:
        value = one.get("current", {}).get("value") or answers.choice.get(one["name"], "All")
        value = "Prometheus" if one["type"] == "datasource" else value
        found.append(f"{one.get('label', one['name'])}: {value}")
    return found


Place = tuple[int, int, int, int]


def _places(dashboard: Json, width: int, phone: bool) -> tuple[list[tuple[Json, Place]], int]:
    """Give each panel its pixels: left, top, width, height."""
    found: list[tuple[Json, Place]] = []
    shift = end = 0
    listed: list[tuple[Json, int]] = []
    for panel in dashboard["panels"]:
        listed.append((panel, shift))
        inside = panel.get("panels") or []
        if inside:
            first = inside[0]["gridPos"]["y"]
            last = max(p["gridPos"]["y"] + p["gridPos"]["h"] for p in inside)
            base = panel["gridPos"]["y"] + 1 - first
            listed += [(p, shift + base) for p in inside]
            shift += last - first
    unit = (width + GAP) / 24
    for panel, down in sorted(
        listed, key=lambda each: (each[0]["gridPos"]["y"] + each[1], each[0]["gridPos"]["x"])
    ):
        at = panel["gridPos"]
        height = at["h"] * UNIT - GAP
        if phone:
            found.append((panel, (0, end, width, height)))
            end += height + GAP
        else:
            left, top = round(at["x"] * unit), (at["y"] + down) * UNIT
            found.append((panel, (left, top, round(at["w"] * unit) - GAP, height)))
            end = max(end, top + height + GAP)
    return found, end


def _placed(panel: Json, answers: Answers, place: Place) -> str:
    left, top, width, height = place
    box = f"left:{left}px;top:{top}px;width:{width}px;height:{height}px"
    if panel["type"] == "row":
        return f'<h3 style="{box}">⌄ {escape(panel["title"])}</h3>'
    inside = _inside(panel, answers, width - 2, height - HEAD - 4)
    return f'<section style="{box}" title="{escape(panel["description"])}"><h2>{escape(panel["title"])}</h2>{inside}</section>'


def _inside(panel: Json, answers: Answers, width: int, height: int) -> str:
    series = answers.of(panel)
    kind = panel["type"]
    if kind == "stat":
        return f'<div style="height:{height}px">{tiles(panel, series, answers.now, width, height)}</div>'
    if not any(one.points for one in series):
        return f'<div class="e">{escape(panel["fieldConfig"]["defaults"]["noValue"])}</div>'
    if kind == "table":
        return f'<div style="height:{height}px">{grid(panel, series, answers.now, width)}</div>'
    if kind == "bargauge":
        return (
            f'<div style="height:{height}px;overflow:auto">{bars(panel, series, answers.now)}</div>'
        )
    return _chart(panel, series, answers, width, height)


def _chart(panel: Json, series: list[Series], answers: Answers, width: int, height: int) -> str:
    height -= 22
    if panel["type"] == "timeseries":
        inside, legend = curves(panel, series, Plot(answers, width, height))
    else:
        name = min(ROW_NAME, width // 3)
        inside, legend = rows(panel, series, Plot(answers, width, height, name))
    marks = "".join(f'<i style="background:{colour}"></i>{escape(text)}' for text, colour in legend)
    return f'<svg width="{width}" height="{height}">{inside}</svg><div class="l">{marks}</div>'
