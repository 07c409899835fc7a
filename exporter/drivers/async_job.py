"""The shape of most video APIs: create a job, ask after it, fetch the result."""

from __future__ import annotations

from exporter.drivers.contract import make_free_call
from exporter.drivers.wire import Wire
from exporter.status import Depth
from exporter.target import Target


async def probe(wire: Wire, target: Target, depth: Depth) -> None:
    """Reach: ask for the model or the list. Accept: a create that must be rejected at once."""
    await make_free_call(wire, target, depth)
