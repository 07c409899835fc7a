"""Small things all routes share: plain answers, HTML with its headers, compressed bodies."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from itertools import chain
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from genmedia_exporter.metrics.exposition import Lines
from genmedia_exporter.web.http.compress import compress
from genmedia_exporter.web.http.negotiate import accepts_gzip

WORTH_COMPRESSING: Final = 1024
"""Bytes below which gzip saves nothing that matters."""

WORTH_SENDING: Final = 256 * 1024
"""Bytes that are sent at once of an answer in pieces."""

STORAGE_RETRY: Final = "5"
"""Seconds after which the database may be asked again."""
NOT_FOUND: Final = "404 page not found"
NO_STORE: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def plain(text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return one line or more of text for people."""
    return PlainTextResponse(text + "\n", status, headers={**NO_STORE, **(headers or {})})


def problem(
    text: str, status: int, headers: Mapping[str, str] | None = None, **more: Any
) -> Response:
    """Return an error as a problem document (RFC 9457): *text* says what is wrong, for people.

    *more* are members beside the standard ones.
    """
    title = HTTPStatus(status).phrase
    told = {"type": "about:blank", "title": title, "status": status, "detail": text, **more}
    body = json.dumps(told, ensure_ascii=False, indent=2).encode() + b"\n"
    return Response(body, status, {**NO_STORE, **(headers or {})}, "application/problem+json")


async def on_http_error(_request: Request, error: Exception) -> Response:
    """Answer a refused request with its one sentence."""
    if not isinstance(error, HTTPException):  # starlette's signature is wider than its promise
        raise error
    text = NOT_FOUND if error.status_code == 404 else error.detail
    return problem(text, error.status_code, error.headers)


async def on_storage_error(_request: Request, error: Exception) -> Response:
    """Answer a question about the past that the database cannot answer now."""
    return problem(f"{error}.", 503, {"Retry-After": STORAGE_RETRY})


async def on_stalled(_request: Request, error: Exception) -> Response:
    """Answer a request for something that only the probing loop can do, while it does not turn."""
    return problem(f"Not now: {error}.", 503, {"Retry-After": STORAGE_RETRY})


async def on_crash(_request: Request, _error: Exception) -> Response:
    """Answer a bug of ours without its traceback; the server logs that."""
    return problem("Internal error; see the log.", 500)


async def body_reply(
    request: Request, body: bytes, content_type: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Return *body*, compressed in a worker thread when the client likes and it is worth it."""
    more = {**NO_STORE, "Vary": "Accept-Encoding", **(headers or {})}
    if accepts_gzip(request.headers.getlist("accept-encoding")) and len(body) >= WORTH_COMPRESSING:
        body = await compress(body)
        more["Content-Encoding"] = "gzip"
    return Response(body, media_type=content_type, headers=more)


class InPieces(Response):
    """A body of many lines, sent a part at a time: a page of megabytes is never put together."""

    def __init__(self, pieces: Sequence[Lines], headers: Mapping[str, str]) -> None:
        length = str(sum(map(len, chain.from_iterable(pieces))))
        super().__init__(None, headers={**headers, "Content-Length": length})
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        for part in in_parts(self._pieces):
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def in_parts(pieces: Iterable[Lines]) -> Iterator[bytes]:
    """Yield *pieces*, joined where they are small: each part that is sent takes a turn of the loop."""
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(b"".join(piece))
        size += len(waiting[-1])
        if size >= WORTH_SENDING:
            yield b"".join(waiting)
            waiting, size = [], 0
    if size:
        yield b"".join(waiting)


def ready_reply(
    request: Request, body: bytes, zipped: bytes, content_type: str, headers: Mapping[str, str]
) -> Response:
    """Return *body*, or *zipped*, which is the same as gzip, when the client likes that."""
    more = {**NO_STORE, "Vary": "Accept-Encoding", **headers}
    if accepts_gzip(request.headers.getlist("accept-encoding")):
        return Response(zipped, 200, {**more, "Content-Encoding": "gzip"}, content_type)
    return Response(body, 200, more, content_type)
