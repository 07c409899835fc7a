"""What the tests of the client do again and again: one create, and counting what was accepted."""

from __future__ import annotations

from collections.abc import Sequence

from genmedia_client import FallbackClient, Result, Route
from genmedia_exporter.demo.world import World


def create(routes: Sequence[Route], timeout: float = 10.0, **options: object) -> Result:
    """Create a video."""
    client = FallbackClient(routes, timeout=timeout, **options)
    return client.create_video("a lighthouse at dusk")


def creates(world: World) -> dict[str, int]:
    """Return how many creates the world has accepted, by service."""
    return {name: world.ledger[name].creates for name in world.ledger}
