"""/badge/NAME.svg: one target's status as a small flat picture, for READMEs and wikis."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from genmedia_exporter.metrics.exposition import encode
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
        """Answer with the present status; 404, and a badge that says so, for an unknown name."""
        name = request.path_params["name"]
        state = self._services.snapshot().targets.get(name)
        label = _label(request, name)
        if state is None:
            body = draw(label, "unknown target", COLOURS["quiet"])
            return Response(body, 404, _HEADERS, "image/svg+xml")
        status = state.now.status
        body = draw(label, plain_word(status), COLOURS[TONES[status]])
        headers = {**_HEADERS, "Cache-Control": f"max-age={MAX_AGE}"}
        return Response(body, 200, headers, "image/svg+xml")


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
