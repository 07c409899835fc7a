"""POST /api/v1/observations: what applications report of calls of their own to the targets."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from genmedia_exporter.classify.cases import CaseError, read_answer
from genmedia_exporter.classify.explain import Answer
from genmedia_exporter.config.problems import did_you_mean
from genmedia_exporter.config.values import parse_time
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.evidence import Transport
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.state import Snapshot
from genmedia_exporter.health.traffic import ReportedCall
from genmedia_exporter.probing.reported import Told, judged
from genmedia_exporter.web.http.request import only
from genmedia_exporter.web.http.responses import NO_STORE, problem
from genmedia_exporter.web.services import Services

MOST: Final = 100
"""Observations in one request."""
MOST_PROBLEMS: Final = 20
BODY_SECONDS: Final = 10.0
FUTURE_SECONDS: Final = 60.0
"""So far the clock of an application may be ahead of ours."""
TOKEN_HEADER: Final = "X-Traffic-Token"  # noqa: S105 - a name
"""Takes the token where basic auth has the Authorization header."""
_DISABLED: Final = (
    "Observations are not taken. Set traffic: {enabled: true, token: {env: NAME}} and reload."
)
_ANSWER: Final = ("http_status", "headers", "body", "body_b64", "transport")
_KEYS: Final = frozenset(("target", "at", "duration_seconds", "success", "depth", *_ANSWER))


class ObservationsRoute:
    """Takes observations in, and answers what each means."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def post(self, request: Request) -> Response:
        """Judge what is told, add it to the evidence, and answer with the verdicts."""
        refused = self._refusal(request)
        if refused is not None:
            return refused
        only(request)
        given = _listed(_parsed(await _body(request)))
        snapshot, now = self._services.snapshot(), self._services.now()
        read = [_read(one, snapshot, now) for one in given]
        problems = [
            f"{place}{p}" for place, r in zip(_places(given), read, strict=True) for p in r[1]
        ]
        if problems:
            text = "Nothing was taken: what the problems name is not understood."
            return problem(text, 400, problems=problems[:MOST_PROBLEMS])
        told = [(name, t) for (name, t), _ in read if t is not None]
        calls = await asyncio.to_thread(_judge, told, snapshot, now)
        elsewhere = set(await self._services.report(_by_target(calls)))
        body = {
            "observations": [_verdict(name, call, name not in elsewhere) for name, call in calls]
        }
        return Response(json.dumps(body).encode(), 200, NO_STORE, "application/json")

    def _refusal(self, request: Request) -> Response | None:
        access = self._services.traffic()
        if not access.enabled:
            return problem(_DISABLED, 403)
        if access.token is None:
            return problem("The token of traffic could not be read; the log says why.", 503)
        shown = _token(request).encode()
        if not hmac.compare_digest(shown, access.token.reveal().encode()):
            text = f"Send the token of traffic as Authorization: Bearer, or as {TOKEN_HEADER}."
            return problem(text, 401, {"WWW-Authenticate": "Bearer"})
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        return None if kind == "application/json" else problem("Send application/json.", 415)


def _token(request: Request) -> str:
    own = request.headers.get(TOKEN_HEADER)
    if own is not None:
        return own.strip()
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


async def _body(request: Request) -> bytes:
    """Return the body, whose size the server has checked."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await request.body()
    except TimeoutError:
        text = f"The body took longer than {BODY_SECONDS:g} s."
        raise HTTPException(408, text, {"Connection": "close"}) from None
    except ClientDisconnect:
        raise HTTPException(400, "The body ended too early.", {"Connection": "close"}) from None


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        why = (
            str(error)
            if isinstance(error, json.JSONDecodeError)
            else "no UTF-8, or too long or deep"
        )
        raise HTTPException(400, f"The body is no JSON: {why}.") from None


def _listed(given: object) -> Sequence[object]:
    """Return the observations: those of a list, or the one that stands alone."""
    if not isinstance(given, dict):
        raise HTTPException(400, 'Send one observation, or {"observations": [...]}.')
    if "observations" not in given:
        return [given]
    listed = given["observations"]
    if not isinstance(listed, list) or not 1 <= len(listed) <= MOST:
        raise HTTPException(400, f"observations is a list of 1 to {MOST}.")
    if len(given) > 1:
        raise HTTPException(400, "Nothing stands beside observations.")
    return listed


def _places(given: Sequence[object]) -> Iterator[str]:
    return (f"observations[{number}]: " for number in range(len(given)))


_Read = tuple[tuple[str, Told | None], Sequence[str]]


def _read(given: object, snapshot: Snapshot, now: Unix) -> _Read:
    """Return target and call of one observation, or what is wrong with it."""
    if not isinstance(given, dict):
        return ("", None), ["an object expected"]
    problems = [
        f"no key is called {str(key)[:80]!r}; {did_you_mean(str(key)[:80], _KEYS, _known())}"
        for key in given.keys() - _KEYS
    ]
    name = given.get("target")
    if not isinstance(name, str) or name not in snapshot.targets:
        hint = did_you_mean(str(name)[:200], snapshot.targets, "/api/v1/status lists all targets.")
        problems.append(f"target: no target is called {str(name)[:80]!r}; {hint}")
    try:
        told = _told(given, now)
    except (CaseError, ValueError) as error:
        return (str(name), None), [*problems, str(error)]
    return (str(name), told), problems


def _known() -> str:
    return f"known are {', '.join(sorted(_KEYS))}"


def _told(given: Mapping[str, Any], now: Unix) -> Told:
    """Read when, how long and what. Raises CaseError and ValueError with one sentence."""
    at, duration = _at(given.get("at"), now), _seconds(given.get("duration_seconds", 0))
    if "success" not in given:
        if "depth" in given:
            raise ValueError(
                "depth: only beside success; an answer shows by itself how far it came"
            )
        return Told(at, _answer(given), duration=duration)
    if given["success"] is not True or not given.keys().isdisjoint(_ANSWER):
        raise ValueError("success: true, without an answer; of a failure the answer is wanted")
    depth = given.get("depth", Depth.GENERATE)
    if depth not in (Depth.ACCEPT, Depth.GENERATE):
        raise ValueError("depth: accept (a create was accepted) or generate (the result is there)")
    return Told(at, None, Depth(depth), duration)


def _answer(given: Mapping[str, Any]) -> Answer:
    broke = given.get("transport")
    if broke is None:
        return read_answer(given)
    if broke not in tuple(Transport):
        raise ValueError(f"transport: one of {', '.join(Transport)}")
    return Answer(None, {}, b"", Transport(broke))


def _at(given: object, now: Unix) -> Unix:
    if given is None:
        return now
    if not isinstance(given, str):
        raise ValueError("at: a time such as 2026-11-22T08:30:00Z")
    at = Unix(parse_time(given).timestamp())
    if at > now + FUTURE_SECONDS:
        raise ValueError("at: a time that has not come yet; look at the clocks of both machines")
    return min(at, now)


def _seconds(given: object) -> float:
    sound = isinstance(given, int | float) and not isinstance(given, bool)
    if not (sound and 0 <= given <= 86_400):  # type: ignore[operator]  # no NaN is, either
        raise ValueError("duration_seconds: a number from 0 to 86400")
    return float(given)  # type: ignore[arg-type]


Calls = Sequence[tuple[str, ReportedCall]]


def _judge(told: Sequence[tuple[str, Told]], snapshot: Snapshot, now: Unix) -> Calls:
    return [(name, judged(one, snapshot.targets[name], now)) for name, one in told]


def _by_target(calls: Calls) -> Mapping[str, Sequence[ReportedCall]]:
    """Return the calls by target, oldest first."""
    found: dict[str, list[ReportedCall]] = {}
    for name, call in sorted(calls, key=lambda pair: pair[1].at):
        found.setdefault(name, []).append(call)
    return found


def _verdict(name: str, call: ReportedCall, taken: bool) -> Mapping[str, Any]:
    verdict = call.verdict
    return {
        "target": name,
        "outcome": verdict.outcome,
        "status": verdict.status,
        "fault": verdict.fault,
        "reason": verdict.reason,
        "depth": call.depth,
        "rule": verdict.rule,
        "counts": taken and call.decides,
        "taken": taken,
    }
