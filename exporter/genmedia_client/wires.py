"""Sends one create over a route, once, with the openai package."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx2
import openai

from genmedia_client.answers import (
    Accepted,
    UnreadableAnswerError,
    read_stream,
    read_task,
)
from genmedia_client.routes import Route
from genmedia_client.sending import Sending, Stage
from genmedia_client.trust import trusted

CONNECT_TIMEOUT: Final = 5.0
MAX_BYTES: Final = 1 << 20


class UnusableRouteError(Exception):
    """A route over which nothing can be sent: its address, key or a header cannot be right."""


class NoCredentialError(UnusableRouteError):
    """A route that cannot be called: its credential is missing."""


FAILURES: Final = (
    openai.OpenAIError,
    httpx2.HTTPError,
    httpx2.InvalidURL,
    UnusableRouteError,
    TimeoutError,
    ValueError,  # an answer that cannot be read, or a text that cannot be written
)
"""What a create is expected to end with. Whatever else is raised once it is given to the transport
is a doubt as well; before that, it is about an argument of the caller's."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """In seconds: `create` for one create, and between two events of a stream; `stream` as a whole."""

    create: float = 60.0
    stream: float = 900.0


async def create(
    route: Route, prompt: str, fields: Mapping[str, Any], timeouts: Timeouts, sending: Sending
) -> Accepted:
    """Create a video over *route*, once; *sending* tells afterwards how far it came."""
    if route.problem:
        raise NoCredentialError(route.problem)
    if route.unusable:
        raise UnusableRouteError(route.unusable)
    chat = route.wire == "chat"
    async with (
        asyncio.timeout(timeouts.stream if chat else timeouts.create),
        _sdk(route, timeouts.create, sending) as sdk,
    ):
        sending.stage = Stage.WRITING
        if chat:
            return await _chat(sdk, route, prompt)
        return await _videos(sdk, route, {**fields, "prompt": prompt})


@asynccontextmanager
async def _sdk(route: Route, timeout: float, sending: Sending) -> AsyncIterator[openai.AsyncOpenAI]:
    """Yield openai's client for one request: no retry, no redirect, a fresh connection.

    A kept connection may die unnoticed, and then nobody knows whether a request was accepted.
    """
    async with httpx2.AsyncClient(
        verify=trusted(),
        timeout=httpx2.Timeout(timeout, connect=min(timeout, CONNECT_TIMEOUT)),
        limits=httpx2.Limits(max_keepalive_connections=0),
        event_hooks={"request": [sending.give]},
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
        try:
            yield sdk
        finally:
            await sending.hang_up()


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
        async with stream:
            async for event in stream:
                begun = True
                task_id = task_id or _id(event)
                text += _said(event)
                if len(text) > MAX_BYTES:
                    raise UnreadableAnswerError(f"the answer is larger than {MAX_BYTES} bytes")
    except FAILURES as error:
        if begun:
            body = error.body if isinstance(error, openai.APIError) else None
            said = f"the generation began, then: {error}"
            raise UnreadableAnswerError(said, answer=body) from error
        raise
    return read_stream(task_id, text)


def _id(event: object) -> str:
    found = getattr(event, "id", None)
    return found if isinstance(found, str) else ""


def _said(event: object) -> str:
    """Return the text of an event; the SDK hands on whatever JSON was sent, so no type is certain."""
    choices = getattr(event, "choices", None)
    first = choices[0] if isinstance(choices, list) and choices else None
    content = getattr(getattr(first, "delta", None), "content", None)
    return content if isinstance(content, str) else ""
