"""TLS over bytes: what comes and what goes passes through memory, so that each step can be timed."""

from __future__ import annotations

import ssl
from typing import Final

from genmedia_exporter.core.clock import Unix

MOST_CERTIFICATES: Final = 1_024
_READ: Final = 64 * 1024
_CUT_OFF: Final = "UNEXPECTED_EOF_WHILE_READING"


class TlsSession:
    """One session as the client of *host*."""

    def __init__(self, context: ssl.SSLContext, host: str) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._object = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self.secured = False
        """Whether the handshake is done."""

    def handshake(self) -> bool:
        """Go on with the handshake and return whether it is done. Raises ssl.SSLError."""
        try:
            self._object.do_handshake()
        except ssl.SSLWantReadError:
            return False
        self.secured = True
        return True

    def feed(self, data: bytes) -> None:
        """Take bytes that came; empty ones end them."""
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    def read(self) -> bytes | None:
        """Return what the peer said, empty when it has hung up, None when more must come first.

        Hanging up without a word is hanging up. Raises ssl.SSLError.
        """
        try:
            return self._object.read(_READ)
        except ssl.SSLWantReadError:
            return None
        except ssl.SSLError as error:
            if isinstance(error, ssl.SSLEOFError) or _CUT_OFF in str(error.strerror):
                return b""
            raise

    def write(self, data: bytes) -> None:
        """Take what is to be said."""
        self._object.write(data)

    def outgoing(self) -> bytes:
        """Return the bytes to send now."""
        return self._outgoing.read() if self._outgoing.pending else b""

    def expiry(self) -> Unix | None:
        """Return the end of the leaf certificate."""
        return not_after(self._object)


def not_after(ssl_object: ssl.SSLObject) -> Unix | None:
    """Return the end of the certificate that the peer has shown."""
    shown = ssl_object.getpeercert(binary_form=True) or b""
    known = _ends.get(shown)
    if known is None:
        text = (ssl_object.getpeercert() or {}).get("notAfter")
        if not isinstance(text, str):
            return None
        if len(_ends) >= MOST_CERTIFICATES:
            _ends.clear()
        known = _ends[shown] = Unix(ssl.cert_time_to_seconds(text))
    return known


_ends: dict[bytes, Unix] = {}
"""Of certificates as they came: to read one takes twenty times longer than to see that it is the same."""
