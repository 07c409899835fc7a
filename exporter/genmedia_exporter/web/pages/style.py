"""How our pages look: tones, glyphs and words of a status, moments, style sheets, headers."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status import Status
from genmedia_exporter.report.formatting import absolute, clock, day, iso, short_day, span
from genmedia_exporter.web.look import look

TONES: Final[Mapping[Status, str]] = {
    Status.UNKNOWN: "quiet",
    Status.OPERATIONAL: "good",
    Status.DEGRADED: "warn",
    Status.RATE_LIMITED: "warn",
    Status.RISK_CONTROL: "warn",
    Status.MAINTENANCE: "plan",
    Status.DOWN: "bad",
    Status.SUSPENDED: "bad",
    Status.RETIRED: "gone",
    Status.AUTH_ERROR: "ours",
    Status.QUOTA_EXHAUSTED: "ours",
}
# Drawn on a disc of the status' colour: emoji need a font that servers and kiosks lack.
GLYPHS: Final[Mapping[str, str]] = {
    "good": "✓", "warn": "!", "bad": "✕", "ours": "i", "plan": "~", "gone": "–", "quiet": "?",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time: for machines, for the tooltip, as an age, and as a clock shows it."""

    iso: str
    full: str
    ago: str
    clock: str  # "08:30 UTC", with the day when it is not today
    plain: str  # as `full`, without the zone


def moment(at: Unix, now: Unix) -> Moment:
    """Return Unix seconds *at*, seen from *now*."""
    today = day(at) == day(now)
    short = clock(at) if today else f"{short_day(at)} {clock(at)}"
    full = absolute(at)
    return Moment(iso(at), full, span(now - at), short, full.removesuffix(" UTC"))


def plain_word(word: str) -> str:
    """Return a word of one of our closed lists as people write it."""
    return word.replace("_", " ")


def css(*names: str) -> str:
    """Return the style sheets of these names as one, and what the operator adds to them."""
    ours, more = _sheets(names or ("status",)), look().css
    return f"{ours}\n{more}" if more else ours


@cache
def _sheets(names: tuple[str, ...]) -> str:
    folder = files("genmedia_exporter.web") / "static"
    sheets = (folder / f"{name}.css" for name in names)
    return "\n".join(sheet.read_text("utf-8").strip() for sheet in sheets)


def html_headers(sheet: str | None = None, *, framed: bool = False) -> dict[str, str]:
    """Return the headers every page carries: only the style *sheet* and scripts of ours, and no frames.

    A page that is *framed* may be shown inside those of others.
    """
    text = css() if sheet is None else sheet
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'self' data:; "
        "script-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'"
    )
    headers = {"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"}
    if not framed:
        headers["Content-Security-Policy"] += "; frame-ancestors 'none'"
        headers["X-Frame-Options"] = "DENY"
    return headers
