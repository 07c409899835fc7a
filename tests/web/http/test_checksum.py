"""Checksums of two texts put together, as zlib tells them of the whole."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genmedia_exporter.web.http.checksum import combined, shift


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_both_together(one: bytes, other: bytes) -> None:
    """Whatever they are, empty ones among them."""
    told = combined(zlib.crc32(one), shift(len(other)), zlib.crc32(other))

    assert told == zlib.crc32(one + other)


@pytest.mark.parametrize("size", [2**16, 2**16 + 1, 2**20 - 1])
def test_what_follows_may_be_long(size: int) -> None:
    """As long as a page's pieces are."""
    after = bytes(range(256)) * (size // 256 + 1)
    told = combined(zlib.crc32(b"begin"), shift(size), zlib.crc32(after[:size]))

    assert told == zlib.crc32(b"begin" + after[:size])
