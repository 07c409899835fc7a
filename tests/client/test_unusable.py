"""Routes that cannot be right: nothing is sent there, no key is shown, and the next route is tried."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from genmedia_client import FallbackClient, Result, Route
from genmedia_exporter.demo.world import World
from tests.client.calls import create, creates
from tests.client.test_fallback import NOBODY
from tests.transport.server import Server, answer

KEY = "sk-live-0123456789abcdef"
WIRES = ["videos", "chat"]
ACCEPTED = b'{"id": "video_1", "status": "queued"}'
STREAMED = (
    b'data: {"id": "chat_1", "choices": [{"delta": {"content": "[clip](http://a/b.mp4)"}}]}\n\n'
)


@pytest.fixture
def vendor() -> Iterator[Server]:
    """A server that takes every create, and keeps what it was sent."""
    with Server(answer(ACCEPTED)) as server:
        yield server


def shows_key(result: Result, *others: object) -> bool:
    """Whether a stretch of the key is left in anything that people print."""
    said = f"{result!r} {result} {others!r}"
    return any(KEY[start : start + 8] in said for start in range(len(KEY) - 7))


def passed_over(route: Route, good: Route) -> str:
    """Return what is said of a route over which nothing was sent, while the next one took it."""
    result = create([route, good])
    assert (result.success, result.target, result.maybe_accepted) == (True, good.name, False)
    (error,) = result.errors
    assert (error.target, error.status, error.cause) == (route.name, None, None)
    assert not shows_key(result, route)
    return error.message


@pytest.mark.parametrize("space", ["\n", "\r\n", " ", "\t", "\xa0"])
@pytest.mark.parametrize("wire", WIRES)
def test_white_space_around_a_key_is_none_of_it(vendor: Server, wire: Any, space: str) -> None:
    """As a file's last line break: the service gets the key alone."""
    if wire == "chat":
        vendor.script = answer(STREAMED, headers="content-type: text/event-stream\r\n")
    route = Route("a", f"{vendor.url}{space}", f"{space}{KEY}{space}", "m", wire=wire)
    assert create([route]).success
    assert [one.headers["authorization"] for one in vendor.received] == [f"Bearer {KEY}"]


BAD_KEYS = [f"{KEY}\u200b", f"{KEY[:9]}\n{KEY[9:]}", f"{KEY}\0", f"{KEY}\x7f", f"ключ {KEY}", "\n", None, KEY.encode()]  # fmt: skip


@pytest.mark.parametrize("key", BAD_KEYS)
@pytest.mark.parametrize("wire", WIRES)
def test_a_key_that_no_header_can_carry(
    vendor: Server, routes: list[Route], wire: Any, key: Any
) -> None:
    """It is said, but never shown."""
    route = Route("a", vendor.url, key, "m", wire=wire)
    assert passed_over(route, routes[1]).startswith("api_key ")
    assert vendor.received == []


BAD_ADDRESSES = [
    ("http://127.0.0.1:99999", "the port of base_url is not a number from 1 to 65535"),
    ("http://127.0.0.1:65536", "the port of base_url is not a number from 1 to 65535"),
    ("http://127.0.0.1:0", "the port of base_url is not a number from 1 to 65535"),
    ("http://127.0.0.1:-1", "the port of base_url is not a number from 1 to 65535"),
    ("http://[::1", "base_url is not a valid URL"),
    (f"http://me:{KEY}@[::1", "base_url is not a valid URL"),
    (f"http://me:{KEY}\ud800@127.0.0.1", "base_url holds a space or a character that cannot be seen"),
    ("http://256.256.256.256", "base_url is not a valid URL"),
    ("http://exa\u200bmple.com", "base_url holds a space or a character that cannot be seen"),
    ("api.example.com/v1", "base_url is not http:// or https:// and a host"),
    ("http:///v1", "base_url is not http:// or https:// and a host"),
    ("", "base_url is empty"),
    (None, "base_url is not a text but NoneType"),
]  # fmt: skip


@pytest.mark.parametrize(("address", "message"), BAD_ADDRESSES)
@pytest.mark.parametrize("wire", WIRES)
def test_an_address_that_is_none(
    routes: list[Route], wire: Any, address: Any, message: str
) -> None:
    """Nobody can be called there, whoever is meant."""
    assert passed_over(Route("a", address, KEY, "m", wire=wire), routes[1]) == message


@pytest.mark.parametrize("port", ["1", "65535"])
def test_the_first_and_the_last_port(port: str) -> None:
    """They are tried."""
    assert Route("a", f"http://127.0.0.1:{port}", KEY, "m").unusable == ""


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"X Y": KEY}, "the name of a header is none"),
        ({f"Bearer {KEY}": "x"}, "the name of a header is none"),
        ({"X": f"{KEY}\u200b"}, "the header X has a character that no header can carry"),
        ({"X": None}, "the header X is not a text but NoneType"),
        ({"Content-Length": "9"}, "the header Content-Length is set by the client itself"),
    ],
)
def test_headers_that_cannot_be_sent(
    vendor: Server, routes: list[Route], headers: Any, message: str
) -> None:
    """As for the key."""
    assert passed_over(Route("a", vendor.url, KEY, "m", headers=headers), routes[1]) == message
    assert vendor.received == []


def test_white_space_around_a_header(vendor: Server) -> None:
    """It is cut off there, too, and never tells a key by its escaped form."""
    route = Route("a", vendor.url, "", "m", headers={"X-Key": f"Token {KEY}\n"})
    assert create([route]).success
    assert vendor.received[0].headers["x-key"] == f"Token {KEY}"


ECHOES = [
    KEY, repr(f"Bearer {KEY}".encode()), f"{'y' * 185}{KEY}", f"{'y' * 785}{KEY}", f"{KEY} " * 60, f"{KEY}, " * 60,
]  # fmt: skip


@pytest.mark.parametrize("echo", ECHOES)
@pytest.mark.parametrize("shape", ['{"message": "%s"}', '{"status": "%s"}', '"%s"'])
@pytest.mark.parametrize("status", ["200 OK", "401 Unauthorized"])
def test_an_echo_is_hidden_before_it_is_cut(echo: str, shape: str, status: str) -> None:
    """Not even the first half of a key is left, wherever the message ends."""
    with Server(answer((shape % echo).encode(), status)) as server:
        assert not shows_key(create([Route("a", server.url, KEY, "m")]))


@pytest.mark.parametrize("echo", ECHOES)
def test_nor_does_a_stream_show_it(echo: str) -> None:
    """Where it is the text of one that ended without a clip."""
    event = b'data: {"choices": [{"delta": {"content": "%s"}}]}\n\n' % echo.encode()
    with Server(answer(event, headers="content-type: text/event-stream\r\n")) as server:
        result = create([Route("a", server.url, KEY, "m", wire="chat")])
    assert result.errors[0].message.startswith("the stream ended without a link: ")
    assert not shows_key(result)


@pytest.mark.parametrize(
    ("key", "echo"),
    [
        ("a'b\"c/d", "a'b\\\"c/d"),  # JSON
        ("a'b\"c/d", "a\\'b\"c/d"),  # Python
        ("a+b/c==", "a%2Bb%2Fc%3D%3D"),  # a query
        ("a+b/c==", "a%2Bb/c%3D%3D"),  # a path
        ("a&b<c>", "a&amp;b&lt;c&gt;"),  # a page
    ],
)
def test_a_key_is_known_however_it_is_written(key: str, echo: str) -> None:
    """Escaped for a text, an address or a page."""
    assert Route("a", NOBODY, key, "m").redact(f"no {echo}.") == "no <secret>."


def test_a_password_in_an_address_is_a_credential() -> None:
    """It is in no repr, and known when it comes back, also as it was sent."""
    route = Route("a", "http://me:pa%40ss-word@127.0.0.1:1/v1", "", "m")
    assert repr(route) == "Route('a', 'http://<secret>@127.0.0.1:1/v1', 'm', 'official', 'videos')"
    said = route.redact("pa@ss-word pa%40ss-word bWU6cGFAc3Mtd29yZA==")
    assert said == "<secret> <secret> <secret>"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"channel": "foo"}, "route 'a': channel is official or reverse, not 'foo'"),
        ({"wire": "foo"}, "route 'a': wire is videos or chat, not 'foo'"),
        ({"model": ""}, "route 'a': model is not a text with something in it"),
        ({"model": None}, "route 'a': model is not a text with something in it"),
        ({"model": "\ud800"}, "route 'a': model is not valid text"),
        ({"name": " "}, "route ' ': name is not a text with something in it"),
        ({"headers": None}, "route 'a': headers is not a mapping of names to values"),
    ],
)
def test_what_a_program_writes_is_checked_at_once(words: Any, message: str) -> None:
    """No deployment makes these right: the program has to be changed."""
    good = {"name": "a", "base_url": NOBODY, "api_key": KEY, "model": "m"}
    with pytest.raises(ValueError, match=f"^{message}$"):
        Route(**good | words)


def test_all_unusable(world: World) -> None:
    """Then nothing is in doubt, and no exception."""
    before = creates(world)
    result = create([Route("a", "http://[::1", KEY, "m"), Route("b", world.url, f"{KEY}\0", "m")])
    assert (result.success, result.maybe_accepted, result.stopped_by) == (False, False, None)
    assert [error.kind for error in result.errors] == ["UnusableRouteError"] * 2
    assert creates(world) == before


def test_a_configuration_checks_itself_at_the_start() -> None:
    """Who wants to fail at once asks each route."""
    client = FallbackClient([Route("a", NOBODY, KEY, "m"), Route("b", "http://[::1", KEY, "m")])
    assert [route.unusable for route in client.routes] == ["", "base_url is not a valid URL"]
