"""What the network libraries raise, in our words: one table, the most specific first."""

from __future__ import annotations

import errno
import os
import socket
import ssl
import zlib
from collections.abc import Iterator

import httpcore2
import httpx2

from genmedia_exporter.core.evidence import Transport
from genmedia_exporter.transport.body import BodyTooLargeError, BodyTruncatedError, UndecodableError
from genmedia_exporter.transport.resolving import PrivateAddressError, ResolveError
from genmedia_exporter.transport.timer import ExchangeTimer, Stage

# Of ours, before anything was sent: CONNECT_FAILED, because nobody else may be blamed for it.
_OURS = Transport.CONNECT_FAILED

TABLE: tuple[tuple[type[BaseException], Transport], ...] = (
    (BodyTooLargeError, Transport.BODY_TOO_LARGE),
    (BodyTruncatedError, Transport.BODY_TRUNCATED),
    (UndecodableError, Transport.PROTOCOL),
    (zlib.error, Transport.PROTOCOL),
    (ResolveError, Transport.DNS),
    (socket.gaierror, Transport.DNS),
    (PrivateAddressError, _OURS),
    (ssl.SSLCertVerificationError, Transport.TLS_CERTIFICATE),
    (ssl.SSLError, Transport.TLS),
    (ConnectionRefusedError, Transport.CONNECT_REFUSED),
    (httpcore2.ConnectTimeout, Transport.CONNECT_TIMEOUT),
    (httpx2.ConnectTimeout, Transport.CONNECT_TIMEOUT),
    (httpcore2.PoolTimeout, _OURS),
    (httpx2.PoolTimeout, _OURS),
    (httpcore2.TimeoutException, Transport.RESPONSE_TIMEOUT),
    (httpx2.TimeoutException, Transport.RESPONSE_TIMEOUT),
    (TimeoutError, Transport.RESPONSE_TIMEOUT),
    (httpcore2.ConnectError, Transport.CONNECT_FAILED),
    (httpx2.ConnectError, Transport.CONNECT_FAILED),
    (httpcore2.NetworkError, Transport.RESET),
    (httpx2.NetworkError, Transport.RESET),
    (httpcore2.LocalProtocolError, _OURS),
    (httpx2.LocalProtocolError, _OURS),
    (httpcore2.ProtocolError, Transport.PROTOCOL),
    (httpx2.ProtocolError, Transport.PROTOCOL),
    (httpcore2.ProxyError, Transport.PROXY),
    (httpx2.ProxyError, Transport.PROXY),
    (httpcore2.UnsupportedProtocol, _OURS),
    (httpx2.UnsupportedProtocol, _OURS),
    (httpcore2.ConnectionNotAvailable, _OURS),
    (httpx2.InvalidURL, _OURS),
    (httpx2.CookieConflict, _OURS),
    (httpx2.StreamError, _OURS),
    (httpx2.HTTPError, Transport.PROTOCOL),
    (UnicodeError, _OURS),  # a header or host name that cannot be written in ASCII
)

BREAKS = tuple(kind for kind, _ in TABLE)
"""Everything that ends an exchange without ending the probe."""

_BY_STAGE: dict[tuple[Stage, Transport], Transport] = {
    ("start", Transport.RESPONSE_TIMEOUT): Transport.CONNECT_TIMEOUT,
    ("resolve", Transport.RESPONSE_TIMEOUT): Transport.DNS,
    ("connect", Transport.RESPONSE_TIMEOUT): Transport.CONNECT_TIMEOUT,
    ("tls", Transport.RESPONSE_TIMEOUT): Transport.CONNECT_TIMEOUT,
    ("tls", Transport.CONNECT_FAILED): Transport.TLS,
    ("tls", Transport.RESET): Transport.TLS,
    ("transfer", Transport.RESPONSE_TIMEOUT): Transport.BODY_TIMEOUT,
    ("transfer", Transport.RESET): Transport.BODY_TRUNCATED,
}

_BEFORE_SENDING: tuple[Stage, ...] = ("start", "resolve", "connect", "tls")
_EXHAUSTED = frozenset(
    {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.EADDRNOTAVAIL}
)
"""No file, no memory, no port left: of the process or of the machine."""

_EXPIRED, _WRONG_HOST, _WRONG_ADDRESS = 10, 62, 64
_THEIR_CERTIFICATE = (_EXPIRED, _WRONG_HOST, _WRONG_ADDRESS)


def translate(error: BaseException, timer: ExchangeTimer) -> Transport | None:
    """Return how the exchange broke, or None for an error that is a bug of ours."""
    if timer.stage in _BEFORE_SENDING and _is_local(error):
        return Transport.LOCAL
    kind = _look_up(error)
    if kind is Transport.PROTOCOL and timer.hung_up and _is_remote(error) and not timer.not_http:
        kind = Transport.RESET
    return None if kind is None else _BY_STAGE.get((timer.stage, kind), kind)


def _is_local(error: BaseException) -> bool:
    """Whether this machine could not do its part, which says nothing of any service."""
    for cause in _chain(error):
        if isinstance(cause, socket.gaierror | ResolveError) and not _can_open():
            return True  # the resolver says no more than that it failed
        if type(cause) is OSError and cause.errno in _EXHAUSTED:
            return True
    return False


def _can_open() -> bool:
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return error.errno not in _EXHAUSTED
    return True


def describe(error: BaseException, timer: ExchangeTimer) -> str:
    """Return how it broke in the library's words. The caller takes the credentials out of them."""
    if type(error) is TimeoutError:
        return f"the time allowed ended in the stage {timer.stage}"
    if isinstance(error, httpx2.LocalProtocolError | UnicodeError):
        # Its message shows the header it refuses, escaped beyond recognition for a scrubber.
        return f"{type(error).__name__}: our request cannot be written as HTTP"
    told = [f"{type(e).__name__}: {e}" for e in _chain(error) if str(e)]
    return told[-1] if told else type(error).__name__


def _look_up(error: BaseException) -> Transport | None:
    causes = list(_chain(error))
    for kind, transport in TABLE:
        found = next((cause for cause in causes if isinstance(cause, kind)), None)
        if found is not None:
            return _of_certificate(found) if transport is Transport.TLS_CERTIFICATE else transport
    return None


def _of_certificate(error: BaseException) -> Transport:
    # An unknown issuer is as often an intercepting proxy, or a missing CA bundle, on our side.
    theirs = getattr(error, "verify_code", None) in _THEIR_CERTIFICATE
    return Transport.TLS_CERTIFICATE if theirs else Transport.TLS


def _is_remote(error: BaseException) -> bool:
    return isinstance(error, httpx2.RemoteProtocolError | httpcore2.RemoteProtocolError)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield *error* and what led to it, outermost first."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        # The pool raises "from None", which hides the cause but keeps the context. Elsewhere a
        # context may be an unrelated SSLWantReadError that was being handled.
        pooled = type(seen).__module__.startswith("httpcore2")
        seen = seen.__cause__ or (seen.__context__ if pooled else None)
