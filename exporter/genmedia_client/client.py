"""A client of the openai package that falls back to the next route, and never pays twice.

Two classes, as openai's users expect: `FallbackClient` and `AsyncFallbackClient`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, Self

from genmedia_client.answers import Accepted
from genmedia_client.attempts import attempt
from genmedia_client.config import routes_from_config
from genmedia_client.ranking import CHEAP_FIRST, OFFICIAL_FIRST, RankingError, fetch_places
from genmedia_client.result import Result, RouteError
from genmedia_client.routes import Route, ordered
from genmedia_client.traffic import Calls, tell
from genmedia_client.wires import Timeouts

_TIMEOUTS: Final = Timeouts()
EXPORTER_TIMEOUT: Final = 1.0
"""Seconds the exporter may take for one question; it answers from memory."""


class AsyncFallbackClient:
    """Creates videos over the first route that takes the request.

    `exporter_url` is a running genmedia-exporter to ask for the order; when it does not answer, the
    order is that of *routes*. With `traffic_token`, its token of `traffic`, it is told afterwards what
    became of each create. `policy` is the routing policy to ask for, by default `production`
    when official routes are preferred, else `budget`. With `continue_on_refusal` a prompt that a
    vendor refused, or a request that a vendor found wrong, is sent to the next route, too. Times
    are in seconds.
    """

    def __init__(
        self,
        routes: Sequence[Route],
        *,
        exporter_url: str | None = None,
        traffic_token: str | None = None,
        exporter_timeout: float = EXPORTER_TIMEOUT,
        policy: str | None = None,
        continue_on_refusal: bool = False,
        timeout: float = _TIMEOUTS.create,
        stream_timeout: float = _TIMEOUTS.stream,
    ) -> None:
        if not routes:
            raise ValueError("a fallback client needs at least one route")
        if traffic_token is not None and exporter_url is None:
            raise ValueError("traffic_token needs exporter_url: who is to be told?")
        self.routes = tuple(routes)
        self._exporter_url = exporter_url.strip() if exporter_url is not None else None
        self._traffic_token = traffic_token.strip() if traffic_token is not None else None
        self._exporter_timeout = exporter_timeout
        self._policy = policy
        self._continue_on_refusal = continue_on_refusal
        self._timeouts = Timeouts(timeout, stream_timeout)

    @classmethod
    def from_config(cls, path: str | Path, **options: Any) -> Self:
        """Return a client for the video targets of an exporter's configuration file.

        Takes the same options as the class. Raises ImportError without the exporter's packages,
        Problems for a broken file, and ValueError when nothing in it speaks /v1/videos or a chat
        stream.
        """
        return cls(routes_from_config(path), **options)

    async def create_video(
        self, prompt: str, seconds: int = 8, prefer_official: bool = True, **kwargs: Any
    ) -> Result:
        """Ask one route after the other to create a video, until one takes it or may have.

        *kwargs* go to openai's `videos.create`; a chat route gets the prompt alone, for its wire
        has no fields for length or size. Never raises for what a route is or does. What is wrong
        with an argument is raised before anything is sent: TypeError where openai does not know
        it, OSError for a file that cannot be read. A text that cannot be encoded is no such error
        but a request found wrong: it may come from whoever wrote the prompt.
        """
        calls = Calls()
        fields = {**kwargs, "seconds": f"{seconds}"}
        result = await self._create(prompt, fields, prefer_official, calls)
        if self._exporter_url and self._traffic_token and calls.observations:
            url, token, timeout = self._exporter_url, self._traffic_token, self._exporter_timeout
            await tell(url, token, calls.observations, timeout)
        return result

    async def _create(
        self, prompt: str, fields: Mapping[str, Any], prefer_official: bool, calls: Calls
    ) -> Result:
        errors: list[RouteError] = []
        for route in await self._ordered(prefer_official):
            calls.begin()
            made = await attempt(route, prompt, fields, self._timeouts)
            if isinstance(made, Accepted):
                calls.worked(route, made)
                return Result(
                    True, route.channel, route.name, made.task_id, tuple(errors), url=made.url
                )
            calls.failed(route, made)
            errors.append(made.error)
            if not made.nothing_accepted:
                return _doubtful(route, errors)
            if made.error.cause is not None and not self._continue_on_refusal:
                return Result(False, errors=tuple(errors), stopped_by=made.error.cause)
        return Result(False, errors=tuple(errors))

    async def _ordered(self, prefer_official: bool) -> list[Route]:
        places = None
        if self._exporter_url is not None:
            policy = self._policy or (OFFICIAL_FIRST if prefer_official else CHEAP_FIRST)
            try:
                timeout = self._exporter_timeout
                async with asyncio.timeout(timeout):
                    places = await fetch_places(self._exporter_url, policy, timeout)
            except (RankingError, TimeoutError):
                pass  # the plain order is as good as having no exporter at all
        return ordered(self.routes, prefer_official, places)


def _doubtful(route: Route, errors: Sequence[RouteError]) -> Result:
    """Return the result of a create that *route* may have accepted."""
    return Result(
        False,
        route.channel,
        route.name,
        errors=tuple(errors),
        maybe_accepted=True,
        stopped_by=errors[-1].cause,
    )


class FallbackClient:
    """The same for callers without an event loop: see AsyncFallbackClient for the options."""

    def __init__(self, routes: Sequence[Route], **options: Any) -> None:
        self._client = AsyncFallbackClient(routes, **options)

    @classmethod
    def from_config(cls, path: str | Path, **options: Any) -> Self:
        """Return a client for the video targets of an exporter's configuration file."""
        return cls(routes_from_config(path), **options)

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes, in the order they were given."""
        return self._client.routes

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
