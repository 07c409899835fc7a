"""The fallback client on real sockets: who is tried, who is not, and what is paid for."""

from __future__ import annotations

import asyncio

import pytest

from genmedia_client import AsyncFallbackClient, FallbackClient, Result, Route
from genmedia_exporter.core.status import Channel, Status
from genmedia_exporter.demo.world import World
from tests.client.calls import create, creates
from tests.routing.test_ranking import board, state
from tests.web.site import Backend, client

NOBODY = "http://127.0.0.1:1"
"""A port where nothing listens."""
HURRIED = 1.5
"""Seconds of patience with services that never answer, or too late; the others get longer."""


def test_official_first(world: World, routes: list[Route]) -> None:
    """The preferred route takes it, for as long as asked, and nobody else is called."""
    before = world.ledger["sora-2-official"].usd
    result = create(routes)
    assert (result.success, result.channel, result.target) == (True, "official", "vendor")
    assert (result.errors, result.maybe_accepted) == ((), False)
    assert result.task_id is not None
    assert result.task_id.startswith("video_")
    assert world.ledger["sora-2-official"].usd - before == pytest.approx(0.8)  # seconds="8"


def test_the_plain_order(routes: list[Route]) -> None:
    """Without a preference the list's own order holds."""
    result = FallbackClient(routes).create_video("a lighthouse", prefer_official=False)
    assert (result.channel, result.target) == ("reverse", "gateway")


@pytest.mark.parametrize(
    ("fault", "kind", "status", "code"),
    [
        ("suspended", "InternalServerError", 503, None),
        ("overloaded", "InternalServerError", 503, "server_is_overloaded"),
        ("invalid_key", "AuthenticationError", 401, "invalid_api_key"),
        ("rate_limited", "RateLimitError", 429, "rate_limit_exceeded"),
        ("quota", "RateLimitError", 429, "insufficient_quota"),
        ("region", "PermissionDeniedError", 403, "unsupported_country_region_territory"),
        ("retired", "NotFoundError", 404, "model_not_found"),
        ("challenge", "PermissionDeniedError", 403, None),
    ],
)
def test_a_refusal_leads_on(
    world: World, routes: list[Route], fault: str, kind: str, status: int, code: str | None
) -> None:
    """What proves that nothing was accepted is noted, and the next route is asked once."""
    world.set_fault("sora-2-official", fault)
    before = creates(world)
    result = create(routes)
    after = creates(world)

    assert (result.success, result.channel, result.target) == (True, "reverse", "gateway")
    (error,) = result.errors
    assert (error.target, error.kind, error.status, error.code) == ("vendor", kind, status, code)
    assert after["sora-2-official"] == before["sora-2-official"]
    assert after["veo-3.1-reverse"] == before["veo-3.1-reverse"] + 1


@pytest.mark.parametrize(
    "fault",
    [
        "hang", "slow", "trickle", "reset", "reset_midbody", "truncated", "flood", "garbage", "html",
        "empty", "bad_json", "edge_502", "redirect", "server_error",
    ],
)  # fmt: skip
def test_a_doubt_ends_it(world: World, routes: list[Route], fault: str) -> None:
    """What may have been accepted is never created again elsewhere, nor asked for twice."""
    world.set_fault("sora-2-official", fault)
    before = creates(world)
    asked = world.ledger["sora-2-official"].requests
    result = create(routes, timeout=HURRIED)
    after = creates(world)

    assert (result.success, result.maybe_accepted) == (False, True)
    assert (result.channel, result.target, result.task_id) == ("official", "vendor", None)
    assert len(result.errors) == 1
    assert result.errors[0].message
    assert world.ledger["sora-2-official"].requests == asked + 1
    assert sum(after.values()) - sum(before.values()) <= 1
    assert after["veo-3.1-reverse"] == before["veo-3.1-reverse"]


def test_nobody_listens(routes: list[Route]) -> None:
    """A refused connection and a name that is none have sent nothing: on to the next."""
    dead = Route("dead", NOBODY, "a-secret-key", "m")
    nameless = Route("nameless", "http://nobody.invalid", "a-secret-key", "m")
    keyless = Route("keyless", NOBODY, "", "m", problem="KEY is not set")
    result = create([dead, nameless, keyless, *routes])
    assert (result.success, result.target) == (True, "vendor")
    assert [e.target for e in result.errors] == ["dead", "nameless", "keyless"]
    assert result.errors[2].message == "KEY is not set"
    assert "a-secret-key" not in repr((result, dead))


def test_all_refuse(world: World, routes: list[Route]) -> None:
    """Every route's error is there, in the order they were tried, and nothing is in doubt."""
    world.set_fault("sora-2-official", "invalid_key")
    world.set_fault("veo-3.1-reverse", "suspended")
    world.set_fault("sora-2-reverse", "risk_control")
    before = creates(world)
    result = create(routes)

    assert (result.success, result.maybe_accepted, result.target) == (False, False, None)
    assert [error.target for error in result.errors] == ["vendor", "gateway", "pool"]
    assert [error.status for error in result.errors] == [401, 503, None]
    assert "无可用渠道" in result.errors[1].message
    assert "No available tokens" in result.errors[2].message
    assert creates(world) == before


def test_an_echoed_key_is_hidden(world: World, routes: list[Route]) -> None:
    """A service that repeats our key does not get it into the result."""
    result = create([Route("echo", f"{world.url}/sora-2-official", "demo-key", "demo-key")])
    assert result.errors[0].message.startswith("The model `<secret>` does not exist")


def test_a_chat_wire_gives_the_clip(routes: list[Route]) -> None:
    """There the stream is the generation; what it links to is the result."""
    result = create(routes[2:])
    assert (result.success, result.channel, result.target) == (True, "reverse", "pool")
    assert result.url is not None
    assert result.url.endswith(".mp4")
    assert result.task_id


@pytest.mark.parametrize("fault", ["job_fails", "moderated", "job_lost", "job_stuck", "hang"])
def test_a_stream_that_began_was_accepted(world: World, routes: list[Route], fault: str) -> None:
    """An error behind the first event is no refusal."""
    world.set_fault("sora-2-reverse", fault)
    result = create([routes[2], routes[0]], timeout=HURRIED)
    assert (result.success, result.maybe_accepted, result.target) == (False, True, "pool")


def test_the_async_client(world: World, routes: list[Route]) -> None:
    """Several at a time on one loop, and the sync client where a loop runs already."""
    world.set_fault("sora-2-official", "suspended")

    async def main() -> list[Result]:
        many = AsyncFallbackClient(routes)
        found = await asyncio.gather(*(many.create_video(f"wave {n}") for n in range(3)))
        return [*found, create(routes)]

    results = asyncio.run(main())
    assert [r.target for r in results] == ["gateway"] * 4
    assert len({r.task_id for r in results}) == 4


def test_the_exporter_knows_better(routes: list[Route]) -> None:
    """What the running exporter ranks first is tried first, what it calls unusable last."""
    known = board(
        state("vendor", status=Status.DOWN),
        state("pool", Channel.REVERSE),
        state("gateway", Channel.REVERSE, Status.DEGRADED),
    )
    with client(Backend(known).services()) as http:
        result = create(routes[:2], exporter_url=str(http.base_url), exporter_timeout=30.0)
        assert (result.target, result.errors) == ("gateway", ())
        result = create(routes, exporter_url=str(http.base_url), exporter_timeout=30.0)
        assert result.target == "pool"
        result = create(
            routes, exporter_url=str(http.base_url), exporter_timeout=30.0, policy="no such policy"
        )
        assert result.target == "vendor"


@pytest.mark.parametrize("fault", ["hang", "html", "flood"])
def test_an_exporter_that_cannot_be_asked(world: World, routes: list[Route], fault: str) -> None:
    """Nobody there, silence and nonsense leave the plain order."""
    assert create(routes, exporter_url=NOBODY).target == "vendor"
    world.set_fault("kling", fault)
    assert create(routes, exporter_url=f"{world.url}/kling").target == "vendor"


def test_an_argument_nobody_knows(world: World, routes: list[Route]) -> None:
    """It is the caller's mistake, and is said before anything is sent."""
    before = creates(world)
    with pytest.raises(TypeError):
        FallbackClient(routes).create_video("a lighthouse", lenght=8)
    with pytest.raises(ValueError, match="at least one route"):
        FallbackClient([])
    assert creates(world) == before
