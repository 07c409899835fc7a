"""TLS of the web server: contexts made from what a file says, a new one for new connections when it changes."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import ssl
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

_CERTIFICATES: Final = re.compile(
    rb"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----"
)


@dataclass(frozen=True, slots=True)
class Tls:
    """How to serve over TLS, with everything that was read for it."""

    certificate: bytes = field(repr=False)  # PEM, with the chain
    key: bytes = field(repr=False)
    client_ca: bytes | None = None  # PEM; None: the system's, where clients are verified
    client_auth: ssl.VerifyMode = ssl.CERT_NONE
    allowed_sans: frozenset[str] | None = None  # None: any
    min_version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2
    max_version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
    ciphers: str = ""  # as OpenSSL writes them, for TLS 1.2; empty: its own choice
    curve: str = ""  # the only one allowed; empty: OpenSSL's choice
    server_preference: bool = True

    def context(self) -> ssl.SSLContext:
        """Return a context for the server. Raises OSError, ssl.SSLError among it, and ValueError."""
        context = _Context(self.allowed_sans)
        context.minimum_version = self.min_version
        context.maximum_version = self.max_version
        if self.client_ca is not None:
            context.load_verify_locations(cadata=_certificates(self.client_ca))
        elif self.client_auth is not ssl.CERT_NONE:
            context.load_default_certs(ssl.Purpose.CLIENT_AUTH)
        context.verify_mode = self.client_auth
        if self.ciphers:
            context.set_ciphers(self.ciphers)
        if self.curve:
            context.set_ecdh_curve(self.curve)
        if not self.server_preference:
            context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
        with _private_file(self.certificate) as certificate, _private_file(self.key) as key:
            # The password callback keeps OpenSSL from asking on the terminal for an encrypted key.
            context.load_cert_chain(certificate, key, password=lambda: b"")
        return context


def _certificates(pem: bytes) -> str:
    # Comments between them may be in any alphabet, which OpenSSL does not take from a text.
    found = _CERTIFICATES.findall(pem)
    if not found:
        raise ValueError("there is no certificate in client_ca_file or client_ca")
    return "\n".join(each.decode("ascii") for each in found)


@contextlib.contextmanager
def _private_file(content: bytes) -> Iterator[str]:
    """Yield the name of a file with *content*, since OpenSSL takes a key from nothing else.

    What is loaded is what was checked, even if the file it came from has changed meanwhile.
    """
    if hasattr(os, "memfd_create") and Path("/proc/self/fd").is_dir():
        with os.fdopen(os.memfd_create("tls"), "wb") as memory:
            memory.write(content)
            memory.flush()
            yield f"/proc/self/fd/{memory.fileno()}"
        return
    with tempfile.NamedTemporaryFile() as file:  # readable by its owner only
        file.write(content)
        file.flush()
        yield file.name


class _Context(ssl.SSLContext):
    """A context that knows which names of clients may come in."""

    allowed_sans: frozenset[str] | None

    def __new__(cls, allowed_sans: frozenset[str] | None) -> _Context:
        return super().__new__(cls, ssl.PROTOCOL_TLS_SERVER)

    def __init__(self, allowed_sans: frozenset[str] | None) -> None:
        self.allowed_sans = allowed_sans
        self.sslobject_class = _Connection


class _Connection(ssl.SSLObject):
    """One connection; its handshake fails for a client without an allowed name."""

    def do_handshake(self) -> None:
        """Shake hands. Raises ssl.SSLCertVerificationError for a client that may not come in."""
        super().do_handshake()
        context = self.context
        allowed = context.allowed_sans if isinstance(context, _Context) else None
        if allowed is not None and not allowed & set(_names(self.getpeercert() or {})):
            raise ssl.SSLCertVerificationError("no name of the client is in client_allowed_sans")


def _names(certificate: Any) -> Iterator[str]:
    for kind, value in certificate.get("subjectAltName", ()):
        if kind in ("DNS", "email", "URI", "IP Address"):
            yield canonical_name(value.strip()) if kind == "IP Address" else value


def canonical_name(name: str) -> str:
    """Return an address in its usual form, any other name as it is."""
    with contextlib.suppress(ValueError):
        return str(ipaddress.ip_address(name))
    return name


class LiveContext(ssl.SSLContext):
    """A context for a listening socket that asks for the real one at each connection."""

    def __new__(cls, current: Callable[[], ssl.SSLContext]) -> LiveContext:
        return super().__new__(cls, ssl.PROTOCOL_TLS_SERVER)

    def __init__(self, current: Callable[[], ssl.SSLContext]) -> None:
        self._current = current

    def wrap_bio(self, *args: Any, **kwargs: Any) -> ssl.SSLObject:
        """Return a connection of the context in force now."""
        return self._current().wrap_bio(*args, **kwargs)


def canonical_names(names: Iterable[str]) -> frozenset[str]:
    """Return names of clients as certificates are compared with them."""
    return frozenset(map(canonical_name, names))
