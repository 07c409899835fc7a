"""Both readers read alike: whatever comes, in whatever pieces, and what httptools would let pass."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import httpcore2
import pytest
from httptools import HttpResponseParser
from hypothesis import given
from hypothesis import strategies as st

from genmedia_exporter.transport.engine import fast_reader
from genmedia_exporter.transport.engine.fast_reader import FastReader, new_reader
from genmedia_exporter.transport.engine.reader import MOST_HEAD, H11Reader, RawHeaders, Reader

HEAD = b"HTTP/1.1 200 OK\r\nServer: x \r\n"
LENGTH = HEAD + b"Content-Length: 4\r\n\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"

ANSWERS = (
    LENGTH + b"body",
    LENGTH + b"bo",
    LENGTH + b"body and more",
    LENGTH + b"body" + LENGTH + b"more",
    HEAD + b"Content-Length: 0\r\n\r\n",
    HEAD + b"Connection: close\r\nContent-Length: 1\r\n\r\nx",
    HEAD + b"Connection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 1\r\n\r\nx",
    CHUNKED + b"2\r\nbo\r\n2;a=b\r\ndy\r\n0\r\nX-Late: 1\r\n\r\n",
    CHUNKED + b"2\r\nbo\r\n2\ndy\r\n0\r\n\r\n",
    CHUNKED + b"2\r\nbody\r\n0\r\n\r\n",
    CHUNKED + b"2 \r\nbo\r\n0\r\n\r\n",
    CHUNKED + b"fffffffffffffffffffff\r\nbo",
    CHUNKED + b"2\r\nbo\r\n0\r\nX Late: 1\r\n\r\n",
    HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
    HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    HEAD + b"Content-Length: 4\r\nContent-Length: 4\r\n\r\nbody",
    HEAD + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nbody",
    HEAD + b"Content-Length: +4\r\n\r\nbody",
    HEAD + b"\r\nuntil the end",
    HEAD + b"X-Folded: a\r\n b\r\nContent-Length: 1\r\n\r\nx",
    HEAD + b"X-Nothing:\r\nContent-Length: 1\r\n\r\nx",
    HEAD + b"X-Null: \0\r\nContent-Length: 1\r\n\r\nx",
    HEAD + b"X-Delete: \x7f\r\nContent-Length: 1\r\n\r\nx",
    HEAD + b"X Spaced : a\r\nContent-Length: 1\r\n\r\nx",
    HEAD.replace(b"\r\n", b"\n") + b"Content-Length: 4\n\nbody",
    b"HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 2000 High\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 \0K\r\nContent-Length: 4\r\n\r\nbody",
    b"HTTP/1.1 200 O\x7f\r\nContent-Length: 4\r\n\r\nbody",
    b"HTTP/1.1 204 None\r\nContent-Length: 4\r\n\r\nbody",
    b"HTTP/1.1 304 Same\r\nContent-Length: 4\r\n\r\nbody",
    b"HTTP/1.1 100 Continue\r\n\r\n" + LENGTH + b"body",
    b"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
    b"HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nbody",
    b"\r\n" + LENGTH + b"body",
    b"ICY 200 OK\r\n\r\nmusic",
    b"SSH-2.0-OpenSSH_9.6\r\n",
    b"HTTP/1.1 2",
    b"",
)
"""Sound answers, and such as one of the two libraries takes and the other does not."""


class Heard:
    """Notes what a reader tells."""

    def __init__(self, enough: int = 1 << 30) -> None:
        self.told: list[Any] = []
        self.body = b""
        self._enough = enough

    def head(self, status: int, headers: RawHeaders) -> None:
        """Note it."""
        self.told.append((status, [(bytes(n), bytes(v)) for n, v in headers]))

    def data(self, chunk: bytes) -> bool:
        """Note it, and say whether that is enough."""
        self.body += chunk
        return len(self.body) < self._enough


Make = Callable[[Heard], Reader]


def by_h11(heard: Heard) -> Reader:
    """Return the reader that decides."""
    return H11Reader("GET", heard)


def by_httptools(heard: Heard) -> Reader:
    """Return the quick one."""
    return FastReader("GET", heard, HttpResponseParser)


def read(make: Make, pieces: list[bytes]) -> object:
    """Return what *make*'s reader tells of an answer in *pieces*, and how it ends."""
    heard = Heard()
    reader = make(heard)
    try:
        for piece in pieces:
            if not reader.complete:
                reader.feed(piece)
        if not reader.complete:
            reader.feed_eof()
    except httpcore2.RemoteProtocolError:  # its words depend on the pieces
        return heard.told, heard.body, "no answer"
    return heard.told, heard.body, reader.complete


def cut(data: bytes, places: set[int]) -> list[bytes]:
    """Return *data* in pieces that end at *places*."""
    ends = sorted({0, len(data), *(place for place in places if place < len(data))})
    return [data[a:b] for a, b in pairwise(ends)]


@pytest.mark.parametrize("number", range(len(ANSWERS)))
def test_whole_and_byte_by_byte(number: int) -> None:
    """What is told does not depend on the reader, nor on the packets."""
    answer = ANSWERS[number]
    wanted = read(by_h11, [answer])
    assert read(by_httptools, [answer]) == wanted
    assert read(by_httptools, [bytes([byte]) for byte in answer]) == wanted


@given(st.sampled_from(ANSWERS), st.sets(st.integers(1, 150), max_size=6), st.data())
def test_damaged_answers(answer: bytes, places: set[int], data: st.DataObject) -> None:
    """A byte that is another one, in any pieces: both say the same."""
    if answer:
        at = data.draw(st.integers(0, len(answer) - 1))
        answer = answer[:at] + data.draw(st.binary(max_size=2)) + answer[at + 1 :]
    pieces = cut(answer, places)
    assert read(by_httptools, pieces) == read(by_h11, pieces)


@pytest.mark.parametrize("size", [MOST_HEAD - 200, MOST_HEAD + 200, 3 * MOST_HEAD])
@pytest.mark.parametrize("step", [1000, 1 << 20])
def test_the_bound_of_a_head(size: int, step: int) -> None:
    """A head that is too long is none, whether it comes at once or bit by bit."""
    answer = HEAD + b"X-Long: " + b"y" * size + b"\r\nContent-Length: 0\r\n\r\n"
    pieces = [answer[at : at + step] for at in range(0, len(answer), step)]
    assert read(by_httptools, pieces) == read(by_h11, pieces)


def test_a_line_of_a_chunk_without_end() -> None:
    """What is no body is bounded, too: nobody fills our memory with the extension of a chunk."""
    pieces = [CHUNKED + b"1;x=", *[b"y" * 50_000] * 60]
    told: Any = read(by_httptools, pieces)
    assert told == read(by_h11, pieces)
    assert told[2] == "no answer"


def test_a_long_body_in_chunks() -> None:
    """Where too much would be kept for a second reading, h11 goes on with the rest."""
    pieces = [CHUNKED, *[b"8000\r\n" + b"x" * 0x8000 + b"\r\n"] * 50, b"0\r\n\r\n"]
    told: Any = read(by_httptools, pieces)
    assert (len(told[0]), len(told[1]), told[2]) == (1, 50 * 0x8000, True)


@pytest.mark.parametrize("make", [by_h11, by_httptools], ids=["h11", "httptools"])
@pytest.mark.parametrize(
    ("answer", "reusable"),
    [
        (LENGTH + b"body", True),
        (CHUNKED + b"1\r\nx\r\n0\r\n\r\n", True),
        (HEAD + b"Connection: keep-alive\r\nContent-Length: 1\r\n\r\nx", True),
        (HEAD + b"Connection: close\r\nContent-Length: 1\r\n\r\nx", False),
        (LENGTH + b"body and more", False),
        (LENGTH + b"body" + LENGTH + b"more", False),
        (HEAD + b"\r\nuntil the end", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nbody", False),
    ],
)
def test_what_may_be_asked_again(make: Make, answer: bytes, reusable: bool) -> None:
    """A connection on which the answer has ended for certain, and nothing else came."""
    reader = make(Heard())
    reader.feed(answer)
    if not reader.complete:
        reader.feed_eof()
    assert reader.reusable is reusable


@pytest.mark.parametrize("make", [by_h11, by_httptools], ids=["h11", "httptools"])
def test_a_taker_that_has_enough(make: Make) -> None:
    """Nothing is read beyond it, and the connection is not asked again."""
    heard = Heard(enough=2)
    reader = make(heard)
    reader.feed(CHUNKED + b"2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n")
    assert (heard.body, reader.complete, reader.reusable) == (b"bo", True, False)


def test_the_import_without_httptools() -> None:
    """A machine that has no wheel of it runs as well."""
    code = (
        "import sys; sys.modules['httptools'] = None\n"
        "from genmedia_exporter.transport.engine.fast_reader import new_parser\n"
        "sys.exit(new_parser is not None)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_who_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """httptools where it is installed; h11 otherwise, and where a body is announced that does not come."""
    assert isinstance(new_reader("GET", Heard()), FastReader)
    assert isinstance(new_reader("HEAD", Heard()), H11Reader)
    monkeypatch.setattr(fast_reader, "new_parser", None)
    assert isinstance(new_reader("GET", Heard()), H11Reader)
