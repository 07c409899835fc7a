"""Which format is answered with: by q-values, only what is produced, and never an exception."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genmedia_exporter.metrics.exposition import Format, Lines
from genmedia_exporter.web.http.compress import GzipPages
from genmedia_exporter.web.http.negotiate import accepts_gzip, choose_format

OM, TEXT = Format.OPENMETRICS, Format.TEXT
PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
    "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;"
    "escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
)
PROMETHEUS_2 = (
    "application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (PROMETHEUS_3, OM),
        (PROMETHEUS_2, TEXT),  # asks for 0.0.1, which nobody should be sent
        ("", TEXT),
        ("*/*", TEXT),
        ("text/html,application/xhtml+xml,*/*;q=0.8", TEXT),
        ("application/openmetrics-text", OM),
        ("application/openmetrics-text;version=1.0.0", OM),
        ('application/openmetrics-text; version="1.0.0"', OM),
        ("Application/OpenMetrics-Text; Version=1.0.0; Q=1", OM),
        ("application/openmetrics-text;version=2.0.0", TEXT),
        ("application/openmetrics-text;version=9.9.9;q=0.1,text/plain;q=1", TEXT),
        ("application/openmetrics-text;version=2.0.0,application/openmetrics-text;q=0.1", OM),
        ("application/openmetrics-text;version=1.a.0", TEXT),
        ("text/plain;version=1.0.0;q=0.1,application/openmetrics-text;q=0.9", OM),
        ("text/plain;q=0.9,application/openmetrics-text;version=1.0.0;q=0.8", TEXT),
        ("text/plain;q=0,*/*", OM),
        ("application/openmetrics-text;q=0,*/*;q=0.1", TEXT),
        ("application/openmetrics-text;q=0,text/plain;q=0", TEXT),
        ("application/*;q=0.9,text/*;q=0.2", OM),
        ("application/json", TEXT),
        ("application/openmetrics-text;q=nan", TEXT),
        ("application/openmetrics-text;q=1_0", TEXT),
        ("application/openmetrics-text;q=", TEXT),
        ("application/openmetrics-text;q=-1", TEXT),
        ("application/openmetrics-text;q=7", OM),
        (",;,;;=,q=1;;", TEXT),
        ("a/b;" * 5000 + "application/openmetrics-text", TEXT),
    ],
)
def test_format(accept: str, expected: Format) -> None:
    """The table of what real and hostile clients ask for."""
    assert choose_format([accept] if accept else []) is expected


def test_repeated_headers_count_as_one() -> None:
    """A client may spread its wishes over several headers."""
    assert choose_format(["text/plain;q=0.1", "application/openmetrics-text"]) is OM


@given(st.lists(st.text(max_size=200), max_size=3))
def test_no_header_raises(values: list[str]) -> None:
    """Whatever is sent, something is chosen."""
    assert choose_format(values) in Format
    assert accepts_gzip(values) in (True, False)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("gzip", True),
        ("gzip, deflate, br", True),
        ("x-gzip", True),
        ("*", True),
        ("GZIP;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip;q=0, *", False),
        ("gzip;q=0.5, identity;q=0.9", False),
        ("identity, gzip;q=1", True),
        ("deflate", False),
        ("", False),
    ],
)
def test_gzip(header: str, expected: bool) -> None:
    """gzip is sent to those who like it at least as much as nothing."""
    assert accepts_gzip([header]) is expected


_pieces = st.lists(st.lists(st.binary(max_size=100), max_size=3).map(tuple), max_size=5)


@given(first=_pieces, second=_pieces, same=st.booleans(), rest=st.binary(max_size=300))
def test_two_halves_are_one_member(
    first: list[Lines], second: list[Lines], same: bool, rest: bytes
) -> None:
    """Pieces compressed apart, now or before, are one gzip member, which every client can read."""
    after = first if same else [*second, *first[1:], *first]

    async def squeeze() -> tuple[bytes, bytes]:
        pages = GzipPages()
        fresh = await pages.compress(TEXT, first, rest)
        return fresh, await pages.compress(TEXT, after, rest[::-1])

    expected = (
        b"".join([*chain.from_iterable(first), rest]),
        b"".join([*chain.from_iterable(after), rest[::-1]]),
    )
    for body, page in zip(asyncio.run(squeeze()), expected, strict=True):
        assert gzip.decompress(body) == page
        reader = zlib.decompressobj(zlib.MAX_WBITS | 16)
        assert reader.decompress(body) == page
        assert (reader.eof, reader.unused_data) == (True, b"")
