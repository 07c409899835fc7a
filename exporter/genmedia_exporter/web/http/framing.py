"""Requests whose length or address is in doubt, or that carry something: refused, and their connection closed.

What comes behind a head that two programs read differently must not be taken for another request.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final
from urllib.parse import unquote

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from genmedia_exporter.web.http.responses import problem

MAX_BODY: Final = 1024
"""Bytes a request may carry where nobody reads them."""
MAX_ADDRESS: Final = 8 * 1024
"""Bytes of path and query together, as with most servers and proxies."""
MAX_HEAD: Final = 16 * 1024
"""Bytes of request line and headers together."""
MAX_PASSED_OVER: Final = 1 << 20
"""Bytes of a refused body that are taken before the answer."""
BODY_PATIENCE: Final = 0.5
"""Seconds that are waited for them."""
_NO_BODIES: Final = "Request bodies are not accepted."
_CLOSE: Final = {"Connection": "close"}
_HOST: Final = re.compile(rb"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)(:\d*)?")
_WHOLE: Final = re.compile(rb"(?i:https?)://([^/?#]+)(/[^#]*)?")
"""A target in absolute form: every server has to take it."""

Headers = Sequence[tuple[bytes, bytes]]


class Framing:
    """ASGI middleware, the outermost: whoever has no password learns nothing else of it either."""

    def __init__(self, app: ASGIApp, bodies: Mapping[str, int] = MappingProxyType({})) -> None:
        self._app, self._bodies = app, bodies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope = _with_path(scope)
        refused = _refusal(scope, self._bodies)
        if refused is not None and refused.status_code == 413:
            await _pass_over(receive)
        await (refused or self._app)(scope, receive, send)


async def _pass_over(receive: Receive) -> None:
    """Take a body that nobody wants: who is cut off while still sending may never see the answer."""
    taken = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(BODY_PATIENCE):
            while taken < MAX_PASSED_OVER:
                message = await receive()
                taken += len(message.get("body", b""))
                if not message.get("more_body"):
                    break


def _with_path(scope: Scope) -> Scope:
    """Return a request for a whole URL as one for its path, at the host that stands in it."""
    found = _WHOLE.fullmatch(scope.get("raw_path") or b"")
    if found is None:
        return scope
    path = found[2] or b"/"
    headers = [(b"host", found[1]), *(pair for pair in scope["headers"] if pair[0] != b"host")]
    return {**scope, "path": unquote(path.decode()), "raw_path": path, "headers": headers}


def _refusal(scope: Scope, bodies: Mapping[str, int]) -> Response | None:
    if scope["type"] != "http":
        return None
    if not scope["http_version"].startswith("1."):
        return problem("Only the versions 1.x of HTTP are spoken here.", 505, _CLOSE)
    headers: Headers = scope["headers"]
    address = len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"])
    if address > MAX_ADDRESS:
        return problem(f"The address is longer than {MAX_ADDRESS} bytes.", 414, _CLOSE)
    # The server limits only what comes in pieces: in one piece a head of any size would pass.
    if address + sum(len(name) + len(value) for name, value in headers) > MAX_HEAD:
        return problem(f"Address and headers are longer than {MAX_HEAD} bytes.", 431, _CLOSE)
    if not _is_place(scope):
        return problem("The request does not say what is asked of whom.", 400, _CLOSE)
    if _is_ambiguous(scope["http_version"], headers):
        return problem("The length of the request is told in two ways.", 400, _CLOSE)
    most = bodies.get(scope["path"])
    if _is_small(headers, most or MAX_BODY):
        return None
    wanted = f"Send at most {most} bytes, and their Content-Length." if most else _NO_BODIES
    return problem(wanted, 413, _CLOSE)


def _is_place(scope: Scope) -> bool:
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    hosts = (value for name, value in scope["headers"] if name == b"host")
    if not all(map(_HOST.fullmatch, hosts)) or b"#" in path + scope["query_string"]:
        return False
    return path.startswith(b"/") or (path == b"*" and scope["method"] == "OPTIONS")


def _is_ambiguous(version: str, headers: Headers) -> bool:
    named = [name for name, _ in headers]
    encoded = b"transfer-encoding" in named
    return encoded and (b"content-length" in named or version == "1.0")


def _is_small(headers: Iterable[tuple[bytes, bytes]], most: int) -> bool:
    named = dict(headers)
    length = named.get(b"content-length", b"0")
    return b"transfer-encoding" not in named and length.isdigit() and int(length[:9]) <= most
