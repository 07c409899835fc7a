"""The past for programs: /api/v1/export as one stream, /api/v1/targets/NAME/history page by page."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from exporter.storage.export import export, record
from exporter.storage.tables import StorageError
from exporter.values import parse_duration, parse_time
from exporter.web.replies import NO_STORE, body_reply
from exporter.web.services import Services

LIMIT: Final = 100
MAX_LIMIT: Final = 1_000
"""Records of one page, at most."""


class HistoryRoutes:
    """Answers from storage; 503 with the reason while it cannot be read."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def export(self, request: Request) -> Response:
        """Stream everything from `since` on as JSON or CSV."""
        form = request.query_params.get("format", "json")
        if form not in ("json", "csv"):
            raise HTTPException(400, "format must be json or csv.")
        since = self._since(request)
        try:
            chunks = await asyncio.to_thread(
                lambda: export(self._services.reader(), "csv" if form == "csv" else "json", since)
            )
        except StorageError as error:
            raise HTTPException(503, f"{error}.") from error
        kind = "text/csv; charset=utf-8; header=present" if form == "csv" else "application/json"
        name = f'attachment; filename="genmedia-history.{form}"'
        headers = {**NO_STORE, "Content-Disposition": name}
        return StreamingResponse(chunks, media_type=kind, headers=headers)

    async def target(self, request: Request) -> Response:
        """Answer one page of a target's records, newest first, and the cursor of the next."""
        name = request.path_params["name"]
        state = self._services.snapshot().targets.get(name)
        if state is None:
            raise HTTPException(404, f"No target is called {name!r}.")
        limit = _whole(request, "limit", LIMIT, MAX_LIMIT)
        cursor = _whole(request, "cursor", 0, 2**62) or None
        since = self._since(request)
        try:
            rows = await asyncio.to_thread(
                lambda: self._services.reader().latest(name, since, limit, cursor)
            )
        except StorageError as error:
            raise HTTPException(503, f"{error}.") from error
        records = [record(row, state.target.model, state.target.channel) for row in rows]
        after = str(rows[-1]["id"]) if len(rows) == limit else None
        return await _json(request, {"target": name, "records": records, "next_cursor": after})

    def _since(self, request: Request) -> float:
        """Return `since` in Unix seconds: a duration back from now, or a time; 0 without one."""
        text = request.query_params.get("since")
        if text is None:
            return 0.0
        try:
            return self._services.now() - parse_duration(text)
        except ValueError:
            pass
        try:
            return parse_time(text).timestamp()
        except ValueError as error:
            wanted = "since must be a duration such as 7d, or a time such as 2026-11-22T08:30:00Z."
            raise HTTPException(400, wanted) from error


async def _json(request: Request, document: dict[str, Any]) -> Response:
    return await body_reply(request, json.dumps(document).encode() + b"\n", "application/json")


def _whole(request: Request, name: str, default: int, most: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
    if not 1 <= number <= most:
        raise HTTPException(400, f"{name} must be a whole number from 1 to {most}.")
    return number
