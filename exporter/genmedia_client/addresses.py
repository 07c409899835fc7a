"""Reads the address of a route: where its calls go, or why nothing can be sent there."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

import httpx2

PREFIX: Final = "/v1"
_VERSION: Final = re.compile(r"v\d+(\.\d+)?((alpha|beta|p)\d*)*")
"""What a segment of a path looks like that is a version: where one is written, no other follows."""


def api_base(base_url: str) -> str:
    """Return the address below which the paths of the wire are. Raises ValueError."""
    parts = urlsplit(base_url)
    segments = [segment for segment in parts.path.split("/") if segment]
    while segments and f"/{segments[-1]}" == PREFIX:
        segments.pop()
    own = any(_VERSION.fullmatch(segment) for segment in segments)
    path = "".join(f"/{segment}" for segment in segments)
    return f"{parts.scheme}://{parts.netloc}{path}{'' if own else PREFIX}"


def address_problem(base_url: object) -> str:
    """Return why nothing can be sent to *base_url*, or nothing. It is not quoted: it may hold a password."""
    if not isinstance(base_url, str):
        return f"base_url is not a text but {type(base_url).__name__}"
    if not base_url:
        return "base_url is empty"
    if not base_url.isprintable() or " " in base_url:
        return "base_url holds a space or a character that cannot be seen"
    try:
        parts = urlsplit(base_url)
        host = parts.hostname
    except ValueError:
        return "base_url is not a valid URL"
    if parts.scheme not in ("http", "https") or not host:
        return "base_url is not http:// or https:// and a host"
    return _port_problem(parts.netloc) or _url_problem(base_url)


def _port_problem(netloc: str) -> str:
    try:
        port = urlsplit(f"//{netloc}").port
    except ValueError:
        port = 0
    return "the port of base_url is not a number from 1 to 65535" if port == 0 else ""


def _url_problem(base_url: str) -> str:
    """Ask the library that will send the request: it knows which names of hosts can be looked up."""
    try:
        httpx2.URL(api_base(base_url))
    except (httpx2.InvalidURL, ValueError):
        return "base_url is not a valid URL"
    return ""
