"""Tells a running exporter what became of creates, so that its verdicts rest on real calls, too."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2
import openai

from genmedia_client.answers import Accepted, UnreadableAnswerError
from genmedia_client.attempts import Failure
from genmedia_client.routes import Route
from genmedia_client.sending import Stage

PATH: Final = "/api/v1/observations"
MAX_BODY: Final = 16 << 10
"""Characters of an answer that are told; what refuses is shorter."""
_HIDDEN: Final = frozenset(("set-cookie", "authorization"))

Observation = dict[str, Any]


@dataclass(slots=True)
class Calls:
    """The creates of one request, as they end."""

    observations: list[Observation] = field(default_factory=list)
    _began: float = 0.0

    def begin(self) -> None:
        """Note that a create is sent now."""
        self._began = asyncio.get_running_loop().time()

    def worked(self, route: Route, made: Accepted) -> None:
        """Note that *route* took it; a chat has its clip by then."""
        depth = "generate" if made.url else "accept"
        self._note(route, {"success": True, "depth": depth})

    def failed(self, route: Route, failure: Failure) -> None:
        """Note why it failed, where an answer or its absence says something of the service."""
        told = _answer(route, failure.raised) or _silence(failure)
        if told is not None:
            self._note(route, told)

    def _note(self, route: Route, told: Observation) -> None:
        seconds = round(asyncio.get_running_loop().time() - self._began, 3)
        self.observations.append({"target": route.name, "duration_seconds": seconds, **told})


def _answer(route: Route, error: Exception) -> Observation | None:
    if isinstance(error, openai.APIStatusError):
        given = error.response.headers.items()
        headers = {k: route.redact(v)[:200] for k, v in given if k not in _HIDDEN}
        body = route.redact(_text(error.response))[:MAX_BODY]
        return {"http_status": error.status_code, "headers": headers, "body": body}
    if isinstance(error, UnreadableAnswerError) and isinstance(error.answer, dict):
        body = route.redact(json.dumps(error.answer))[:MAX_BODY]
        return {"http_status": 200, "body": body}
    return None


def _text(answer: httpx2.Response) -> str:
    try:
        return answer.text
    except httpx2.StreamError:
        return ""  # it was not read to its end


def _silence(failure: Failure) -> Observation | None:
    if failure.stage is Stage.CONNECTING:
        return {"transport": "connect_failed"}
    if failure.stage is not Stage.SENT:
        return None  # then the service knows nothing of it
    error = failure.raised
    if isinstance(error, TimeoutError):  # our own; its cause is how a task is ended
        return {"transport": "response_timeout"}
    reason = error.__cause__ or error  # openai's own error hides how it broke
    if isinstance(reason, httpx2.ConnectError | httpx2.ConnectTimeout):
        return {"transport": "connect_failed"}
    if isinstance(reason, httpx2.TimeoutException):
        return {"transport": "response_timeout"}
    return {"transport": "reset"} if isinstance(reason, httpx2.NetworkError) else None


async def tell(
    exporter_url: str, token: str, observations: Sequence[Observation], timeout: float
) -> bool:
    """Report *observations* within *timeout* seconds. Return whether the exporter answered.

    Never raises, whatever is wrong with the exporter, its address or the token: the create is done,
    and its result must reach the caller.
    """
    try:
        async with (
            asyncio.timeout(timeout),
            # The exporter is in our own network: a proxy for the internet would only be in the way.
            httpx2.AsyncClient(timeout=timeout, trust_env=False) as http,
        ):
            await http.post(
                f"{exporter_url.rstrip('/')}{PATH}",
                json={"observations": observations},
                headers={"X-Traffic-Token": token},
            )
    except Exception:  # noqa: BLE001 - told to the caller, for whom a create matters more
        return False
    return True
