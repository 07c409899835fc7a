"""What has come of one answer, and how its body is read."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field

import httpx2

from genmedia_exporter.core.evidence import Transport
from genmedia_exporter.transport.body import Body, Heard, Read


@dataclass(slots=True)
class Answer:
    """What has come so far; a broken exchange keeps it."""

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    redirect_to: str | None = None
    body: Body | None = None
    transport: Transport | None = None
    detail: str = ""


def body_for(headers: Mapping[str, str], read: Read, most: int | None, heard: Heard | None) -> Body:
    """Return what takes the body of the answer with *headers*, read as *read* says."""
    events = headers.get("content-type", "").lower().startswith("text/event-stream")
    return Body(
        headers.get("content-encoding", ""),
        stream=events and read == "stream",
        elide=read == "elided",
        most=most,
        heard=heard,
    )


async def drain(response: httpx2.Response, body: Body) -> None:
    """Feed *response* to *body* until it ends, or until *body* has enough."""
    async with aclosing(response.aiter_raw()) as chunks:
        async for chunk in chunks:
            if not body.feed(chunk):
                return
    body.finish()
