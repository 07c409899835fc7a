"""The fault catalogue is the same by every way over the network: by the engine with either reader, and without it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping

import pytest
import uvloop

from genmedia_exporter.core.evidence import Exchange, Observation, Transport
from genmedia_exporter.core.status import Depth
from genmedia_exporter.demo.chaos.catalogue import ROWS
from genmedia_exporter.demo.world import World, run_in_thread
from genmedia_exporter.targets.model import Target
from genmedia_exporter.transport.engine import fast_reader
from genmedia_exporter.transport.network import Network
from tests.demo.playing import Seen, Told, is_late, play, targets_of

_MADE_UP = re.compile(rb"[0-9a-f]{24}|[0-9]+")


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with run_in_thread(chaos=True, job_seconds=0.0) as world:
        yield world


@pytest.fixture(scope="module")
def targets(world: World, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Target]:
    """All rows of free depths: nothing else goes by the engine."""
    found = targets_of(world, tmp_path_factory.mktemp("ways"))
    return {name: target for name, target in found.items() if Depth.GENERATE not in target.depths}


@pytest.fixture(scope="module")
def as_before(targets: Mapping[str, Target]) -> Seen:
    """What the general client makes of them."""
    network = Network()
    network.engine = None
    return asyncio.run(play(targets, network))


def told_differently(one: Seen, other: Seen) -> list[str]:
    """Return the rows of which two ways tell differently."""
    return [
        f"{name}: {one[name][0]} {_told(one[name])} != {other[name][0]} {_told(other[name])}"
        for name in one
        if one[name][0] != other[name][0] or _told(one[name]) != _told(other[name])
    ]


def _told(seen: tuple[Told, Observation]) -> object:
    told, observation = seen
    return _facts(observation.evidence.main, late=is_late(told))


def _facts(exchange: Exchange, *, late: bool) -> object:
    """Return what is seen of an answer, without what is never the same twice: dates and made up ids."""
    if exchange.transport is Transport.RESET:  # before or after the request: whoever is quicker
        return exchange.status, exchange.transport
    whole = exchange.transport is None and not late
    body = _MADE_UP.sub(b"", exchange.body) if whole else b""
    phases = tuple(exchange.phases.known())
    return (
        exchange.status,
        exchange.transport,
        set(exchange.headers),
        exchange.redirect_to,
        body,
        phases,
    )


def test_the_general_client_gives_what_it_must(as_before: Seen) -> None:
    """It still does what generations take, where the engine does not go."""
    assert {name: told for name, (told, _) in as_before.items()} == {
        name: ROWS[name].expected for name in as_before
    }


def test_the_engine_sees_what_the_general_client_sees(
    targets: Mapping[str, Target], as_before: Seen
) -> None:
    """Status, headers, body, break and phases, with httptools on uvloop as the daemon has it."""
    assert fast_reader.new_parser is not None
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        seen = runner.run(play(targets, Network()))
    assert told_differently(as_before, seen) == []


def test_the_engine_without_httptools(
    targets: Mapping[str, Target], as_before: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it is not installed h11 reads alone, on the standard loop."""
    monkeypatch.setattr(fast_reader, "new_parser", None)
    assert told_differently(as_before, asyncio.run(play(targets, Network()))) == []
