"""The shape of chat APIs and of gateways that generate through them: Server-Sent Events."""

from __future__ import annotations

from exporter.drivers.contract import make_free_call
from exporter.drivers.wire import Wire
from exporter.status import Depth
from exporter.target import Target


async def probe(wire: Wire, target: Target, depth: Depth) -> None:
    """Reach and accept; an answer that streams is read up to its `[DONE]`, not to its end."""
    await make_free_call(wire, target, depth, read="stream")
