"""/probe: one configured target probed now at a free depth, in the manner of blackbox_exporter."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from genmedia_exporter.config.problems import did_you_mean
from genmedia_exporter.core.clock import PAST
from genmedia_exporter.core.evidence import Observation
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.state import Attempt, DepthState, Snapshot, TargetState
from genmedia_exporter.metrics.exposition import Format
from genmedia_exporter.metrics.page import render_probe
from genmedia_exporter.report.probe import Limit, describe
from genmedia_exporter.targets.model import Target
from genmedia_exporter.web.http.negotiate import choose_format
from genmedia_exporter.web.http.request import HEADER, only, scrape_limit, single
from genmedia_exporter.web.http.responses import body_reply
from genmedia_exporter.web.services import Services

DEFAULT_LIMIT: Final = 120.0
"""Seconds for a client that does not say how long it waits, as in blackbox_exporter."""


@dataclass(frozen=True, slots=True)
class _Query:
    """What /probe is asked for, checked."""

    target: Target
    depth: Depth
    debug: bool


class ProbeRoute:
    """Serves single probes; the same running probe answers everyone who asks for it."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def get(self, request: Request) -> Response:
        """Probe, and answer with metrics or, with debug=true, with everything that was seen."""
        query = _read(request, self._services.snapshot())
        header = request.headers.getlist(HEADER)
        limit = scrape_limit(header, self._services.timeout_offset, DEFAULT_LIMIT)
        seen = await self._probe(query, limit)
        state = _with_attempt(self._state(query), seen)
        if query.debug:
            page = render_probe(state, query.depth, Format.TEXT).decode()
            text = describe(query.target, seen, limit) + "\n# Metrics\n\n" + page
            return await body_reply(request, text.encode(), "text/plain; charset=utf-8")
        form = choose_format(request.headers.getlist("accept"))
        page_bytes = render_probe(state, query.depth, form)
        return await body_reply(
            request, page_bytes, form.content_type, {"Vary": "Accept, Accept-Encoding"}
        )

    async def _probe(self, query: _Query, limit: Limit) -> Observation:
        name = query.target.name
        try:
            async with asyncio.timeout(limit.seconds):
                return await self._services.probe_now(name, query.depth, limit.seconds)
        except KeyError:
            raise _unknown(name, self._services.snapshot()) from None
        except ValueError as error:
            raise HTTPException(400, str(error)) from None
        except TimeoutError:
            text = (
                f"The probe took longer than {limit.seconds:g} s ({limit.because}); "
                f"the target's own timeout is {query.target.timeout:g} s."
            )
            raise HTTPException(504, text) from None

    def _state(self, query: _Query) -> TargetState:
        known = self._services.snapshot().targets.get(query.target.name)
        return known or TargetState(query.target, {})


def _with_attempt(state: TargetState, seen: Observation) -> TargetState:
    """Return *state* with this probe as the last attempt, also when the board has not taken it."""
    depth = seen.evidence.depth
    known = state.depths.get(depth, DepthState())
    if known.last is not None and known.last.at >= seen.evidence.at:
        return state
    tick = known.last.tick if known.last else PAST
    attempt = Attempt.of(seen.evidence, seen.verdict, tick)
    known = replace(known, recent=(*known.recent, attempt), fresh=True)
    return replace(state, depths={**state.depths, depth: known})


def _read(request: Request, snapshot: Snapshot) -> _Query:
    """Return what is asked for, or raise HTTPException 400 with one sentence."""
    only(request, "target", "depth", "debug")
    name = single(request, "target")
    if not name:
        raise HTTPException(400, "The parameter target is missing: /probe?target=NAME.")
    state = snapshot.targets.get(name)
    if state is None:
        raise _unknown(name, snapshot)
    debug = single(request, "debug") or "false"
    if debug not in ("true", "false"):
        raise HTTPException(400, "debug must be true or false.")
    return _Query(state.target, _depth(request, state.target), debug == "true")


def _depth(request: Request, target: Target) -> Depth:
    free = [depth for depth in target.depths if depth.free]
    word = single(request, "depth") or (free[0] if free else Depth.REACH)
    known = ", ".join(free) or "none"
    if word not in tuple(Depth):
        hint = did_you_mean(word, list(Depth), f"{target.name} has: {known}.")
        raise HTTPException(400, f"There is no depth {_quoted(word)}; {hint}")
    depth = Depth(word)
    if not depth.free:
        raise HTTPException(
            400, f"{depth} costs money and does not run here; free depths: {known}."
        )
    if depth not in free:
        raise HTTPException(400, f"{target.name} is not probed at {depth}; free depths: {known}.")
    return depth


def _unknown(name: str, snapshot: Snapshot) -> HTTPException:
    hint = did_you_mean(name, snapshot.targets, "/api/v1/status lists all targets.")
    return HTTPException(400, f"No target is called {_quoted(name)}; {hint}")


def _quoted(word: str) -> str:
    cut = word if len(word) <= 80 else word[:79] + "…"
    return "'" + "".join(c if c.isprintable() else "?" for c in cut) + "'"
