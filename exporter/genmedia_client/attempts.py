"""One attempt to create a video over a route: it was taken, or why not, and what that proves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx2
import openai

from genmedia_client.answers import Accepted, UnreadableAnswerError, short
from genmedia_client.refusals import proves_refusal, refusal_cause
from genmedia_client.result import Cause, RouteError
from genmedia_client.routes import Route
from genmedia_client.sending import Sending, Stage
from genmedia_client.wires import FAILURES, Timeouts, create

_NOT_SENT: Final = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
)
"""What fails before the first byte of a request has left, also behind a proxy."""
_NOTHING: Final = {
    Stage.OPENING: "nothing was sent",
    Stage.WRITING: "nothing was sent",
    Stage.CONNECTING: "no connection",
}
_REQUEST: Final[Cause] = "request"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a create failed, and whether that proves that the route accepted nothing."""

    error: RouteError
    nothing_accepted: bool
    raised: Exception
    stage: Stage


async def attempt(
    route: Route, prompt: str, fields: Mapping[str, Any], timeouts: Timeouts
) -> Accepted | Failure:
    """Create a video over *route*, once.

    Raises nothing but what is wrong with an argument of the caller's, before anything is sent.
    """
    sending = Sending()
    try:
        return await create(route, prompt, fields, timeouts, sending)
    except Exception as error:
        if sending.stage is Stage.WRITING and not isinstance(error, FAILURES):
            raise
        return _failure(route, error, sending)


def _failure(route: Route, error: Exception, sending: Sending) -> Failure:
    if isinstance(error, openai.APIError) and not isinstance(error, openai.APIConnectionError):
        return _answered(route, error, sending)
    if isinstance(error, UnreadableAnswerError):
        told = _told(route, error, None, error.code, str(error), refusal_cause(None, error.answer))
        return Failure(told, error.refused, error, sending.stage)
    reason = _reason(error)
    nothing = _NOTHING.get(sending.stage, "no answer")
    message, cause = str(reason) or f"{nothing}: {type(reason).__name__}", None
    if sending.stage is Stage.WRITING and isinstance(reason, ValueError):
        message, cause = f"the request cannot be sent: {reason}", _REQUEST
    proof = sending.nothing_left or isinstance(reason, _NOT_SENT)
    told = _told(route, error, None, None, message, cause)
    return Failure(told, proof, error, sending.stage)


def _reason(error: Exception) -> BaseException:
    """Return what broke; openai's own words are "Connection error.", a group's are no better."""
    reason: BaseException = error
    if isinstance(error, openai.APIConnectionError) and error.__cause__ is not None:
        reason = error.__cause__
    while isinstance(reason, BaseExceptionGroup):
        reason = reason.exceptions[0]
    return reason


def _answered(route: Route, error: openai.APIError, sending: Sending) -> Failure:
    status = error.status_code if isinstance(error, openai.APIStatusError) else None
    body, message = error.body, error.message
    if isinstance(body, dict) and isinstance(body.get("message"), str):
        message = body["message"]
    proof = proves_refusal(status, error.code, message, isinstance(body, dict))
    cause = refusal_cause(status, _whole(error))
    return Failure(
        _told(route, error, status, error.code, message, cause), proof, error, sending.stage
    )


def _whole(error: openai.APIError) -> object:
    """Return the whole answer; openai keeps what is in its field `error` only."""
    if isinstance(error, openai.APIStatusError):
        try:
            return error.response.json()
        except (ValueError, RecursionError, httpx2.StreamError):
            pass
    return error.body


def _told(
    route: Route,
    error: Exception,
    status: int | None,
    code: str | None,
    message: str,
    cause: Cause | None,
) -> RouteError:
    return RouteError(
        route.name,
        route.channel,
        type(error).__name__,
        status,
        code and short(route.redact(code)),
        short(route.redact(message)),
        cause,
    )
