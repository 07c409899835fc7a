"""TLS on real sockets: whose certificate is at fault, and how long it is good for."""

from __future__ import annotations

import ssl
from pathlib import Path

import httpx2
import pytest

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.evidence import Transport
from genmedia_exporter.transport.network import Network
from tests.drivers.world import SHORT, SLACK, ask, trusting_network
from tests.transport.server import Server, answer, hang, say
from tests.web.certificates import authority, signed

NEW_YEAR_2120 = 4733510400.0


def test_a_good_certificate_tells_its_end() -> None:
    """The handshake is timed, and the end of the leaf certificate is noted in Unix seconds."""
    with Server(answer(), certificate="good") as server:
        exchange = ask(server.url)
    assert (exchange.status, exchange.transport) == (200, None)
    assert exchange.tls_expiry == Unix(NEW_YEAR_2120)
    assert exchange.phases.tls is not None


@pytest.mark.parametrize(
    ("certificate", "word"), [("expired", "expired"), ("elsewhere", "not valid for")]
)
def test_their_certificate_is_bad(certificate: str, word: str) -> None:
    """An expired certificate, or one for another name, is the service's own fault."""
    with Server(answer(), certificate=certificate) as server:
        exchange = ask(server.url)
    assert exchange.transport is Transport.TLS_CERTIFICATE
    assert word in exchange.detail
    assert not server.received


def test_an_unknown_issuer_may_be_our_own_proxy() -> None:
    """A certificate nobody we trust has signed is a TLS error, not evidence against the service."""
    with Server(answer(), certificate="good") as server:
        exchange = ask(server.url, network=Network())
    assert exchange.transport is Transport.TLS
    assert "CERTIFICATE_VERIFY_FAILED" in exchange.detail


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_no_authorities(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of authorities that is none is said so, with what names it."""
    if content is not None:
        (tmp_path / "ca.pem").write_bytes(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))

    with pytest.raises(
        OSError, match=r"^\[.*the trusted authorities cannot be read: .*SSL_CERT_FILE"
    ):
        Network().prepare()


def test_plain_http_on_the_tls_port() -> None:
    """A server that speaks no TLS fails in the handshake."""
    greeting = b"HTTP/1.1 400 Bad Request\r\n\r\n"
    with Server(hang, certificate="good", greeting=greeting) as server:
        exchange = ask(server.url)
    assert exchange.transport is Transport.TLS
    assert "tls" in exchange.phases.known()


def test_a_handshake_that_never_answers() -> None:
    """No secure connection in time is a connection that was not made in time."""
    with Server(hang, certificate="good", greeting=b"") as server:
        exchange = ask(server.url, SHORT)
        assert server.closed.wait(SLACK)
    assert exchange.transport is Transport.CONNECT_TIMEOUT
    assert "tls" in exchange.detail


def test_a_hanging_answer_over_tls_is_not_a_tls_error() -> None:
    """Once the handshake is done, silence is the service's."""
    with Server(hang, certificate="good") as server:
        exchange = ask(server.url, SHORT)
    assert exchange.transport is Transport.RESPONSE_TIMEOUT


def test_an_answer_over_tls_that_breaks_off() -> None:
    """Hanging up without a word within the body is told from a reset before it."""
    half = b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nhalf"
    with Server(say(half), certificate="good") as server:
        assert ask(server.url).transport is Transport.BODY_TRUNCATED
    with Server(say(), certificate="good") as server:
        assert ask(server.url, network=trusting_network()).transport is Transport.RESET


def test_an_authority_that_does_not_say_what_its_key_is_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python 3.13 refuses it by default; a gateway does not go down with an upgrade of ours."""

    def of_python_3_13() -> ssl.SSLContext:
        context = create_ssl_context()
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context

    create_ssl_context = httpx2.create_ssl_context
    monkeypatch.setattr(httpx2, "create_ssl_context", of_python_3_13)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority(tmp_path, usage="")))
    signed(tmp_path, "host", "IP:127.0.0.1")
    both = tmp_path / "both.pem"
    both.write_bytes((tmp_path / "host.pem").read_bytes() + (tmp_path / "host.key").read_bytes())
    with Server(answer(), certificate=str(both.with_suffix(""))) as server:
        exchange = ask(server.url, network=Network())
    assert (exchange.status, exchange.transport) == (200, None)
