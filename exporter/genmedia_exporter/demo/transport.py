"""The transport faults: each makes the answer that a broken network, edge or proxy would give."""

import functools
import gzip
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from genmedia_exporter.demo.message import Manner, Piece, Response, html_response

__all__ = ["Ask", "Fault", "Option"]

MEGABYTE = 1024 * 1024
FLOOD_PIECE = b'{"again": true} ' * 4096

Option = float | str


@dataclass(frozen=True)
class Fault:
    """A trouble in force: its kind and its options, all of them filled in."""

    kind: str
    options: tuple[tuple[str, Option], ...] = ()

    def number(self, name: str) -> float:
        """A numeric option; zero when this fault has none of that name."""
        value = dict(self.options).get(name, 0.0)
        return value if isinstance(value, float) else 0.0

    def text(self, name: str) -> str:
        """A text option; empty when this fault has none of that name."""
        value = dict(self.options).get(name, "")
        return value if isinstance(value, str) else ""


Ask = Callable[[Fault | None], Response]
"""Asks the service for its own answer, with the fault it should show in its dialect, or none."""


def hang(fault: Fault, ask: Ask) -> Response:
    """Take the request and never answer."""
    return Response(manner=Manner.HANG)


def slow(fault: Fault, ask: Ask) -> Response:
    """The right answer, late."""
    return replace(ask(None), wait=fault.number("seconds"))


def reset(fault: Fault, ask: Ask) -> Response:
    """A TCP reset in place of an answer."""
    return Response(manner=Manner.RESET)


def reset_midbody(fault: Fault, ask: Ask) -> Response:
    """Half of the right answer, then a TCP reset."""
    return replace(ask(None), manner=Manner.RESET_MIDBODY)


def trickle(fault: Fault, ask: Ask) -> Response:
    """The right answer, byte by byte."""
    return replace(ask(None), manner=Manner.TRICKLE, interval=fault.number("interval_s"))


def truncated(fault: Fault, ask: Ask) -> Response:
    """The right answer under a Content-Length that promises more."""
    return replace(ask(None), manner=Manner.TRUNCATED)


def bomb(fault: Fault, ask: Ask) -> Response:
    """A small gzip body that grows to hundreds of megabytes."""
    packed = _packed_spaces(int(fault.number("megabytes")))
    return Response(200, packed, headers=(("content-encoding", "gzip"),))


@functools.lru_cache(maxsize=2)
def _packed_spaces(megabytes: int) -> bytes:
    # After a full flush the compressor remembers nothing, so one block can be repeated.
    block, checksum = b" " * MEGABYTE, 0
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    for _ in range(megabytes):
        checksum = zlib.crc32(block, checksum)
    head = gzip.compress(b"", mtime=0)[:10]
    size = struct.pack("<II", checksum, megabytes * MEGABYTE & 0xFFFFFFFF)
    return head + packed * megabytes + packer.flush() + size


def flood(fault: Fault, ask: Ask) -> Response:
    """A body that goes on for as long as the client reads, up to the option `megabytes`."""
    rounds = int(fault.number("megabytes") * MEGABYTE / len(FLOOD_PIECE))

    def pieces() -> Iterator[Piece]:
        for _ in range(rounds):
            yield 0.0, FLOOD_PIECE

    return Response(200, pieces=pieces)


def garbage(fault: Fault, ask: Ask) -> Response:
    """Bytes that are not HTTP."""
    return Response(manner=Manner.GARBAGE)


def html(fault: Fault, ask: Ask) -> Response:
    """A web page with status 200 where JSON belongs."""
    page = "<!doctype html><html><head><title>Sign in</title></head><body>Sign in</body></html>"
    return html_response(200, page)


def edge_502(fault: Fault, ask: Ask) -> Response:
    """The edge answers: its upstream does not."""
    server = fault.text("server")
    headers = {"server": server}
    if server == "cloudflare":
        headers["cf-ray"] = "8f00demo00000000-HKG"
    page = f"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1><hr>{server}</body></html>"
    return html_response(502, page, headers)


def challenge(fault: Fault, ask: Ask) -> Response:
    """A bot challenge of the edge."""
    page = "<!doctype html><html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"
    headers = {"server": "cloudflare", "cf-ray": "8f00demo00000001-HKG"}
    return html_response(403, page, headers | {"cf-mitigated": "challenge"})


def redirect(fault: Fault, ask: Ask) -> Response:
    """A redirect to wherever the option `to` says."""
    return replace(html_response(302, ""), headers=(("location", fault.text("to")),))


def empty(fault: Fault, ask: Ask) -> Response:
    """Status 200 and nothing else."""
    return Response(200, b"")


def bad_json(fault: Fault, ask: Ask) -> Response:
    """Status 200, the right content type, and JSON that stops in the middle."""
    return Response(200, b'{"data": [{"id": "half a ')
