"""The past for programs: /api/v1/export as one stream or in pages, /api/v1/targets/NAME/history."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from genmedia_exporter.config.problems import did_you_mean
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.events import EventLog
from genmedia_exporter.report.formatting import iso
from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.storage.export import Format, Mark, export, export_page, record
from genmedia_exporter.web.http.readers import SLOW, Readers
from genmedia_exporter.web.http.request import digits, only, single
from genmedia_exporter.web.http.request import since as since_of
from genmedia_exporter.web.http.responses import NO_STORE, body_reply, problem
from genmedia_exporter.web.services import Services

log = EventLog(__name__)

T = TypeVar("T")

LIMIT: Final = 100
MAX_LIMIT: Final = 1_000
"""Records of one page of a target's history, at most."""
EXPORT_LIMIT: Final = 1_000
MAX_EXPORT_LIMIT: Final = 10_000
"""Records of one page of an export, at most; without pages there is no limit."""
MAX_EXPORTS: Final = 4
"""Exports that run at once; one more is told to come back."""
STALL_SECONDS: Final = 60.0
"""A client that takes nothing for so long is given up: its place is wanted by others."""
CHUNK_SECONDS: Final = 30.0
"""Seconds to wait for the beginning of an export, or more of it, from the database."""
OLDEST: Final = Unix(946_684_800.0)
"""The year 2000 in Unix seconds: before any record, and the first time that can be written."""

_TYPES: Final[Mapping[Format, str]] = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8; header=present",
}


class HistoryRoutes:
    """Answers from storage. Raises StorageError, a 503 with the reason, while it cannot be read."""

    def __init__(self, services: Services, readers: Readers) -> None:
        self._services = services
        self._readers = readers
        self._places = asyncio.Semaphore(MAX_EXPORTS)
        # One for all streams: several at once would starve the loop. They need no other limit.
        self._stream = ThreadPoolExecutor(1, "export")

    async def export(self, request: Request) -> Response:
        """Answer with everything from `since` on as JSON or CSV; a page of it, given a `limit`."""
        only(request, "format", "since", "limit", "cursor")
        form = _format(request)
        since = since_of(request, self._services.now())
        name = f'attachment; filename="genmedia-history.{form}"'
        headers = {**NO_STORE, "Content-Disposition": name}
        if single(request, "limit") is not None or single(request, "cursor") is not None:
            return await self._export_page(request, form, since, headers)
        if request.method == "HEAD":  # nobody would read it
            return Response(media_type=_TYPES[form], headers=headers)
        reader = self._services.reader
        chunks = await _made(self._stream, lambda: export(reader().unhurried(), form, since))
        return _Stream(_made_in(self._stream, chunks), self._places, _TYPES[form], headers)

    async def _export_page(
        self, request: Request, form: Format, since: Unix, headers: Mapping[str, str]
    ) -> Response:
        limit, mark = _whole(request, "limit", EXPORT_LIMIT, MAX_EXPORT_LIMIT), _mark(request)
        text, following = await self._readers.ask(
            lambda reader: export_page(reader, form, since, limit, mark)
        )
        more = {"format": form, "limit": limit}
        link = _link(since, more, str(following)) if following else {}
        return await body_reply(request, text.encode(), _TYPES[form], {**headers, **link})

    async def target(self, request: Request) -> Response:
        """Answer one page of a target's records, newest first, and the cursor of the next."""
        only(request, "since", "limit", "cursor")
        name, targets = request.path_params["name"], self._services.snapshot().targets
        state = targets.get(name)
        if state is None:
            hint = did_you_mean(name, targets, "/api/v1/status lists all targets.")
            return problem(f"No target is called {name[:128]!r}; {hint}", 404)
        limit = _whole(request, "limit", LIMIT, MAX_LIMIT)
        cursor = _whole(request, "cursor", 0, 2**62) or None
        since = since_of(request, self._services.now())
        found = await self._readers.ask(
            lambda reader: reader.latest(name, since, limit + 1, cursor)
        )
        rows = found[:limit]
        following = str(rows[-1]["id"]) if len(found) > limit else None
        document = {
            "target": name,
            "records": [record(row, state.target.model, state.target.channel) for row in rows],
            "next_cursor": following,
        }
        link = _link(since, {"limit": limit}, following) if following else {}
        body = json.dumps(document).encode() + b"\n"
        return await body_reply(request, body, "application/json", link)


class _Stream(StreamingResponse):
    """An export as fast as its client takes it, while there is a place for it."""

    def __init__(
        self,
        chunks: AsyncIterator[str],
        places: asyncio.Semaphore,
        media_type: str,
        headers: Mapping[str, str],
    ) -> None:
        super().__init__(chunks, media_type=media_type, headers=headers)
        self._places = places

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, or 503 at once."""
        if self._places.locked():
            text = f"{MAX_EXPORTS} exports are running; try again in a few seconds."
            await problem(text, 503, {"Retry-After": "5"})(scope, receive, send)
            return
        async with self._places:
            await super().__call__(scope, receive, send)

    async def stream_response(self, send: Send) -> None:
        """Send chunk by chunk; what cannot be finished is broken off, so that the client sees it."""

        async def soon(message: Message) -> None:
            async with asyncio.timeout(STALL_SECONDS):
                await send(message)

        try:
            await super().stream_response(soon)
        except TimeoutError:
            log.warning("export stalled by its client", timeout_seconds=STALL_SECONDS)
        except StorageError as error:
            log.error("export failed", err=error)


async def _made_in(thread: ThreadPoolExecutor, chunks: Iterator[str]) -> AsyncIterator[str]:
    """Have the chunks made in *thread*, in turn with those of other exports."""
    while (chunk := await _made(thread, lambda: next(chunks, None))) is not None:
        yield chunk


async def _made(thread: ThreadPoolExecutor, work: Callable[[], T]) -> T:
    """Have *work* done in *thread*. Raises StorageError when it takes too long: a disk may hang."""
    try:
        async with asyncio.timeout(CHUNK_SECONDS):
            return await asyncio.get_running_loop().run_in_executor(thread, work)
    except TimeoutError:
        raise StorageError(SLOW) from None


def _link(since: Unix, more: Mapping[str, object], cursor: str) -> dict[str, str]:
    """Return the header that leads to the next page, relative to this one; *since* as it is now."""
    query = {**more, **({"since": iso(since)} if since >= OLDEST else {}), "cursor": cursor}
    return {"Link": f'<?{urlencode(query)}>; rel="next"'}


def _format(request: Request) -> Format:
    word = single(request, "format")
    if word is None or word == "json":
        return "json"
    if word == "csv":
        return "csv"
    raise HTTPException(400, "format must be json or csv.")


def _mark(request: Request) -> Mark | None:
    text = single(request, "cursor")
    try:
        return None if text is None else Mark.parse(text)
    except ValueError as error:
        raise HTTPException(400, "cursor must be taken from the previous page.") from error


def _whole(request: Request, name: str, default: int, most: int) -> int:
    text = single(request, name)
    if text is None:
        return default
    number = digits(text) or 0
    if not 1 <= number <= most:
        raise HTTPException(400, f"{name} must be a whole number from 1 to {most}.")
    return number
