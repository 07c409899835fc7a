"""The outermost layer: rate limit, basic auth and configured headers around whatever the exporter answers."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import math
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import bcrypt
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from genmedia_exporter.core.clock import Clock, SystemClock
from genmedia_exporter.web.http.connections import client_of
from genmedia_exporter.web.http.rate_limit import Limiter
from genmedia_exporter.web.http.responses import problem
from genmedia_exporter.web.http.web_config import WebConfig

MAX_VERDICTS: Final = 100
MAX_LOGINS: Final = 4
"""Passwords of one client that may wait at once; right ones that are known do not wait."""
_BCRYPT_READS: Final = 72
"""Bytes of a password that bcrypt looks at; Go ignores the rest, the Python package refuses it."""


class TooManyLoginsError(Exception):
    """A client has as many passwords waiting to be checked as it may."""


@dataclass(slots=True)
class _Queue:
    """The passwords of one client that wait to be checked."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    count: int = 0


class Passwords:
    """Checks users against bcrypt hashes, one at a time in a thread, and remembers who was right.

    Wrong passwords are not remembered: whoever guesses would push the right ones out. Each client
    has one password in the common queue, so that whoever guesses waits for his own guesses.
    """

    def __init__(self) -> None:
        self._right: OrderedDict[bytes, None] = OrderedDict()
        self._lock = asyncio.Lock()
        self._queues: dict[str, _Queue] = {}

    async def accept(
        self, users: Mapping[str, bytes], name: str, password: bytes, client: str = ""
    ) -> bool:
        """Whether *password* is that of the user *name*.

        An unknown name costs as much time as a wrong password, so that names cannot be guessed.
        Raises TooManyLoginsError.
        """
        known = users.get(name)
        stored = known or next(iter(users.values()))
        key = _verdict_key(name.encode(), stored, password)
        if known is not None and key in self._right:
            return True
        async with self._turn(client), self._lock:
            right = await asyncio.to_thread(_matches, password, stored) and known is not None
        if right:
            self._remember(key)
        return right

    @asynccontextmanager
    async def _turn(self, client: str) -> AsyncIterator[None]:
        queue = self._queues.setdefault(client, _Queue())
        if queue.count >= MAX_LOGINS:
            raise TooManyLoginsError
        queue.count += 1
        try:
            async with queue.turn:
                yield
        finally:
            queue.count -= 1
            if not queue.count:
                del self._queues[client]

    def _remember(self, key: bytes) -> None:
        self._right[key] = None
        if len(self._right) > MAX_VERDICTS:
            self._right.popitem(last=False)


def _verdict_key(name: bytes, stored: bytes, password: bytes) -> bytes:
    # In hex no part can hold the ":"; the digest keeps passwords out of memory dumps.
    joined = b":".join(part.hex().encode() for part in (name, stored, password))
    return hashlib.sha256(joined).digest()


def _matches(password: bytes, stored: bytes) -> bool:
    try:
        return bcrypt.checkpw(password[:_BCRYPT_READS], stored)
    except ValueError:  # such as a NUL in the password
        return False


class WebGuard:
    """ASGI middleware. *current* tells at each request what is in force."""

    def __init__(
        self, app: ASGIApp, current: Callable[[], WebConfig], clock: Clock | None = None
    ) -> None:
        self._app = app
        self._current = current
        self._clock = clock or SystemClock()
        self._passwords = Passwords()
        self._limiter: Limiter | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        config = self._current()
        guarded = _with_headers(config.headers, send) if config.headers else send
        if wait := self._wait(config):
            headers = {"Retry-After": f"{math.ceil(wait)}"}
            await problem("Too Many Requests", 429, headers)(scope, receive, guarded)
            return
        refusal = await self._refusal(config, scope)
        await (refusal or self._app)(scope, receive, guarded)

    async def _refusal(self, config: WebConfig, scope: Scope) -> Response | None:
        if not config.users:
            return None
        client = client_of(scope["client"][0]) if scope.get("client") else ""
        try:
            if await self._is_known(config.users, scope["headers"], client):
                return None
        except TooManyLoginsError:
            return problem("Too many passwords at once.", 429, {"Retry-After": "1"})
        return problem("Unauthorized", 401, {"WWW-Authenticate": "Basic"})

    def _wait(self, config: WebConfig) -> float:
        """Return the seconds until another request is let in, 0 for this one."""
        if config.rate_limit is None:
            self._limiter = None
            return 0.0
        if self._limiter is None or self._limiter.limit != config.rate_limit:
            self._limiter = Limiter(config.rate_limit, self._clock)
        return self._limiter.wait()

    async def _is_known(
        self, users: Mapping[str, bytes], headers: Iterable[tuple[bytes, bytes]], client: str
    ) -> bool:
        values = [value for name, value in headers if name == b"authorization"]
        credentials = _basic(values[0]) if len(values) == 1 else None
        if credentials is None:
            return False
        return await self._passwords.accept(users, *credentials, client)


def _basic(value: bytes) -> tuple[str, bytes] | None:
    """Return user and password of an Authorization header, None when it is not a sound one."""
    scheme, _, encoded = value.partition(b" ")
    if scheme.lower() != b"basic":
        return None
    try:
        name, colon, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
        return (name.decode(), password) if colon else None
    except ValueError:
        return None


def _with_headers(headers: Mapping[str, str], send: Send) -> Send:
    """Return a *send* that adds *headers*; the operator's word replaces ours."""
    ours = {name.lower().encode(): value.encode() for name, value in headers.items()}

    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [pair for pair in message.get("headers", ()) if pair[0].lower() not in ours]
            message = {**message, "headers": [*kept, *ours.items()]}
        await send(message)

    return guarded
