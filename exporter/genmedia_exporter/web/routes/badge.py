"""/badge/NAME.svg: one target's status, uptime or response time as a small picture, for READMEs and wikis."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from genmedia_exporter.config.problems import did_you_mean
from genmedia_exporter.health.state import TargetState
from genmedia_exporter.health.uptime import WINDOWS
from genmedia_exporter.metrics.exposition import encode
from genmedia_exporter.report.formatting import duration, percent
from genmedia_exporter.web.http.request import single
from genmedia_exporter.web.http.responses import NO_STORE
from genmedia_exporter.web.pages.status_page import template
from genmedia_exporter.web.pages.style import TONES, plain_word
from genmedia_exporter.web.services import Services

COLOURS: Final[Mapping[str, str]] = {
    "good": "#1a7f45", "warn": "#8f5b00", "bad": "#c0271f", "ours": "#7a3aa8",
    "plan": "#1c64b4", "gone": "#3f464c", "quiet": "#6b747c",
}  # fmt: skip
"""The status page's tones in the light, on which white is read well; a badge has no dark mode."""
LABEL_COLOUR: Final = "#2b3137"
WIDEST: Final = 240.0
"""Units that the text of a label may take; longer ones are cut."""
MAX_AGE: Final = 60
"""Seconds a badge may be kept: pages show it to many, and mirrors ask again and again."""

METRICS: Final = ("status", "uptime", "response_time")
WINDOW: Final = "30d"
"""Of uptime, where none is asked for. Response times are those of 24 hours."""
GOOD: Final = 0.99
FAIR: Final = 0.95
"""From which uptime on a badge is green, and yellow."""

_PADDING: Final = 6
_WIDTHS: Final[Mapping[str, float]] = {
    **dict.fromkeys("ijl|!'.,:;I ", 3.7),
    **dict.fromkeys("frt()[]{}/-", 4.7),
    **dict.fromkeys("mwMW@%", 10.6),
    **dict.fromkeys("ABCDEFGHJKLNOPQRSTUVXYZ&", 7.8),
}
"""Widths of Verdana at 11 units; what is not here is as wide as most letters are."""
_USUAL, _WIDE, _CUT = 6.8, 11.0, "…"
_HEADERS: Final = {
    **NO_STORE,
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


class BadgeRoute:
    """Serves the badge of each target."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def get(self, request: Request) -> Response:
        """Answer with what is asked for; 404, and a badge that says so, for an unknown name."""
        name, shown = request.path_params["name"], _shown(request)
        state = self._services.snapshot().targets.get(name)
        label = _label(request, name)
        if state is None:
            body = draw(label, "unknown target", COLOURS["quiet"])
            return Response(body, 404, _HEADERS, "image/svg+xml")
        word, tone = self._told(state, *shown)
        body = draw(label, word, COLOURS[tone])
        headers = {**_HEADERS, "Cache-Control": f"max-age={MAX_AGE}"}
        return Response(body, 200, headers, "image/svg+xml")

    def _told(self, state: TargetState, metric: str, window: str) -> tuple[str, str]:
        """Return what the badge says, and in which tone."""
        name, status = state.target.name, state.now.status
        if metric == "uptime":
            known = self._services.uptime(name).get(window)
            ratio = known.ratio if known else None
            if ratio is None:
                return f"no data in {window}", "quiet"
            return f"{percent(ratio)} in {window}", _uptime_tone(ratio)
        if metric == "response_time":
            times = self._services.past.response_time(name)
            if times.median is None or times.p95 is None:
                return "no data in 24h", "quiet"
            return f"{duration(times.median)}, p95 {duration(times.p95)}", "plan"
        return plain_word(status), TONES[status]


def _uptime_tone(ratio: float) -> str:
    return "good" if ratio >= GOOD else "warn" if ratio >= FAIR else "bad"


def _shown(request: Request) -> tuple[str, str]:
    """Return which metric is asked for, and over which window: HTTPException 400 if none is called that."""
    metric = single(request, "metric") or METRICS[0]
    window = single(request, "window") or WINDOW
    for name, value, known in (("metric", metric, METRICS), ("window", window, tuple(WINDOWS))):
        if value not in known:
            hint = did_you_mean(value, known, f"known are: {', '.join(known)}.")
            raise HTTPException(400, f"No {name} is called {value[:100]!r}; {hint}")
    return metric, window


def _label(request: Request, name: str) -> str:
    """Return what stands to the left: the name, or what is asked for; nothing if that is empty."""
    asked = single(request, "label")
    return name if asked is None else asked


def draw(label: str, word: str, colour: str) -> bytes:
    """Return a badge of two fields; of one, where *label* is empty."""
    label = "".join(c if c.isprintable() else " " for c in label).strip()
    shown = cut(label)
    first = 2 * _PADDING + round(width(shown)) if shown else 0
    second = 2 * _PADDING + round(width(word))
    text = template("badge.svg").render(
        title=f"{label}: {word}" if label else word,
        label=shown,
        word=word,
        colour=colour,
        label_colour=LABEL_COLOUR,
        first=first,
        second=second,
        padding=_PADDING,
    )
    return encode(text)


def width(text: str) -> float:
    """Return about how wide *text* is in the badge's units; full-width characters are squares."""
    return sum(_width(character) for character in text)


def _width(character: str) -> float:
    if unicodedata.combining(character):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return _WIDE
    return _WIDTHS.get(character, _USUAL)


def cut(text: str) -> str:
    """Return as much of *text* as a label may show."""
    if width(text[:1000]) <= WIDEST and len(text) <= 1000:
        return text
    room, kept = WIDEST - _WIDE, 0
    for character in text:
        room -= _width(character)
        if room < 0:
            break
        kept += 1
    return text[:kept].rstrip() + _CUT
