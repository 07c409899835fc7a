"""What a pretend provider receives and answers: requests, responses, and how a body is delivered."""

import enum
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

__all__ = [
    "Ending",
    "Manner",
    "Piece",
    "Request",
    "Response",
    "html_response",
    "json_response",
    "read_fields",
    "with_headers",
]

Piece = tuple[float, bytes]
"""Seconds to wait, then bytes to send."""

MOST_FIELDS = 64
_NAME_OF_PART = re.compile(r'name="([^"]{1,100})"')


class Manner(enum.Enum):
    """How an answer reaches the socket; all but WHOLE and STALL are faults of transport."""

    WHOLE = "whole"
    STALL = "stall"
    HANG = "hang"
    RESET = "reset"
    RESET_MIDBODY = "reset_midbody"
    TRICKLE = "trickle"
    TRUNCATED = "truncated"
    GARBAGE = "garbage"
    RAW = "raw"


class Ending(enum.Enum):
    """How a raw answer ends: the connection is closed, reset, or left open until the client goes."""

    CLOSE = "close"
    RESET = "reset"
    OPEN = "open"


@dataclass(frozen=True)
class Request:
    """One request as the services see it: the path starts after the service's own prefix."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    origin: str = ""

    def header(self, name: str) -> str:
        """The header's value, or an empty string."""
        return self.headers.get(name.lower(), "")


@dataclass(frozen=True)
class Response:
    """One answer. `wait` is seconds before the first byte; `pieces` makes a chunked stream.

    In the manner RAW `pieces` are the bytes of the wire, and `ending` says how they end.
    """

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    manner: Manner = Manner.WHOLE
    wait: float = 0.0
    interval: float = 1.0
    pieces: Callable[[], Iterable[Piece]] | None = None
    ending: Ending = Ending.CLOSE


def json_response(status: int, value: object, headers: Mapping[str, str] | None = None) -> Response:
    """An answer with a JSON body; Chinese stays readable, as gateways send it."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return Response(status, body, headers=tuple((headers or {}).items()))


def html_response(status: int, page: str, headers: Mapping[str, str] | None = None) -> Response:
    """An answer with an HTML body, as edges, challenges and login pages send it."""
    kind = "text/html; charset=utf-8"
    return Response(status, page.encode(), kind, tuple((headers or {}).items()))


def with_headers(response: Response, headers: Mapping[str, str]) -> Response:
    """The same answer with the headers added that it does not have already."""
    present = {name.lower() for name, _ in response.headers}
    extra = tuple((n, v) for n, v in headers.items() if n.lower() not in present)
    return replace(response, headers=response.headers + extra)


def read_fields(request: Request) -> dict[str, Any]:
    """The fields of a JSON object, a multipart form or a plain form; empty when unreadable."""
    kind = request.header("content-type").lower()
    if kind.startswith("multipart/form-data"):
        return _multipart(request)
    try:
        value = json.loads(request.body)
    except (ValueError, RecursionError):
        value = None
    if value is None and kind.startswith("application/x-www-form-urlencoded"):
        # Only now: people who try the world with curl -d send JSON under this type.
        return dict(parse_qsl(request.body.decode("utf-8", "replace"))[:MOST_FIELDS])
    return value if isinstance(value, dict) else {}


def _multipart(request: Request) -> dict[str, Any]:
    head = f"Content-Type: {request.header('content-type')}\r\n\r\n".encode("latin-1", "replace")
    form = BytesParser(policy=HTTP).parsebytes(head + request.body)
    fields: dict[str, Any] = {}
    for part in list(form.walk())[: MOST_FIELDS + 1]:
        found = _NAME_OF_PART.search(str(part.get("content-disposition", "")))
        content = part.get_payload(decode=True)
        if found and isinstance(content, bytes):
            fields[found[1]] = content.decode("utf-8", "replace")
    return fields
