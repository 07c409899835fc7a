"""The status page at /: what works, what does not, since when and why, for a person in a hurry."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from starlette.requests import Request
from starlette.responses import Response

from genmedia_exporter import __version__
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status import Status
from genmedia_exporter.core.status_page import PageReport
from genmedia_exporter.health.state import Snapshot, TargetState
from genmedia_exporter.metrics.exposition import encode
from genmedia_exporter.report.formatting import duration, iso
from genmedia_exporter.report.page_summary import summarise
from genmedia_exporter.targets.lifecycle import SOON, ending_verb
from genmedia_exporter.web.http.responses import body_reply
from genmedia_exporter.web.pages.budget import Money, money
from genmedia_exporter.web.pages.links import target_link
from genmedia_exporter.web.pages.style import (
    GLYPHS,
    TONES,
    Moment,
    css,
    html_headers,
    moment,
    plain_word,
)
from genmedia_exporter.web.services import Services

WORST_FIRST: Final = (
    Status.DOWN,
    Status.SUSPENDED,
    Status.RISK_CONTROL,
    Status.AUTH_ERROR,
    Status.QUOTA_EXHAUSTED,
    Status.RATE_LIMITED,
    Status.DEGRADED,
    Status.UNKNOWN,
    Status.MAINTENANCE,
    Status.RETIRED,
    Status.OPERATIONAL,
)
"""Order of the table: what someone must act on stands above what is known and planned."""


@dataclass(frozen=True, slots=True)
class Row:
    """One target in the table; texts only, ready to show."""

    tone: str
    glyph: str
    status: str
    meaning: str
    name: str
    channel: str
    provider: str
    model: str
    since: Moment
    reason: str
    message: str
    notice: str
    latency: str
    depth: str
    probed: Moment | None


@dataclass(frozen=True, slots=True)
class PageRow:
    """One vendor's status page in the table; texts only."""

    tone: str
    glyph: str
    name: str
    url: str
    word: str
    text: str
    read: Moment | None


class PageRoute:
    """Serves the status page."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def get(self, request: Request) -> Response:
        """Answer with the page of the present snapshot, written in a worker thread."""
        services = self._services
        snapshot, now, spending = services.snapshot(), services.now(), services.spending()
        page = await asyncio.to_thread(
            lambda: render_page(snapshot, now, money(spending, services.forecast()))
        )
        return await body_reply(request, page, "text/html; charset=utf-8", html_headers())


def render_page(snapshot: Snapshot, now: Unix, spent: Money | None = None) -> bytes:
    """Return the page; *now* in Unix seconds is what "ago" counts from."""
    states = sorted(snapshot.targets.values(), key=_order)
    text = template("status.html").render(
        headline=headline(state.now.status for state in states),
        network_ok=snapshot.network_ok,
        rows=[_row(state, now) for state in states],
        pages=[_page_row(report, now) for report in snapshot.pages.values()],
        money=spent,
        now=moment(now, now),
        css=css(),
        version=__version__,
    )
    return encode(text)


def headline(statuses: Iterable[Status]) -> str:
    """Return one sentence on all targets: "9 of 13 usable; 2 down, 1 retired."."""
    counts = Counter(statuses)
    total = counts.total()
    usable = sum(count for status, count in counts.items() if status.usable)
    if not total:
        return "No targets yet."
    if counts[Status.OPERATIONAL] == total:
        return f"All {total} operational." if total > 1 else "Operational."
    others = [
        f"{counts[s]} {plain_word(s)}"
        for s in WORST_FIRST
        if counts[s] and s is not Status.OPERATIONAL
    ]
    return f"{usable} of {total} usable; {', '.join(others)}."


@cache
def template(name: str) -> Template:
    """Return one of our templates; whatever is put into it is escaped."""
    environment = Environment(
        loader=PackageLoader("genmedia_exporter.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["target_link"] = target_link
    return environment.get_template(name)


def _order(state: TargetState) -> tuple[int, str]:
    return WORST_FIRST.index(state.now.status), state.target.name


def _row(state: TargetState, now: Unix) -> Row:
    target, judgement, newest = state.target, state.now, state.newest
    tone = TONES[judgement.status]
    return Row(
        tone=tone,
        glyph=GLYPHS[tone],
        status=plain_word(judgement.status),
        meaning=judgement.status.meaning,
        name=target.name,
        channel=target.channel,
        provider=target.provider.title,
        model=target.model or target.account.host,
        since=moment(state.since, now),
        reason=judgement.reason.meaning.text,
        message=judgement.message,
        notice=_notice(state, now),
        latency=duration(newest[1].duration) if newest else "",
        depth=newest[0] if newest else "",
        probed=moment(newest[1].at, now) if newest else None,
    )


def _page_row(report: PageReport, now: Unix) -> PageRow:
    said = summarise(report)
    read = moment(report.read_at, now) if report.read_at is not None else None
    settings = report.settings
    return PageRow(
        said.tone, GLYPHS[said.tone], settings.id, settings.url, said.word, said.text, read
    )


def _notice(state: TargetState, now: Unix) -> str:
    """Return what is known of the model's end, once it is near or past."""
    ends, target = state.retires_at, state.target
    if ends is None or ends - now > SOON:
        return ""
    verb = ending_verb(ends <= now, certain=target.end_date_certain).capitalize()
    successor = f"; successor {target.successor}" if target.successor else ""
    return f"{verb} {iso(ends)[:10]}{successor}."
