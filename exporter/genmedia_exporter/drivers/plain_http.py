"""Any URL of the operator's: the target's own path, judged by what the target expects."""

from __future__ import annotations

from genmedia_exporter.core.status import Depth
from genmedia_exporter.drivers.contract import make_free_call
from genmedia_exporter.targets.model import Target
from genmedia_exporter.transport.client import ProbeClient


async def probe(client: ProbeClient, target: Target, depth: Depth) -> None:
    """Reach: send the target's path, `{path}` in the provider file's call."""
    await make_free_call(client, target, depth)
