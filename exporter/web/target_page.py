"""/targets/NAME: everything known of one target, now and in its past, for who is on call."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from exporter import __version__
from exporter.budget import dollars
from exporter.exposition import encode
from exporter.reasons import Reason
from exporter.saved import status_of
from exporter.state import Snapshot, TargetState
from exporter.status import Status
from exporter.storage.reader import Record
from exporter.web.api import Past as Known
from exporter.web.day_bar import HEIGHT, SLOTS, day_bar
from exporter.web.links import quoted, way_home
from exporter.web.looks import (
    GLYPHS,
    TONES,
    Moment,
    css,
    html_headers,
    moment,
    plain_word,
)
from exporter.web.pages import template
from exporter.web.replies import NO_STORE, body_reply
from exporter.web.services import Services
from exporter.web.target_depths import OUTCOME_TONES, depth_rows, phases
from exporter.web.target_facts import facts, figures, starred
from exporter.web.target_past import MOST_ROWS, SHOWN, Past, PastReader, changes
from exporter.web.words import duration

MAX_CHANGES: Final = 10
ALIKE: Final = 3
"""Names that are offered for one that nobody has."""
_REASONS: Final = frozenset(reason.value for reason in Reason)
NOTHING_KNOWN: Final[Known] = ({}, None)


@dataclass(frozen=True, slots=True)
class ProbeRow:
    """One probe of the past; texts only."""

    when: Moment
    depth: str
    tone: str
    glyph: str
    status: str
    reason: str
    message: str
    took: str
    http: str
    cost: str


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change of status; texts only."""

    when: Moment
    tone: str
    glyph: str
    previous: str
    current: str
    reason: str
    message: str


class TargetRoute:
    """Serves the page of each target; *prefix* is the route prefix, "" or "/a/b"."""

    def __init__(self, services: Services, prefix: str) -> None:
        self._services = services
        self._prefix = prefix
        self._past = PastReader(services.reader)

    async def get(self, request: Request) -> Response:
        """Answer with the target as it is now, and with its past where that can be read."""
        services, name = self._services, request.path_params["name"]
        snapshot, now = services.snapshot(), services.now()
        home = way_home(request, self._prefix)
        headers = html_headers(_sheet())
        state = snapshot.targets.get(name)
        if state is None:
            page = await asyncio.to_thread(render_unknown, name, snapshot, home)
            more = {**NO_STORE, **headers}
            return Response(page, 404, more, "text/html; charset=utf-8")
        cursor = _cursor(request)
        known: Known = (services.uptime(name), services.stars(name))
        past = await self._past.read(name, now, cursor)
        page = await asyncio.to_thread(
            render_target, state, snapshot, now, home, past, known, cursor
        )
        return await body_reply(request, page, "text/html; charset=utf-8", headers)


def _cursor(request: Request) -> int | None:
    values = request.query_params.getlist("cursor")
    if not values:
        return None
    text = values[0]
    if len(values) > 1 or not (text.isascii() and text.isdigit() and len(text) < 19):
        raise HTTPException(400, "cursor must be the one that the page before named.")
    return int(text)


def render_target(
    state: TargetState,
    snapshot: Snapshot,
    now: float,
    home: str = "../",
    past: Past | None = None,
    known: Known = NOTHING_KNOWN,
    cursor: int | None = None,
) -> bytes:
    """Return the page; *now* in Unix seconds is what "ago" counts from, *home* the status page.

    *known* is uptime by window, and stars; with a *cursor* the probes are not the newest ones.
    """
    status, name = state.now.status, state.target.name
    past = past or Past("there is no storage")
    uptimes, stars = known
    text = template("target.html").render(
        name=name,
        status=plain_word(status),
        tone=TONES[status],
        glyph=GLYPHS[TONES[status]],
        meaning=status.meaning,
        reason=state.now.reason.meaning.text,
        message=state.now.message,
        since=moment(state.since, now),
        previous=plain_word(state.previous_status) if state.previous_status else "",
        network_ok=snapshot.network_ok,
        facts=facts(state, snapshot, now),
        depths=depth_rows(state, now),
        phases=phases(state),
        figures=figures(uptimes),
        stars=starred(stars or 0),
        day=None if past.problem else day_bar(past.day, now),
        size=(SLOTS * 10 - 2, HEIGHT),
        cut=MOST_ROWS if past.cut else 0,
        problem=past.problem,
        changes=_changes(state, past, now),
        probes=[_probe(row, now) for row in past.probes],
        older=past.older,
        cursor=cursor,
        shown=SHOWN,
        now=moment(now, now),
        home=home,
        quoted=quoted(name),
        free=any(depth.free for depth in state.target.depths),
        css=_sheet(),
        version=__version__,
    )
    return encode(text)


def render_unknown(name: str, snapshot: Snapshot, home: str) -> bytes:
    """Return the page for a name that no target has, with those it may have meant."""
    text = template("unknown_target.html").render(
        name=name[:128],
        alike=get_close_matches(name[:200], list(snapshot.targets), n=ALIKE, cutoff=0.6),
        home=home,
        css=_sheet(),
        version=__version__,
    )
    return encode(text)


def _sheet() -> str:
    return css("status", "target")


def _changes(state: TargetState, past: Past, now: float) -> list[ChangeRow]:
    """Return the changes that the last day's probes saw, the last one of all in any case."""
    found = [
        _change(c.at, status_of(c.previous), status_of(c.current), c.reason, c.message, now)
        for c in changes(past)
    ]
    last = state.last_transition
    if last is not None and last.previous is not None:
        # Time alone changes a status too, and that no probe saw. What probes saw later is newer.
        seen = any(c.at >= last.at - 1 and c.current == last.current for c in changes(past))
        if not seen:
            reason = state.now.reason if last.current is state.now.status else ""
            row = _change(last.at, last.previous, last.current, reason, state.now.message, now)
            found.insert(0, row)
    return found[:MAX_CHANGES]


def _change(
    at: float, previous: Status, current: Status, reason: str, message: str, now: float
) -> ChangeRow:
    tone = TONES[current]
    return ChangeRow(
        moment(at, now),
        tone,
        GLYPHS[tone],
        plain_word(previous),
        plain_word(current),
        _told(reason),
        "" if message == _told(reason) else message,
    )


def _reason(word: str) -> Reason | None:
    """Return the reason that was stored as *word*, None for a word of another version."""
    return Reason(word) if word in _REASONS else None


def _told(word: str) -> str:
    known = _reason(word)
    return known.meaning.text if known else plain_word(word)


def _probe(row: Record, now: float) -> ProbeRow:
    reason, message, cost = _told(row["reason"]), row["message"] or "", row["cost_usd"]
    known = _reason(row["reason"])
    tone = OUTCOME_TONES[known.meaning.outcome] if known else "quiet"
    return ProbeRow(
        when=moment(row["at"], now),
        depth=row["depth"],
        tone=tone,
        glyph=GLYPHS[tone],
        status=plain_word(row["status"]),
        reason=reason,
        message="" if message == reason else message,
        took=duration(row["duration"]),
        http=str(row["http_status"] or "no answer"),
        cost=dollars(round(cost, 6)) if cost else "",
    )
