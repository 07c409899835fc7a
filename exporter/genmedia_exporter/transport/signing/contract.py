"""What a signer is: a function from a request to the headers that sign it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

import httpx2

from genmedia_exporter.core.clock import Unix


@dataclass(frozen=True, slots=True)
class Keys:
    """A pair of keys, and the token of a session where they are temporary."""

    access: str
    secret: str
    session: str = ""

    @classmethod
    def of(cls, credential: str) -> Keys:
        """Read "access:secret" or "access:secret:session"."""
        access, _, rest = credential.partition(":")
        secret, _, session = rest.partition(":")
        return cls(access, secret, session)

    def __repr__(self) -> str:
        return "Keys(<secret>)"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a signature is valid for besides the request."""

    service: str
    region: str
    now: Unix

    @property
    def time(self) -> datetime:
        """The time of signing, UTC."""
        return datetime.fromtimestamp(int(self.now), UTC)


Sign = Callable[[httpx2.Request, Keys, Scope], Mapping[str, str]]
"""Returns the headers to add. The request is complete and its body is read."""


def sha256_hex(data: bytes) -> str:
    """Return the SHA-256 of *data* in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def hmac_chain(key: bytes, *messages: str) -> bytes:
    """Return the HMAC of the last message with the HMAC of the one before it, and so on, as key."""
    for message in messages:
        key = hmac.new(key, message.encode(), hashlib.sha256).digest()
    return key


def canonical_query(request: httpx2.Request) -> str:
    """Return the query sorted, each part percent-encoded but for what RFC 3986 leaves alone."""
    pairs = sorted(request.url.params.multi_items())
    return "&".join(
        f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs
    )


def canonical_headers(headers: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """Return the headers one a line in the order of their names, and the names joined by semicolons."""
    found = sorted((name.lower(), value.strip()) for name, value in headers)
    return "".join(f"{name}:{value}\n" for name, value in found), ";".join(n for n, _ in found)


def host_of(request: httpx2.Request) -> str:
    """Return the Host header as it is sent, with a port that is not the scheme's own."""
    return request.headers["host"]
