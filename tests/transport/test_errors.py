"""The table of exceptions is total: no library error can fall through it unnoticed."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from types import ModuleType

import httpcore2
import httpx2
import pytest

from genmedia_exporter.core.clock import Monotonic, SystemClock
from genmedia_exporter.core.evidence import Transport
from genmedia_exporter.transport import errors
from genmedia_exporter.transport.errors import BREAKS, TABLE, describe, translate
from genmedia_exporter.transport.timer import ExchangeTimer, Stage


def exceptions_of(module: ModuleType) -> list[type[BaseException]]:
    """Return every public exception class of *module*."""
    values = [getattr(module, name) for name in dir(module)]
    kinds = [v for v in values if isinstance(v, type) and issubclass(v, BaseException)]
    return [kind for kind in kinds if not issubclass(kind, Warning)]


def passage_at(stage: Stage) -> ExchangeTimer:
    """Return a passage that is in *stage*."""
    timer = ExchangeTimer(SystemClock(), Monotonic(0))
    timer.enter(stage)
    return timer


@pytest.mark.parametrize("kind", [*exceptions_of(httpx2), *exceptions_of(httpcore2)])
def test_every_library_exception_has_a_transport(kind: type[BaseException]) -> None:
    """Whatever httpx2 or httpcore2 raise ends the exchange, not the probe."""
    assert issubclass(kind, BREAKS)
    assert isinstance(translate(kind.__new__(kind), passage_at("processing")), Transport)


def test_the_most_specific_row_comes_first() -> None:
    """No row is hidden by an earlier row for a base class of it."""
    kinds = [kind for kind, _ in TABLE]
    hidden = [b for i, a in enumerate(kinds) for b in kinds[i + 1 :] if issubclass(b, a)]
    assert hidden == []


def test_every_transport_can_happen() -> None:
    """The table and its stages reach every word of the closed list."""
    stages: tuple[Stage, ...] = ("connect", "tls", "processing", "transfer")
    reached = {translate(kind.__new__(kind), passage_at(s)) for kind, _ in TABLE for s in stages}
    expired = ssl.SSLCertVerificationError()
    expired.verify_code = 10
    reached.add(translate(expired, passage_at("tls")))
    reached.add(translate(wrapped(OSError(errno.EMFILE, "")), passage_at("connect")))
    assert reached >= set(Transport)


def wrapped(error: OSError) -> BaseException:
    """Return *error* as the library passes it on."""
    outer = httpcore2.ConnectError()
    outer.__cause__ = error
    return outer


@pytest.mark.parametrize(
    ("number", "stage", "found"),
    [
        (errno.EMFILE, "connect", Transport.LOCAL),
        (errno.ENFILE, "resolve", Transport.LOCAL),
        (errno.ENOBUFS, "tls", Transport.LOCAL),
        (errno.EADDRNOTAVAIL, "connect", Transport.LOCAL),
        (errno.EMFILE, "processing", Transport.CONNECT_FAILED),
        (errno.ENETUNREACH, "connect", Transport.CONNECT_FAILED),
    ],
)
def test_what_this_machine_lacks(number: int, stage: Stage, found: Transport) -> None:
    """No file, port or memory left is no evidence against a service; after sending it may be."""
    assert translate(wrapped(OSError(number, "")), passage_at(stage)) is found


@pytest.mark.parametrize(("left", "found"), [(True, Transport.DNS), (False, Transport.LOCAL)])
def test_a_resolver_without_files(
    left: bool, found: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It only says that it failed: whether that was ours shows in what can be opened."""
    monkeypatch.setattr(errors, "_can_open", lambda: left)
    error = wrapped(socket.gaierror(socket.EAI_AGAIN, "try again"))
    assert translate(error, passage_at("resolve")) is found


@pytest.mark.parametrize("error", [KeyError("x"), asyncio.CancelledError(), ZeroDivisionError()])
def test_our_own_bugs_are_not_translated(error: BaseException) -> None:
    """An error that no network can cause is not taken for one of the network's."""
    assert translate(error, passage_at("processing")) is None


def test_an_illegal_header_is_not_shown() -> None:
    """The library's message quotes the header it refuses; ours does not."""
    error = httpx2.LocalProtocolError("Illegal header value b'Bearer sk-\\n1'")
    assert "sk-" not in describe(error, passage_at("sending"))
