"""Whom a wire trusts with the key, where it lets itself be sent, and what it never shows."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from genmedia_exporter.core.evidence import Transport
from genmedia_exporter.core.secret import Secret
from tests.drivers.world import ACCEPT, KEY, account, request, send
from tests.transport.server import Server, answer, echo


def test_the_key_stays_at_home() -> None:
    """A poll URL on another origin gets the request without key and without account headers."""
    own = MappingProxyType({"X-Team": Secret("team-secret-1")})
    with Server(answer()) as home, Server(answer()) as other:
        at = account(home.url, headers=own)
        request(at, f"{home.url}/poll?sig=1")
        exchange = request(at, f"{other.url}/poll?sig=1#part")
    assert home.received[0].headers["authorization"] == f"Bearer {KEY}"
    assert exchange.status == 200
    assert exchange.url == f"{other.url}/poll"
    assert not {"authorization", "x-team"} & set(other.received[0].headers)


@pytest.mark.parametrize("trick", ["@", "%2F@", "\\@", "#@", "?@"])
def test_no_spelling_of_an_address_gets_the_key(trick: str) -> None:
    """Whatever host a crooked URL turns out to mean, only our own origin sees the key."""
    with Server(answer()) as home, Server(answer()) as other:
        request(account(home.url), f"{home.url}{trick}127.0.0.1:{other.port}/poll")
    assert not any("authorization" in received.headers for received in other.received)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_answer_cannot_send_us_into_a_private_network(scheme: str) -> None:
    """Another host must be public and https; loopback under another name is not contacted."""
    with Server(answer()) as home, Server(answer()) as other:
        exchange = request(account(home.url), f"{scheme}://localhost:{other.port}/metadata")
    assert exchange.transport is Transport.CONNECT_FAILED
    assert other.connections == 0


@pytest.mark.parametrize("url", ["ftp://x.test/", "http://h:port/", "//nowhere", "http://[::1", ""])
def test_an_address_that_is_none(url: str) -> None:
    """What cannot be requested ends as an exchange of its own, and blames nobody."""
    exchange = request(account("http://127.0.0.1:9"), url)
    assert exchange.transport is Transport.CONNECT_FAILED


def test_a_key_that_cannot_be_a_header() -> None:
    """A key with a line break is refused before it is sent, and not shown."""
    with Server(answer()) as server:
        exchange = send(account(server.url, "sk-bad\nkey-0123456789"))
        other = send(account(server.url, "sk-bad-密钥"))
    assert exchange.transport is other.transport is Transport.CONNECT_FAILED
    assert "0123456789" not in repr(exchange)
    assert "密" not in repr(other)
    assert not server.received


def test_redirects_are_noted_not_followed() -> None:
    """The other host is named and never contacted, not even on our own origin."""
    with Server(answer()) as other:
        home = answer(status="302 Found", headers=f"location: {other.url}/login?next=1\r\n")
        with Server(home) as server:
            exchange = send(account(server.url))
        assert other.connections == 0
    assert (exchange.status, exchange.redirect_to) == (302, "127.0.0.1")
    assert exchange.headers["location"] == "127.0.0.1"
    with Server(answer(status="301 Moved", headers="location: /v2\r\n")) as server:
        assert send(account(server.url)).redirect_to == "127.0.0.1"
    assert len(server.received) == 1


def test_an_echo_does_not_betray_the_key() -> None:
    """A service that repeats our headers and body gives the credential away to nobody."""
    own = MappingProxyType({"X-Team": Secret("team-secret-1"), "X-Flag": Secret("true")})
    with Server(echo) as server:
        exchange = send(account(server.url, headers=own), ACCEPT)
    assert KEY not in repr(exchange)
    assert "team-secret-1" not in repr(exchange)
    assert "<secret>" in exchange.text
    assert "x-flag: true" in exchange.text


def test_userinfo_is_neither_sent_nor_kept() -> None:
    """A base URL with a password in it does not spread it."""
    with Server(answer()) as server:
        exchange = send(account(server.url.replace("//", "//me:hidden@")))
    assert "hidden" not in repr(exchange)
    assert "hidden" not in repr(server.received)
