"""Panels of one moment as HTML: tiles, tables and bars."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from tests.dashboards.drawn.answers import Series
from tests.dashboards.drawn.values import PLAIN, settings, shown
from tests.dashboards.reading import Json


def tiles(panel: Json, series: Sequence[Series], now: float, width: int, height: int) -> str:
    """Return a tile for each value, its text as large as it fits."""
    field, mode = settings(panel, ""), panel["options"]["textMode"]
    found: list[tuple[str, float | None]] = [(one.name, one.last) for one in series] or [("", None)]
    wide = width / height > 2.2
    across = width / (len(found) if wide else 1)
    down = height / (1 if wide else len(found))
    boxes = []
    for name, value in found:
        text, colour = shown(value, field, now)
        lines = {"name": [name], "value_and_name": [name, text]}.get(mode, [text])
        lines = lines if value is not None else [text]
        longest = max(lines, key=len)
        size = min(0.62 * down / len(lines), 1.65 * across / max(4, len(longest)), 52.0)
        inner = "".join(
            f'<div style="font-size:{size:.0f}px">{escape(line)}</div>' for line in lines
        )
        back = "#22252b" if colour == PLAIN else colour
        boxes.append(f'<div class="tile" style="background:{back}">{inner}</div>')
    return f'<div class="tiles{"" if wide else " col"}">{"".join(boxes)}</div>'


def bars(panel: Json, series: Sequence[Series], now: float) -> str:
    """Return a horizontal bar for each value."""
    field = settings(panel, "")
    low, high = field.get("min", 0.0), field.get("max", 1.0)
    lines = []
    for one in series:
        text, colour = shown(one.last, field, now)
        share = max(0.0, min(1.0, ((one.last or 0.0) - low) / (high - low)))
        lines.append(
            f'<div class="bar"><b>{escape(one.name)}</b><u><i style="width:{100 * share:.1f}%;'
            f'background:{colour}"></i></u><em>{escape(text)}</em></div>'
        )
    return "".join(lines)


def grid(panel: Json, series: Sequence[Series], now: float, width: int) -> str:
    """Return a table: the queries merged on the labels they share, sorted, arranged and named."""
    merged = _merged(panel, series)
    steps = {step["id"]: step["options"] for step in panel["transformations"]}
    if "sortBy" in steps:
        [order] = steps["sortBy"]["sort"]
        merged = _ordered(merged, order["field"], order["desc"])
    places, renamed = (steps["organize"][key] for key in ("indexByName", "renameByName"))
    names = {field: renamed[field] for field in sorted(renamed, key=places.__getitem__)}
    if by := panel["options"].get("sortBy"):
        field = next(field for field, title in names.items() if title == by[0]["displayName"])
        merged = _ordered(merged, field, by[0].get("desc", False))
    look = {title: settings(panel, title) for title in names.values()}
    fixed = {title: one.get("custom.width") for title, one in look.items()}
    free = [title for title in fixed if not fixed[title]]
    left = (width - sum(filter(None, fixed.values()))) / max(1, len(free))
    widths = {title: fixed[title] or max(150, left) for title in fixed}
    columns = "".join(f'<col style="width:{widths[t]:.0f}px">' for t in names.values())
    head = "".join(f"<th>{escape(title)}</th>" for title in names.values())
    body = "".join(
        "<tr>" + "".join(_cell(row.get(f), look[t], now) for f, t in names.items()) + "</tr>"
        for row in merged
    )
    total = sum(widths.values())
    return (
        f'<div class="scroll"><table style="width:{total:.0f}px"><colgroup>{columns}</colgroup>'
        f"<tr>{head}</tr>{body}</table></div>"
    )


Row = dict[str, str | float]


def _merged(panel: Json, series: Sequence[Series]) -> list[Row]:
    """Join what agrees in all the labels that both have, as Grafana's transformation merge does."""
    single = len(panel["targets"]) == 1
    merged: list[Row] = []
    for one in series:
        row: Row = dict(one.labels)
        if one.last is not None:
            row["Value" if single else f"Value #{one.query}"] = one.last
        fitting = [r for r in merged if _fits(r, row)]
        for other in fitting:
            other |= {key: value for key, value in row.items() if key not in other}
        if not fitting:
            merged.append(row)
    return merged


def _fits(one: Row, other: Row) -> bool:
    shared = one.keys() & other.keys()
    return bool(shared) and all(one[key] == other[key] for key in shared)


def _ordered(merged: list[Row], field: str, descending: bool) -> list[Row]:
    def key(row: Row) -> tuple[bool, float, str]:
        value = row.get(field)
        number = value if isinstance(value, float) else 0.0
        return value is None, -number if descending else number, str(value)

    return sorted(merged, key=key)


def _cell(value: str | float | None, field: Json, now: float) -> str:
    text, colour = shown(value, field, now)
    right = isinstance(value, float) and field.get("custom.align") != "left"
    inner = f"<a>{escape(text)}</a>" if field.get("links") else escape(text)
    kind = "c" if colour != PLAIN else "r" if right else ""
    back = f' style="background:{colour}"' if colour != PLAIN else ""
    return f'<td class="{kind}"{back} title="{escape(text)}">{inner}</td>'
