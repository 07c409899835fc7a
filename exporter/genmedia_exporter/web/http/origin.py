"""Who may change state: a page of our own, under a name of our own. Against cross-site pages and DNS rebinding.

A page elsewhere can make a browser send requests here, but the browser then says so in `Origin` and
`Sec-Fetch-Site`. With DNS rebinding the page's own name leads here, so that both look right; then
`Host` holds a name that is not ours. An address cannot be rebound.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from genmedia_exporter.web.http.responses import problem

Endpoint = Callable[[Request], Awaitable[Response]]

_NAME: Final = re.compile(
    r"(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*"
)
_AUTHORITY: Final = re.compile(
    r"(?P<host>\[[0-9A-Fa-f:.%]+\]|[^\[\]:@/?#\s]+)(:(?P<port>\d{0,5}))?"
)
_DEFAULT_PORTS: Final = {"http": "80", "https": "443"}
_TRUSTED_SITES: Final = ("same-origin", "none")
"""What a browser says of a page of our own, and of what its user typed."""


def parse_hosts(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the names of `--web.allowed-hosts`, each text a list with commas. Raises ValueError."""
    names = [name.strip().lower().removesuffix(".") for text in texts for name in text.split(",")]
    for name in names:
        if not _NAME.fullmatch(name) and not _is_address(name):
            raise ValueError(
                f"'{name}' is not a host for --web.allowed-hosts: write a name such as "
                "exporter.example.com or *.example.com, without port"
            )
    return tuple(names)


def external_host(url: str) -> str:
    """Return the host of `--web.external-url`, "" without one."""
    return (urlsplit(url).hostname or "").removesuffix(".")


@dataclass(frozen=True, slots=True)
class Hosts:
    """The names that the exporter answers to."""

    names: tuple[str, ...] = ()
    """In lower case; `*.a.example` stands for every name below a.example."""

    def know(self, authority: str) -> bool:
        """Whether a `Host` header is an address, a loopback name or one of ours; the port is not looked at."""
        found = _AUTHORITY.fullmatch(authority)
        if found is None:
            return False
        host = found["host"].strip("[]").lower().removesuffix(".")
        return _is_address(host) or _is_loopback(host) or any(map(_matcher(host), self.names))


def _matcher(host: str) -> Callable[[str], bool]:
    return lambda name: host.endswith(name[1:]) if name.startswith("*.") else host == name


def _is_loopback(host: str) -> bool:
    # Names below localhost never leave the machine (RFC 6761), in browsers either.
    return host == "localhost" or host.endswith(".localhost")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class OwnOrigin:
    """Lets a request change state only when no other site and no foreign name can have caused it."""

    def __init__(self, hosts: Hosts, external_url: str = "") -> None:
        self._hosts = hosts
        self._external = _origin(external_url)

    def only(self, endpoint: Endpoint) -> Endpoint:
        """Return *endpoint* with 403 before it for anybody else."""

        async def checked(request: Request) -> Response:
            refusal = self.refusal(request)
            if refusal is not None:
                raise HTTPException(403, refusal)
            return await endpoint(request)

        return checked

    def refusal(self, request: Request) -> str | None:
        """Return why *request* may not change anything, None when it may."""
        host = request.headers.get("host", "")
        if not self._hosts.know(host):
            return _unknown(host)
        sites = request.headers.getlist("sec-fetch-site")
        # Old browsers send no Origin, but say from which page they come.
        origins = request.headers.getlist("origin") or request.headers.getlist("referer")
        if all(site in _TRUSTED_SITES for site in sites) and all(
            self._is_own(origin, host) for origin in origins
        ):
            return None
        return "Another site asked for this. Open a page of this exporter, or use curl."

    def _is_own(self, origin: str, host: str) -> bool:
        own = _origin(origin)
        # Behind a proxy that ends TLS our scheme is not the browser's, so only hosts are compared.
        return own is not None and own[1:] in (
            _place(host, own[0]),
            self._external and self._external[1:],
        )


def _origin(url: str) -> tuple[str, str, str] | None:
    """Return scheme, host and port of an origin or a URL, None when it has no host."""
    scheme, _, rest = url.partition("://")
    place = _place(re.split(r"[/?#]", rest, maxsplit=1)[0], scheme.lower())
    return (scheme.lower(), *place) if place else None


def _place(authority: str, scheme: str) -> tuple[str, str] | None:
    found = _AUTHORITY.fullmatch(authority)
    if found is None:
        return None
    return found["host"].lower().removesuffix("."), found["port"] or _DEFAULT_PORTS.get(scheme, "")


def _unknown(host: str) -> str:
    shown = host if host.isascii() and host.isprintable() else "?"
    return (
        f"This exporter is not known as '{shown[:100]}'. Use its address or localhost, or start it "
        "with that name in --web.allowed-hosts or --web.external-url."
    )


class KnownHosts:
    """ASGI middleware: answers no request at all under a name that is not ours."""

    def __init__(self, app: ASGIApp, hosts: Hosts) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            host = Request(scope).headers.get("host", "")
            if not self._hosts.know(host):
                await problem(_unknown(host), 403)(scope, receive, send)
                return
        await self._app(scope, receive, send)
