"""Panels over time as SVG: lines, areas and bars, and rows of statuses and days."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from html import escape
from itertools import pairwise
from math import ceil, floor, log10
from typing import Final

from tests.dashboards.drawn.answers import Answers, Series
from tests.dashboards.drawn.values import settings, shown
from tests.dashboards.reading import Json

HUES: Final = (
    "#73bf69", "#f2cc0c", "#8ab8ff", "#ff780a", "#f2495c", "#b877d9", "#5794f2", "#37872d", "#e0b400", "#a352cc",
)  # fmt: skip
LEFT, BOTTOM, ROW_NAME = 58, 22, 190


class Plot:
    """The area of a chart: pixels of a time, and of a value."""

    def __init__(self, answers: Answers, width: int, height: int, left: int = LEFT) -> None:
        self.answers, self.width, self.height, self.left = answers, width, height - BOTTOM, left

    def x(self, at: float) -> float:
        """Return where a time is."""
        share = (at - self.answers.begin) / (self.answers.now - self.answers.begin)
        return self.left + max(0.0, min(1.0, share)) * (self.width - self.left - 4)

    def ticks(self) -> Iterator[str]:
        """Yield the times below."""
        span = self.answers.now - self.answers.begin
        count = max(2, (self.width - self.left) // 110)
        for index in range(count):
            at = self.answers.begin + span * (index + 0.5) / count
            clock = time.strftime("%H:%M" if span <= 2 * 86400 else "%m-%d", time.gmtime(at))
            yield _text(self.x(at), self.height + 16, clock, "middle", "t")

    def marks(self) -> Iterator[str]:
        """Yield incidents as shades, changes as dashed lines."""
        for mark in self.answers.marks:
            begin, end = self.x(mark.begin), self.x(mark.end)
            if end > begin:
                yield (
                    f'<rect x="{begin:.1f}" y="0" width="{end - begin:.1f}" height="{self.height}" '
                    f'fill="{mark.colour}" opacity=".22"/>'
                )
            yield (
                f'<path d="M{begin:.1f} 0V{self.height}" stroke="{mark.colour}" '
                f'stroke-dasharray="4 4"><title>{escape(mark.text)}</title></path>'
            )


def curves(panel: Json, series: Sequence[Series], plot: Plot) -> tuple[str, list[tuple[str, str]]]:
    """Return the drawing of lines, areas or bars, and its legend."""
    custom = panel["fieldConfig"]["defaults"]["custom"]
    stacked = custom.get("stacking", {}).get("mode") == "normal"
    tops = _stacked(series) if stacked else [dict(s.points) for s in series]
    field = settings(panel, "")
    low: float = field.get("min", min((v for t in tops for v in t.values()), default=0.0))
    high = max([v for t in tops for v in t.values()], default=low)
    high = min(high * 1.05, field.get("max", high * 1.05)) if high > low else low + 1

    def y(value: float) -> float:
        return plot.height - (value - low) / ((high - low) or 1) * (plot.height - 8)

    drawn = [_scale(low, high, field, y, plot)]
    for index in reversed(range(len(series))):
        colour = HUES[index % len(HUES)]
        points = sorted(tops[index].items())
        if custom.get("drawStyle") == "bars":
            drawn += [_bar(points, at, v, y, plot, colour) for at, v in points]
        else:
            drawn.append(_line(points, y, plot, colour, custom.get("fillOpacity", 0)))
    legend = [(s.name, HUES[i % len(HUES)]) for i, s in enumerate(series)]
    return "".join([*drawn, *plot.marks(), *plot.ticks()]), legend


def _stacked(series: Sequence[Series]) -> list[dict[float, float]]:
    below: dict[float, float] = {}
    tops = []
    for one in series:
        top = {at: below.get(at, 0.0) + value for at, value in one.points}
        below |= top
        tops.append(top)
    return tops


def _scale(low: float, high: float, field: Json, y: Callable[[float], float], plot: Plot) -> str:
    lines = []
    size = 10 ** floor(log10((high - low) / 2))
    every = next(size * n for n in (1, 2, 5, 10) if (high - low) / (size * n) <= 5)
    for step in range(ceil(low / every), int(high / every) + 1):
        place = y(step * every)
        lines.append(f'<path class="g" d="M{plot.left} {place:.1f}H{plot.width - 4}"/>')
        text = shown(float(step * every), {**field, "mappings": []}, 0).text
        lines.append(_text(plot.left - 6, place + 4, text, "end", "t"))
    return "".join(lines)


def _line(
    points: Sequence[tuple[float, float]],
    y: Callable[[float], float],
    plot: Plot,
    colour: str,
    fill: int,
) -> str:
    path, before = "", -1e18
    for at, value in points:
        path += f"{'M' if at - before > 1200 else 'L'}{plot.x(at):.1f} {y(value):.1f}"
        before = at
    if fill and points:
        first, last = plot.x(points[0][0]), plot.x(points[-1][0])
        area = f"M{first:.1f} {plot.height}L{path[1:]}L{last:.1f} {plot.height}Z"
        return f'<path d="{area}" fill="{colour}" stroke="{colour}"/>'
    dots = ""
    if len(points) < 40:
        dots = "".join(
            f'<circle cx="{plot.x(a):.1f}" cy="{y(v):.1f}" r="2" fill="{colour}"/>'
            for a, v in points
        )
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>{dots}'


def _bar(
    points: Sequence[tuple[float, float]],
    at: float,
    value: float,
    y: Callable[[float], float],
    plot: Plot,
    colour: str,
) -> str:
    gaps = [b - a for (a, _), (b, _) in pairwise(points)]
    wide = max(1.5, plot.x(plot.answers.begin + min(gaps, default=900.0)) - plot.left - 1)
    top = y(value)
    return (
        f'<rect x="{plot.x(at):.1f}" y="{top:.1f}" width="{wide:.1f}" '
        f'height="{plot.height - top:.1f}" fill="{colour}"/>'
    )


def rows(panel: Json, series: Sequence[Series], plot: Plot) -> tuple[str, list[tuple[str, str]]]:
    """Return a row for each series, its values in words and colours; and the legend."""
    field = settings(panel, "")
    tall = plot.height / max(1, len(series))
    drawn, legend = [], {}
    for index, one in enumerate(series):
        top, height = index * tall + tall * 0.1, tall * 0.8
        most = (plot.left - 8) // 7
        name = one.name if len(one.name) <= most else f"{one.name[: most - 1]}…"
        drawn.append(_text(plot.left - 8, top + height / 2 + 4, name, "end", "n"))
        for begin, end, value in _stretches(one, field):
            text, colour = shown(value, field, plot.answers.now)
            legend[text] = colour
            a, b = plot.x(begin), plot.x(end)
            drawn.append(
                f'<rect x="{a:.1f}" y="{top:.1f}" width="{max(1.0, b - a):.1f}" height="{height:.1f}" fill="{colour}"/>'
            )
            if b - a > 7.5 * len(text):
                middle = top + height / 2 + 4
                drawn.append(_text((a + b) / 2, middle, text, "middle", "w"))
    known = [] if panel["type"] == "status-history" else list(legend.items())
    return "".join([*drawn, *plot.marks(), *plot.ticks()]), known


def _stretches(one: Series, field: Json) -> Iterator[tuple[float, float, float]]:
    """Yield from when to when a series had one value."""
    step = min((b - a for (a, _), (b, _) in pairwise(one.points)), default=86400.0)
    begin, before, value = None, 0.0, 0.0
    for at, now in one.points:
        if begin is not None and (now != value or at - before > 1.5 * step):
            yield begin, min(at, before + step), value
            begin = None
        if begin is None:
            begin, value = at, now
        before = at
    if begin is not None:
        yield begin, before + step, value


def _text(x: float, y: float, text: str, anchor: str, kind: str) -> str:
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
    )
