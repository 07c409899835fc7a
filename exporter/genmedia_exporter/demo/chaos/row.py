"""One fault of the catalogue, and the small words its rows are written in."""

import enum
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from genmedia_exporter.demo.faults import KINDS, make_fault
from genmedia_exporter.demo.message import Ending, Manner, Piece, Response, json_response
from genmedia_exporter.demo.transport import Ask, Option

__all__ = [
    "MODEL",
    "SOCKET_PLACES",
    "Place",
    "Row",
    "Serve",
    "answer",
    "changed",
    "endless",
    "in_turn",
    "said",
    "told",
    "turns",
    "wire",
    "with_values",
]

Serve = Callable[[Ask, int], Response]
"""Makes what is served: of the service's own answer, and how often this path was asked before."""

MODEL = b'{"id": "paper-boat", "object": "model", "created": 1, "owned_by": "chaos"}'
"""The answer to the free call of the depth reach when nothing is wrong."""


class Place(enum.Enum):
    """Where the fault is: which call shows it, or what happens before there is a call."""

    ANY = "every call"
    CREATE = "the create"
    POLL = "the poll"
    ASSET = "the result's file"
    TLS = "the TLS handshake"
    ACCEPT = "the connection, before a request"
    REFUSED = "the port: nobody listens"
    NOWHERE = "the name: it does not exist"


SOCKET_PLACES = (Place.TLS, Place.ACCEPT)
"""Faults that need a listener of their own: no path has been named yet."""


@dataclass(frozen=True)
class Row:
    """One fault: what is served, and the status, fault and reason that it must give.

    `like` names the pretend service that answers everything else; `retry_after` is the wait in
    seconds that must be read from the answer.
    """

    name: str
    says: str
    verdict: str
    serve: Serve
    depth: str = "reach"
    at: Place = Place.ANY
    like: str = "openai"
    retry_after: float | None = None

    @property
    def expected(self) -> tuple[str, str, str]:
        """Status, fault and reason."""
        status, fault, reason = self.verdict.split()
        return status, fault, reason


def answer(
    body: bytes = MODEL,
    *headers: str,
    status: str = "200 OK",
    version: str = "HTTP/1.1",
    kind: str = "application/json",
    length: int | None = None,
) -> bytes:
    """A whole answer as bytes; *length* is what Content-Length claims, -1 for no such header."""
    lines = [f"{version} {status}".strip()]
    lines += [f"Content-Type: {kind}"] if kind else []
    if length != -1:
        lines.append(f"Content-Length: {len(body) if length is None else length}")
    head = "\r\n".join([*lines, *headers])
    return head.encode("latin-1") + b"\r\n\r\n" + body


def wire(*pieces: bytes | Piece, then: Ending = Ending.CLOSE) -> Serve:
    """These bytes as they are, and how the connection ends."""
    timed = [piece if isinstance(piece, tuple) else (0.0, piece) for piece in pieces]
    response = Response(manner=Manner.RAW, pieces=lambda: timed, ending=then)
    return lambda ask, turn: response


def endless(first: bytes, again: bytes, pause: float = 0.0) -> Serve:
    """Bytes without end: the first, and then the same again and again, each after a pause."""

    def pieces() -> Iterator[Piece]:
        yield 0.0, first
        while True:
            yield pause, again

    response = Response(manner=Manner.RAW, pieces=pieces)
    return lambda ask, turn: response


def told(body: bytes | object, *headers: str, status: str = "200 OK", kind: str = "") -> Serve:
    """A well-formed answer with that body; what is not bytes is written as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return wire(answer(data, *headers, status=status, kind=kind or "application/json"))


def said(kind: str, **options: Option) -> Serve:
    """The fault of that kind, in the words of the pretend vendor where it has some."""
    fault, play = make_fault(kind, options), KINDS[kind].play
    return lambda ask, turn: play(fault, ask, Random(turn))  # noqa: S311 - repeatable chance


def changed(change: Callable[[Response], Response]) -> Serve:
    """The service's own answer, changed."""
    return lambda ask, turn: change(ask(None))


def with_values(**values: object) -> Serve:
    """The service's own JSON with some of its fields set; `a__b` is a field b of a."""

    def change(response: Response) -> Response:
        document = json.loads(response.body)
        for path, value in values.items():
            _set(document, path.split("__"), value)
        return json_response(response.status, document)

    return changed(change)


def _set(document: object, steps: list[str], value: object) -> None:
    """Set a value where its place exists already; elsewhere nothing changes."""
    for step in steps[:-1]:
        document = document.get(step) if isinstance(document, dict) else None
    if isinstance(document, dict) and steps[-1] in document:
        document[steps[-1]] = value


def turns(*serves: Serve) -> Serve:
    """What is served the first time a path is asked, the second time, and so on; the last stays."""
    return lambda ask, turn: serves[min(turn, len(serves) - 1)](ask, turn)


def in_turn(*serves: Serve) -> Serve:
    """Each of these in turn, again and again."""
    return lambda ask, turn: serves[turn % len(serves)](ask, turn)
