"""Sends one create over a route, with the openai package, and tells what came of it."""

from __future__ import annotations

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import httpx2
import openai

from genmedia_client.answers import (
    Accepted,
    UnreadableAnswerError,
    read_stream,
    read_task,
    short,
)
from genmedia_client.refusals import proves_refusal, refusal_cause
from genmedia_client.result import RouteError
from genmedia_client.routes import Route

CONNECT_TIMEOUT: Final = 5.0
MAX_BYTES: Final = 1 << 20


class NoCredentialError(Exception):
    """A route that cannot be called: its credential is missing."""


FAILURES: Final = (
    openai.OpenAIError,
    httpx2.HTTPError,
    httpx2.InvalidURL,
    NoCredentialError,
    TimeoutError,
    ValueError,  # an answer that cannot be read
)
"""All that a create over a route may end with."""
_NOT_SENT: Final = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
    httpx2.InvalidURL,
)
"""What fails before the first byte of a request has left."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """In seconds: `create` for one create, and between two events of a stream; `stream` as a whole."""

    create: float = 60.0
    stream: float = 900.0


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a create failed, and whether that proves that the route accepted nothing."""

    error: RouteError
    nothing_accepted: bool


async def create(
    route: Route, prompt: str, fields: Mapping[str, Any], timeouts: Timeouts
) -> Accepted:
    """Create a video over *route*, once. Raises one of FAILURES."""
    if route.problem:
        raise NoCredentialError(route.problem)
    chat = route.wire == "chat"
    async with (
        asyncio.timeout(timeouts.stream if chat else timeouts.create),
        _sdk(route, timeouts.create) as sdk,
    ):
        if chat:
            return await _chat(sdk, route, prompt)
        return await _videos(sdk, route, {**fields, "prompt": prompt})


@cache
def _trust() -> ssl.SSLContext:
    return httpx2.create_ssl_context()  # reads the system's store: once is enough


@asynccontextmanager
async def _sdk(route: Route, timeout: float) -> AsyncIterator[openai.AsyncOpenAI]:
    """Yield openai's client for one request: no retry, no redirect, a fresh connection.

    A kept connection may die unnoticed, and then nobody knows whether a request was accepted.
    """
    async with httpx2.AsyncClient(
        verify=_trust(),
        timeout=httpx2.Timeout(timeout, connect=min(timeout, CONNECT_TIMEOUT)),
        limits=httpx2.Limits(max_keepalive_connections=0),
    ) as http:
        sdk = openai.AsyncOpenAI(
            base_url=route.api_base,
            api_key=route.api_key or "none",  # a server of one's own may need no key
            max_retries=0,
            timeout=http.timeout,
            default_headers=route.headers,
            http_client=http,
        )
        # From OPENAI_ORG_ID and OPENAI_PROJECT_ID: no business of a gateway's.
        sdk.organization = sdk.project = None
        yield sdk


async def _videos(sdk: openai.AsyncOpenAI, route: Route, fields: Mapping[str, Any]) -> Accepted:
    with warnings.catch_warnings():
        # openai's Videos API has ended, its wire lives on at gateways; under warnings as errors the
        # call itself would fail. The warning comes from the call, before anything is awaited.
        warnings.filterwarnings("ignore", "The Sora API", DeprecationWarning)
        # The raw answer: the SDK's own reading takes a web page or an error for a video.
        call = sdk.videos.with_streaming_response.create(model=route.model, **fields)
    async with call as answer:
        body = bytearray()
        async for piece in answer.iter_bytes():
            body += piece
            if len(body) > MAX_BYTES:
                raise UnreadableAnswerError(f"the answer is larger than {MAX_BYTES} bytes")
    return read_task(bytes(body))


async def _chat(sdk: openai.AsyncOpenAI, route: Route, prompt: str) -> Accepted:
    """Stream a generation to its end. Only an error before its first event can be a refusal."""
    stream = await sdk.chat.completions.create(
        model=route.model, messages=[{"role": "user", "content": prompt}], stream=True
    )
    task_id, text, begun = "", "", False
    try:
        async for event in stream:
            begun = True
            task_id = task_id or event.id or ""
            text += (event.choices[0].delta.content or "") if event.choices else ""
            if len(text) > MAX_BYTES:
                raise UnreadableAnswerError(f"the answer is larger than {MAX_BYTES} bytes")
    except FAILURES as error:
        if begun:
            body = error.body if isinstance(error, openai.APIError) else None
            said = f"the generation began, then: {error}"
            raise UnreadableAnswerError(said, answer=body) from error
        raise
    return read_stream(task_id, text)


def failure(route: Route, error: Exception) -> Failure:
    """Return what one of FAILURES tells about a create over *route*."""
    if isinstance(error, openai.APIError) and not isinstance(error, openai.APIConnectionError):
        return _answered(route, error)
    reason = error.__cause__ or error  # openai's own words are "Connection error."
    code, answer, proof = None, None, isinstance(reason, (NoCredentialError, *_NOT_SENT))
    if isinstance(error, UnreadableAnswerError):
        reason, code, answer, proof = error, error.code, error.answer, error.refused
    message = str(reason) or f"no answer: {type(reason).__name__}"
    return Failure(_told(route, error, None, code, message, answer), proof)


def _answered(route: Route, error: openai.APIError) -> Failure:
    status = error.status_code if isinstance(error, openai.APIStatusError) else None
    body, message = error.body, error.message
    if isinstance(body, dict) and isinstance(body.get("message"), str):
        message = body["message"]
    proof = proves_refusal(status, error.code, message, isinstance(body, dict))
    return Failure(_told(route, error, status, error.code, message, _whole(error)), proof)


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
    answer: object,
) -> RouteError:
    return RouteError(
        route.name,
        route.channel,
        type(error).__name__,
        status,
        code and short(route.redact(code)),
        short(route.redact(message)),
        refusal_cause(status, answer),
    )
