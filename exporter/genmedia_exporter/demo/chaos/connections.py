"""Faults of the connection: before the request, instead of an answer, and in the middle of one."""

from genmedia_exporter.demo.chaos.row import MODEL, Place, Row, answer, endless, told, wire
from genmedia_exporter.demo.message import Ending

__all__ = ["CONNECTIONS", "HANDSHAKES"]

DOWN = "down provider "
TLS = DOWN + "tls_error"  # of a host on this machine: elsewhere it takes a witness
SLOWLY = 0.2
SOUND = "operational none ok"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BEGUN = answer(MODEL[:20], length=len(MODEL))
OPEN, RESET = Ending.OPEN, Ending.RESET
NOTHING = wire()

CONNECTIONS = (
    Row("nothing-wrong", "the right answer, for comparison", SOUND, told(MODEL)),
    Row("port-closed", "nobody listens", DOWN + "connect_refused", NOTHING, at=Place.REFUSED),
    Row("no-such-name", "a name that does not exist", "unknown network dns_failure", NOTHING, at=Place.NOWHERE),
    Row("closed-at-once", "accepts and closes", DOWN + "connection_reset", NOTHING, at=Place.ACCEPT),
    Row("reset-at-once", "accepts and resets", DOWN + "connection_reset", wire(then=RESET), at=Place.ACCEPT),
    Row("answers-unasked", "answers before it is asked", SOUND, wire(answer(), then=OPEN), at=Place.ACCEPT),
    Row("greets-as-mail", "greets as a mail server", DOWN + "protocol_error", wire(b"220 mail ESMTP\r\n"), at=Place.ACCEPT),
    Row("greets-as-ssh", "greets as an SSH server", DOWN + "protocol_error", wire(b"SSH-2.0-OpenSSH_9.6\r\n"), at=Place.ACCEPT),
    Row("closed-unanswered", "takes the request and closes", DOWN + "connection_reset", NOTHING),
    Row("reset-unanswered", "takes the request and resets", DOWN + "connection_reset", wire(then=RESET)),
    Row("hang", "takes the request and never answers", DOWN + "response_timeout", wire(then=OPEN)),
    Row("slow-status-line", "the status line, a byte at a time", DOWN + "response_timeout", endless(b"H", b"T", SLOWLY)),
    Row("slow-headers", "headers without end, one at a time", DOWN + "response_timeout", endless(HEAD, b"X-Again: 1\r\n", SLOWLY)),
    Row("head-stops", "half a head, then silence", DOWN + "response_timeout", wire(HEAD, then=OPEN)),
    Row("head-cut", "half a head, then closed", DOWN + "connection_reset", wire(HEAD)),
    Row("head-reset", "half a head, then reset", DOWN + "connection_reset", wire(HEAD, then=RESET)),
    Row("no-body", "a head, then silence", DOWN + "body_timeout", wire(answer(b"", length=90), then=OPEN)),
    Row("body-stops", "half a body, then silence", DOWN + "body_timeout", wire(BEGUN, then=OPEN)),
    Row("body-trickles", "a body, a byte at a time", DOWN + "body_timeout", endless(answer(b"{", length=9999), b" ", SLOWLY)),
    Row("body-cut", "less than Content-Length promises", DOWN + "body_truncated", wire(BEGUN)),
    Row("body-reset", "half a body, then reset", DOWN + "body_truncated", wire(BEGUN, then=RESET)),
    Row("late", "the right answer after 0.2 s", SOUND, wire((SLOWLY, answer()))),
    Row("in-bytes", "the right answer, each byte in a packet", SOUND, wire(*(bytes([b]) for b in answer()))),
    Row("stays-open", "the right answer, and the connection stays open", SOUND, wire(answer(), then=OPEN)),
    Row("reset-afterwards", "the right answer, then a reset", SOUND, wire(answer(), then=RESET)),
    Row("flood", "a body without end", "unknown network body_too_large", endless(answer(b"[", length=-1), b"1, " * 21845)),
)  # fmt: skip

HELLO = bytes.fromhex("160303007a020000760303") + bytes(64)
"""How a server's hello begins; it promises more than it has."""


def alert(number: int) -> bytes:
    """A fatal alert of TLS 1.2."""
    return bytes.fromhex("1503030002") + bytes([2, number])


HANDSHAKES = (
    Row("tls-alert-handshake", "alert 40, handshake failure", TLS, wire(alert(40)), at=Place.TLS),
    Row("tls-alert-version", "alert 70, protocol version", TLS, wire(alert(70)), at=Place.TLS),
    Row("tls-alert-internal", "alert 80, internal error", TLS, wire(alert(80)), at=Place.TLS),
    Row("tls-alert-name", "alert 112, unrecognised name", TLS, wire(alert(112)), at=Place.TLS),
    Row("tls-alert-access", "alert 49, access denied", TLS, wire(alert(49)), at=Place.TLS),
    Row("tls-alert-certificate", "alert 116, a client certificate is wanted", TLS, wire(alert(116)), at=Place.TLS),
    Row("tls-alert-unknown", "alert 255, which nobody has defined", TLS, wire(alert(255)), at=Place.TLS),
    Row("tls-plain-http", "HTTP where TLS belongs", TLS, wire(answer(b"", status="400 Bad Request")), at=Place.TLS),
    Row("tls-ssh", "an SSH greeting where TLS belongs", TLS, wire(b"SSH-2.0-OpenSSH_9.6\r\n"), at=Place.TLS),
    Row("tls-noise", "bytes of no protocol", TLS, wire(bytes(range(256))), at=Place.TLS),
    Row("tls-closed", "closed after our hello", TLS, wire(), at=Place.TLS),
    Row("tls-reset", "reset after our hello", TLS, wire(then=RESET), at=Place.TLS),
    Row("tls-cut", "half a hello, then closed", TLS, wire(HELLO), at=Place.TLS),
    Row("tls-silent", "never says hello", DOWN + "connect_timeout", wire(then=OPEN), at=Place.TLS),
    Row("tls-stops", "half a hello, then silence", DOWN + "connect_timeout", wire(HELLO, then=OPEN), at=Place.TLS),
)  # fmt: skip
