"""An answer in pieces: all of it is sent, in parts that are worth a turn of the loop."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from genmedia_exporter.metrics.exposition import Lines
from genmedia_exporter.web.http.responses import WORTH_SENDING, InPieces


def sent(pieces: list[Lines]) -> list[dict[str, Any]]:
    """Return the messages that an answer of *pieces* is made of."""
    found: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        raise AssertionError("nobody asks")

    async def send(message: Any) -> None:
        found.append(message)

    asyncio.run(InPieces(pieces, {"Content-Type": "text/plain"})({}, receive, send))
    return found


@given(st.lists(st.sampled_from([0, 1, 100, WORTH_SENDING - 1, WORTH_SENDING, WORTH_SENDING + 1])))
def test_all_of_it_is_sent(sizes: list[int]) -> None:
    """In order, with its length told before, and nothing small but the last."""
    whole = [bytes([65 + number % 26]) * size for number, size in enumerate(sizes)]
    start, *parts, end = sent([tuple(whole[:3]), tuple(whole[3:]), ()])
    assert (start["status"], end["more_body"]) == (200, False)
    assert dict(start["headers"])[b"content-length"] == str(sum(sizes)).encode()
    bodies = [part["body"] for part in parts]
    assert b"".join(bodies) == b"".join(whole)
    assert all(part["more_body"] for part in parts)
    assert all(len(body) >= WORTH_SENDING for body in bodies[:-1])
    assert all(bodies)
