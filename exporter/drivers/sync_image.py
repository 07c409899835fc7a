"""The shape of most image APIs: one request that is answered with the image itself."""

from __future__ import annotations

from exporter.drivers.contract import make_free_call
from exporter.drivers.wire import Wire
from exporter.status import Depth
from exporter.target import Target


async def probe(wire: Wire, target: Target, depth: Depth) -> None:
    """Reach: ask for the model or the list. Accept: a create that must be rejected.

    Both obey the target's one timeout: a rejection needs no image, so it is not slow.
    """
    await make_free_call(wire, target, depth)
