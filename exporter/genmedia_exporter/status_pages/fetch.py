"""Fetching a status page's documents: bounded in time and size, and asking for changes only."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass

import httpx2

from genmedia_exporter.core.clock import Clock
from genmedia_exporter.core.status_page import Document, DocumentRequest
from genmedia_exporter.transport.body import Body
from genmedia_exporter.transport.errors import BREAKS, describe
from genmedia_exporter.transport.network import Network
from genmedia_exporter.transport.outgoing import USER_AGENT
from genmedia_exporter.transport.request import absolute, plain
from genmedia_exporter.transport.timer import ExchangeTimer

TIMEOUT = 15.0
"""Seconds for one document, from resolving the name to the last byte."""


MAX_PLACE = 120
"""Characters of the address of a page that has moved."""


class FetchError(Exception):
    """No document came; the message says why, in one line."""


class MovedError(FetchError):
    """The answer leads to another address; the message names it, and so does `place`."""

    def __init__(self, status: int, place: str) -> None:
        self.status, self.place = status, place
        super().__init__(f"HTTP {status}: it has moved to {place or '?'}")


@dataclass(frozen=True, slots=True)
class Cached:
    """The last document of a URL with what its host needs to answer 304."""

    document: Document
    etag: str = ""
    last_modified: str = ""

    @property
    def conditions(self) -> Mapping[str, str]:
        """Return the request headers that ask for a newer one only."""
        pairs = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in pairs.items() if value}


class PageFetcher:
    """Fetches documents and remembers the last of each URL."""

    def __init__(self, network: Network, clock: Clock) -> None:
        self._network = network
        self._clock = clock
        self._cache: dict[str, Cached] = {}

    def forget(self, urls: set[str]) -> None:
        """Drop what is remembered of every URL but *urls*."""
        for url in set(self._cache) - urls:
            del self._cache[url]

    async def fetch(self, request: DocumentRequest) -> Document:
        """Return the document, from memory when it has not changed. Raises FetchError."""
        timer = ExchangeTimer(self._clock, self._clock.monotonic() + TIMEOUT)
        try:
            async with asyncio.timeout(timer.left()):
                return await self._get(request, timer)
        except BREAKS as error:
            raise FetchError(describe(error, timer)) from error

    async def _get(self, request: DocumentRequest, timer: ExchangeTimer) -> Document:
        url, posted = request.url, request.body is not None
        known = None if posted else self._cache.get(url)
        headers = {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "gzip"}
        headers.update(known.conditions if known else {})
        headers.update(request.headers)
        method = "POST" if posted else "GET"
        outgoing = httpx2.Request(method, url, headers=headers, content=request.body)
        outgoing.extensions["trace"] = timer.on_trace
        async with self._network.transport(timer) as transport:
            response = await transport.handle_async_request(outgoing)
            try:
                if response.status_code == 304 and known is not None:
                    return known.document
                _follow(url, response)
                return self._keep(url, response, await _body(response))
            finally:
                await response.aclose()

    def _keep(self, url: str, response: httpx2.Response, body: bytes) -> Document:
        kind = response.headers.get("content-type", "")[:200]
        document = Document(response.status_code, kind, body)
        etag = response.headers.get("etag", "")[:200]
        modified = response.headers.get("last-modified", "")[:100]
        self._cache.pop(url, None)
        if document.status == 200 and (etag or modified):
            self._cache[url] = Cached(document, etag, modified)
        return document


def _follow(url: str, response: httpx2.Response) -> None:
    """Raise MovedError where a redirect leads elsewhere: nobody chose that host."""
    target = response.headers.get("location", "")
    if not (300 <= response.status_code < 400 and target):
        return
    place = plain(absolute(url, target))
    raise MovedError(response.status_code, place[:MAX_PLACE])


async def _body(response: httpx2.Response) -> bytes:
    body = Body(response.headers.get("content-encoding", ""))
    async with aclosing(response.aiter_raw()) as chunks:
        async for chunk in chunks:
            if not body.feed(chunk):
                break
    body.finish()
    return body.content
