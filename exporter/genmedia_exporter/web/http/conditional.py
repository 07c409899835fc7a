"""Answers that need not be sent again: ETag and Last-Modified (RFC 9110, section 13)."""

from __future__ import annotations

import hashlib
from email.utils import formatdate, parsedate_to_datetime

from starlette.requests import Request
from starlette.responses import Response

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.web.http.responses import NO_STORE, body_reply


async def conditional_reply(
    request: Request, body: bytes, content_type: str, changed: Unix
) -> Response:
    """Return *body*, or 304 to whoever has it; it last *changed* then, in Unix seconds."""
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:24]}"'
    headers = {
        "ETag": tag,
        "Last-Modified": formatdate(int(float(changed)), usegmt=True),
        "Cache-Control": "no-cache",
    }
    if _has_it(request, tag, changed):
        return Response(status_code=304, headers={**NO_STORE, **headers})
    return await body_reply(request, body, content_type, headers)


def _has_it(request: Request, tag: str, changed: Unix) -> bool:
    asked = request.headers.get("if-none-match")
    if asked is not None:
        return asked.strip() == "*" or tag in [part.strip() for part in asked.split(",")]
    since = request.headers.get("if-modified-since")
    if since is None:
        return False
    try:
        return int(float(changed)) <= parsedate_to_datetime(since).timestamp()
    except (TypeError, ValueError):
        return False
