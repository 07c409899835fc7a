"""Requests that make no sense: each gets a clear refusal or is harmless, and no traceback is logged."""

from __future__ import annotations

import contextlib
import logging
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from genmedia_exporter.web.http.framing import MAX_ADDRESS, MAX_HEAD
from tests.web.records import row, stored
from tests.web.site import Backend, serve

PAGE = "/targets/sora-2-official"
PAST = "/api/v1/targets/sora-2-official/history"
HTTP_0 = "HTTP/1.1\r\nHost: x\r\n"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site with a little past."""
    reader = stored(tmp_path_factory.mktemp("nonsense") / "g.db", [row(2), row(1)])
    with serve(Backend().services(reader=lambda: reader, lifecycle_enabled=True)) as site:
        yield site


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing is logged, by whatever logger: anybody could fill the disk, a line a request."""
    with caplog.at_level(logging.WARNING):
        yield
    logged = caplog.get_records("call")
    assert [r.getMessage() for r in logged if r.exc_info or r.levelno >= logging.WARNING] == []


def say(url: str, *pieces: bytes) -> bytes:
    """Send *pieces*, each after something came back for the one before; return all until the end."""
    place = urlsplit(url)
    came = b""
    with socket.create_connection((str(place.hostname), place.port or 0), 10) as raw:
        for piece in pieces[:-1]:
            raw.sendall(piece)
            came += raw.recv(65_536)
        with contextlib.suppress(ConnectionError):  # refused and closed already
            raw.sendall(pieces[-1])
            came += raw.makefile("rb").read()
        return came


def ask(url: str, method: str, path: str, *headers: str) -> tuple[int, bytes]:
    """Return status and body of one request, sent as it is written here, in Latin-1."""
    lines = [f"{method} {path} HTTP/1.1", "Host: x", "Connection: close", *headers, "", ""]
    head, _, body = say(url, "\r\n".join(lines).encode("latin-1")).partition(b"\r\n\r\n")
    return int(head.split()[1]), body


REFUSED = [
    *((405, method, path) for method in ("OPTIONS", "TRACE", "PATCH", "PROPFIND", "get", "M" * 300)
      for path in ("/", "/metrics", PAGE, "/api/v1/export", "/-/reload")),
    (400, "CONNECT", "x:80"),
    (404, "OPTIONS", "*"),
    (404, "GET", "//metrics"),
    (400, "GET", "/targets/a b"),
    (400, "GET", "/targets/\xff\xfe"),
    (400, "GET", "/targets/a\tb"),
    *((404, "GET", f"/{place}") for name in (
        "%FF", "%C3%28", "%ED%A0%80", "%00", "%", "%zz", "%2e%2e%2f", "sora-2-official%0A",
        "%0A", "%0D%0ASet-Cookie:%20a", "sora-2-official%00", "sora-2-official/", "%E2%80%AE",
        "sora-2%252dofficial",
    ) for place in (f"targets/{name}", f"badge/{name}.svg", f"api/v1/targets/{name}/history")),
    (404, "GET", "/metrics%0A"),
    (404, "GET", "/-/healthy%0A"),
    (404, "POST", "/-/reload%0A"),
    *((400, "GET", f"{PAGE}?cursor={text}") for text in (
        "%D9%A3", "%FF", "%00", "1e9", "0x1", "1_0", "+1", "9" * 5000, "1&cursor=1",
    )),
    *((400, "GET", f"{PAST}?{query}") for query in (
        "limit=%F0", "limit=1e3", "limit=9999999999999999999", "cursor=9223372036854775808",
        "since=nan", "since=%00", "since=9999-12-31T23:59:59-14:00", "since=" + "1" * 5000 + "d",
    )),
    *((400, "GET", f"/api/v1/export?{query}") for query in (
        "cursor=%FF", "cursor=" + "A" * 5000, "format=", "limit=1&cursor=%7B%7D",
    )),
    *((400, "GET", f"/api/v1/route?{query}") for query in (
        "operation=%FF", "operation=video&operation=image", "operation=video&policy=%00",
        "operation=video&policy=a&policy=b",
    )),
    (400, "GET", "/api/v1/catalogue?provider=../../etc/passwd"),
    (400, "GET", "/probe?target=%0D%0ASet-Cookie:x"),
    (400, "GET", "/badge/sora-2-official.svg?label=a&label=b"),
    (414, "GET", "/?" + "x" * MAX_ADDRESS),
    (414, "GET", "/targets/" + "x" * MAX_ADDRESS),
    (431, "GET", "/", "Cookie: " + "x" * MAX_HEAD),
    (431, "GET", "/", *("X: y" for _ in range(MAX_HEAD // 2))),
    (413, "GET", "/metrics", "Content-Length: 99999999999999999999"),
    (413, "GET", "/metrics", "Transfer-Encoding: chunked"),
    (400, "GET", "/metrics", "Content-Length: abc"),
    (400, "GET", "/metrics", "Transfer-Encoding: gzip"),
    (400, "GET", "/metrics", "Host: y"),
    (400, "GET", "/metrics", "A b"),
]  # fmt: skip


@pytest.mark.usefixtures("quiet")
def test_nonsense_is_refused(url: str) -> None:
    """A status of the 400s with a body that says something, whatever was odd."""
    for status, method, path, *headers in REFUSED:
        found, body = ask(url, str(method), str(path), *map(str, headers))
        assert (found, len(body) > 10) == (status, True), (method, path, headers)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(
    "header",
    [
        "Range: bytes=0-10",
        "Range: lines=-",
        "If-None-Match: *",
        "Accept: ;;;;",
        "Accept: " + "a/b," * 1500,
        "Accept: */*;q=1e999",
        "Accept: \xff/\xfe",
        "Accept-Encoding: gzip;q=9999999999, ,;=",
        "Expect: 100-continue",
        "Upgrade: websocket",
        "Authorization: Basic \xff",
    ],
)
def test_odd_headers_are_passed_over(url: str, header: str) -> None:
    """What is asked for beside the page does not matter: the whole of it comes."""
    for path in ("/metrics", PAGE, "/api/v1/export"):
        assert ask(url, "GET", path, header)[0] in (100, 200), path


@pytest.mark.usefixtures("quiet")
def test_nonsense_after_a_sound_beginning(url: str) -> None:
    """A body that breaks the rules is refused once, before, while and after it is answered."""
    chunked = f"POST /-/reload {HTTP_0}Transfer-Encoding: chunked\r\n\r\n".encode()
    at_once = say(url, chunked + b"zz\r\n\r\n")
    assert (at_once[:12], at_once.count(b"HTTP/1.1")) == (b"HTTP/1.1 400", 1)
    after = say(url, chunked, b"zz\r\n\r\n")
    assert (after[:12], after.count(b"HTTP/1.1")) == (b"HTTP/1.1 413", 1)
    sound = f"GET /-/healthy {HTTP_0}\r\n".encode()
    then = say(url, sound + b"\x16\x03\x01 nonsense\r\n\r\n")
    assert [line[9:12] for line in then.split(b"\n") if line[:5] == b"HTTP/"] == [b"200", b"400"]


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(
    "raw",
    [
        b"\x16\x03\x01\x02\x00\x01\r\n\r\n",
        b"\x00\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused(url: str, raw: bytes) -> None:
    """TLS on a plain port, nothing at all, half a request: 400, and the connection ends."""
    assert say(url, raw).startswith(b"HTTP/1.1 400 ")
