"""A demo world and three routes through it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from genmedia_client import Route
from genmedia_exporter.demo.world import World, run_in_thread


@pytest.fixture(scope="package")
def _world() -> Iterator[World]:
    with run_in_thread(job_seconds=0.04) as running:
        yield running


@pytest.fixture
def world(_world: World) -> Iterator[World]:
    """A world without faults, before and after."""
    yield _world
    for name in _world.services:
        _world.clear_fault(name)


@pytest.fixture
def routes(world: World) -> list[Route]:
    """A reverse gateway, the official API and a pool behind a chat wire, in that order."""
    return [
        Route("gateway", f"{world.url}/veo-3.1-reverse", "demo-key", "veo-3.1", "reverse"),
        Route("vendor", f"{world.url}/sora-2-official/v1", "demo-key", "sora-2"),
        Route("pool", f"{world.url}/sora-2-reverse", "demo-key", "sora-2", "reverse", "chat"),
    ]
