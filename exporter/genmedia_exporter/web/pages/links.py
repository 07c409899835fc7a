"""Addresses of our own pages, relative, so that they hold behind any prefix and any proxy."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request


def quoted(name: str) -> str:
    """Return a target's name as part of a path.

    Slashes stay where they can: proxies that decode %2F would change what relative links mean.
    """
    parts = name.split("/")
    return quote(name, safe="" if {"", ".", ".."} & set(parts) else "/")


def target_link(name: str) -> str:
    """Return the way from the status page to the page of one target."""
    return f"targets/{quoted(name)}"


def way_home(request: Request, prefix: str) -> str:
    """Return the way from the page that *request* asks for to the status page: `../`, `../../`.

    *prefix* is the route prefix, "" or "/a/b". What counts is the path as it was sent: a slash
    in a name is a step for the browser, a %2F is none.
    """
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    return "../" * (raw.count(b"/") - prefix.count("/") - 1)
