"""A client of the openai package that goes on to the next channel when one refuses, and never pays twice.

Two classes, as openai's users expect: `FallbackClient` and `AsyncFallbackClient`. This is the one
module that imports openai, which takes half a second; nothing else of the exporter imports it.
"""

from __future__ import annotations

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final, Self

import httpx2
import openai

from genmedia_client.channels import Channel, channels_of, in_order
from genmedia_client.result import (
    ChannelError,
    NoCredentialError,
    Result,
    Taken,
    UnreadableAnswerError,
    refused,
    short,
    taken_by_stream,
    taken_by_task,
)
from genmedia_exporter.core.status import Operation
from genmedia_exporter.routing.client import AskError, ask_route

__all__ = ["AsyncFallbackClient", "Channel", "ChannelError", "FallbackClient", "Result"]

TIMEOUT: Final = 60.0
"""Seconds a create may take; between two events of a stream, too."""
STREAM_TIMEOUT: Final = 900.0
"""Seconds a chat stream, which is the generation, may take as a whole."""
CONNECT_TIMEOUT: Final = 5.0
ASK_TIMEOUT: Final = 1.0
"""Seconds the exporter may take; it answers from memory."""
MAX_BYTES: Final = 1 << 20

_NOT_SENT: Final = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
    httpx2.InvalidURL,
)
"""What fails before the first byte of a request has left."""
_FAILURES: Final = (
    openai.OpenAIError,
    httpx2.HTTPError,
    httpx2.InvalidURL,
    NoCredentialError,
    TimeoutError,
    ValueError,  # an answer that cannot be read
)


class AsyncFallbackClient:
    """Creates videos on the first channel that takes the request.

    `exporter_url` is a running genmedia-exporter to ask for the order; when it does not answer, the
    order is that of *channels*. `policy` is the routing policy to ask for, by default `production`
    when official channels are preferred, else `budget`. Times are in seconds.
    """

    def __init__(
        self,
        channels: Sequence[Channel],
        *,
        exporter_url: str | None = None,
        policy: str | None = None,
        timeout: float = TIMEOUT,
        stream_timeout: float = STREAM_TIMEOUT,
    ) -> None:
        if not channels:
            raise ValueError("a fallback client needs at least one channel")
        self.channels = tuple(channels)
        self._exporter_url = exporter_url
        self._policy = policy
        self._timeout = timeout
        self._stream_timeout = stream_timeout

    @classmethod
    def from_config(cls, path: str | Path, **options: Any) -> Self:
        """Return a client for the video targets of an exporter's configuration file.

        Takes the same options as the class. Raises Problems for a broken file, and ValueError when
        nothing in it speaks /v1/videos or a chat stream.
        """
        return cls(channels_of(path), **options)

    async def create_video(
        self, prompt: str, seconds: int = 8, prefer_official: bool = True, **kwargs: Any
    ) -> Result:
        """Ask one channel after the other to create a video, until one takes it or may have.

        *kwargs* go to openai's `videos.create`; a chat channel gets the prompt alone, for its wire
        has no words for length or size. Never raises for what a channel does; TypeError for an
        argument that openai does not know.
        """
        errors: list[ChannelError] = []
        for channel in await self._in_order(prefer_official):
            try:
                taken = await self._create(channel, prompt, seconds, kwargs)
            except _FAILURES as error:
                told, proof = _judge(channel, error)
                errors.append(told)
                if not proof:
                    return Result(False, channel.channel, channel.name, None, tuple(errors), True)
            else:
                return Result(
                    True, channel.channel, channel.name, taken.task_id, tuple(errors), url=taken.url
                )
        return Result(False, errors=tuple(errors))

    async def _in_order(self, prefer_official: bool) -> list[Channel]:
        if self._exporter_url is not None:
            policy = self._policy or ("production" if prefer_official else "budget")
            try:
                async with asyncio.timeout(ASK_TIMEOUT):
                    ranking = await ask_route(
                        self._exporter_url, Operation.VIDEO, policy, ASK_TIMEOUT
                    )
                return in_order(self.channels, prefer_official, ranking)
            except (AskError, TimeoutError):
                pass  # the plain order is as good as having no exporter at all
        return in_order(self.channels, prefer_official, None)

    async def _create(
        self, channel: Channel, prompt: str, seconds: int, kwargs: Mapping[str, Any]
    ) -> Taken:
        if channel.problem:
            raise NoCredentialError(channel.problem)
        chat = channel.wire == "chat"
        async with (
            asyncio.timeout(self._stream_timeout if chat else self._timeout),
            _sdk(channel, self._timeout) as sdk,
        ):
            if chat:
                return await _chat(sdk, channel, prompt)
            return await _videos(
                sdk, channel, {**kwargs, "prompt": prompt, "seconds": f"{seconds}"}
            )


class FallbackClient:
    """The same for callers without an event loop: see AsyncFallbackClient for the options."""

    def __init__(self, channels: Sequence[Channel], **options: Any) -> None:
        self._client = AsyncFallbackClient(channels, **options)

    @classmethod
    def from_config(cls, path: str | Path, **options: Any) -> Self:
        """Return a client for the video targets of an exporter's configuration file."""
        return cls(channels_of(path), **options)

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels, in the order they were given."""
        return self._client.channels

    def create_video(
        self, prompt: str, seconds: int = 8, prefer_official: bool = True, **kwargs: Any
    ) -> Result:
        """Do what AsyncFallbackClient.create_video does, and wait for it."""
        return _run(self._client.create_video(prompt, seconds, prefer_official, **kwargs))


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    """Wait for *work*, also where an event loop runs in this thread already, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


@cache
def _trust() -> ssl.SSLContext:
    return httpx2.create_ssl_context()  # reads the system's store: once is enough


@asynccontextmanager
async def _sdk(channel: Channel, timeout: float) -> AsyncIterator[openai.AsyncOpenAI]:
    """Yield openai's client for one request: no retry, no redirect, a fresh connection.

    A kept connection may die unnoticed, and then nobody knows whether a request was taken.
    """
    async with httpx2.AsyncClient(
        verify=_trust(),
        timeout=httpx2.Timeout(timeout, connect=min(timeout, CONNECT_TIMEOUT)),
        limits=httpx2.Limits(max_keepalive_connections=0),
    ) as http:
        sdk = openai.AsyncOpenAI(
            base_url=channel.api_base,
            api_key=channel.api_key or "none",  # a server of one's own may need no key
            max_retries=0,
            timeout=http.timeout,
            default_headers=channel.headers,
            http_client=http,
        )
        # From OPENAI_ORG_ID and OPENAI_PROJECT_ID: no business of a gateway's.
        sdk.organization = sdk.project = None
        yield sdk


async def _videos(sdk: openai.AsyncOpenAI, channel: Channel, fields: Mapping[str, Any]) -> Taken:
    with warnings.catch_warnings():
        # openai's Videos API has ended, its wire lives on at gateways; under warnings as errors the
        # call itself would fail. The warning comes from the call, before anything is awaited.
        warnings.filterwarnings("ignore", "The Sora API", DeprecationWarning)
        # The raw answer: the SDK's own reading takes a web page or an error for a video.
        call = sdk.videos.with_streaming_response.create(model=channel.model, **fields)
    async with call as answer:
        body = bytearray()
        async for piece in answer.iter_bytes():
            body += piece
            if len(body) > MAX_BYTES:
                raise UnreadableAnswerError("the answer is larger than any sound one")
    return taken_by_task(bytes(body))


async def _chat(sdk: openai.AsyncOpenAI, channel: Channel, prompt: str) -> Taken:
    """Stream a generation to its end. Only an error before its first event can be a refusal."""
    stream = await sdk.chat.completions.create(
        model=channel.model, messages=[{"role": "user", "content": prompt}], stream=True
    )
    task_id, text, begun = "", "", False
    try:
        async for event in stream:
            begun = True
            task_id = task_id or event.id or ""
            text += (event.choices[0].delta.content or "") if event.choices else ""
            if len(text) > MAX_BYTES:
                raise UnreadableAnswerError("the answer is larger than any sound one")
    except _FAILURES as error:
        if begun:
            raise UnreadableAnswerError(f"the generation began, then: {error}") from error
        raise
    return taken_by_stream(task_id, text)


def _judge(channel: Channel, error: Exception) -> tuple[ChannelError, bool]:
    """Return what *error* tells, and whether it proves that the channel accepted nothing."""
    wrapped = isinstance(error, openai.APIConnectionError)
    cause = error.__cause__ if wrapped else error  # openai's own words are "Connection error."
    status = error.status_code if isinstance(error, openai.APIStatusError) else None
    code, message, body = None, str(cause), None
    if isinstance(error, openai.APIError) and not wrapped:
        code, message, body = error.code, error.message, error.body
    elif isinstance(error, UnreadableAnswerError):
        code = error.code
    if isinstance(body, dict) and isinstance(body.get("message"), str):
        message = body["message"]
    told = ChannelError(
        channel.name,
        channel.channel,
        type(error).__name__,
        status,
        code and short(channel.hide(code)),
        short(channel.hide(message or f"no answer: {type(cause).__name__}")),
    )
    if isinstance(error, NoCredentialError) or isinstance(cause, _NOT_SENT):
        return told, True
    if not isinstance(error, openai.APIError):
        return told, isinstance(error, UnreadableAnswerError) and error.refused
    return told, refused(status, code, message, isinstance(body, dict))
